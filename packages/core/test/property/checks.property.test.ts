import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileHosts } from '../../src/checks/hosts.ts'
import { compileRequest } from '../../src/checks/request.ts'
import { place } from '../support/compile.ts'
import type { Line } from '../support/forwarding.ts'
import { fieldOf, refusalOf, verdictOf } from '../support/guards.ts'
import { context, https } from '../support/https.ts'
import { received } from '../support/received.ts'

const ONCE = [
  'authorization',
  'content-type',
  'origin',
  'dpop',
  'idempotency-key',
  'sec-fetch-site',
  'sec-fetch-mode',
  'sec-fetch-dest',
  'access-control-request-method',
]
/** Names that are watched, and names of the same lengths that are not. */
const NAMES = [
  ...ONCE,
  'content-length',
  'transfer-encoding',
  'x-uthorization',
  'x-fetch-site-x',
  'x-transfer-coding',
  'accept-types',
  'cookie',
  'date',
]

/** A name with some of its letters in upper case. */
const cased = fc
  .tuple(fc.constantFrom(...NAMES), fc.array(fc.boolean(), { maxLength: 29 }))
  .map(([name, upper]) =>
    name.replace(/[a-z]/g, (letter, i: number) => (upper[i] === true ? letter.toUpperCase() : letter)),
  )

test('REQ-08: counting field lines agrees with a slow count, whatever their order and case', () => {
  const guard = compileRequest(place('request'), undefined)
  fc.assert(
    fc.property(fc.array(cased, { maxLength: 8 }), (names) => {
      const lower = names.map((name) => name.toLowerCase())
      const count = (name: string): number => lower.filter((other) => other === name).length
      const isLengthTwofold =
        count('content-length') > 1 ||
        count('transfer-encoding') > 1 ||
        (count('content-length') > 0 && count('transfer-encoding') > 0)
      const isRepeated = ONCE.some((name) => count(name) > 1)
      const lines = names.map((name): Line => [name, 'chunked'])
      assert.equal(verdictOf(guard, received({ lines })) === 'pass', !isLengthTwofold && !isRepeated)
    }),
  )
})

test('REQ-02: whatever Host holds, the check decides, and what passes is a host of the list', () => {
  const guard = compileHosts(place(''), ['api.example.com', '*.example.org:8443'], undefined)
  const pieces = fc.constantFrom(
    'api',
    '.',
    'example',
    'com',
    'org',
    ':',
    '8443',
    '80',
    '@',
    '/',
    'API',
    '%2e',
    '[::1]',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const host = parts.join('')
      if (verdictOf(guard, received({ lines: [['Host', host]] })) !== 'pass') return
      assert.match(host, /^(?:api\.example\.com\.?(?::80)?|[a-z0-9.]+\.example\.org\.?:8443)$/i)
    }),
  )
})

test('TLS-02, TLS-03: whatever is asked for, a redirect goes to the host of the list and keeps the target', () => {
  const guard = https('redirect', context(['api.example.com']))
  const targets = fc.oneof(
    fc.string({ unit: 'binary-ascii' }).map((text) => `/${text}`),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary-ascii' }).map((text) => `http://api.example.com/${text}`),
  )
  fc.assert(
    fc.property(targets, (url) => {
      const location = fieldOf(refusalOf(guard, received({ url }))?.fields, 'location')
      if (location === undefined) return
      assert.equal(new URL(location).origin, 'https://api.example.com')
      assert.ok(/^[\x21-\x7e]*$/.test(location))
      if (url.startsWith('/')) assert.equal(location, `https://api.example.com${url}`)
    }),
  )
})
