import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatRoutes } from '../../src/chain/format-routes.ts'
import type { Policy } from '../../src/chain/policy.ts'
import { addressList } from '../../src/checks/address.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { testPolicy } from '../support/gate.ts'
import type { TestPrincipal } from '../support/scheme.ts'

const POLICY: Policy<TestPrincipal> = {
  roles: { admin: { permissions: ['orders:delete'] } },
  rateLimit: { limit: 100, window: '1m' },
  deny: { frozen: () => false },
  tenant: () => 'acme',
  shadow: ['cors'],
  routes: {
    'GET /health': { public: 'load balancers ask it', rateLimit: 'exempt' },
    '/docs/*': { optional: 'anybody may read', headers: 'page' },
    'GET /orders': { scopes: { any: ['orders:read', 'orders:admin'] }, headers: { preset: 'page' } },
    'DELETE /t/:tenantId/orders/:id': {
      scopes: ['orders:read', 'orders:write'],
      roles: ['admin'],
      permissions: ['orders:delete'],
      tenant: 'tenantId',
      stepUp: { acr: ['mfa'], maxAge: '5m' },
      when: () => true,
      object: 'handler',
      deny: { own: () => false },
      rateLimit: { name: 'deletes', limit: 1, window: '1m' },
      idempotency: { required: true },
    },
  },
}
const gateOf = (policy: Policy<TestPrincipal> = POLICY): ReturnType<typeof gatehouse<TestPrincipal>> =>
  gatehouse(testPolicy(policy))

