import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { allBlocks, type Block, blocksOf } from '../support/documents/blocks.ts'
import { compileBlocks } from '../support/documents/compile-blocks.ts'
import { type Received, type Running, start } from '../support/http.ts'

const README = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
const CORE = new URL('../../src/index.ts', import.meta.url).href

const RUNNER = fileURLToPath(new URL('../support/documents/run-blocks.ts', import.meta.url))

/** Words that a fence may have behind `ts`. `no-run`: compiled. `fragment`: neither compiled nor run. */
const MARKS: ReadonlySet<string> = new Set(['no-run', 'fragment'])

/** A block with a name is a file of a project that the page makes, and other blocks import it; a test of its package runs it. */
const isFile = (mark: string): boolean => mark.endsWith('.ts')

/** The first block of code below a heading, as a module of the server that it makes. */
function moduleBelow(heading: string): string {
  const [, below = ''] = README.split(`\n## ${heading}\n`)
  const [, block = ''] = /^```ts\n([^]*?)^```/m.exec(below) ?? []
  const made = block
    .replace(`'@gatehouse/core'`, `'${CORE}'`)
    .replace('  observe: consoleLogger(),\n', '')
    .replace(/^(gate\.attach\(.*\))\.listen\(3000, 'localhost'\)$/m, 'export const server = $1')
  assert.match(made, /^export const server = /m, heading)
  return made
}

/** What is compiled, and what is run besides. */
const blocks = allBlocks()
const compiled = blocks.filter(({ marks }) => !marks.includes('fragment'))
const runnable = compiled.filter(
  ({ whole, marks }) => whole && !marks.includes('no-run') && !marks.some(isFile),
)

describe('the blocks of TypeScript of all documents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-blocks-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const program = compileBlocks(compiled)

  test('are found, with the line of each and what is around it', () => {
    const text = 'Text.\n\n<!-- ts\nconst one = {\n…\n}\n-->\n\n  ```ts no-run\n  two: 2,\n  ```\n'
    assert.deepEqual(blocksOf('page.md', text), [
      {
        page: 'page.md',
        line: 9,
        code: 'two: 2,\n',
        module: 'const one = {\ntwo: 2,\n}\n',
        before: 1,
        whole: false,
        marks: ['no-run'],
      },
    ])
  })

  test('have no mark that means nothing, and none is a fragment', (t) => {
    assert.deepEqual(
      blocks.flatMap(({ marks }) => marks).filter((mark) => !MARKS.has(mark) && !isFile(mark)),
      [],
    )
    const fragments = blocks.length - compiled.length
    t.diagnostic(
      `${blocks.length} blocks: ${compiled.length} compiled, ${runnable.length} of them run; ${fragments} fragments`,
    )
    assert.ok(compiled.length > 120, `${compiled.length} are compiled`)
    assert.ok(runnable.length > 60, `${runnable.length} are run`)
    assert.ok(fragments === 0, `${fragments} are fragments`)
  })

  test('are compiled', () => {
    assert.equal(program.mistakes.join('\n'), '')
  })

  test('are told with page and line where they have a mistake', () => {
    const [block] = blocksOf('docs/page.md', 'A page.\n\n```ts\nlet a = 1\na = `x`\n```\n')
    assert.ok(block)
    assert.deepEqual(compileBlocks([block]).mistakes, [
      "docs/page.md:5: Type 'string' is not assignable to type 'number'.",
    ])
  })

  test('are run, where they are whole programs', async () => {
    const name = ({ page, line }: Block): string => `${page.replaceAll('/', '!')}!${line}.mjs`
    for (const block of runnable) writeFileSync(join(folder, name(block)), program.script(block))
    const args = [...process.execArgv, RUNNER, folder]
    await promisify(execFile)(process.execPath, args, { timeout: 100_000, killSignal: 'SIGKILL' })
    const ran = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as readonly {
      readonly name: string
      readonly failure: string
    }[]
    assert.deepEqual(
      ran.filter(({ failure }) => failure !== '').map((one) => `${one.name}: ${one.failure}`),
      [],
    )
    assert.equal(ran.length, runnable.length)
  })
})

describe('the edge of README.md, run', () => {
  let running: Running
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-readme-'))
  before(async () => {
    const file = join(folder, 'edge.mts')
    writeFileSync(file, moduleBelow('The edge in one policy'))
    const { server } = (await import(pathToFileURL(file).href)) as { readonly server: Server }
    running = await start(server)
  })
  after(async () => {
    await running.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const ask = (
    path: string,
    fields: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<Received> =>
    running.send({
      path,
      method: body === undefined ? 'GET' : 'POST',
      fields: ['Host', 'localhost:3000', ...Object.entries(fields).flat()],
      ...(body !== undefined && { body }),
    })
  const JSON_TYPE = { 'Content-Type': 'application/json' }
  const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' }

  const posts: readonly (readonly [
    fields: Readonly<Record<string, string>>,
    body: string,
    status: number,
  ])[] = [
    [JSON_TYPE, '{"text":"hello"}', 200],
    [FORM_TYPE, '{"text":"hello"}', 415],
    [JSON_TYPE, '{"__proto__":{}}', 400],
    [{ ...JSON_TYPE, Origin: 'https://evil.example' }, '{}', 403],
    [{ ...JSON_TYPE, Origin: 'https://app.example.com' }, '{}', 200],
    [{ ...JSON_TYPE, Origin: 'https://forms.example.com' }, '{}', 200],
  ]
  for (const [fields, body, status] of posts) {
    test(`${body} with ${Object.values(fields).join(' from ')} is ${status}`, async () => {
      assert.equal((await ask('/notes', fields, body)).status, status)
    })
  }

  test('the commands show what comes back', async () => {
    const { body } = await ask('/notes', JSON_TYPE, '{"text":"hello"}')
    assert.ok(README.includes(`\n${body}\n`), body)
  })

  test('the script of the page has the nonce of its policy', async () => {
    const { headers, body } = await ask('/')
    const [, nonce] = /<script nonce="([^"]+)"/.exec(body) ?? []
    assert.ok(nonce !== undefined && headers['content-security-policy']?.includes(`'nonce-${nonce}'`))
  })

  test('an upload is counted by the handler', async () => {
    const { body } = await ask('/photos', { 'Content-Type': 'image/png' }, 'x'.repeat(300_000))
    assert.equal(body, '{"bytes":300000}')
  })
})
