import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIp } from '../../src/lib/ip.ts'
import { facts } from '../support/facts.ts'
import { decide, limitsOf, pass } from '../support/limits.ts'

/*
 * The attack: one address can be written, and can arrive, in many forms; use each for a limit of its own. And the
 * other way round: two clients that a careless reader takes for one.
 */

test('RL-27: all forms of one IPv4 address are one client', () => {
  const { client } = limitsOf({ limit: 1, window: '1m' }).rule()
  pass(client, facts({ client: parseIp('203.0.113.7') }))
  const forms = [
    '203.0.113.7',
    '::ffff:203.0.113.7',
    '::ffff:cb00:7107',
    '::FFFF:CB00:7107',
    '0:0:0:0:0:ffff:cb00:7107',
    '0000:0000:0000:0000:0000:ffff:203.0.113.7',
    '::ffff:203.0.113.7%eth0',
    '64:ff9b::203.0.113.7',
    '64:ff9b::cb00:7107',
  ]
  for (const form of forms) {
    const ip = parseIp(form)
    assert.ok(ip !== undefined, form)
    assert.equal(decide(client, facts({ client: ip })).type, 'refusal', form)
  }
})

test('RL-27: all forms of one IPv6 network are one client', () => {
  const { client } = limitsOf({ limit: 1, window: '1m' }).rule()
  pass(client, facts({ client: parseIp('2001:db8::1') }))
  for (const form of [
    '2001:DB8::1',
    '2001:0db8:0:0::1',
    '2001:db8::1%eth0',
    '2001:db8:0:0:0:0:203.0.113.7',
  ]) {
    assert.equal(decide(client, facts({ client: parseIp(form) })).type, 'refusal', form)
  }
})

test('RL-27: two IPv4 clients are never one, not behind NAT64 and not mapped', () => {
  const { client } = limitsOf({ limit: 1, window: '1m' }).rule()
  for (const form of [
    '203.0.113.1',
    '::ffff:203.0.113.2',
    '64:ff9b::203.0.113.3',
    '::ffff:cb00:7104',
    '64:ff9b::cb00:7105',
  ]) {
    pass(client, facts({ client: parseIp(form) }))
  }
})
