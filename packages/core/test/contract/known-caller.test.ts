import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callerOf, KnownCaller, withCaller } from '../../src/contract/known-caller.ts'
import { type Authenticated, authenticated } from '../../src/contract/scheme.ts'
import type { Principal } from '../../src/contract/principal.ts'
import { caller as principalNamed } from '../support/schemes.ts'

const principal = Object.freeze(principalNamed())
const known = new KnownCaller(principal)

test('AUT-11: what is known of a caller stands beside their principal, and nobody else sees it', () => {
  const found = withCaller(authenticated(principal))
  assert.equal(callerOf(found)?.principal, principal)
  assert.deepEqual(found, authenticated(principal))
  assert.deepEqual({ ...found }, authenticated(principal))
  assert.ok(Object.isFrozen(found))
})

const ROWS: readonly (readonly [name: string, found: object])[] = [
  ['nothing', authenticated(principal)],
  ['a text of a scheme of somebody’s own', { ...authenticated(principal), caller: 'alice' }],
  ['an object that looks like it', { ...authenticated(principal), caller: { principal, isSound: true } }],
  ['null', { ...authenticated(principal), caller: null }],
  ['that of another principal', { ...authenticated({ ...principal, subject: 'root' }), caller: known }],
  [
    'that of a principal that is equal, and not the same',
    { ...authenticated({ ...principal }), caller: known },
  ],
]
for (const [name, found] of ROWS) {
  test(`AUT-11: beside a principal, ${name} is not what is known of the caller`, () => {
    assert.equal(callerOf(found as Authenticated<Principal>), undefined)
  })
}
