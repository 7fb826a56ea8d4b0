import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

/** Where Debian puts the programs of each version; the newest first. */
const DEBIAN = '/usr/lib/postgresql'

function findPrograms(): string | undefined {
  const given = process.env['POSTGRES_BIN']
  if (given !== undefined) return given
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), '/usr/local/bin', '/usr/bin']
  return folders.find((folder) => existsSync(join(folder, 'initdb')))
}

const programs = findPrograms()
const MISSING = 'PostgreSQL is not installed (set POSTGRES_BIN, or apt-get install postgresql)'

/** Why the tests that need a server are skipped; `false` when they are not. Where all are wanted, they fail instead. */
export const skip: string | false =
  programs === undefined && process.env['GATEHOUSE_REQUIRE_ALL'] !== '1' ? MISSING : false

/** A server of its own, on loopback, in a folder that is gone when it has ended. */
export interface PostgresServer {
  readonly port: number
  /** A pool that hears of its idle connections, as an application's does. */
  readonly pool: (config?: pg.PoolConfig) => pg.Pool
  /** Ends the server as a crash does: no process of it is left, and nothing is written any more. */
  readonly crash: () => Promise<void>
  /** Starts it again, after a crash. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** The server refuses to run as root: as root it runs as the user whom Debian has made for it. */
interface Owner {
  readonly uid?: number
  readonly gid?: number
}

function ownerOf(): Owner {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** Starts a server. */
export async function startPostgres(): Promise<PostgresServer> {
  if (programs === undefined) throw new Error(MISSING)
  const owner = ownerOf()
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
  chmodSync(folder, 0o700)
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  const words = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync']
  execFileSync(join(programs, 'initdb'), ['--pgdata', data, ...words], {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })

  const port = await freePort()
  const pools: pg.Pool[] = []
  let child: ChildProcess | undefined
  const endAtExit = (): void => void child?.kill('SIGQUIT')
  const endAtSignal = (): never => process.exit(1)
  process.on('exit', endAtExit).on('SIGTERM', endAtSignal)

  const start = async (): Promise<void> => {
    // After a crash the memory of the server that was may be there for a moment, and the next one does not start.
    for (let attempt = 0; attempt < 100; attempt++) {
      child = spawn(join(programs, 'postgres'), ['-D', data, ...settingsOf(port)], {
        ...owner,
        cwd: folder,
        stdio: 'ignore',
      })
      if (await answers(child, port)) return
    }
    throw new Error('PostgreSQL does not start')
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  await start()

  return {
    port,
    pool(config = {}) {
      const pool = new pg.Pool({
        host: '127.0.0.1',
        port,
        user: 'postgres',
        database: 'postgres',
        ...config,
      })
      pool.on('error', () => undefined)
      pools.push(pool)
      return pool
    },
    crash: () => end('SIGKILL'),
    restart: start,
    async stop() {
      await Promise.all(pools.filter((pool) => !pool.ended).map((pool) => pool.end()))
      await end('SIGQUIT')
      process.off('exit', endAtExit).off('SIGTERM', endAtSignal)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function settingsOf(port: number): readonly string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 60,
    shared_buffers: '16MB',
    // Calls that wait for each other are told so at once.
    deadlock_timeout: '20ms',
    // The machine does not crash in a test, only the server does.
    fsync: 'off',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Whether a server that was started takes connections, and not one that has ended instead. */
async function answers(child: ChildProcess, port: number): Promise<boolean> {
  const until = performance.now() + 30_000
  while (child.exitCode === null && performance.now() < until) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return true
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
    }
  }
  return false
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port is free')
  return address.port
}
