#!/usr/bin/env node
import type { Io } from './io.ts'
import { run } from './run.ts'

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  nodeVersion: process.version,
  now: () => new Date(),
  isTerminal: process.stdout.isTTY && process.stderr.isTTY,
  canAsk: process.stdin.isTTY && process.stdout.isTTY,
  columns: process.stdout.columns ?? 80,
}

const code = await run(process.argv.slice(2), io)
// A module that was loaded may listen, or hold a connection to a store: nothing of it is waited for, but what was written.
process.stdout.write('', () => process.exit(code))
