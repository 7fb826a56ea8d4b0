import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { length, outcome, posted, taking } from '../support/content.ts'
import type { Guarded } from '../support/gate.ts'

// A page of any origin may send these without asking (Fetch, §2.2.2: a CORS-safelisted Content-Type), and the browser adds
// the cookies: `fetch(url, { method: 'POST', body: '{"to":"mallory"}' })`, or a form of `enctype=text/plain`. A server that
// parses JSON whatever the type says carries it out.
describe('attack: JSON under a type that needs no preflight', () => {
  const CONTENT = '{"to":"mallory"}'
  const TYPES: readonly (string | undefined)[] = [
    undefined,
    '',
    'text/plain',
    'text/plain;charset=UTF-8',
    'TEXT/PLAIN',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    // What readers that look for "json" somewhere take for JSON, and a browser for text.
    'text/plain; application/json',
    'text/plain; charset="application/json"',
    'text/plain;a=application/json',
    'application/x-www-form-urlencoded;application/json',
    'multipart/form-data; boundary=application/json',
    'text/plain, application/json',
    'application/json, text/plain',
    'application/json;text/plain',
    'application/json text/plain',
    'application/jsonp',
    'application/json+text',
    'application/csp-report',
    'application/reports+json',
    'x/application/json',
    '*/*',
    '*/json',
  ]

  for (const reads of [true, false]) {
    describe(reads ? 'the gate reads' : 'a body parser reads', () => {
      let server: Guarded
      before(async () => {
        server = await taking({ types: 'json', read: reads })
      })
      after(() => server.close())

      for (const type of TYPES) {
        test(`CSR-06: ${type === undefined ? 'no type' : JSON.stringify(type)} is refused`, async () => {
          const fields = [length(CONTENT), ...(type === undefined ? [] : [`Content-Type: ${type}`])]
          const text = await server.raw(posted(fields, CONTENT))
          assert.equal(outcome(text), '415 unsupported_media_type')
          assert.match(text, /\r\nAccept: application\/json\r\n/)
        })
      }

      test('CSR-06: two types are refused, in either order', async () => {
        const [json, plain] = ['Content-Type: application/json', 'Content-Type: text/plain']
        for (const both of [
          [json, plain],
          [plain, json],
        ]) {
          const text = await server.raw(posted([...both, length(CONTENT)], CONTENT))
          assert.match(outcome(text), /^4(?:00 duplicate_field|15 unsupported_media_type)$/)
        }
      })

      test('CSR-06: a charset that other readers would decode by is refused', async () => {
        for (const charset of ['utf-7', 'utf-16le', 'iso-8859-1', 'utf-8x', '"utf-7"']) {
          const fields = [`Content-Type: application/json; charset=${charset}`, length(CONTENT)]
          assert.equal(outcome(await server.raw(posted(fields, CONTENT))), '415 unsupported_media_type')
        }
      })

      test('CSR-06: JSON that says so gets in, and needs a preflight', async () => {
        for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;']) {
          const text = await server.raw(posted([`Content-Type: ${type}`, length(CONTENT)], CONTENT))
          assert.match(outcome(text), /^200 /)
        }
      })
    })
  }
})
