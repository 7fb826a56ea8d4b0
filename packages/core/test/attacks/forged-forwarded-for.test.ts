import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { quotedString } from '../../src/lib/chars.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { anyText } from '../property/any-text.ts'
import { type Line, PROXY, rawRequest, see } from '../support/forwarding.ts'

/*
 * A client writes forwarding headers of its own, to be counted as somebody else, to be let in as an address of the
 * house, or to be nobody. What it writes stands left of what our proxies append, or in lines before theirs.
 */

const ATTACKER = '198.51.100.7'
const WANTED = '127.0.0.1'

const FORGERIES = [
  WANTED,
  `${WANTED}, `,
  `${WANTED},`,
  `${WANTED}, ${WANTED}, ${WANTED}`,
  `10.0.0.1, 10.0.0.2`,
  '',
  ',',
  'unknown',
  '"',
  `for=${WANTED}`,
  `for=${WANTED};for="`,
  'for="',
  'for="\\',
  'for="a", for="',
  `"${WANTED}`,
  `${WANTED}\u00a0`,
]

test('PRX-01: without a proxy setting no header changes the client', () => {
  for (const forged of FORGERIES) {
    for (const header of [
      'X-Forwarded-For',
      'Forwarded',
      'X-Real-IP',
      'CF-Connecting-IP',
      'True-Client-IP',
    ]) {
      assert.equal(see('none', rawRequest(ATTACKER, [header, forged])).client, ATTACKER)
    }
  }
})

test('PRX-02: who connects past the proxy is not believed, whatever the header', () => {
  for (const header of ['x-forwarded-for', 'forwarded', 'cf-connecting-ip']) {
    for (const forged of FORGERIES) {
      const seen = see({ trustedRanges: ['10.0.0.0/8'], header }, rawRequest(ATTACKER, [header, forged]))
      assert.deepEqual([seen.client, seen.problem], [ATTACKER, 'proxy.untrusted'])
    }
  }
})

/** Every way in which one proxy of ours adds its entry to what the client sent: to the last line, or in one of its own. */
function appended(header: string, forged: readonly string[], honest: string): readonly (readonly Line[])[] {
  const lines = forged.map((value): Line => [header, value])
  const own: Line = [header, honest]
  const last = forged.at(-1)
  return [
    [...lines, own],
    ...(last === undefined ? [] : [[...lines.slice(0, -1), [header, `${last}, ${honest}`] as const]]),
  ]
}

const settings = (header: 'x-forwarded-for' | 'forwarded'): readonly ProxySetting[] => [
  { trustedHops: 1, header },
  { trustedRanges: ['10.0.0.0/8'], header },
]

test('PRX-04, PRX-05: in X-Forwarded-For nothing that the client writes moves the entry of the proxy', () => {
  for (const forged of FORGERIES) {
    for (const lines of appended('X-Forwarded-For', [forged], ATTACKER)) {
      for (const setting of settings('x-forwarded-for')) {
        assert.equal(see(setting, rawRequest(PROXY, ...lines)).client, ATTACKER)
      }
    }
  }
})

test('PRX-04, PRX-05: any text before the entry of the proxy leaves the client as it is, or unknown', () => {
  const forged = fc.array(fc.oneof(anyText, fc.constantFrom(...FORGERIES)), { maxLength: 3 })
  // The proxy may write down what the client says, too, such as its Host; it escapes that as the grammar asks.
  const said = fc.oneof(
    fc.constantFrom(...FORGERIES, `,for=${WANTED};x=`, `;for=${WANTED};x=`),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(forged, said, (values, host) => {
      for (const [header, honest] of [
        ['x-forwarded-for', ATTACKER],
        ['forwarded', `for=${ATTACKER};host=${quotedString(host)};proto=http`],
        ['forwarded', `proto=http;host=${quotedString(host)};for="${ATTACKER}:80"`],
      ] as const) {
        for (const lines of appended(header, values, honest)) {
          for (const setting of settings(header)) {
            const { client, scheme } = see(setting, rawRequest(PROXY, ...lines))
            assert.ok(client === ATTACKER || client === undefined, `client is ${client}`)
            assert.equal(scheme, 'http')
          }
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('PRX-05: a quote that the client leaves open makes the client unknown, never another', () => {
  for (const forged of ['for="', 'for="\\', `for=${WANTED};x="`, `for="a", for=${WANTED}, x="`]) {
    const seen = see(
      { trustedHops: 1, header: 'forwarded' },
      rawRequest(PROXY, ['Forwarded', `${forged}, for="${ATTACKER}:80"`]),
    )
    assert.deepEqual([seen.client, seen.problem], [undefined, 'proxy.malformed'])
  }
})

test('PRX-05: a client that claims to be a proxy of ours is still the client', () => {
  const raw = rawRequest(PROXY, ['X-Forwarded-For', `${WANTED}, 10.0.0.5, ${ATTACKER}, 10.0.0.2`])
  assert.equal(see({ trustedRanges: ['10.0.0.0/8', 'loopback'] }, raw).client, ATTACKER)
})

test('PRX-04: who gets past the outer proxy is nobody, and not the address that it claims', () => {
  const raw = rawRequest(PROXY, ['X-Forwarded-For', ATTACKER], ['X-Forwarded-Proto', 'https'])
  assert.deepEqual(see({ trustedHops: 2, host: true }, raw), {
    client: undefined,
    scheme: 'http',
    host: undefined,
    problem: 'proxy.too-few-hops',
  })
})

test('PRX-05: a flood of entries makes the client unknown, and is not read to its end', () => {
  for (const header of ['x-forwarded-for', 'forwarded'] as const) {
    const flood = `${header === 'forwarded' ? 'for=' : ''}${WANTED},`.repeat(1000)
    for (const setting of settings(header)) {
      const seen = see(setting, rawRequest(PROXY, [header, flood + ATTACKER]))
      assert.deepEqual([seen.client, seen.problem], [undefined, 'proxy.malformed'])
    }
  }
})
