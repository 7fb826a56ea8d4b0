import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PASS } from '../../../src/contract/check.ts'
import type { Principal } from '../../../src/contract/principal.ts'
import { compileRoles, rolesThatGrant } from '../../../src/options/roles.ts'
import { accessMistakes, judged, statusOf } from '../../support/access.ts'
import { mistakesAt, mistakesOf, place } from '../../support/compile.ts'
import { caller, refusal } from '../../support/schemes.ts'

const ROLES = {
  admin: { includes: ['editor'], permissions: ['orders:delete'] },
  editor: { includes: ['viewer'], permissions: ['orders:write'] },
  viewer: { permissions: ['orders:read'] },
  auditor: { permissions: ['orders:read', 'log:read'] },
  guest: [],
}

function rolesOf(written: unknown = ROLES): ReturnType<typeof compileRoles> {
  const where = place('roles')
  const roles = compileRoles(where, written)
  assert.deepEqual(mistakesAt(where), [])
  return roles
}

describe('permissions', () => {
  const rows: readonly (readonly [
    name: string,
    wanted: readonly string[],
    has: Partial<Principal>,
    lack: string | undefined,
  ])[] = [
    ['of the role itself', ['orders:delete'], { roles: ['admin'] }, undefined],
    ['of a role that it includes', ['orders:write'], { roles: ['admin'] }, undefined],
    ['of a role that it includes over two steps', ['orders:read'], { roles: ['admin'] }, undefined],
    ['of a role that includes it', ['orders:delete'], { roles: ['editor'] }, 'orders:delete'],
    ['of two roles together', ['orders:write', 'log:read'], { roles: ['editor', 'auditor'] }, undefined],
    ['all but one', ['orders:read', 'log:read'], { roles: ['editor'] }, 'log:read'],
    ['of the caller', ['orders:delete'], { permissions: ['orders:delete'] }, undefined],
    [
      'of a role and of the caller',
      ['orders:read', 'log:read'],
      { roles: ['viewer'], permissions: ['log:read'] },
      undefined,
    ],
    ['none', ['orders:read'], {}, 'orders:read'],
    ['of a role that brings none', ['orders:read'], { roles: ['guest'] }, 'orders:read'],
    ['another case', ['orders:read'], { permissions: ['Orders:Read'] }, 'orders:read'],
    ['a longer one', ['orders:read'], { permissions: ['orders:readonly'] }, 'orders:read'],
    ['a wildcard that nobody declared', ['orders:read'], { permissions: ['*', 'orders:*'] }, 'orders:read'],
    ['a scope of that name', ['orders:read'], { scopes: ['orders:read'] }, 'orders:read'],
    ['a role of that name', ['orders:read'], { roles: ['orders:read'] }, 'orders:read'],
    ['a name of Object for a role', ['orders:read'], { roles: ['constructor', '__proto__'] }, 'orders:read'],
    [
      'a text in the place of a list',
      ['orders:read'],
      { permissions: 'xorders:readx' as unknown as string[] },
      'orders:read',
    ],
  ]
  for (const [name, permissions, has, lack] of rows) {
    test(`AZ-05: all of them are needed, by roles or of the caller: ${name}`, () => {
      const found = judged({ permissions }, caller(has), { roles: rolesOf() })
      if (lack === undefined) assert.equal(found, PASS)
      else {
        assert.equal(refusal(found).kind, 'authorization.permission-missing')
        assert.equal(refusal(found).reason, `lacks the permission ${lack}`)
      }
    })
  }

  test('AZ-02, AZ-10: a missing one is a 403 that says nothing of it', () => {
    const found = refusal(judged({ permissions: ['orders:read'] }, caller()))
    assert.equal(statusOf(found), 403)
    assert.equal(found.fields, undefined)
    assert.equal(found.members, undefined)
  })

  test('AZ-05: where no role brings any, a rule may name any, and the caller has to bring it', () => {
    const roles = rolesOf({ admin: ['editor'] })
    assert.equal(judged({ permissions: ['a'] }, caller({ permissions: ['a'] }), { roles }), PASS)
    assert.equal(
      refusal(judged({ permissions: ['a'] }, caller({ roles: ['admin'] }), { roles })).kind,
      'authorization.permission-missing',
    )
  })

  const wrong: readonly (readonly [name: string, written: unknown, expected: readonly string[]])[] = [
    ['an unknown key', { admin: { grants: ['a'] } }, ['unknown_option roles.admin.grants']],
    [
      'a permission with a wildcard',
      { admin: { permissions: ['a:*'] } },
      ['malformed_value roles.admin.permissions[0]'],
    ],
    [
      'a permission twice',
      { admin: { permissions: ['a', 'a'] } },
      ['duplicate_value roles.admin.permissions[1]'],
    ],
    ['permissions as a text', { admin: { permissions: 'a' } }, ['wrong_type roles.admin.permissions']],
    ['included roles as a text', { admin: { includes: 'editor' } }, ['wrong_type roles.admin.includes']],
    ['a Map', { admin: new Map() }, ['wrong_type roles.admin']],
    [
      'a cycle of both forms',
      { admin: { includes: ['editor'] }, editor: ['admin'] },
      ['contradiction roles.admin'],
    ],
  ]
  for (const [name, written, expected] of wrong) {
    test(`AZ-05: roles with ${name} do not build`, () => {
      assert.deepEqual(
        mistakesOf('roles', (where) => compileRoles(where, written)),
        expected,
      )
    })
  }

  test('AZ-05: a permission that no role brings is a mistake, with the likely spelling', () => {
    const where = place('rule')
    rolesThatGrant(where, ['orders:raed', 'billing'], rolesOf())
    assert.deepEqual(
      mistakesAt(where).map(({ path, instead }) => [path, instead]),
      [
        ['rule[0]', 'Did you mean "orders:read"?'],
        ['rule[1]', 'Add "billing" to the permissions of a role of the policy.'],
      ],
    )
  })

  const wrongRules: readonly (readonly [name: string, permissions: unknown, expected: readonly string[]])[] =
    [
      ['none', [], ['out_of_range rule.permissions']],
      ['a text', 'orders:read', ['wrong_type rule.permissions']],
      ['a wildcard', ['orders:*'], ['malformed_value rule.permissions[0]']],
      ['one that no role brings', ['orders:raed'], ['unknown_reference rule.permissions[0]']],
    ]
  for (const [name, permissions, expected] of wrongRules) {
    test(`AZ-05: a rule with ${name} for permissions does not build`, () => {
      assert.deepEqual(accessMistakes({ permissions }, { roles: rolesOf() }), expected)
    })
  }
})
