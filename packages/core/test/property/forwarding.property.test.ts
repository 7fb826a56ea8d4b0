import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatIp, parseIp } from '../../src/lib/ip.ts'
import { entryAddress, fieldText, nodeAddress, splitEntries } from '../../src/request/forwarded-for.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { type Line, rawRequest, see, trust } from '../support/forwarding.ts'
import { anyText } from './any-text.ts'

const address: fc.Arbitrary<string> = fc.oneof(fc.ipV4(), fc.ipV6())

/** Entries that are addresses, that nearly are, and that are not. */
const entry: fc.Arbitrary<string> = fc.oneof(
  address,
  fc.constantFrom(
    '10.0.0.1',
    '10.0.0.2:80',
    '[fd00::1]',
    '::ffff:10.0.0.3',
    '192.0.2.1',
    '192.0.2.2:65536',
    '0.0.0.0',
  ),
  fc.constantFrom('unknown', '', '_x', '[::1', '[192.0.2.1]', '1.2.3', '::1%lo'),
  fc.string({ unit: fc.constantFrom('1', '2', '.', ':', '[', ']', 'f', '%', '_', '"'), maxLength: 12 }),
)

const SETTINGS: readonly ProxySetting[] = [
  'none',
  { trustedHops: 1, host: true },
  { trustedHops: 3, header: 'forwarded', host: true },
  { trustedRanges: ['10.0.0.0/8', 'fd00::/8'], host: true },
  { trustedRanges: ['10.0.0.0/8'], header: 'forwarded', host: true },
  { trustedRanges: ['10.0.0.0/8'], header: 'x-real-ip', host: true },
]

const line: fc.Arbitrary<Line> = fc.tuple(
  fc.constantFrom('X-Forwarded-For', 'Forwarded', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Real-IP'),
  fc.oneof(anyText, fc.array(entry, { maxLength: 4 }).map(String)),
)

test('PRX-05: no request makes a setting throw, or choose a scheme or host that is none', () => {
  const compiled = SETTINGS.map((setting) => trust(setting))
  const peer = fc.option(fc.constantFrom('10.0.0.1', '192.0.2.1'), { nil: undefined })
  fc.assert(
    fc.property(peer, fc.array(line, { maxLength: 6 }), (from, lines) => {
      for (const { resolve } of compiled) {
        const seen = resolve(rawRequest(from, ...lines))
        assert.ok(seen.scheme === 'http' || seen.scheme === 'https')
        assert.ok(seen.host === undefined || /^[\w.:[\]-]+$/.test(seen.host))
        assert.ok(seen.client !== undefined || seen.problem !== undefined || from === undefined)
      }
    }),
    { numRuns: 500 },
  )
})

/** The same forms, as one regular expression each. */
function slowAddress(text: string): string | undefined {
  const port = String.raw`(?::(?:\d{1,5}|_[\w.-]+))?`
  const inner =
    new RegExp(`^\\[([^\\]]*:[^\\]]*)\\]${port}$`).exec(text)?.[1] ??
    new RegExp(`^([\\d.]+)${port}$`).exec(text)?.[1] ??
    (/^[^[].*:.*:|^::/.test(text) ? text : '')
  const ip = parseIp(inner)
  const digits = Number(/:(\d+)$/.exec(inner === text ? '' : text)?.[1] ?? 0)
  return ip === undefined || digits > 65_535 || ip.bytes.every((byte) => byte === 0)
    ? undefined
    : formatIp(ip)
}

test('PRX-08: an entry is read as regular expressions read it', () => {
  fc.assert(
    fc.property(fc.oneof(entry, entry, anyText), (text) => {
      const ip = entryAddress(text)
      assert.equal(ip && formatIp(ip), slowAddress(text))
    }),
    { numRuns: 3000 },
  )
})

test('PRX-06: what is a node is an entry, and the same address', () => {
  fc.assert(
    fc.property(entry, (text) => {
      const ip = nodeAddress(text)
      if (ip !== undefined) assert.deepEqual(entryAddress(text), ip)
    }),
    { numRuns: 1000 },
  )
})

test('PRX-03: it does not matter over how many lines a list is spread, nor what stands between them', () => {
  const list = fc.array(fc.array(entry, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(list, (lines) => {
      const raw = rawRequest(
        undefined,
        ...lines.flatMap((each): Line[] => [
          ['X-Forwarded-For', each.join(',')],
          ['Accept', 'x'],
        ]),
      )
      const text = fieldText(raw, 'x-forwarded-for')
      assert.equal(text, raw.headers['x-forwarded-for'])
      assert.deepEqual(splitEntries(text ?? ''), lines.flat())
      for (const setting of SETTINGS) {
        const spread = rawRequest('10.0.0.1', ...lines.map((each): Line => ['X-Forwarded-For', each.join()]))
        const joined = rawRequest('10.0.0.1', ['X-Forwarded-For', lines.flat().join(' , ')])
        assert.deepEqual(see(setting, spread), see(setting, joined))
      }
    }),
    { numRuns: 200 },
  )
})

test('PRX-05: the client is the first untrusted from the right, told slowly', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), (entries) => {
      const seen = see(
        { trustedRanges: ['10.0.0.0/8'] },
        rawRequest('10.0.0.9', ['X-Forwarded-For', entries.join(', ')]),
      )
      const addresses = entries.map(slowAddress).reverse()
      const untrusted = addresses.findIndex((text) => !text?.startsWith('10.'))
      assert.equal(seen.client, untrusted < 0 ? addresses.at(-1) : addresses[untrusted])
    }),
    { numRuns: 1000 },
  )
})

test('PRX-04: the client is the n-th entry from the right, told slowly', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 7 }),
      (entries, trustedHops) => {
        const seen = see({ trustedHops }, rawRequest('10.0.0.9', ['X-Forwarded-For', entries.join(',')]))
        assert.equal(seen.client, slowAddress(entries.at(-trustedHops) ?? ''))
        assert.equal(seen.problem === 'proxy.too-few-hops', entries.length < trustedHops)
      },
    ),
    { numRuns: 1000 },
  )
})
