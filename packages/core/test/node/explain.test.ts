import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import { PARTS } from '../../src/checks/authorize/part.ts'
import type { AccessRule } from '../../src/options/access-rule.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

function person(given: Partial<TestPrincipal> = {}): TestPrincipal {
  return { scheme: 'test', subject: 'alice', issuer: undefined, scopes: [], roles: [], ...given }
}

const gateOf = (policy: Policy<TestPrincipal>): ReturnType<typeof gatehouse<TestPrincipal>> =>
  gatehouse(testPolicy(policy))

interface Order {
  readonly owner: string
}

/** A rule with every part, in another order than they are asked in. */
const FULL: Policy<TestPrincipal> = {
  roles: { admin: { permissions: ['orders:delete'] } },
  deny: { 'frozen accounts': ({ subject }) => subject === 'frozen' },
  tenant: ({ subject }) => (subject === 'stranger' ? 'other' : 'acme'),
  routes: {
    'DELETE /t/:tenantId/orders/:id': {
      object: {
        load: ({ id }) => (id === '0' ? undefined : { owner: 'alice' }),
        owner: (order: Order) => order.owner,
      },
      when: ({ subject }) => ({ allowed: subject !== 'no', policy: 'p1' }),
      stepUp: { acr: ['mfa'] },
      tenant: 'tenantId',
      permissions: ['orders:delete'],
      roles: ['admin'],
      scopes: ['orders'],
    },
  },
}
const FIT = { scopes: ['orders'], roles: ['admin'], acr: 'mfa' }
const DELETE = { method: 'DELETE', path: '/t/acme/orders/7' }

