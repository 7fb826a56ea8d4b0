import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Side } from './guide.ts'

/** The Python that Debian's packages are for. */
const PYTHON = '/usr/bin/python3'

/** Why an API on FastAPI cannot be started here, or `false`. */
export function noFastApi(): string | false {
  const { status } = spawnSync(PYTHON, ['-c', 'import fastapi, jose, uvicorn'], { timeout: 30_000 })
  return status === 0
    ? false
    : 'python3-fastapi, python3-jose or python3-uvicorn of Debian is not installed here'
}

/** Starts an API on FastAPI, on any free port. */
export function uvicorn(folder: URL): Promise<Side> {
  const child = spawn(
    PYTHON,
    ['-m', 'uvicorn', 'old:app', '--app-dir', fileURLToPath(folder), '--port', '0', '--no-access-log'],
    {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
      // No test takes this long: one that a broken test forgot ends by itself.
      timeout: 110_000,
    },
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    let output = ''
    child.once('error', reject)
    void ended.then(() => reject(new Error(`uvicorn ended:\n${output}`)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [, port] = /running on http:\/\/127\.0\.0\.1:(\d+)/.exec(output) ?? []
      if (port === undefined) return
      resolve({
        port: Number(port),
        close: () => {
          child.kill('SIGTERM')
          return ended
        },
      })
    })
  })
}
