import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis that was started for the fleet alone. */
export interface OwnRedis {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Something that the person at the terminal can put right: told in a line, without a stack. */
export class Mistake extends Error {
  override readonly name = 'Mistake'
}

/** Starts the `redis-server` of this machine, on a socket in a folder of its own; it keeps nothing on disk. */
export async function startRedis(): Promise<OwnRedis> {
  const command = process.env['REDIS_SERVER'] || 'redis-server'
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fleet-'))
  const socket = join(folder, 'redis.sock')
  const place = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', folder]
  // A group of its own: Ctrl+C in a terminal reaches the fleet first, which needs Redis until its end.
  const child = spawn(command, [...place, '--save', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  process.once('exit', () => child.kill('SIGKILL'))
  try {
    await ready(child)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return {
    url: socket,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 10_000) said += text
      if (/ready to accept connections/i.test(said)) resolve()
    })
    child.once('error', () => {
      reject(
        new Mistake(
          'There is no redis-server here: apt-get install redis-server, or say where one is, as REDIS_URL=redis://host:6379',
        ),
      )
    })
    child.once('exit', () => reject(new Mistake(`redis-server did not start:\n${said}`)))
  })
}
