import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAuthority, formatHost, parseAuthority } from '../../src/lib/authority.ts'
import { anyText } from './any-text.ts'

const label: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/),
  fc.constantFrom('0', '1', '01', '127', '255', '256', '0x', '0x7f', '0X1', '0xg', '1a', 'com', '_', '-'),
)
const name: fc.Arbitrary<string> = fc
  .array(label, { minLength: 1, maxLength: 5 })
  .map((labels) => labels.join('.'))
const portText: fc.Arbitrary<string> = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 1, max: 99_999 }).map((n) => `:${n}`),
)

/** Arrangements of what delimits the parts of a URL. */
const hostile: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(
    ...'aZ09.:[]-_@/?#\\%,* \t\n\0é'.split(''),
    '::',
    'xn--',
    '0x',
    '1.2.3.4',
    '[::1]',
    ':80',
  ),
  maxLength: 12,
})

function url(authority: string): URL | undefined {
  return URL.canParse(`http://${authority}/`) ? new URL(`http://${authority}/`) : undefined
}

test('REQ-02: a name is read exactly when a URL has it and leaves it as it is', () => {
  fc.assert(
    fc.property(name, portText, (host, port) => {
      // Punycode labels are not decoded here; a URL refuses those that decode to nothing.
      fc.pre(!host.toLowerCase().includes('xn--'))
      const parsed = parseAuthority(host + port)
      const expected = url(host + port)
      const unchanged = expected?.hostname === host.toLowerCase()
      assert.equal(parsed !== undefined, unchanged)
      if (parsed === undefined) return
      assert.equal(parsed.host, expected?.hostname)
      assert.equal(String(parsed.port ?? ''), port.slice(1))
      assert.equal(parsed.kind === 'ipv4', /^[0-9.]+$/.test(host))
    }),
    { numRuns: 3000 },
  )
})

test('REQ-02: whatever is read, a URL reads the same host and port from it', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, anyText), (text) => {
      const parsed = parseAuthority(text)
      // Punycode labels are not decoded here; a URL refuses those that decode to nothing.
      if (parsed === undefined || text.toLowerCase().includes('xn--')) return
      const expected = url(text)
      assert.ok(expected, text)
      assert.equal(formatHost(parsed), expected.hostname.replace(/\.$/, ''))
      assert.equal(String(parsed.port === 80 ? '' : (parsed.port ?? '')), expected.port)
      assert.equal(expected.pathname, '/')
      assert.equal(expected.username, '')
    }),
    { numRuns: 5000 },
  )
})

test('REQ-02: what is read and written is read as the same again', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, name), (text) => {
      const parsed = parseAuthority(text)
      if (parsed !== undefined) assert.deepEqual(parseAuthority(formatAuthority(parsed)), parsed)
    }),
    { numRuns: 2000 },
  )
})

test('REQ-03: case and one trailing dot make no difference', () => {
  fc.assert(
    fc.property(name, portText, (host, port) => {
      const parsed = parseAuthority(host + port)
      assert.deepEqual(parseAuthority(host.toUpperCase() + port), parsed)
      assert.deepEqual(parseAuthority(`${host}.${port}`), parsed)
    }),
    { numRuns: 1000 },
  )
})
