import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { type ExitCode, type Io, run } from '../../src/index.ts'

/** What a command ended with, and wrote. */
export interface Ran {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

/** A day on which Node 24 is maintained. */
export const NOW: Date = new Date('2026-11-27T12:00:00Z')

/** Runs a command line in this process, with a world that is made up. */
export async function cli(args: readonly string[], world: Partial<Io> = {}): Promise<Ran> {
  let out = ''
  let err = ''
  const into = (take: (text: string) => void): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        take(chunk.toString())
        done()
      },
    })
  const code = await run(args, {
    stdin: new PassThrough(),
    stdout: into((text) => (out += text)),
    stderr: into((text) => (err += text)),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    cwd: tmpdir(),
    nodeVersion: 'v24.1.0',
    now: () => new Date(),
    isTerminal: false,
    canAsk: false,
    columns: 80,
    ...world,
  })
  return { code, out, err }
}

/** A folder with these files, gone after the test. */
export function folderOf(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The codes of a report in JSON. */
export function codesOf({ out, err, code }: Ran): readonly string[] {
  if (out === '') throw new Error(`No report (exit code ${code}): ${err}`)
  const { findings } = JSON.parse(out) as { readonly findings: readonly { readonly code: string }[] }
  return [...new Set(findings.map((finding) => finding.code))]
}

/** The codes of what was found and is silenced, of a report in JSON. */
export function silencedOf({ out }: Ran): readonly string[] {
  const { silenced } = JSON.parse(out) as { readonly silenced: readonly { readonly code: string }[] }
  return [...new Set(silenced.map(({ code }) => code))]
}
