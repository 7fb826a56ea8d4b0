import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { apiKey, basic, gatehouse, hashPassword, jwt, type Policy } from '../../src/index.ts'

const HOSTS = { hosts: ['api.example.com'] }
const told = (policy: Policy): Readonly<Record<string, unknown>> => gatehouse(policy).describe().options

describe('the description of a policy', () => {
  test('DEP-01: every option that was given is named by its path, with its value where it can be no secret', () => {
    const options = told({
      ...HOSTS,
      https: { mode: 'redirect', hsts: false },
      rateLimit: [{ name: 'all', limit: 100, window: '1m', by: 'client' }],
      authenticate: jwt({ issuer: 'https://id.example.com', audience: 'https://api.example.com' }),
      observe: () => undefined,
      timeout: '30s',
      routes: {
        'POST /token': { public: 'issues tokens', rateLimit: { limit: 5, window: '1m' }, timeout: 'exempt' },
      },
    })
    const values = {
      'https.mode': 'redirect',
      'https.hsts': false,
      'rateLimit[0].name': undefined,
      'rateLimit[0].limit': 100,
      'rateLimit[0].window': 60_000,
      'rateLimit[0].by': 'client',
      'authenticate.issuer': 'https://id.example.com',
      'authenticate.audience': undefined,
      timeout: 30_000,
      observe: undefined,
      'routes["POST /token"].public': undefined,
      'routes["POST /token"].rateLimit.limit': 5,
      'routes["POST /token"].timeout': 'exempt',
    }
    for (const [path, value] of Object.entries(values)) {
      assert.ok(Object.hasOwn(options, path), path)
      assert.equal(options[path], value, path)
    }
    assert.ok(!Object.hasOwn(options, 'cors'))
  })

  test('LOG-02: it holds no secret of a scheme', async () => {
    const secret = 'q2z5Jm0vWcT8dYb7Lk4R'
    const users = { alice: { password: await hashPassword(secret) } }
    const text = JSON.stringify([
      gatehouse({ ...HOSTS, authenticate: basic({ realm: 'r', users }) }).describe(),
      gatehouse({
        ...HOSTS,
        authenticate: jwt({
          issuer: 'https://id.example.com',
          audience: 'a',
          keys: { alg: 'HS256', key: Buffer.from(secret.repeat(3)) },
        }),
      }).describe(),
      gatehouse({
        ...HOSTS,
        authenticate: apiKey({ keys: [{ id: '4fZ0q8LmT2xA', hash: 'ab'.repeat(32), subject: 'alice' }] }),
      }).describe(),
    ])
    for (const word of [secret, users.alice.password, 'ab'.repeat(32)]) assert.ok(!text.includes(word), word)
  })

  test('DEP-01: its rules say what bounds them and what their responses carry', () => {
    const { rules, roles, store, observers, hosts } = gatehouse({
      ...HOSTS,
      authenticate: basic({ realm: 'r', verify: () => undefined }),
      roles: { admin: { includes: ['clerk'], permissions: ['orders:delete'] }, clerk: [] },
      timeout: '10s',
      headers: { preset: 'page', contentSecurityPolicy: { 'script-src': ["'nonce'"] } },
      routes: {
        'POST /orders': { roles: ['clerk'], content: 'json', timeout: '1s' },
        'GET /feed': { roles: ['clerk'], timeout: 'exempt' },
      },
    }).describe()
    assert.deepEqual(
      rules.map(({ name, content, timeout }) => [name, content?.types, timeout]),
      [
        ['POST /orders', ['application/json'], 1],
        ['GET /feed', undefined, undefined],
        ['default', undefined, 10],
      ],
    )
    assert.match(rules[0]?.fields['Content-Security-Policy'] ?? '', /script-src 'nonce-A{22}'/)
    assert.equal(rules[0]?.fields['X-Content-Type-Options'], 'nosniff')
    assert.deepEqual(roles, {
      admin: { includes: ['clerk'], permissions: ['orders:delete'] },
      clerk: { includes: [], permissions: [] },
    })
    assert.deepEqual([store, observers, hosts], ['memory', 0, ['api.example.com']])
  })

  test('DEP-01: an added rule is described, too', () => {
    const gate = gatehouse({ ...HOSTS, authenticate: basic({ realm: 'r', verify: () => undefined }) })
    gate.allow({ roles: ['clerk'] }, 'GET /added')
    assert.deepEqual(
      gate.describe().rules.map(({ name, source }) => [name, source]),
      [
        ['default', 'default'],
        ['GET /added', 'allow'],
      ],
    )
  })
})
