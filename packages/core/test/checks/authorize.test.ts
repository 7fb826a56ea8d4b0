import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import { compileAuthorize } from '../../src/checks/authorize.ts'
import { PASS, type Refusal, type Verdict } from '../../src/contract/check.ts'
import { CODES } from '../../src/contract/codes.ts'
import type { Guard } from '../../src/contract/guard.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { Principal } from '../../src/contract/principal.ts'
import { type CompiledScheme, NO_CREDENTIALS } from '../../src/contract/scheme.ts'
import { ACCESS_READERS, type AccessRule } from '../../src/options/access-rule.ts'
import { at, type Place, readOptions } from '../../src/options/read.ts'
import { compileRoles } from '../../src/options/roles.ts'
import { accessContext } from '../support/access.ts'
import { mistakesAt, mistakesOf, place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { caller, decide, refusal, stubScheme } from '../support/schemes.ts'

const SCHEME: CompiledScheme = stubScheme(() => NO_CREDENTIALS)

function compileRule(
  where: Place,
  rule: unknown,
  hierarchy?: unknown,
  scheme: CompiledScheme | undefined = SCHEME,
): Guard {
  const roles = compileRoles({ ...where, path: 'roles' }, hierarchy)
  const read = readOptions(at(where, 'GET /x'), rule, ACCESS_READERS)
  assert.ok(read !== undefined)
  return compileAuthorize(at(where, 'GET /x'), read, accessContext({ roles, scheme }))
}

/** Compiles a rule that has no mistake. */
function guardOf(rule: AccessRule, hierarchy?: unknown): Guard {
  const where = place('routes')
  const guard = compileRule(where, rule, hierarchy)
  assert.deepEqual(mistakesAt(where), [])
  return guard
}

function verdict(
  rule: AccessRule,
  principal: Principal | undefined,
  hierarchy?: unknown,
): Verdict | Promise<Verdict> {
  return decide(guardOf(rule, hierarchy), facts({ principal }))
}

function mistakes(rule: unknown, hierarchy?: unknown): readonly string[] {
  return mistakesOf('routes', (where) => compileRule(where, rule, hierarchy))
}

function statusOf({ kind }: Refusal): number | undefined {
  const { code } = KINDS[kind]
  return code === undefined ? undefined : CODES[code].status
}

describe('who is asked for', () => {
  const demanding: readonly (readonly [name: string, rule: AccessRule])[] = [
    ['no part', {}],
    ['authenticated', { authenticated: true }],
    ['scopes', { scopes: ['a'] }],
    ['roles', { roles: ['a'] }],
    ['a predicate', { when: () => true }],
    ['a 404 for who may not pass', { scopes: ['a'], deniedAs: 404 }],
  ]
  for (const [name, rule] of demanding) {
    test(`AZ-02: a rule with ${name} gives an unknown caller the 401 of the authenticate check`, () => {
      const found = refusal(verdict(rule, undefined))
      assert.deepEqual(found, refusal(decide(compileAuthenticate(SCHEME), facts())))
      assert.equal(found.kind, 'credentials.missing')
      assert.deepEqual(found.fields, ['WWW-Authenticate', 'Stub'])
    })
  }

  for (const rule of [{}, { authenticated: true }] as const) {
    test(`AZ-02: anybody who is known passes ${JSON.stringify(rule)}`, () => {
      assert.equal(verdict(rule, caller()), PASS)
    })
  }

  test('AZ-02: a public rule compiles to nothing', () => {
    assert.equal(guardOf({ public: 'load balancers ask it' }).check, undefined)
  })

  test('AZ-02: in a policy that authenticates nobody, a rule that asks for nothing compiles to nothing', () => {
    const where = place('routes')
    const read = readOptions(where, {}, ACCESS_READERS)
    assert.ok(read !== undefined)
    assert.equal(compileAuthorize(where, read, accessContext({ scheme: undefined })).check, undefined)
  })

  for (const rule of [
    { authenticated: true },
    { scopes: ['a'] },
    { roles: ['a'] },
    { when: () => true },
  ] as const) {
    test(`AZ-02: in a policy that authenticates nobody, ${Object.keys(rule).join()} refuses everybody`, () => {
      const where = place('routes')
      const read = readOptions(where, rule, ACCESS_READERS)
      assert.ok(read !== undefined)
      const guard = compileAuthorize(where, read, accessContext({ scheme: undefined }))
      assert.equal(refusal(decide(guard, facts())).kind, 'authorization.failed')
      assert.equal(refusal(decide(guard, facts({ principal: caller() }))).kind, 'authorization.failed')
    })
  }
})

describe('scopes', () => {
  const rows: readonly (readonly [
    name: string,
    demand: NonNullable<AccessRule['scopes']>,
    has: readonly string[],
    lack: string | undefined,
  ])[] = [
    ['a list is all of them', ['a', 'b'], ['b', 'c', 'a'], undefined],
    ['one of a list is missing', ['a', 'b'], ['a'], 'lacks b'],
    ['all of a list are missing', ['a', 'b'], [], 'lacks a, b'],
    ['all', { all: ['a', 'b'] }, ['a'], 'lacks b'],
    ['any, the second', { any: ['a', 'b'] }, ['b'], undefined],
    ['any, a longer one', { any: ['a', 'b'] }, ['ab', 'ba'], 'has none of the scopes a, b'],
    ['any, none', { any: ['a', 'b'] }, ['c'], 'has none of the scopes a, b'],
    ['another case', ['data:read'], ['Data:Read'], 'lacks data:read'],
    ['a longer scope', ['data:read'], ['data:readwrite'], 'lacks data:read'],
    ['a shorter scope', ['data:read'], ['data'], 'lacks data:read'],
    ['a wildcard that nobody declared', ['data:read'], ['*', 'data:*'], 'lacks data:read'],
    ['two scopes in one text', ['a'], ['a b'], 'lacks a'],
    ['a name of Array', ['length'], ['x'], 'lacks length'],
  ]
  for (const [name, scopes, has, lack] of rows) {
    test(`AZ-04: scopes are whole texts: ${name}`, () => {
      const found = verdict({ scopes }, caller({ scopes: has }))
      if (lack === undefined) assert.equal(found, PASS)
      else {
        assert.equal(refusal(found).kind, 'authorization.scope-missing')
        assert.equal(refusal(found).reason, lack)
      }
    })
  }

  test('AUT-03, AZ-10: a missing scope is a 403 whose challenge names what the rule needs, and not what the caller has', () => {
    const found = refusal(
      verdict({ scopes: ['data:read', 'data:write'] }, caller({ scopes: ['secret', 'data:read'] })),
    )
    assert.equal(statusOf(found), 403)
    assert.equal(KINDS[found.kind].code, 'insufficient_scope')
    assert.deepEqual(found.fields, [
      'WWW-Authenticate',
      'Stub error="insufficient_scope", scope="data:read data:write"',
    ])
    assert.equal(found.reason, 'lacks data:write')
    assert.equal(found.members, undefined)
  })

  test('AUT-03: the challenge of any names the first, so that a client asks for no more than it needs', () => {
    const found = refusal(verdict({ scopes: { any: ['data:read', 'admin'] } }, caller()))
    assert.deepEqual(found.fields, ['WWW-Authenticate', 'Stub error="insufficient_scope", scope="data:read"'])
  })
})

describe('roles', () => {
  const HIERARCHY = { admin: ['editor'], editor: ['viewer'], auditor: [] }
  const rows: readonly (readonly [
    name: string,
    wanted: readonly string[],
    has: readonly string[],
    passes: boolean,
  ])[] = [
    ['the role itself', ['editor'], ['editor'], true],
    ['one that includes it', ['editor'], ['admin'], true],
    ['one that includes it over two steps', ['viewer'], ['admin'], true],
    ['one that it includes', ['admin'], ['editor'], false],
    ['one beside it', ['viewer'], ['auditor'], false],
    ['one of several wanted', ['admin', 'auditor'], ['auditor'], true],
    ['one of several held', ['viewer'], ['nobody', 'editor'], true],
    ['none', ['viewer'], [], false],
    ['another case', ['admin'], ['Admin'], false],
    ['a wildcard', ['admin'], ['*', 'adm*', '.*'], false],
    ['a name of Object', ['viewer'], ['constructor', '__proto__'], false],
  ]
  for (const [name, roles, has, passes] of rows) {
    test(`AZ-05: a hierarchy counts in one direction only: ${name}`, () => {
      const found = verdict({ roles }, caller({ roles: has }), HIERARCHY)
      if (passes) assert.equal(found, PASS)
      else assert.equal(refusal(found).kind, 'authorization.role-missing')
    })
  }

  test('AZ-05: without a hierarchy roles are compared as they are', () => {
    assert.equal(verdict({ roles: ['a', 'b'] }, caller({ roles: ['b'] })), PASS)
    assert.equal(
      refusal(verdict({ roles: ['viewer'] }, caller({ roles: ['admin'] }))).kind,
      'authorization.role-missing',
    )
  })

  test('AZ-10: the log learns the roles of the rule, the response nothing', () => {
    const found = refusal(verdict({ roles: ['admin', 'auditor'] }, caller({ roles: ['viewer'] })))
    assert.equal(found.reason, 'has none of the roles admin, auditor')
    assert.equal(found.fields, undefined)
    assert.equal(found.members, undefined)
    assert.equal(statusOf(found), 403)
  })

  const cycles: readonly (readonly [name: string, hierarchy: unknown, path: string, cycle: string])[] = [
    ['itself', { admin: ['admin'] }, 'roles.admin', 'admin > admin'],
    ['two', { admin: ['editor'], editor: ['admin'] }, 'roles.admin', 'admin > editor > admin'],
    ['two behind a leaf', { a: ['leaf', 'b'], b: ['a'] }, 'roles.a', 'a > b > a'],
    ['three below another', { top: ['a'], a: ['b'], b: ['c'], c: ['a'] }, 'roles.a', 'a > b > c > a'],
  ]
  for (const [name, hierarchy, path, cycle] of cycles) {
    test(`AZ-05: a cycle of ${name} is a mistake that shows it`, () => {
      const where = place('roles')
      compileRoles(where, hierarchy)
      const [mistake, ...others] = mistakesAt(where)
      assert.deepEqual(others, [])
      assert.equal(mistake?.code, 'contradiction')
      assert.equal(mistake.path, path)
      assert.ok(mistake.message.includes(cycle), mistake.message)
    })
  }

  test('AZ-05: two ways to one role are no cycle', () => {
    const hierarchy = { admin: ['editor', 'auditor'], editor: ['viewer'], auditor: ['viewer'] }
    assert.equal(verdict({ roles: ['viewer'] }, caller({ roles: ['admin'] }), hierarchy), PASS)
  })

  const wrong: readonly (readonly [name: string, hierarchy: unknown, expected: readonly string[]])[] = [
    ['a list', ['admin'], ['wrong_type roles']],
    ['null', null, ['wrong_type roles']],
    ['a role that includes a text', { admin: 'editor' }, ['wrong_type roles.admin']],
    ['a wildcard', { admin: ['*'] }, ['malformed_value roles.admin[0]']],
    ['a role with a wildcard', { 'team-*': [] }, ['malformed_value roles["team-*"]']],
    ['an empty role', { '': [] }, ['malformed_value roles[""]']],
    ['a role twice', { admin: ['editor', 'editor'] }, ['duplicate_value roles.admin[1]']],
    ['a control character', { admin: ['a\nb'] }, ['malformed_value roles.admin[0]']],
  ]
  for (const [name, hierarchy, expected] of wrong) {
    test(`AZ-05: a hierarchy with ${name} does not build`, () => {
      assert.deepEqual(
        mistakesOf('roles', (where) => compileRoles(where, hierarchy)),
        expected,
      )
    })
  }

  test('AZ-05: a role that the hierarchy does not name is a mistake, with the likely spelling', () => {
    const where = place('routes')
    compileRule(where, { roles: ['viewer', 'edtor', 'root'] }, HIERARCHY)
    const found = mistakesAt(where)
    assert.deepEqual(
      found.map(({ code, path }) => `${code} ${path}`),
      ['unknown_reference routes["GET /x"].roles[1]', 'unknown_reference routes["GET /x"].roles[2]'],
    )
    assert.equal(found[0]?.instead, 'Did you mean "editor"?')
    assert.equal(found[1]?.instead, 'Add "root" to the roles of the policy.')
  })
})

describe('a predicate', () => {
  const SECRET = 'hunter2'
  const rows: readonly (readonly [name: string, when: () => unknown, kind: string])[] = [
    ['says yes', () => true, 'pass'],
    ['says no', () => false, 'authorization.denied'],
    ['promises yes', () => Promise.resolve(true), 'pass'],
    ['promises no', () => Promise.resolve(false), 'authorization.denied'],
    ['gives nothing', () => undefined, 'authorization.failed'],
    ['promises nothing', () => Promise.resolve(), 'authorization.failed'],
    ['gives 1', () => 1, 'authorization.failed'],
    ['gives "true"', () => 'true', 'authorization.failed'],
    ['gives 0', () => 0, 'authorization.failed'],
    ['gives null', () => null, 'authorization.failed'],
    ['gives an object', () => ({}), 'authorization.failed'],
    ['gives a Boolean object', () => Object(true), 'authorization.failed'],
    ['promises a promise of yes', () => Promise.resolve(Promise.resolve(true)), 'pass'],
    [
      'throws',
      () => {
        throw new Error(SECRET)
      },
      'authorization.failed',
    ],
    ['rejects', () => Promise.reject(new Error(SECRET)), 'authorization.failed'],
    ['rejects with true', () => Promise.reject(true), 'authorization.failed'],
  ]
  for (const [name, when, kind] of rows) {
    test(`AZ-03: one that ${name} gives ${kind}`, async () => {
      const found = await verdict({ when: when as () => boolean }, caller())
      if (kind === 'pass') assert.equal(found, PASS)
      else {
        assert.equal(refusal(found).kind, kind)
        assert.equal(statusOf(refusal(found)), 403)
        assert.doesNotMatch(refusal(found).reason, /hunter2/)
      }
    })

    test(`AZ-02: one that ${name} is hidden behind a 404 when the rule says so`, async () => {
      const found = await verdict({ when: when as () => boolean, deniedAs: 404 }, caller())
      assert.equal(
        found === PASS ? 'pass' : refusal(found).kind,
        kind === 'pass' ? 'pass' : 'authorization.hidden',
      )
    })
  }

  test('AZ-03: it is asked last, with the caller and the request, and at most once', () => {
    const asked: unknown[] = []
    const when: NonNullable<AccessRule['when']> = (...args) => asked.push(args) > 0
    const guard = guardOf({ scopes: ['a'], roles: ['r'], when })
    assert.equal(refusal(decide(guard, facts())).kind, 'credentials.missing')
    assert.equal(
      refusal(decide(guard, facts({ principal: caller({ roles: ['r'] }) }))).kind,
      'authorization.scope-missing',
    )
    assert.equal(
      refusal(decide(guard, facts({ principal: caller({ scopes: ['a'] }) }))).kind,
      'authorization.role-missing',
    )
    assert.deepEqual(asked, [])
    const request = facts({ principal: caller({ scopes: ['a'], roles: ['r'] }) })
    assert.equal(decide(guard, request), PASS)
    assert.deepEqual(asked, [[request.principal, request]])
  })
})

describe('a denial as 404', () => {
  const rows: readonly (readonly [name: string, rule: AccessRule, reason: string])[] = [
    ['a scope is missing', { scopes: ['a'] }, 'lacks a'],
    ['a role is missing', { roles: ['r'] }, 'has none of the roles r'],
    ['the predicate says no', { when: () => false }, 'the predicate of the rule said no'],
  ]
  for (const [name, rule, reason] of rows) {
    test(`AZ-02, AZ-10: when ${name}, nothing tells it from a missing thing, and the log keeps the reason`, () => {
      const found = refusal(verdict({ ...rule, deniedAs: 404 }, caller()))
      assert.deepEqual(found, {
        type: 'refusal',
        kind: 'authorization.hidden',
        reason,
        fields: undefined,
        members: undefined,
      })
      assert.equal(statusOf(found), 404)
      assert.equal(KINDS[found.kind].code, KINDS['handler.not-found'].code)
    })
  }
})

describe('a rule with mistakes', () => {
  const X = 'routes["GET /x"]'
  const rows: readonly (readonly [name: string, rule: unknown, expected: readonly string[]])[] = [
    ['public without a reason', { public: '' }, [`malformed_value ${X}.public`]],
    ['public with a blank reason', { public: '  ' }, [`malformed_value ${X}.public`]],
    ['public: true', { public: true }, [`malformed_value ${X}.public`]],
    ['authenticated: false', { authenticated: false }, [`unsafe_value ${X}.authenticated`]],
    ['authenticated: "yes"', { authenticated: 'yes' }, [`wrong_type ${X}.authenticated`]],
    [
      'public and all that excludes it',
      { public: 'why', authenticated: true, scopes: ['a'], roles: ['r'], when: () => true },
      [
        `contradiction ${X}.authenticated`,
        `contradiction ${X}.scopes`,
        `contradiction ${X}.roles`,
        `contradiction ${X}.when`,
      ],
    ],
    ['no scopes', { scopes: [] }, [`out_of_range ${X}.scopes`]],
    ['an empty object of scopes', { scopes: {} }, [`missing_option ${X}.scopes`]],
    ['undefined scopes', { scopes: { any: undefined } }, [`missing_option ${X}.scopes`]],
    ['none of any scopes', { scopes: { any: [] } }, [`out_of_range ${X}.scopes.any`]],
    ['all and any', { scopes: { all: ['a'], any: ['b'] } }, [`contradiction ${X}.scopes`]],
    ['another word', { scopes: { some: ['a'] } }, [`unknown_option ${X}.scopes.some`]],
    ['scopes as a text', { scopes: 'data:read' }, [`wrong_type ${X}.scopes`]],
    ['two scopes in one text', { scopes: ['a b'] }, [`malformed_value ${X}.scopes[0]`]],
    ['a scope with a quote', { scopes: ['a"'] }, [`malformed_value ${X}.scopes[0]`]],
    ['a scope with a backslash', { scopes: ['a\\'] }, [`malformed_value ${X}.scopes[0]`]],
    ['a scope with a line break', { scopes: ['a\r\nb'] }, [`malformed_value ${X}.scopes[0]`]],
    ['a scope that is not ASCII', { scopes: ['é'] }, [`malformed_value ${X}.scopes[0]`]],
    ['an empty scope', { scopes: [''] }, [`malformed_value ${X}.scopes[0]`]],
    ['a scope that is a number', { scopes: [7] }, [`wrong_type ${X}.scopes[0]`]],
    ['a scope twice', { scopes: ['a', 'a'] }, [`duplicate_value ${X}.scopes[1]`]],
    ['no roles', { roles: [] }, [`out_of_range ${X}.roles`]],
    ['an empty role', { roles: [''] }, [`malformed_value ${X}.roles[0]`]],
    ['a role with space around', { roles: [' admin'] }, [`malformed_value ${X}.roles[0]`]],
    ['a role with a control character', { roles: ['a\u0000'] }, [`malformed_value ${X}.roles[0]`]],
    ['a wildcard for a role', { roles: ['*'] }, [`malformed_value ${X}.roles[0]`]],
    ['a predicate that is none', { when: true }, [`wrong_type ${X}.when`]],
    ['another status of a denial', { deniedAs: 401 }, [`out_of_range ${X}.deniedAs`]],
    ['a misspelled part', { scope: ['a'] }, [`unknown_option ${X}.scope`]],
  ]
  for (const [name, rule, expected] of rows) {
    test(`AZ-02: ${name} does not build`, () => {
      assert.deepEqual(mistakes(rule), expected)
    })
  }
})