describe('gate.explain', () => {
  test('AZ-10: every part in its order, with why it holds', async () => {
    const found = await gateOf(FULL).explain({ ...DELETE, principal: person(FIT) })
    assert.deepEqual(found, {
      rule: 'DELETE /t/:tenantId/orders/:id',
      allowed: true,
      parts: [
        { part: 'caller', holds: true, why: 'somebody is authenticated' },
        { part: 'deny', holds: true, why: 'that the deny rule "frozen accounts" does not apply' },
        { part: 'scopes', holds: true, why: 'all of the scopes orders' },
        { part: 'roles', holds: true, why: 'one of the roles admin' },
        { part: 'permissions', holds: true, why: 'the permissions orders:delete' },
        { part: 'tenant', holds: true, why: 'that the caller\'s tenant is the "tenantId" of the path' },
        { part: 'stepUp', holds: true, why: 'an authentication by mfa' },
        { part: 'when', holds: true, why: 'the predicate of the rule said yes: [p1]' },
        { part: 'object', holds: true, why: 'the caller owns the object' },
      ],
    })
    assert.deepEqual(
      found.parts.slice(1).map(({ part }) => part),
      PARTS.map(({ name }) => name),
    )
  })

  const rows: readonly (readonly [
    name: string,
    principal: Partial<TestPrincipal> | undefined,
    path: string,
    holds: string,
    why: string | undefined,
  ])[] = [
    ['nobody', undefined, '/t/acme/orders/7', 'no - - - - - - - -', 'nobody is authenticated'],
    [
      'who is shut out',
      { ...FIT, subject: 'frozen' },
      '/t/acme/orders/7',
      'yes no yes yes yes - yes - -',
      'the deny rule "frozen accounts" applies',
    ],
    [
      'who lacks a scope',
      { ...FIT, scopes: [] },
      '/t/acme/orders/7',
      'yes yes no yes yes - yes - -',
      'lacks orders',
    ],
    ['who lacks everything', {}, '/t/acme/orders/7', 'yes yes no no no - no - -', 'lacks orders'],
    [
      'of another tenant',
      { ...FIT, subject: 'stranger' },
      '/t/acme/orders/7',
      'yes yes yes yes yes no yes - -',
      'the caller belongs to "other", the request names "acme"',
    ],
    [
      'who has to step up',
      { ...FIT, acr: 'pwd' },
      '/t/acme/orders/7',
      'yes yes yes yes yes yes no - -',
      'was authenticated by "pwd"',
    ],
    [
      'whom the predicate denies',
      { ...FIT, subject: 'no' },
      '/t/acme/orders/7',
      'yes yes yes yes yes yes yes no -',
      'the predicate of the rule said no: [p1]',
    ],
    [
      'who does not own it',
      { ...FIT, subject: 'bob' },
      '/t/acme/orders/7',
      'yes yes yes yes yes yes yes yes no',
      'the caller does not own the object',
    ],
    [
      'of what is missing',
      FIT,
      '/t/acme/orders/0',
      'yes yes yes yes yes yes yes yes no',
      'the object does not exist',
    ],
  ]
  for (const [name, given, path, holds, why] of rows) {
    test(`AZ-10: a caller ${name}: ${holds}`, async () => {
      const principal = given === undefined ? {} : { principal: person(given) }
      const { allowed, parts } = await gateOf(FULL).explain({ ...DELETE, path, ...principal })
      assert.equal(allowed, false)
      const told = parts.map((part) => (part.holds === true ? 'yes' : part.holds === false ? 'no' : '-'))
      assert.equal(told.join(' '), holds)
      assert.equal(parts.find((part) => part.holds === false)?.why, why)
    })
  }

  test('AZ-10: parts of the path can be given apart from the path', async () => {
    const gate = gateOf(FULL)
    const asked = { ...DELETE, principal: person(FIT), params: { tenantId: 'acme', id: '0' } }
    assert.equal((await gate.explain(asked)).allowed, false)
  })

  const needs: readonly (readonly [
    name: string,
    rule: AccessRule<TestPrincipal>,
    part: string,
    fact: string,
  ])[] = [
    ['a predicate', { when: (_caller, { headers }) => headers['x-a'] === '1' }, 'when', 'headers'],
    [
      'a predicate that catches what is thrown',
      {
        when: (_caller, request) => {
          try {
            return request.client === undefined
          } catch {
            return true
          }
        },
      },
      'when',
      'client',
    ],
    [
      'a predicate that waits',
      { when: async (_caller, { scheme }) => (await Promise.resolve(scheme)) === 'https' },
      'when',
      'scheme',
    ],
    ['a deny rule', { deny: { a: (_caller, request) => request.count('x-a') > 1 } }, 'deny', 'fields'],
    ['a load', { object: { load: (_params, _caller, { id }) => id, owner: () => 'alice' } }, 'object', 'id'],
  ]
  for (const [name, rule, part, fact] of needs) {
    test(`AZ-10: ${name} that asks for what only a request has is not guessed`, async () => {
      const gate = gateOf({ routes: { '/a': rule } })
      const found = await gate.explain({ method: 'GET', path: '/a', principal: person() })
      assert.equal(found.allowed, 'unknown')
      assert.deepEqual(found.parts[1], {
        part,
        holds: 'needs-request',
        why: `asks for the ${fact} of a request`,
      })
    })
  }

  test('AZ-10: a predicate can look at the method, the path and the query', async () => {
    const gate = gateOf({
      routes: {
        '/a/:id': {
          when: (_caller, { method, path, query, params, principal }) =>
            `${method}${path}${query}${params['id']}${principal?.subject}` === 'GET/a/7?b=17alice',
        },
      },
    })
    assert.equal((await gate.explain({ method: 'GET', path: '/a/7?b=1', principal: person() })).allowed, true)
  })

  const openings: readonly (readonly [name: string, rule: AccessRule, path: string, allowed: boolean])[] = [
    ['public', { public: 'a test' }, '/a', true],
    ['optional', { optional: 'a test' }, '/a', true],
    ['default', { public: 'a test' }, '/elsewhere', false],
  ]
  for (const [name, rule, path, allowed] of openings) {
    test(`AZ-01: without a caller, the ${name} rule ${allowed ? 'lets in' : 'does not'}`, async () => {
      const found = await gateOf({ routes: { '/a': rule } }).explain({ method: 'GET', path })
      assert.equal(found.allowed, allowed)
      assert.equal(found.rule, path === '/a' ? '/a' : 'default')
    })
  }

  const CALLERS = [
    ['alice', 'a', 'r'],
    ['alice', 'a', '-'],
    ['alice', '-', 'r'],
    ['bob', 'a', 'r'],
    ['no', 'a', 'r'],
    ['frozen', 'a', 'r'],
  ] as const
  test('AZ-10: it says of every caller what a request finds', async () => {
    const policy: Policy<TestPrincipal> = {
      deny: { frozen: ({ subject }) => subject === 'frozen' },
      routes: {
        '/a': { scopes: ['a'], roles: ['r'], when: ({ subject }) => subject !== 'no' },
        '/b/:id': { object: { load: ({ id }) => id, owner: (id: string) => id } },
      },
    }
    const server = await guarded(policy)
    open.push(server)
    for (const [subject, scopes, roles] of CALLERS) {
      const list = (text: string): readonly string[] => (text === '-' ? [] : [text])
      const principal = person({ subject, scopes: list(scopes), roles: list(roles) })
      for (const path of ['/a', '/b/alice', '/elsewhere']) {
        const { status } = await server.send({ path, fields: as(subject, scopes, roles) })
        const { allowed } = await server.gate.explain({ method: 'GET', path, principal })
        assert.equal(allowed, status === 200, `${subject} ${path}`)
      }
    }
  })
})
