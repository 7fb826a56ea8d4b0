import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileAuthorize } from '../../src/checks/authorize.ts'
import { PASS } from '../../src/contract/check.ts'
import { ACCESS_READERS } from '../../src/options/access-rule.ts'
import { readOptions } from '../../src/options/read.ts'
import { compileRoles } from '../../src/options/roles.ts'
import { accessContext } from '../support/access.ts'
import { mistakesAt, mistakesOf, place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { caller, decide } from '../support/schemes.ts'

/*
 * A token or a database gives its owner a role that a careless comparison takes for every role, or for another: a
 * wildcard, a pattern, a name that objects have anyway, or a role that is included where it should include.
 */

const HIERARCHY = { admin: ['editor'], editor: ['viewer'] }

const ROLES = [
  '*',
  'ad*',
  'admin*',
  '.*',
  '/.*/',
  '%',
  '',
  'Admin',
  'admin ',
  'admin,editor',
  'admin editor',
  '__proto__',
  'constructor',
  'toString',
  'has',
  'size',
]

function passes(wanted: readonly string[], roles: readonly string[], hierarchy?: unknown): boolean {
  const where = place('routes')
  const rule = readOptions(where, { roles: wanted }, ACCESS_READERS)
  assert.ok(rule !== undefined)
  const context = accessContext({ roles: compileRoles(where, hierarchy) })
  const guard = compileAuthorize(where, rule, context)
  assert.deepEqual(mistakesAt(where), [])
  return decide(guard, facts({ principal: caller({ roles }) })) === PASS
}

for (const role of ROLES) {
  test(`AZ-05: a caller with the role ${JSON.stringify(role)} is neither admin nor viewer`, () => {
    assert.equal(passes(['admin'], [role]), false)
    assert.equal(passes(['admin'], [role], HIERARCHY), false)
    assert.equal(passes(['viewer'], [role], HIERARCHY), false)
  })
}

test('AZ-05: all of them together are not, either', () => {
  assert.equal(passes(['admin', 'viewer'], ROLES, HIERARCHY), false)
})

for (const role of ['*', 'ad*', '**']) {
  test(`AZ-05: the policy itself cannot say ${role}`, () => {
    assert.deepEqual(
      mistakesOf('roles', (where) => compileRoles(where, { [role]: ['admin'] })),
      [`malformed_value roles["${role}"]`],
    )
    assert.deepEqual(
      mistakesOf('roles', (where) => compileRoles(where, { admin: [role] })),
      ['malformed_value roles.admin[0]'],
    )
    assert.deepEqual(
      mistakesOf('routes', (where) => readOptions(where, { roles: [role] }, ACCESS_READERS)),
      ['malformed_value routes.roles[0]'],
    )
  })
}

test('AZ-05: a role passes exactly when the wanted one can be reached from it', () => {
  const names = ['a', 'b', 'c', 'd', 'e'] as const
  // Arrows go from an earlier name to later ones only, so that there is no cycle.
  const hierarchy = fc
    .record(Object.fromEntries(names.map((name, i) => [name, fc.subarray(names.slice(i + 1))])))
    .map((given) => given as Readonly<Record<string, readonly string[]>>)
  const reaches = (given: Readonly<Record<string, readonly string[]>>, from: string, to: string): boolean =>
    from === to || (given[from] ?? []).some((next) => reaches(given, next, to))
  fc.assert(
    fc.property(hierarchy, fc.constantFrom(...names), fc.subarray([...names]), (given, wanted, held) => {
      const expected = held.some((role) => reaches(given, role, wanted))
      assert.equal(passes([wanted], held, given), expected)
    }),
    { numRuns: 300 },
  )
})
