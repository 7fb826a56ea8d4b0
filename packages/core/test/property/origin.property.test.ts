import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Origin, originMatches, parseOrigin, parseOriginPattern } from '../../src/lib/origin.ts'

const label: fc.Arbitrary<string> = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/)
const name: fc.Arbitrary<string> = fc
  .array(label, { minLength: 2, maxLength: 4 })
  .map((labels) => labels.join('.'))
  .filter((host) => !host.includes('xn--'))

const host: fc.Arbitrary<string> = fc.oneof(
  name,
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.constantFrom('localhost', 'Example.com', '', '1.2.3', '0x7f.1'),
)
const port: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', '', ':', ':80', ':443', ':65535', ':65536', ':080'),
  fc.integer({ min: 1, max: 70_000 }).map((number) => `:${number}`),
)
const text: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('http', 'https', 'ws', 'wss', 'HTTP'),
    fc.constantFrom('://', '://', '://', ':', ':/', '://user@'),
    host,
    port,
    fc.constantFrom('', '', '', '/', '/a', '?', '#', ' '),
  )
  .map((parts) => parts.join(''))

test('COR-13: an origin is read exactly when it is what a browser would send', () => {
  fc.assert(
    fc.property(text, (value) => {
      const serialized = URL.canParse(value) ? new URL(value).origin : undefined
      assert.equal(parseOrigin(value) !== undefined, serialized === value, value)
    }),
    { numRuns: 3000 },
  )
})

test('COR-13: whatever text is read as an origin, a browser would send just that', () => {
  const hostile = fc.string({
    unit: fc.constantFrom(...'aZ01.:/[]@%-*?# \t\né'.split(''), '::1', '://', 'x.'),
    maxLength: 14,
  })
  fc.assert(
    fc.property(hostile, (rest) => {
      const value = `https://${rest}`
      if (parseOrigin(value) !== undefined) assert.equal(new URL(value).origin, value)
    }),
    { numRuns: 3000 },
  )
})

function origin(value: string): Origin {
  const parsed = parseOrigin(value)
  assert.ok(parsed)
  return parsed
}

test('COR-14: a wildcard matches exactly the names that end in a dot and the host', () => {
  fc.assert(
    fc.property(
      name,
      name,
      fc.constantFrom('.', '-', 'a', '.a.'),
      fc.boolean(),
      (base, other, glue, below) => {
        const pattern = parseOriginPattern(`https://*.${base}`)
        assert.ok(pattern)
        const candidate = below ? `${other}${glue}${base}` : `${base}${glue}${other}`
        if (candidate.includes('xn--')) return
        assert.equal(originMatches(pattern, origin(`https://${candidate}`)), candidate.endsWith(`.${base}`))
        assert.equal(originMatches(pattern, origin(`https://${base}`)), false)
        assert.equal(originMatches(pattern, origin(`http://${candidate}`)), false)
      },
    ),
    { numRuns: 1000 },
  )
})

test('COR-13: an exact origin is a pattern that matches itself, and itself alone', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const pattern = parseOriginPattern(a)
      const first = parseOrigin(a)
      assert.equal(pattern !== undefined, first !== undefined)
      if (pattern === undefined || first === undefined) return
      assert.equal(originMatches(pattern, first), true)
      const second = parseOrigin(b)
      if (second !== undefined) assert.equal(originMatches(pattern, second), a === b)
    }),
    { numRuns: 1000 },
  )
})

test('COR-13: any port means every port of the same scheme and host', () => {
  fc.assert(
    fc.property(name, fc.integer({ min: 1, max: 65_535 }), (base, number) => {
      fc.pre(number !== 443)
      const pattern = parseOriginPattern(`https://${base}:*`)
      assert.ok(pattern)
      assert.equal(originMatches(pattern, origin(`https://${base}:${number}`)), true)
      assert.equal(originMatches(pattern, origin(`https://${base}`)), true)
      assert.equal(originMatches(pattern, origin(`https://a${base}`)), false)
    }),
  )
})
