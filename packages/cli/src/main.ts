#!/usr/bin/env node
import { writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import { EXIT, type ExitCode, type Io, tell } from './io.ts'
import { messageOf } from './load.ts'
import { run } from './run.ts'

// Some terminals say that they have none.
const columns = process.stdout.columns || 80
const toStdout = process.stdout.write.bind(process.stdout)
const io: Io = {
  stdin: process.stdin,
  stdout: Object.assign(
    new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        toStdout(chunk, () => done())
      },
    }),
    { isTTY: process.stdout.isTTY, columns, rows: process.stdout.rows || 24 },
  ),
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  nodeVersion: process.version,
  now: () => new Date(),
  isTerminal: process.stdout.isTTY && process.stderr.isTTY,
  canAsk: process.stdin.isTTY && process.stdout.isTTY,
  columns,
  divert: () => void (process.stdout.write = process.stderr.write.bind(process.stderr)),
}

const ended: { code?: ExitCode } = {}
/** Whoever reads may have gone (`| head`): that is no failure of the command. */
const ignore = (): void => undefined
process.stdout.on('error', ignore)
process.stderr.on('error', ignore)
// What a loaded module throws later, as when its database is not there, is said and does not end the command.
for (const name of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(name, (error: unknown) => tell(io, `gatehouse: thrown aside: ${messageOf(error)}`))
process.on('exit', () => {
  if (ended.code !== undefined) return
  // A module that ends the process would otherwise pass for one in which nothing was found.
  writeSync(2, 'gatehouse: the process was ended before the command was done, by what it had loaded.\n')
  process.exitCode = EXIT.failed
})

ended.code = await run(process.argv.slice(2), io)
// A module that was loaded may listen, or hold a connection to a store: nothing of it is waited for, but what was written.
// The stream in front of stdout passes on one text at a time, so it is that which has to end first.
io.stdout.end(() => toStdout('', () => process.exit(ended.code)))
