import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnownCaller } from '../../src/contract/known-caller.ts'
import { Facts } from '../../src/request/facts.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import type { KnownKeys } from '../../src/lib/known-keys.ts'
import { PROXY, trust } from '../support/forwarding.ts'
import { caller } from '../support/schemes.ts'

/** The keys that are remembered of the client of a request over a connection. */
function keysOver(
  socket: object,
  proxy?: ProxySetting,
  forwardedFor?: string,
  isCut = false,
): KnownKeys | undefined {
  const lines = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
  const source = { httpVersion: '1.1', headers: lines, rawHeaders: Object.entries(lines).flat(), socket }
  return new Facts(source, 'id', trust(proxy), '/', isCut).clientKeys
}

const TRUSTED: ProxySetting = { trustedRanges: ['10.0.0.0/8'] }

test('RL-27: the keys of a client are those of their connection, and of no other', () => {
  const socket = { remoteAddress: '203.0.113.7' }
  const keys = keysOver(socket)
  assert.ok(keys !== undefined)
  assert.equal(keysOver(socket), keys)
  assert.notEqual(keysOver({ ...socket }), keys)
})

test('RL-27: the keys of a connection are not those of a client behind a proxy, whatever their address', () => {
  const socket = { remoteAddress: PROXY }
  assert.equal(keysOver(socket, TRUSTED, '203.0.113.7'), undefined)
  assert.equal(keysOver(socket, TRUSTED, 'unknown'), undefined)
  assert.ok(keysOver(socket, TRUSTED) !== undefined)
  assert.ok(keysOver({ remoteAddress: '203.0.113.7' }, TRUSTED, '203.0.113.9') !== undefined)
})

test('PRX-09: a gate that counts by another part of the address does not find the keys of the other', () => {
  const socket = { remoteAddress: '2001:db8::1' }
  assert.notEqual(keysOver(socket, { ipv6Prefix: 48 }), keysOver(socket, { ipv6Prefix: 64 }))
})

test('RL-28: of a client whom nobody knows no keys are remembered', () => {
  assert.equal(keysOver({}), undefined)
  assert.equal(keysOver({ remoteAddress: 'a socket' }), undefined)
  assert.equal(keysOver({ remoteAddress: PROXY }, TRUSTED, undefined, true), undefined)
})

test('RL-27: what is known of a caller is of nobody who was put in their place, and of the caller again', () => {
  const request = new Facts(
    { httpVersion: '1.1', headers: {}, rawHeaders: [], socket: {} },
    'id',
    trust(undefined),
  )
  const alice = Object.freeze(caller())
  request.principal = alice
  request.caller = new KnownCaller(alice)
  for (const other of [caller({ subject: 'bob' }), { ...alice }, undefined]) {
    request.principal = other
    assert.equal(request.caller, undefined)
  }
  request.principal = alice
  assert.equal(request.caller?.principal, alice)
})
