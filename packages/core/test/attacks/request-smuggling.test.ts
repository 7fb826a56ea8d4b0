import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileRequest } from '../../src/checks/request.ts'
import { place } from '../support/compile.ts'
import type { Line } from '../support/forwarding.ts'
import { fieldOf, refusalOf } from '../support/guards.ts'
import { received } from '../support/received.ts'

// Two servers in a row that end a request at different places: what the first takes for a body is the second's next
// request, and it comes with the first's blessing. node:http refuses most of these itself, unless it runs with
// `insecureHTTPParser`, or behind an adapter that stands on another parser.
describe('attack: request smuggling', () => {
  const guard = compileRequest(place('request'), undefined)
  const rows: readonly (readonly [name: string, lines: readonly Line[], version?: string])[] = [
    [
      'CL.TE',
      [
        ['Content-Length', '6'],
        ['Transfer-Encoding', 'chunked'],
      ],
    ],
    [
      'TE.CL',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', '4'],
      ],
    ],
    [
      'TE.TE',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Transfer-Encoding', 'x'],
      ],
    ],
    [
      'TE.TE in another case',
      [
        ['Transfer-Encoding', 'chunked'],
        ['transfer-encoding', 'identity'],
      ],
    ],
    [
      'CL.CL',
      [
        ['Content-Length', '0'],
        ['Content-Length', '44'],
      ],
    ],
    [
      'CL.TE of a length 0',
      [
        ['Content-Length', '0'],
        ['Transfer-Encoding', 'chunked'],
      ],
    ],
    ['TE in HTTP/1.0', [['Transfer-Encoding', 'chunked']], '1.0'],
  ]
  for (const [name, lines, version = '1.1'] of rows) {
    test(`REQ-09: ${name} is refused and the connection closed`, () => {
      const refusal = refusalOf(
        guard,
        received({ method: 'POST', version, lines: [['Host', 'api.example.com'], ...lines] }),
      )
      assert.equal(refusal?.kind, 'request.malformed')
      assert.equal(fieldOf(refusal.fields, 'connection'), 'close')
    })
  }
})

// The first reader checks one line, the second believes the other.
describe('attack: one credential to check and one to use', () => {
  const guard = compileRequest(place('request'), undefined)
  for (const name of ['Authorization', 'DPoP', 'Origin', 'Content-Type', 'Idempotency-Key']) {
    test(`REQ-08: two ${name} lines, far apart, are refused`, () => {
      const between = Array.from({ length: 150 }, (_, i): Line => [`X-${i}`, 'a'])
      const lines: readonly Line[] = [[name, 'good'], ...between, [name.toUpperCase(), 'evil']]
      assert.equal(refusalOf(guard, received({ lines }))?.kind, 'request.field-repeated')
    })
  }
})
