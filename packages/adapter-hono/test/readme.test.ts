import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { test } from 'node:test'
import { start } from '../../core/test/support/http.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('DEP-02: the first five minutes of the README run', async (t) => {
  const [, block = ''] = /^```ts\n([^]*?)^```/m.exec(README) ?? []
  const adapter = new URL('../src/index.ts', import.meta.url).href
  const made = block
    .replace(`'@gatehouse/adapter-hono'`, `'${adapter}'`)
    .replace(/^(gate\.attach\(.*\))\.listen\(3000\)$/m, 'export const server = $1')
  assert.match(made, /^export const server = /m)
  const said = t.mock.method(console, 'log', () => undefined)
  // Where the names of packages are found, and nothing else looks.
  const file = new URL(`../node_modules/readme-${process.pid}.mts`, import.meta.url)
  writeFileSync(file, made)
  try {
    const { server } = (await import(file.href)) as { readonly server: Server }
    const running = await start(server)
    const key = /X-API-Key: ([^']+)'/.exec(String(said.mock.calls[0]?.arguments[0]))?.[1] ?? ''
    const ask = async (path: string, ...fields: readonly string[]): Promise<string> => {
      const { status, headers, body } = await running.send({
        path,
        fields: ['Host', 'localhost:3000', ...fields],
      })
      assert.equal(headers['x-content-type-options'], 'nosniff')
      return `${status} ${(JSON.parse(body) as { readonly code?: string }).code ?? body}`
    }
    const secured = '200 {"data":"Secure data","for":"billing"}'
    try {
      assert.equal((await running.send({ path: '/health', fields: ['Host', 'localhost:3000'] })).body, 'ok')
      assert.equal(await ask('/secure-data'), '401 authentication_required')
      assert.equal(await ask('/secure-data', 'X-API-Key', key), secured)
      assert.equal(await ask('/missing'), '401 authentication_required')
      assert.equal(await ask('/missing', 'X-API-Key', key), '404 not_found')
    } finally {
      await running.close()
    }
  } finally {
    rmSync(file)
  }
})
