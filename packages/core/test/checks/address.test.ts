import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressList, type AddressRules, compileAddress, readAddressRules } from '../../src/checks/address.ts'
import type { Guard } from '../../src/contract/guard.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { parseIp } from '../../src/lib/ip.ts'
import { mistakesAt, mistakesOf, place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { verdictOf } from '../support/guards.ts'

function guard(...rules: readonly AddressRules[]): Guard {
  const where = place('addresses')
  const compiled = compileAddress(...rules.map((each) => readAddressRules(where, each)))
  assert.deepEqual(mistakesAt(where), [])
  return compiled
}

/** What a guard makes of a client at an address; of text that is none, of a client who is not known. */
const verdict = (compiled: Guard, address: string): string =>
  verdictOf(compiled, facts({ client: parseIp(address) }))

const OFFICE: AddressRules = { allow: ['192.0.2.0/24', '2001:db8:40::/48'] }
const rows: readonly (readonly [rules: AddressRules, address: string, verdict: string])[] = [
  [OFFICE, '192.0.2.7', 'pass'],
  [OFFICE, '::ffff:192.0.2.7', 'pass'],
  [OFFICE, '2001:db8:40:1::7', 'pass'],
  [OFFICE, '2001:db8:41::7', 'address.not-allowed'],
  [OFFICE, '198.51.100.7', 'address.not-allowed'],
  [OFFICE, 'unknown', 'address.unknown'],
  [{ deny: ['203.0.113.0/24'] }, '203.0.113.7', 'address.denied'],
  [{ deny: ['203.0.113.0/24'] }, '::ffff:203.0.113.7', 'address.denied'],
  [{ deny: ['::ffff:203.0.113.0/120'] }, '203.0.113.7', 'address.denied'],
  [{ deny: ['203.0.113.0/24'] }, '64:ff9b::203.0.113.7', 'address.denied'],
  [{ deny: ['203.0.113.0/24'] }, '203.0.114.7', 'pass'],
  [{ deny: ['203.0.113.0/24'] }, 'unknown', 'address.unknown'],
  [{ deny: ['2001:db8::/32'] }, '2001:db8::1%eth0', 'address.denied'],
  [{ deny: ['loopback'] }, '127.9.9.9', 'address.denied'],
  [{ deny: ['private'] }, 'fd00::1', 'address.denied'],
  [{ deny: [] }, '198.51.100.7', 'pass'],
  [{ allow: ['192.0.2.0/24'], deny: ['192.0.2.7'] }, '192.0.2.7', 'address.denied'],
  [{ allow: ['192.0.2.0/24'], deny: ['192.0.2.7'] }, '192.0.2.8', 'pass'],
  // An address that is let in is written as it comes: whoever runs a translator says so.
  [{ allow: ['192.0.2.0/24'] }, '64:ff9b::192.0.2.7', 'address.not-allowed'],
]

describe('address rules', () => {
  for (const [rules, address, expected] of rows) {
    test(`PRX-12: ${JSON.stringify(rules)} and ${address}: ${expected}`, () => {
      assert.equal(verdict(guard(rules), address), expected)
    })
  }

  test('PRX-12: a rule that says nothing of addresses costs nothing', () => {
    assert.equal(guard().check, undefined)
    assert.equal(compileAddress(undefined, undefined).check, undefined)
  })

  test('PRX-12: what the policy and the rule say counts together, and neither opens what the other closes', () => {
    const both = guard(
      { deny: ['192.0.2.7'], allow: ['192.0.2.0/24'] },
      { allow: ['192.0.2.0/28', '10.0.0.0/8'] },
    )
    assert.equal(verdict(both, '192.0.2.1'), 'pass')
    assert.equal(verdict(both, '192.0.2.7'), 'address.denied')
    assert.equal(verdict(both, '192.0.2.200'), 'address.not-allowed')
    assert.equal(verdict(both, '10.0.0.1'), 'address.not-allowed')
  })
})

describe('PRX-12: a mistake in address rules', () => {
  const mistakes: readonly (readonly [name: string, value: unknown, found: readonly string[]])[] = [
    ['nothing', {}, ['missing_option addresses']],
    ['no object', ['10.0.0.0/8'], ['wrong_type addresses']],
    ['an allow list that is empty', { allow: [] }, ['out_of_range addresses.allow']],
    ['bits set after the prefix', { deny: ['10.0.0.1/8'] }, ['malformed_value addresses.deny[0]']],
    ['all of IPv4, mapped', { deny: ['::ffff:0:0/96'] }, ['malformed_value addresses.deny[0]']],
    ['more than IPv4, mapped', { allow: ['::ffff:10.0.0.0/64'] }, ['malformed_value addresses.allow[0]']],
    ['an octal number', { deny: ['010.0.0.1'] }, ['malformed_value addresses.deny[0]']],
    ['one number', { deny: ['167772161'] }, ['malformed_value addresses.deny[0]']],
    ['a zone', { deny: ['fe80::1%eth0'] }, ['malformed_value addresses.deny[0]']],
    [
      'a prefix that is too long',
      { deny: ['10.0.0.0/33', '::1/129'] },
      ['malformed_value addresses.deny[0]', 'malformed_value addresses.deny[1]'],
    ],
    ['a name', { deny: ['example.com'] }, ['malformed_value addresses.deny[0]']],
    ['a text', { allow: '10.0.0.0/8' }, ['wrong_type addresses.allow']],
    ['no text', { allow: [10] }, ['wrong_type addresses.allow[0]']],
    ['what looks like a list', { deny: { has: () => false, size: 0 } }, ['wrong_type addresses.deny']],
    ['another word', { block: [] }, ['unknown_option addresses.block']],
  ]
  for (const [name, value, found] of mistakes) {
    test(name, () =>
      assert.deepEqual(mistakesOf('addresses', (where) => readAddressRules(where, value)).toSorted(), found),
    )
  }

  const meant: readonly (readonly [written: string, meant: string])[] = [
    ['10.0.0.1/8', "'10.0.0.0/8'"],
    ['2001:db8::1/32', "'2001:db8::/32'"],
    ['::ffff:0:0/96', "'0.0.0.0/0'"],
    ['::ffff:10.0.0.0/64', "'0.0.0.0/0'"],
    ['::ffff:10.0.0.1/104', "'10.0.0.0/8'"],
  ]
  for (const [written, expected] of meant) {
    test(`${written} is answered with what to write: ${expected}`, () => {
      const where = place('addresses')
      readAddressRules(where, { deny: [written] })
      assert.ok(mistakesAt(where)[0]?.instead.includes(expected), mistakesAt(where)[0]?.instead)
    })
  }
})

describe('a list that is replaced', () => {
  test('PRX-12: the next request is judged by the new entries, without another gate', () => {
    const list = addressList(['203.0.113.0/24'])
    const denying = guard({ deny: list })
    assert.equal(verdict(denying, '203.0.113.7'), 'address.denied')
    list.replace(['198.51.100.0/24', '2001:db8::/32'])
    assert.equal(list.size, 2)
    assert.equal(verdict(denying, '203.0.113.7'), 'pass')
    assert.equal(verdict(denying, '198.51.100.7'), 'address.denied')
  })

  test('PRX-12: new entries with mistakes throw them all, and change nothing', () => {
    const list = addressList(['203.0.113.0/24'])
    const denying = guard({ deny: list })
    assert.throws(
      () => list.replace(['198.51.100.0/24', 'nonsense', '10.0.0.1/8']),
      (error) =>
        error instanceof ConfigError &&
        error.mistakes.map(({ path }) => path).join(' ') === 'addressList[1] addressList[2]',
    )
    assert.throws(() => list.replace('198.51.100.0/24' as never), ConfigError)
    assert.equal(list.size, 1)
    assert.equal(verdict(denying, '203.0.113.7'), 'address.denied')
    assert.equal(verdict(denying, '198.51.100.7'), 'pass')
  })

  test('PRX-12: a list that is made with mistakes is not made', () => {
    assert.throws(() => addressList(['nonsense']), ConfigError)
  })

  test('PRX-12: an allow list that became empty lets nobody in', () => {
    const list = addressList(['192.0.2.0/24'])
    const allowing = guard({ allow: list })
    assert.equal(verdict(allowing, '192.0.2.7'), 'pass')
    list.replace([])
    assert.equal(verdict(allowing, '192.0.2.7'), 'address.not-allowed')
  })
})
