import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIp } from '../../src/lib/ip.ts'
import { facts } from '../support/facts.ts'
import { decide, limitsOf, pass } from '../support/limits.ts'

/*
 * The attack: every customer has at least a /64, that is 2^64 addresses; take a new one for each request.
 */

test('RL-27: a client that takes a new address of its /64 for each request is one client', () => {
  const { client } = limitsOf({ limit: 5, window: '1m' }).rule()
  const verdicts = Array.from({ length: 500 }, (_, i) => {
    const address = `2001:db8:1:2:${(i * 7919).toString(16).slice(-4)}::${i.toString(16)}`
    const ip = parseIp(address)
    assert.ok(ip !== undefined, address)
    return decide(client, facts({ client: ip })).type
  })
  assert.equal(verdicts.filter((type) => type === 'pass').length, 5)
})

test('RL-27: the neighbours of such a client are not locked out with it', () => {
  const { client } = limitsOf({ limit: 1, window: '1m' }).rule()
  pass(client, facts({ client: parseIp('2001:db8:1:2::1') }))
  assert.equal(decide(client, facts({ client: parseIp('2001:db8:1:2:ffff::1') })).type, 'refusal')
  pass(client, facts({ client: parseIp('2001:db8:1:3::1') }))
})
