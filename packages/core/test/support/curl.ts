import { execFile, spawnSync } from 'node:child_process'

const COMMAND = process.env['CURL'] ?? 'curl'
const MISSING = 'curl is not installed (set CURL, or apt-get install curl)'

/** Why the tests with curl are skipped; `false` when they are not. Where all tests are wanted, they fail instead. */
export const skip: string | false =
  process.env['GATEHOUSE_REQUIRE_ALL'] !== '1' && spawnSync(COMMAND, ['--version']).status !== 0
    ? MISSING
    : false

/** What curl has printed: the bodies of the last responses, and a line with the status of each. */
export interface Printed {
  readonly bodies: readonly string[]
  readonly statuses: readonly number[]
}

/** Runs curl, without the settings and the proxies of whoever runs the tests, on URLs of this machine. */
export function curl(...args: readonly string[]): Promise<Printed> {
  const always = ['-q', '--silent', '--show-error', '--noproxy', '*', '--max-time', '10']
  const format = ['--write-out', '\n%{http_code}\n']
  return new Promise((resolve, reject) => {
    execFile(COMMAND, [...always, ...format, ...args], { timeout: 15_000 }, (error, output) => {
      if (error !== null) {
        reject(new Error(error.message.includes('ENOENT') ? MISSING : error.message))
        return
      }
      const lines = output.trimEnd().split('\n')
      resolve({
        bodies: lines.filter((_, index) => index % 2 === 0),
        statuses: lines.filter((_, index) => index % 2 === 1).map(Number),
      })
    })
  })
}
