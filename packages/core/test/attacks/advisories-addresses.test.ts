import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { parseAuthority } from '../../src/lib/authority.ts'
import { isGlobalAddress } from '../../src/lib/ip-ranges.ts'
import { cidrContains, formatIp, parseCidr, parseIp } from '../../src/lib/ip.ts'
import { entryAddress, splitEntries } from '../../src/request/forwarded-for.ts'
import { compileProxy, type ProxySetting } from '../../src/request/proxy.ts'
import { mistakesOf } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { PROXY, rawRequest, see } from '../support/forwarding.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { decide, limitsOf, pass } from '../support/limits.ts'

/*
 * What has gone wrong in packages that read addresses, hosts and forwarding headers, by the id of its public advisory:
 * docs/advisories.md.
 */

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

const proxyMistakes = (setting: unknown): readonly string[] =>
  mistakesOf('proxy', (where) => compileProxy(where, setting))

describe('advisories: forms of an address', () => {
  for (const [id, name, texts] of [
    ['CVE-2021-28918', 'netmask', ['0177.0.0.1', '012.0.0.1', '010.8.8.8', '127.0.0.01']],
    ['CVE-2021-29418', 'netmask', ['0127.0.0.9', '08.8.8.8', '09.1.1.1', ' 1.2.3.4', '1. 2.3.4']],
    ['CVE-2023-42282', 'ip', ['0x7f.1', '0x7F.0.0.1', '0x7f000001']],
    ['CVE-2024-29415', 'ip', ['01200034567', '012.1.2.3', '127.1', '2130706433']],
  ] as const) {
    test(`PRX-12: ${id}, ${name}: an address in another notation is none, wherever it stands`, () => {
      for (const text of texts) {
        assert.equal(parseIp(text), undefined, text)
        assert.equal(parseCidr(text), undefined, text)
        assert.equal(entryAddress(text), undefined, text)
        assert.notEqual(parseAuthority(text)?.kind, 'name', text)
        assert.notDeepEqual(proxyMistakes({ trustedRanges: [`${text}/8`] }), [], text)
      }
    })
  }

  test('PRX-12: CVE-2024-29415, ip: an address of this machine is none of the open network in any form', () => {
    for (const text of [
      '127.0.0.1',
      '::fFFf:127.0.0.1',
      '::ffff:7f00:1',
      '000:0:0000::01',
      '::1',
      '10.1.2.3',
      '::ffff:10.1.2.3',
    ]) {
      const ip = parseIp(text)
      assert.ok(ip !== undefined, text)
      assert.equal(isGlobalAddress(ip), false, text)
    }
  })

  test('PRX-12: CVE-2026-39409, hono: a rule for IPv4 matches a mapped peer', () => {
    const [range, one] = [parseCidr('127.0.0.0/8'), parseCidr('127.0.0.1')]
    assert.ok(range !== undefined && one !== undefined)
    for (const text of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:127.0.0.1']) {
      const ip = parseIp(text)
      assert.ok(ip !== undefined && cidrContains(range, ip) && cidrContains(one, ip), text)
    }
  })

  test('PRX-12: CVE-2026-47674, hono: a rule for an address matches each of its spellings', () => {
    const rule = parseCidr('2001:db8::1')
    assert.ok(rule !== undefined)
    for (const text of ['2001:DB8::1', '2001:0db8:0:0:0:0:0:1', '2001:db8:0:0::0:1', '2001:db8::0.0.0.1']) {
      const ip = parseIp(text)
      assert.ok(ip !== undefined && cidrContains(rule, ip), text)
      assert.equal(formatIp(ip), '2001:db8::1')
    }
  })

  for (const [id, name] of [
    ['CVE-2026-90711', 'proxy-addr'],
    ['CVE-2026-92395', '@fastify/proxy-addr'],
  ] as const) {
    test(`PRX-12: ${id}, ${name}: a mapped range with the prefix of an IPv4 one does not build`, () => {
      for (const range of [
        '::ffff:10.0.0.0/8',
        '::ffff:10.0.0.0/24',
        '::ffff:0.0.0.0/96',
        '::ffff:a00:0/32',
      ]) {
        assert.notDeepEqual(proxyMistakes({ trustedRanges: [range] }), [], range)
      }
      const setting: ProxySetting = { trustedRanges: ['::ffff:10.0.0.0/104'] }
      const forged = ['X-Forwarded-For', '192.0.2.1'] as const
      assert.equal(see(setting, rawRequest('198.51.100.7', forged)).client, '198.51.100.7')
      assert.equal(see(setting, rawRequest('::ffff:10.1.2.3', forged)).client, '192.0.2.1')
    })
  }

  test('PRX-12: CVE-2026-121192, @fastify/proxy-addr: a range with a zone does not build', () => {
    for (const range of ['fe80::1%eth0', 'fe80::%eth0/10', 'fe80::1%1/128']) {
      assert.notDeepEqual(proxyMistakes({ trustedRanges: [range] }), [], range)
    }
  })
})

