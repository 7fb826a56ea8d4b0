import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Debian keeps it where only root looks. */
const PLACES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/local/bin/nginx']
const COMMAND = process.env['NGINX'] ?? PLACES.find((place) => existsSync(place)) ?? 'nginx'
const MISSING = 'nginx is not installed (set NGINX, or apt-get install nginx)'
const isThere = spawnSync(COMMAND, ['-v']).status === 0

/** Why the tests with nginx are skipped; `false` when they are not. Where all tests are wanted, they fail instead. */
export const skip: string | false = !isThere && process.env['GATEHOUSE_REQUIRE_ALL'] !== '1' ? MISSING : false

/** An nginx of a test. */
export interface Nginx {
  /** A folder of its own: sockets, certificates, the cache. It is removed with it. */
  readonly folder: string
  readonly stop: () => Promise<void>
}

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** How long it may take to listen. */
const PATIENCE_MS = 10_000

/**
 * Starts nginx with the servers of a test, and waits until it listens.
 *
 * @param servers the inside of its `http` block, made from the folder of this nginx
 * @param ready a port or the path of a socket that one of the servers listens on
 */
export async function startNginx(
  servers: (folder: string) => string,
  ready: (folder: string) => number | string,
): Promise<Nginx> {
  if (!isThere) throw new Error(MISSING)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-nginx-'))
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi', 'cache']) mkdirSync(join(folder, name))
  const config = join(folder, 'nginx.conf')
  writeFileSync(config, configOf(folder, servers(folder)))
  const child = spawn(COMMAND, ['-e', 'stderr', '-p', folder, '-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.add(child)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    // One process, in the foreground: when it ends, all of it has ended.
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await ended
    }
    children.delete(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await listens(ready(folder), () => child.exitCode === null)
  } catch (error) {
    await stop()
    throw new Error(`nginx does not listen: ${said}`, { cause: error })
  }
  return { folder, stop }
}

/** What nginx has against the inside of an `http` block; it serves nothing. Empty where it takes it. */
export function complaintsOf(servers: string): string {
  if (!isThere) throw new Error(MISSING)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-nginx-'))
  try {
    const config = join(folder, 'nginx.conf')
    writeFileSync(config, configOf(folder, servers))
    const { status, stderr } = spawnSync(COMMAND, ['-t', '-q', '-e', 'stderr', '-p', folder, '-c', config], {
      encoding: 'utf8',
    })
    return status === 0 ? '' : stderr
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function configOf(folder: string, servers: string): string {
  // Without a master there is no worker of another user, and nothing to be left behind.
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 128; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  proxy_cache_path ${folder}/cache keys_zone=pages:1m;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  ${servers}
}
`
}

/** Waits until somebody listens: each try follows the end of the one before. */
async function listens(at: number | string, isAlive: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const socket: Socket = typeof at === 'number' ? connect(at, '127.0.0.1') : connect(at)
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => setTimeout(() => resolve(false), 20))
    })
    socket.destroy()
    if (isOpen) return
    if (!isAlive() || Date.now() > end) throw new Error('nobody listens')
  }
}

/** The directives by which nginx hands on what the client said, and says itself what it knows. */
export const HANDING_ON = `
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host "";
  proxy_set_header Forwarded "";
  proxy_set_header Connection "";
`

/** Writes a certificate and its key into the folder, and gives the directives that name them. */
export function certificateIn(
  folder: string,
  { cert, key }: { readonly cert: string; readonly key: string },
): string {
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 })
  return `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;`
}
