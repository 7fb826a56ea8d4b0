import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { JSON_TYPE, length, outcome, posted, taking } from '../support/content.ts'
import type { Guarded } from '../support/gate.ts'

// Of two members of one name, JavaScript takes the last; others take the first, or both (RFC 8259 §4). What a gateway in
// Go has checked, `"price": 100`, is then not what is charged.
describe('attack: JSON with a name twice', () => {
  let server: Guarded
  before(async () => {
    server = await taking({ types: ['json', 'application/merge-patch+json'] })
  })
  after(() => server.close())

  const documents = [
    '{"price":100,"price":1}',
    '{"price":1,"price":1}',
    '{"price":100,"pr\\u0069ce":1}',
    '{"order":{"price":100,"price":1}}',
    '[{"price":100,"a":[{"price":1}],"price":1}]',
    '{"a":{},"b":[],"a":1}',
    '{"":1,"":2}',
    '{"\\ud83d\\ude00":1,"😀":2}',
  ]
  for (const document of documents) {
    for (const type of [JSON_TYPE, 'Content-Type: application/merge-patch+json']) {
      test(`REQ-11: ${document} as ${type.slice(14)} is refused`, async () => {
        const bytes = Buffer.from(document)
        const text = await server.raw(posted([type, length(bytes)], bytes))
        assert.equal(outcome(text), '400 malformed_content')
      })
    }
  }

  test('REQ-11: names of other objects, of another case, and that only look alike, are others', async () => {
    for (const document of ['[{"a":1},{"a":2}]', '{"a":1,"A":2}', '{"a":{"a":{"a":1}}}']) {
      assert.match(outcome(await server.raw(posted([JSON_TYPE, length(document)], document))), /^200 /)
    }
  })

  test('REQ-11: a hundred thousand bytes of names cost no more than their count', async () => {
    const names = Array.from({ length: 9000 }, (_, index) => `"${index}":0`).join()
    const document = `{${names}}`
    assert.equal(
      outcome(await server.raw(posted([JSON_TYPE, length(document)], document))),
      '400 malformed_content',
    )
  })
})