describe('gate.routes', () => {
  test('AZ-12: every rule is listed with all that it asks, the default among them', () => {
    const gate = gateOf()
    gate.allow({ scopes: ['x'], tenant: () => 'acme' }, 'GET /express')
    const routes = gate.routes()
    assert.deepEqual(
      routes.map(({ pattern, source, methods, access }) => [pattern, source, methods.join(), access]),
      [
        ['/health', 'routes', 'GET,HEAD', 'public'],
        ['/docs/*', 'routes', '*', 'optional'],
        ['/orders', 'routes', 'GET,HEAD', 'caller'],
        ['/t/:tenantId/orders/:id', 'routes', 'DELETE', 'caller'],
        ['default', 'default', '*', 'caller'],
        ['GET /express', 'allow', '*', 'caller'],
      ],
    )
    const [health, docs, orders, deleting, rest, added] = routes
    assert.deepEqual(
      [health?.reason, health?.schemes, health?.limits, health?.deny],
      ['load balancers ask it', [], [], []],
    )
    assert.deepEqual(
      [docs?.reason, docs?.schemes, docs?.headers, docs?.deny],
      ['anybody may read', ['test'], 'page', ['frozen']],
    )
    assert.deepEqual(
      [orders?.scopes, orders?.headers],
      [{ needs: 'any', names: ['orders:read', 'orders:admin'] }, 'page'],
    )
    assert.deepEqual(deleting, {
      pattern: '/t/:tenantId/orders/:id',
      source: 'routes',
      methods: ['DELETE'],
      access: 'caller',
      reason: undefined,
      schemes: ['test'],
      scopes: { needs: 'all', names: ['orders:read', 'orders:write'] },
      roles: ['admin'],
      permissions: ['orders:delete'],
      tenant: 'tenantId',
      stepUp: { acr: ['mfa'], maxAge: 300 },
      when: true,
      object: 'handler',
      deny: ['frozen', 'own'],
      addresses: [],
      limits: ['default', 'deletes'],
      concurrency: [],
      priority: 'normal',
      content: undefined,
      timeout: undefined,
      idempotency: 'required',
      crossSite: undefined,
      headers: 'api',
      origins: [],
      shadow: ['cors'],
    })
    assert.deepEqual([rest?.limits, rest?.deny], [['default'], ['frozen']])
    assert.deepEqual([added?.tenant, added?.limits, added?.deny], ['(request)', [], []])
  })

  test('AZ-12: a policy that is public says why in its default', () => {
    const [rest] = gatehouse({ hosts: ['api.example.com'], public: 'open data' }).routes()
    assert.deepEqual([rest?.access, rest?.reason, rest?.schemes], ['public', 'open data', []])
  })

  test('AZ-12: the printout has a line for each, in columns', () => {
    const lines = formatRoutes(gateOf().routes()).trimEnd().split('\n')
    assert.equal(lines.length, 6)
    const column = lines[0]?.indexOf('ACCESS') ?? -1
    for (const line of lines) assert.equal(line[column - 1], ' ', line)
    assert.match(lines[1] ?? '', /^GET,HEAD +\/health +public +"load balancers ask it" +- +- +api +cors$/)
    assert.match(
      lines[4] ?? '',
      /deny: frozen, own; scopes: orders:read \+ orders:write; roles: admin; permissions: orders:delete; tenant: tenantId; acr: mfa; max age: 300s; when; object: handler; idempotency key: required/,
    )
    assert.match(lines[5] ?? '', /^\* +default +caller \(test\) +deny: frozen +default/)
  })

  test('AZ-12: limits of concurrency are listed, without those that a critical rule is above', () => {
    const gate = gateOf({
      shed: {},
      concurrency: [{ name: 'server', adaptive: {} }, { limit: 5 }],
      routes: {
        '/health': { public: 'a test', priority: 'critical' },
        '/report': { priority: 'low', concurrency: { limit: 1, by: 'server' } },
        '/free': { concurrency: 'exempt' },
      },
    })
    assert.deepEqual(
      gate.routes().map(({ priority, concurrency }) => [priority, concurrency]),
      [
        ['critical', ['default']],
        ['low', ['server', 'default', '/report']],
        ['normal', []],
        ['normal', ['server', 'default']],
      ],
    )
    assert.match(formatRoutes(gate.routes()), /server \(at once\), default \(at once\)/)
  })

  test('AZ-12: addresses, content and times are listed, of the policy and of a rule', () => {
    const gate = gateOf({
      addresses: { deny: addressList(['203.0.113.0/24']) },
      content: 'json',
      timeout: '30s',
      routes: {
        '/internal/*': { addresses: { allow: ['10.0.0.0/8', 'loopback'] }, content: 'exempt' },
        'POST /avatar': { content: { types: ['image/png', 'image/webp'], maxBytes: 1_000_000 } },
        '/events': { timeout: 'exempt', content: 'any' },
      },
    })
    gate.allow({ scopes: ['x'] })
    gate.allow({ content: 'form', timeout: '5s', addresses: { deny: ['private'] } })
    const denied = { allow: undefined, deny: ['(list)'] }
    const json = { types: ['application/json'], maxBytes: 102_400 }
    assert.deepEqual(
      gate.routes().map(({ addresses, content, timeout }) => [addresses, content, timeout]),
      [
        [[denied, { allow: ['10.0.0.0/8', 'loopback'], deny: undefined }], undefined, 30],
        [[denied], { types: ['image/png', 'image/webp'], maxBytes: 1_000_000 }, 30],
        [[denied], { types: ['any'], maxBytes: 102_400 }, undefined],
        [[denied], json, 30],
        [[], undefined, undefined],
        [
          [{ allow: undefined, deny: ['private'] }],
          { types: ['application/x-www-form-urlencoded'], maxBytes: 102_400 },
          5,
        ],
      ],
    )
    const text = formatRoutes(gate.routes())
    assert.match(text, /not from: \(list\); from: 10\.0\.0\.0\/8 \| loopback; timeout: 30s/)
    assert.match(text, /content: image\/png \| image\/webp; timeout: 30s/)
  })

  test('AZ-12, LOG-03: the words of a policy cannot forge a line of the printout', () => {
    const text = formatRoutes(gateOf({ routes: { '/a': { public: 'one\n* /forged public' } } }).routes())
    assert.equal(text.trimEnd().split('\n').length, 3)
  })
})

