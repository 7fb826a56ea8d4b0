import { spawn, spawnSync } from 'node:child_process'

const COMMAND = process.env['PROMTOOL'] ?? 'promtool'
const MISSING = 'promtool is not installed (set PROMTOOL, or apt-get install prometheus)'

/** Why the tests with promtool are skipped; `false` when they are not. Where all tests are wanted, they fail instead. */
export const skip: string | false =
  process.env['GATEHOUSE_REQUIRE_ALL'] !== '1' && spawnSync(COMMAND, ['--version']).status !== 0
    ? MISSING
    : false

/** What `promtool check metrics` says of a page: nothing, where it has nothing to say against it. */
export function promtool(page: string): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(COMMAND, ['check', 'metrics'], { timeout: 30_000 })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    child.on('error', () => reject(new Error(MISSING)))
    child.on('close', (code) => resolve({ code, said }))
    // It may have said what is wrong before it has read everything.
    child.stdin.on('error', () => undefined)
    child.stdin.end(page)
  })
}
