import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../foreign-stack.ts'

const START_MS = 10_000
const FAREWELL_MS = 2000

/** A Redis of the bench's own, on loopback, that keeps nothing on disk. */
export interface RedisServer {
  readonly port: number
  /** Its version. */
  readonly version: string
  /** Processor time that it has used so far, in microseconds. */
  readonly usedMicros: () => Promise<number>
  /** How many keys there are. */
  readonly keys: () => Promise<number>
  /** Forgets all keys. */
  readonly empty: () => Promise<void>
  readonly end: () => Promise<void>
}

/** Starts one; gives why there is none where it is not installed. */
export async function startRedis(
  command: string = process.env['REDIS_SERVER'] ?? 'redis-server',
): Promise<RedisServer | string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const port = await freePort()
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  // A bench that breaks off in the middle leaves no server behind.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const end = async (): Promise<void> => {
    process.off('exit', kill)
    await endChild(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await ready(child)
  } catch (error) {
    await end()
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return `${command} is not installed (REDIS_SERVER names another)`
  }
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 1 })
  // Whoever asks is told: a command rejects.
  client.on('error', () => undefined)
  return {
    port,
    version: fieldOf(await client.info('server'), 'redis_version'),
    async usedMicros() {
      const info = await client.info('cpu')
      const seconds = Number(fieldOf(info, 'used_cpu_user')) + Number(fieldOf(info, 'used_cpu_sys'))
      return Math.round(seconds * 1e6)
    },
    keys: () => client.dbsize(),
    async empty() {
      await client.flushall()
    },
    async end() {
      client.disconnect()
      await end()
    },
  }
}

/** One field of what INFO answers. */
export function fieldOf(info: string, name: string): string {
  const line = info.split(/\r?\n/).find((each) => each.startsWith(`${name}:`))
  if (line === undefined) throw new Error(`Redis does not tell its ${name}`)
  return line.slice(name.length + 1)
}

async function ready(child: ChildProcess): Promise<void> {
  let output = ''
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`redis-server does not start:\n${output}`)), START_MS)
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`redis-server did not start:\n${output}`)))
      const read = (chunk: Buffer): void => {
        output = (output + chunk.toString('utf8')).slice(-4000)
        if (output.includes('Ready to accept connections')) resolve()
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
    })
  } finally {
    clearTimeout(timer)
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS)
  await gone
  clearTimeout(force)
}
