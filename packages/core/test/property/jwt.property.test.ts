import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { bearerToken } from '../../src/identity/bearer.ts'
import { parseForm } from '../../src/lib/form.ts'
import { parsePasswordForm } from '../../src/identity/oauth2-form.ts'
import { parseScopes } from '../../src/identity/scopes.ts'
import { facts } from '../support/facts.ts'
import { claims, forged, outcome, pairFor, part, token, verifierOf } from '../support/tokens.ts'
import { anyText } from './any-text.ts'

const RUNS = { numRuns: 200 }

const ES256 = pairFor('ES256')
const signed = [
  { text: token({ scope: 'a b', roles: ['r'] }), verify: verifierOf() },
  {
    text: token({}, { alg: 'ES256', key: ES256.privateKey, kid: 'k' }),
    verify: verifierOf({ alg: 'ES256', key: ES256.publicKey, kid: 'k' }),
  },
] as const

describe('a token', () => {
  test('JWT-15: no change of any character is accepted', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...signed),
        fc.nat(),
        fc.integer({ min: 0, max: 0x17f }),
        ({ text, verify }, at, code) => {
          const index = at % text.length
          const other = text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1)
          assert.equal(outcome(verify, other) === 'ok', other === text)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('JWT-15: nothing left out, put in, swapped or cut off is accepted', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...signed),
        fc.nat(),
        fc.nat(),
        anyText,
        ({ text, verify }, a, b, insert) => {
          const [from, to] = [a % text.length, b % text.length].sort((x, y) => x - y) as [number, number]
          const others = [
            text.slice(0, from) + text.slice(to + 1),
            text.slice(0, from) + insert + text.slice(from),
            text.slice(to) + text.slice(0, to),
            text.slice(0, to),
          ]
          for (const other of others) assert.equal(outcome(verify, other) === 'ok', other === text)
        },
      ),
      RUNS,
    )
  })

  test('JWT-02: no text is accepted, and none throws', () => {
    const dotted = fc.array(fc.oneof(anyText, fc.base64String({ maxLength: 40 }), anyText.map(part)), {
      maxLength: 5,
    })
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          dotted.map((parts) => parts.join('.')),
        ),
        (text) => {
          for (const { verify } of signed) assert.notEqual(outcome(verify, text), 'ok')
        },
      ),
      RUNS,
    )
  })

  test('JWT-07: no header and no claims throw, whatever JSON they are', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.json({ maxDepth: 3 }), (header, payload) => {
        const verify = signed[0].verify
        assert.notEqual(outcome(verify, forged(header, payload)), 'ok')
        assert.notEqual(outcome(verify, forged('{"alg":"HS256"}', payload)), 'ok')
      }),
      RUNS,
    )
  })

  test('JWT-12: claims of any JSON value in the place of a registered one never throw', () => {
    const names = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'] as const
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }), (name, value) => {
        const result = signed[0].verify(forged('{"alg":"HS256"}', claims({ [name]: value })))
        if (!result.ok) return
        // What was accepted has the type that the principal promises.
        const { aud, exp, sub, jti } = result.claims
        assert.ok(typeof sub === 'string' && Number.isFinite(exp))
        assert.ok(typeof aud === 'string' || aud.every((one) => typeof one === 'string'))
        assert.ok(jti === undefined || typeof jti === 'string')
      }),
      RUNS,
    )
  })
})

describe('the credential', () => {
  /** RFC 6750 §2.1 with the one space of AUT-06, as a pattern. */
  const slow = (field: string): string => {
    if (/^bearer [A-Za-z0-9\-._~+/]+=*$/i.test(field)) return field.slice(7)
    return /^bearer(?![A-Za-z0-9!#$%&'*+\-.^_`|~])/i.test(field) ? 'bad' : 'none'
  }
  const almost = fc
    .tuple(
      fc.constantFrom('Bearer', 'bearer', 'BEARER', 'Bearerx', 'Basic', ''),
      fc.constantFrom(' ', '  ', '\t', '', ','),
      anyText,
    )
    .map((parts) => parts.join(''))
  const spelled = fc.string({ unit: fc.constantFrom(...'bBearER ab9-._~+/=,"'.split('')), maxLength: 14 })

  test('AUT-06: the field is read as the grammar says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          almost,
          spelled,
          spelled.map((text) => `Bearer ${text}`),
          anyText,
        ),
        (field) => {
          const found = bearerToken(facts({ fields: [['Authorization', field]] }), false)
          assert.equal(typeof found === 'string' ? found : found.type, slow(field))
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('AUT-04: the query never throws, and finds what URLSearchParams finds', () => {
    const pair = fc
      .tuple(
        fc.constantFrom('access_token', 'access%5ftoken', '%61ccess_token', 'a', '%', ''),
        fc.constantFrom('', '=', '=x', '=%', '=x=y'),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 4 }), (pairs) => {
        const query = `?${pairs.join('&')}`
        const expected = new URLSearchParams(query).getAll('access_token')
        const found = bearerToken(facts({ fields: [], query }), true)
        const kind = typeof found === 'string' ? found : found.type === 'bad' ? found.kind : found.type
        if (expected.length === 0) assert.equal(kind, 'none')
        else if (expected.length > 1) assert.equal(kind, 'credentials.repeated')
        else assert.equal(kind, expected[0] === 'x' ? 'x' : 'credentials.malformed')
        const beside = bearerToken(facts({ fields: [['Authorization', 'Bearer x']], query }), false)
        assert.equal(typeof beside === 'string', expected.length === 0)
      }),
      RUNS,
    )
  })
})

describe('forms and scopes', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 12 })

  test('a form is read as URLSearchParams wrote it', () => {
    fc.assert(
      fc.property(fc.dictionary(value, value, { maxKeys: 6 }), (fields) => {
        const entries = Object.entries(fields)
        const form = parseForm(new URLSearchParams(entries).toString())
        assert.deepEqual([...(form ?? [])], entries)
      }),
      RUNS,
    )
  })

  test('no text makes the reader of forms throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'a=&%+2F0'.split('')), maxLength: 24 })),
        (text) => {
          parseForm(text)
          parsePasswordForm(`grant_type=password&username=a&password=b&scope=${text}`)
        },
      ),
      RUNS,
    )
  })

  test('AZ-04: scopes are what stands between single spaces', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab: "\\\t'.split('')), maxLength: 8 }), (text) => {
        const isScope = /^(?:[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*)?$/.test(text)
        const expected = isScope ? [...new Set(text.split(' ').filter((scope) => scope !== ''))] : undefined
        assert.deepEqual(parseScopes(text), expected)
      }),
      RUNS,
    )
  })
})