describe('gate.coverage', () => {
  const rows: readonly (readonly [route: string, rule: string])[] = [
    ['GET /health', 'GET /health'],
    ['HEAD /health', 'GET /health'],
    ['get /health', 'GET /health'],
    ['POST /health', 'default'],
    ['/health', 'default'],
    ['/docs/intro', '/docs/*'],
    ['/docs/{*splat}', '/docs/*'],
    ['/docs/*', '/docs/*'],
    ['GET /orders', 'GET /orders'],
    ['GET /orders/:id', 'default'],
    ['DELETE /t/:tenant/orders/:order', 'DELETE /t/:tenantId/orders/:id'],
    ['DELETE /t/:tenant(\\d+)/orders/:order', 'DELETE /t/:tenantId/orders/:id'],
    ['DELETE /:any/:tenant/orders/:order', 'default'],
    ['GET /:page', 'default'],
    // Without its part it is /docs, which is not what an open rule spells.
    ['/docs/:page?', 'default'],
  ]
  for (const [route, rule] of rows) {
    test(`AZ-12: the route ${route} is bound by ${rule}`, () => {
      const found = gateOf().coverage([route])
      assert.deepEqual(found.routes, [{ route, rule, own: rule !== 'default' }])
      assert.deepEqual(found.unruled, rule === 'default' ? [route] : [])
    })
  }

  // A wildcard takes more than a named part of a pattern does, and an optional part may be none.
  for (const route of ['*', '*rest', '{*rest}', ':rest(.*)', '(.*)', ':rest*', ':rest+', ':name?']) {
    test(`AZ-12: the route /files/${route} takes more than the rule /files/:name binds`, () => {
      const rules = { '/files/:name': { authenticated: true } } as const
      const gate = gateOf({ routes: rules })
      assert.deepEqual(gate.coverage([`/files/${route}`]).unruled, [`/files/${route}`])
      assert.deepEqual(gate.coverage(['/files/:name', '/files/:name(\\w*)']).unruled, [])
      const whole = gateOf({ routes: { ...rules, '/files/*': { authenticated: true } } })
      assert.deepEqual(whole.coverage([`/files/${route}`]).unruled, [])
    })
  }

  for (const route of ['orders', 'GET', 'GET  /a', 'GET /a b', '']) {
    test(`AZ-12: ${JSON.stringify(route)} is no route`, () => {
      assert.throws(() => gateOf().coverage([route]), TypeError)
    })
  }
})

describe('a policy about callers', () => {
  const rows: readonly (readonly [name: string, policy: unknown, expected: readonly string[]])[] = [
    [
      'deny rules and no caller',
      { authenticate: undefined, public: 'why', deny: { a: () => true } },
      ['contradiction deny'],
    ],
    [
      'tenants and no caller',
      { authenticate: undefined, public: 'why', tenant: () => 'a' },
      ['contradiction tenant'],
    ],
    ['a tenant that is a text', { tenant: 'claims.tenant' }, ['wrong_type tenant']],
    ['deny rules in a list', { deny: [() => true] }, ['wrong_type deny']],
    ['another mode for undecided', { undecided: 'warn' }, ['malformed_value undecided']],
    [
      'a rule that names no part of its pattern',
      { tenant: () => 'a', routes: { '/t/:tenantId': { tenant: 'tenant' } } },
      ['unknown_reference routes["/t/:tenantId"].tenant'],
    ],
    [
      'mistakes in several places, all at once',
      {
        roles: { a: { permissions: ['x'] } },
        deny: {},
        routes: { '/a': { permissions: ['y'], stepUp: {}, object: 'x' } },
      },
      [
        'missing_option deny',
        'missing_option routes["/a"].stepUp',
        'malformed_value routes["/a"].object',
        'unknown_reference routes["/a"].permissions[0]',
      ],
    ],
  ]
  for (const [name, policy, expected] of rows) {
    test(`AZ-01: ${name} does not build`, () => {
      assert.throws(
        () => gateOf(policy as Policy<TestPrincipal>),
        (error) => {
          assert.ok(error instanceof ConfigError)
          assert.deepEqual(
            error.mistakes.map(({ code, path }) => `${code} ${path}`),
            expected,
          )
          for (const { instead } of error.mistakes) assert.notEqual(instead, '')
          return true
        },
      )
    })
  }

  test('AZ-09: a rule of a framework’s route has no pattern, so it names its tenant by a function', () => {
    const gate = gateOf({ tenant: () => 'a' })
    assert.throws(() => gate.allow({ tenant: 'id' }), ConfigError)
    assert.doesNotThrow(() => gate.allow({ tenant: () => 'a' }))
  })
})
