import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Received, type Running, start } from '../support/http.ts'

const README = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
const CORE = new URL('../../src/index.ts', import.meta.url).href

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
