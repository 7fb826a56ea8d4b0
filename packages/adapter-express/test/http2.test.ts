import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const APP = fileURLToPath(new URL('http2-app.ts', import.meta.url))

/*
 * Express makes requests and responses of node:http out of whatever it gets. What came over HTTP/2 has no path for its router
 * then, and its last handler fails to write a 404, where nobody catches it. No guard can help: it is not reached.
 */
for (const [name, module] of [
  ['Express 5', 'express'],
  ['Express 4', 'express4'],
] as const) {
  test(`DEP-02: ${name} over HTTP/2 ends the process before any middleware, and answers nothing`, () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@gatehouse/source', '--import', 'tsx', APP, module],
      { encoding: 'utf8', timeout: 60_000 },
    )
    assert.equal(stdout, 'serves\n')
    assert.match(stderr, /^TypeError: .*undefined/m)
    assert.equal(status, 1)
  })
}