describe('advisories: limits by address', () => {
  test('RL-27: CVE-2026-30827, express-rate-limit: IPv4 clients of a dual-stack server are not one client', () => {
    const { client } = limitsOf({ limit: 1, window: '1m' }).rule()
    for (let i = 1; i < 20; i++) pass(client, facts({ client: parseIp(`::ffff:203.0.113.${i}`) }))
    assert.equal(decide(client, facts({ client: parseIp('203.0.113.1') })).type, 'refusal')
  })

  test('RL-05: GHSA-984p-xq9m-4rjw, express-brute: requests at the same time are counted one by one', async () => {
    const server = await guarded({
      routes: { '/*': { public: 'a test' } },
      rateLimit: { limit: 5, window: '1m' },
    })
    open.push(server)
    const received = await Promise.all(Array.from({ length: 40 }, () => server.send({})))
    assert.equal(received.filter(({ status }) => status === 200).length, 5)
    assert.equal(received.filter(({ status }) => status === 429).length, 35)
  })
})

describe('advisories: forwarding headers and hosts', () => {
  /** The most that one field can have of what makes a careless expression go back. */
  const HOSTILE = [' ', '\t', ',', ' ,', ', ', 'a ,', '"', '\\'].map(
    (unit) => `1${unit.repeat(Math.floor(16_000 / unit.length))}1`,
  )

  /** In milliseconds of the processor: what is linear takes less than one. */
  function costOf(act: () => unknown): number {
    const before = process.cpuUsage()
    act()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }

  test('PRX-03: CVE-2017-16118, forwarded: a long X-Forwarded-For is read in one go', () => {
    for (const text of HOSTILE) {
      assert.ok(costOf(() => splitEntries(text)) < 500)
      const ranges = { trustedRanges: ['10.0.0.0/8'] }
      assert.ok(costOf(() => see(ranges, rawRequest(PROXY, ['X-Forwarded-For', text]))) < 500)
    }
  })

  test('PRX-07: CVE-2025-25200, koa: long values of X-Forwarded-Proto and X-Forwarded-Host are, too', () => {
    const setting: ProxySetting = { trustedRanges: ['10.0.0.0/8'], host: true }
    for (const name of ['X-Forwarded-Proto', 'X-Forwarded-Host']) {
      for (const text of HOSTILE) {
        const lines = [
          ['X-Forwarded-For', '192.0.2.1'],
          [name, text],
        ] as const
        assert.ok(costOf(() => see(setting, rawRequest(PROXY, ...lines))) < 500)
        const { scheme, host } = see(setting, rawRequest(PROXY, ...lines))
        assert.deepEqual([scheme, host], ['http', undefined])
      }
    }
  })

  test('REQ-02: CVE-2026-27959, koa: a Host with user information is no host', async () => {
    const server = await guarded({ routes: { '/*': { public: 'a test' } } })
    open.push(server)
    for (const host of [
      'evil.example:fake@127.0.0.1',
      '127.0.0.1@evil.example',
      '127.0.0.1:80@evil.example',
    ]) {
      assert.equal(parseAuthority(host), undefined)
      assert.equal((await server.send({ fields: ['Host', host] })).status, 400, host)
    }
  })

  test('REQ-02: GHSA-f65p-4m7j-42xc, fast-uri: what follows an address in brackets is not cut off', () => {
    for (const host of [
      '[::not-valid]',
      '[fc00::not-hex]',
      '[::1]evil.example',
      '[::1',
      '[::1 ]',
      '[::1%25x]',
    ]) {
      assert.equal(parseAuthority(host), undefined, host)
    }
  })
})
