import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { chunks, CHUNKED, JSON_TYPE, length, outcome, posted, taking } from '../support/content.ts'
import type { Guarded } from '../support/gate.ts'

// A few bytes that come to a thousand times as many, or a stack of them: the server that decodes first and counts later
// is out of memory by then.
describe('attack: a compression bomb', () => {
  const MIB = 1024 * 1024
  let server: Guarded
  before(async () => {
    server = await taking({ types: 'json', encodings: ['gzip', 'deflate', 'br'] })
  })
  after(() => server.close())

  const coders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }
  for (const [coding, code] of Object.entries(coders)) {
    const bomb = code(Buffer.alloc(20 * MIB, 0x20))
    for (const framing of ['length', 'chunks'] as const) {
      test(`REQ-13: 20 MiB in ${bomb.length} bytes of ${coding} are refused, and never made: ${framing}`, async () => {
        const text = bomb.toString('latin1')
        const fields = [JSON_TYPE, `Content-Encoding: ${coding}`]
        const sent =
          framing === 'length'
            ? posted([...fields, length(bomb)], text)
            : posted([...fields, CHUNKED], chunks(text))
        global.gc?.()
        const { arrayBuffers: beforehand } = process.memoryUsage()
        assert.equal(outcome(await server.raw(sent)), '413 content_too_large')
        assert.ok(process.memoryUsage().arrayBuffers - beforehand < 4 * MIB)
      })
    }
  }

  test('REQ-13: a bomb within the limit is known by its ratio', async () => {
    const bomb = gzipSync(`"${' '.repeat(90_000)}"`)
    const fields = [JSON_TYPE, 'Content-Encoding: gzip', length(bomb)]
    assert.equal(outcome(await server.raw(posted(fields, bomb))), '413 content_too_large')
    assert.ok((await server.events()).some(({ kind }) => kind === 'content.too-dense'))
  })

  test('REQ-13: a bomb in a bomb is not opened', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(MIB, 0x20)))
    for (const coding of ['gzip, gzip', 'gzip,gzip', 'gzip, br']) {
      const fields = [JSON_TYPE, `Content-Encoding: ${coding}`, length(bomb)]
      assert.equal(outcome(await server.raw(posted(fields, bomb))), '415 unsupported_content_coding')
    }
    const twice = [JSON_TYPE, 'Content-Encoding: gzip', 'Content-Encoding: gzip', length(bomb)]
    assert.equal(outcome(await server.raw(posted(twice, bomb))), '415 unsupported_content_coding')
  })

  test('REQ-13: many members are counted together', async () => {
    const members = Buffer.concat(Array.from({ length: 200 }, () => gzipSync(' '.repeat(1000))))
    const fields = [JSON_TYPE, 'Content-Encoding: gzip', length(members)]
    assert.equal(outcome(await server.raw(posted(fields, members))), '413 content_too_large')
  })

  test('REQ-13: without the option nothing is decoded', async () => {
    const plain = await taking('json')
    const bomb = gzipSync('{}')
    const text = await plain.raw(posted([JSON_TYPE, 'Content-Encoding: gzip', length(bomb)], bomb))
    await plain.close()
    assert.equal(outcome(text), '415 unsupported_content_coding')
    assert.match(text, /\r\nAccept-Encoding: identity\r\n/)
  })
})
