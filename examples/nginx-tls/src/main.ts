import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCertificate } from './tls.ts'

/** Debian keeps it where only root looks. */
const PLACES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/local/bin/nginx']
const NGINX = process.env['NGINX'] || (PLACES.find((place) => existsSync(place)) ?? 'nginx')

const tls = Number(process.env['TLS_PORT'] || 8443)
const plain = Number(process.env['PORT'] || 8080)

// Its sockets, files and certificate; for its owner alone, which is what keeps everybody else from the API.
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-nginx-'))
const certificate = join(folder, 'cert.pem')
const { key, cert } = await makeCertificate()
writeFileSync(certificate, cert)
writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 })
writeFileSync(
  join(folder, 'nginx.conf'),
  readFileSync(new URL('../nginx.conf', import.meta.url), 'utf8')
    .replaceAll('/run/gatehouse', folder)
    .replace('127.0.0.1:8443', `127.0.0.1:${tls}`)
    .replace('127.0.0.1:8080', `127.0.0.1:${plain}`),
)

const children: ChildProcess[] = []
let isStopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0))
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

// Without a master there is one process, of this user, and nothing to be left behind.
const options = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'master_process off;']
start(
  NGINX,
  options,
  {},
  'nginx could not be started: apt-get install nginx, or say where it is, as NGINX=...',
)
await listens(tls)
// The check of the proxy calls the API as clients do, so it has to know who signed the certificate.
const env = {
  API: JSON.stringify({ tls, plain, socket: join(folder, 'api.sock') }),
  NODE_EXTRA_CA_CERTS: certificate,
}
const script = fileURLToPath(new URL('api.ts', import.meta.url))
start(process.execPath, [...process.execArgv, script], env, 'The API could not be started.')

/** Starts one of the two; when it ends by itself, so does the other. */
function start(command: string, args: readonly string[], more: NodeJS.ProcessEnv, failed: string): void {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...more } })
  children.push(child)
  child.once('error', () => {
    console.error(`\n${failed}\n`)
    void stop(1)
  })
  child.once('exit', () => void stop(1))
}

/** Waits until somebody listens; whoever cannot has ended, and everything with it. */
async function listens(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => setTimeout(() => resolve(false), 20))
    })
    socket.destroy()
    if (isOpen) return
  }
}

async function stop(code: number): Promise<void> {
  if (isStopping) return
  isStopping = true
  const running = children.filter(
    ({ pid, exitCode, signalCode }) => pid !== undefined && exitCode === null && signalCode === null,
  )
  const ended = running.map((child) => once(child, 'exit'))
  for (const child of running) child.kill('SIGTERM')
  await Promise.all(ended)
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}
