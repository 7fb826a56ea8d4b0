import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

const SERVER = process.env['REDIS_SERVER'] ?? 'redis-server'
const MISSING = 'redis-server is not installed (set REDIS_SERVER, or apt-get install redis-server)'
const isThere = spawnSync(SERVER, ['--version']).status === 0

/** Why tests on a server are skipped; `false` when they are not. Where all tests are wanted, they fail instead. */
export const skip: string | false = !isThere && process.env['GATEHOUSE_REQUIRE_ALL'] !== '1' ? MISSING : false

/** A server of a test, on loopback. */
export interface Server {
  readonly port: number
  /** Sends it a signal: `SIGKILL`, `SIGSTOP`, `SIGCONT`. */
  readonly signal: (name: NodeJS.Signals) => Promise<void>
  /** Starts it again, on the same port and in the same folder. */
  readonly restart: () => Promise<void>
  /** What redis-cli would say to a command. */
  readonly ask: (...words: readonly [string, ...string[]]) => Promise<unknown>
  readonly stop: () => Promise<void>
}

const children = new Set<ChildProcess>()
const endAll = (): void => {
  for (const child of children) child.kill('SIGKILL')
}
process.on('exit', endAll)
process.once('SIGTERM', () => process.exit(143))

/** Starts a server that keeps nothing on disk, unless it is told to. */
export async function startServer(...options: readonly string[]): Promise<Server> {
  return start([], options, /Ready to accept connections/)
}

/** Starts a sentinel that looks at a primary. */
export async function startSentinel(primary: number): Promise<Server> {
  const file = ['sentinel monitor main 127.0.0.1 ' + String(primary) + ' 1']
  const settings = ['down-after-milliseconds main 500', 'failover-timeout main 3000']
  return start([...file, ...settings.map((each) => `sentinel ${each}`)], ['--sentinel'], /\+monitor master/)
}

async function start(file: readonly string[], options: readonly string[], ready: RegExp): Promise<Server> {
  if (!isThere) throw new Error(MISSING)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'))
  const config = join(folder, 'redis.conf')
  const isSentinel = options.includes('--sentinel')
  const memory = isSentinel ? [] : ['save ""', 'appendonly no']
  const args = [config, ...options]
  const begin = async (port: number): Promise<ChildProcess> => {
    const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, 'daemonize no', ...memory, ...file]
    writeFileSync(config, `${lines.join('\n')}\n`)
    return launch(args, ready)
  }
  let port = await freePort()
  // Another test may have taken the port since: once more then.
  let child = await begin(port).catch(async () => {
    port = await freePort()
    return begin(port)
  })
  let client: Redis | undefined
  return {
    port,
    async signal(name) {
      const ended = once(child, 'exit')
      child.kill(name)
      if (name === 'SIGKILL') await ended
    },
    async restart() {
      child = await launch(args, ready)
    },
    async ask(...words) {
      client ??= quietClient(port)
      return client.call(...words)
    },
    async stop() {
      client?.disconnect()
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      children.delete(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function quietClient(port: number): Redis {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
  // A server of a test is killed now and then.
  client.on('error', () => {})
  return client
}

async function launch(args: readonly string[], ready: RegExp): Promise<ChildProcess> {
  const child = spawn(SERVER, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000)
      if (ready.test(output)) resolve()
    })
    child.once('exit', () => reject(new Error(`the server did not start:\n${output}`)))
  })
  return child
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Asks again and again until something holds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 30_000,
): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
