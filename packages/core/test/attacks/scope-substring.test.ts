import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import { compileAuthorize } from '../../src/checks/authorize.ts'
import { PASS } from '../../src/contract/check.ts'
import { authenticated } from '../../src/contract/scheme.ts'
import { ACCESS_READERS } from '../../src/options/access-rule.ts'
import { readOptions } from '../../src/options/read.ts'
import { accessContext } from '../support/access.ts'
import { place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { caller, decide, refusal, stubScheme } from '../support/schemes.ts'

/*
 * A caller holds scopes that contain, begin with or look like the wanted one, or gets an issuer to hand them out as
 * one text: `'data:readonly'.includes('data:read')` is true.
 */

const WANTED = 'data:read'

const LOOKALIKES = [
  'data:readonly',
  'metadata:read',
  'data:rea',
  'data',
  'read',
  'DATA:READ',
  'Data:read',
  'data:read ',
  ' data:read',
  'data:read data:write',
  'data:read,data:write',
  'data:*',
  '*',
  '.*',
  'data:r\u0435ad',
  'data:read\u0000',
  'data\uff1aread',
  '',
]

function passes(scopes: unknown): boolean {
  const principal = caller({ scopes: scopes as string[] })
  const scheme = stubScheme(() => authenticated(principal))
  const entry = decide(compileAuthenticate(scheme), facts())
  assert.ok(!(entry instanceof Promise))
  if (entry.type === 'refusal') return false
  const where = place('routes')
  const verdicts = [[WANTED], { any: [WANTED] }].map((wanted) => {
    const rule = readOptions(where, { scopes: wanted }, ACCESS_READERS)
    assert.ok(rule !== undefined)
    const guard = compileAuthorize(where, rule, accessContext({ scheme }))
    const verdict = decide(guard, facts({ principal }))
    if (verdict === PASS) return true
    assert.equal(refusal(verdict).kind, 'authorization.scope-missing')
    return false
  })
  assert.equal(verdicts[0], verdicts[1], 'all of one and any of one are the same')
  return verdicts[0] === true
}

test('AZ-04: the wanted scope passes, among others too', () => {
  assert.ok(passes([WANTED]))
  assert.ok(passes(['x', WANTED, 'y']))
})

for (const scope of LOOKALIKES) {
  test(`AZ-04: ${JSON.stringify(scope)} is not ${WANTED}`, () => {
    assert.equal(passes([scope]), false)
  })
}

test('AZ-04: all lookalikes together are not the scope', () => {
  assert.equal(passes(LOOKALIKES), false)
})

for (const scopes of [
  WANTED,
  `${WANTED} x`,
  [[WANTED]],
  { 0: WANTED, length: 1 },
  new Set([WANTED]),
  { includes: () => true },
]) {
  test(`AZ-04: scopes as ${Object.prototype.toString.call(scopes)} ${JSON.stringify(scopes)} pass nobody`, () => {
    assert.equal(passes(scopes), false)
  })
}

test('AZ-04: no text but the scope itself is the scope', () => {
  const near = fc.oneof(
    fc.string(),
    fc.tuple(fc.string(), fc.string()).map(([before, after]) => before + WANTED + after),
    fc.nat(WANTED.length).map((end) => WANTED.slice(0, end)),
  )
  fc.assert(fc.property(near, (scope) => passes([scope]) === (scope === WANTED)))
})
