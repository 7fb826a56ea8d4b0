import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAddress, readAddressRules } from '../../src/checks/address.ts'
import type { Guard } from '../../src/contract/guard.ts'
import { canonicalCidr, parseCidr, parseIp } from '../../src/lib/ip.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { PROXY, rawRequest, trust, xff } from '../support/forwarding.ts'
import { verdictOf } from '../support/guards.ts'

/*
 * An address has many texts, and a list compares numbers. Whoever is in a deny list, or in no allow list, tries the other
 * texts: of the connection on a dual-stack listener, or of a header that a proxy passes on.
 */

const guard = (value: unknown): Guard => compileAddress(readAddressRules(place('addresses'), value))
const denying = guard({ deny: ['203.0.113.7', '10.0.0.0/8', '2001:db8:bad::/48'] })
const allowing = guard({ allow: ['192.0.2.1', '2001:db8:40::/48'] })
const verdict = (check: Guard, text: string): string => verdictOf(check, facts({ client: parseIp(text) }))

describe('attack: past a deny list', () => {
  const forms: Readonly<Record<string, readonly string[]>> = {
    mapped: ['::ffff:203.0.113.7', '::FFFF:203.0.113.7', '0:0:0:0:0:ffff:cb00:7107', '::ffff:cb00:7107'],
    'behind a translator': ['64:ff9b::203.0.113.7', '64:ff9b::cb00:7107', '64:ff9b::10.1.2.3'],
    'of a range, mapped': ['::ffff:10.200.3.4', '::ffff:0a00:0001'],
    'written at length, or in capitals': ['2001:0db8:0bad:0000:0000:0000:0000:0001', '2001:DB8:BAD::1'],
    'with a zone': ['2001:db8:bad::1%eth0', '2001:db8:bad::1%1'],
  }
  for (const [name, texts] of Object.entries(forms)) {
    test(`PRX-12: ${name}, it is the same address`, () => {
      for (const text of texts) assert.equal(verdict(denying, text), 'address.denied', text)
    })
  }

  const nobody: Readonly<Record<string, readonly string[]>> = {
    'octal numbers': ['0313.0.0161.07', '010.0.0.1', '203.0.113.007'],
    'one number': ['3405803783', '0xcb007107', '167772161'],
    'fewer numbers': ['10.1', '203.0.28935', '127.1'],
    'white space and ports': [' 203.0.113.7', '203.0.113.7 ', '203.0.113.7:80', '[2001:db8:bad::1]'],
    'digits of another script': ['２０３.0.113.7', '203.0.113.⑦', '203。0。113。7'],
    'more than an address': ['203.0.113.7.', '203.0.113.7/32', '203.0.113.7\0', '2001:db8:bad::1::'],
    'no address': ['', 'unknown', '_hidden', 'localhost'],
  }
  for (const [name, texts] of Object.entries(nobody)) {
    test(`PRX-12: ${name}: it is nobody's address, and nobody gets in`, () => {
      for (const text of texts) {
        assert.equal(verdict(denying, text), 'address.unknown', text)
        assert.equal(verdict(allowing, text), 'address.unknown', text)
      }
    })
  }

  const settings: readonly ProxySetting[] = [{ trustedHops: 1 }, { trustedRanges: ['10.0.0.0/8'] }]
  for (const setting of settings) {
    test(`PRX-12: the same in the header of a proxy, by ${JSON.stringify(setting)}`, () => {
      for (const text of [...Object.values(forms).flat(), ...Object.values(nobody).flat()]) {
        const { client } = trust(setting).resolve(rawRequest(PROXY, xff(text)))
        assert.notEqual(verdictOf(guard({ deny: ['0.0.0.0/0', '::/0'] }), facts({ client })), 'pass', text)
        assert.notEqual(verdictOf(allowing, facts({ client })), 'pass', text)
      }
    })
  }
})

describe('attack: a range that holds more than it says', () => {
  test('PRX-12: of mapped addresses, none shorter than the mapped part is a range', () => {
    for (let prefix = 0; prefix <= 96; prefix++) {
      assert.equal(parseCidr(`::ffff:0.0.0.0/${prefix}`), undefined, `/${prefix}`)
      assert.equal(parseCidr(`::ffff:10.0.0.0/${prefix}`), undefined, `/${prefix}`)
    }
  })

  test('PRX-12: of IPv6, none that holds the mapped part holds an IPv4 address', () => {
    const all = guard({ allow: ['::/0', '::/1', '::/64', '::/80', '::fffe:0:0/95'] })
    for (const text of ['203.0.113.7', '::ffff:203.0.113.7', '0.0.0.1']) {
      assert.equal(verdict(all, text), 'address.not-allowed', text)
    }
  })

  test('PRX-12: advice about a range never comes for what is one already', () => {
    for (const text of [
      '10.0.0.0/8',
      '0.0.0.0/0',
      '2001:db8::/32',
      '192.0.2.1',
      'x',
      '10.0.0.1/33',
      '::1/129',
      '::1/x',
    ]) {
      assert.equal(canonicalCidr(text), undefined, text)
    }
  })
})
