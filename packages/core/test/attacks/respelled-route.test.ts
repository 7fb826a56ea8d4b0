import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

/*
 * Two rules guard `/reports/mine` and `/reports/:id`, and the first asks for less. The attacker spells the one so that
 * the gate finds its rule, and the router, which decodes or folds case otherwise, the handler of the other.
 */
describe('attack: a path that is one route to the gate and another to the router', () => {
  const open: Guarded[] = []
  after(async () => {
    for (const each of open) await each.close()
  })

  async function serve(): Promise<Guarded> {
    const server = await guarded(
      {
        routes: {
          'GET /reports/mine': { authenticated: true },
          'GET /reports/:id': { roles: ['auditor'] },
          'GET /files/*': { roles: ['admin'] },
          'GET /files/:folder/index': { authenticated: true },
          'GET /static/*': { public: 'everybody may read these' },
          'GET /static/private': { authenticated: true },
        },
      },
      (_req, res, pass) => res.end(JSON.stringify([pass.rule, pass.params])),
    )
    open.push(server)
    return server
  }

  for (const path of [
    // Express matches before it decodes, so this is /reports/:id to it.
    '/reports/%6dine',
    '/reports/%6Dine/',
    '/Reports/%6dine',
    '/REPORTS/M%49NE',
    // So is this to a router that compares exactly.
    '/reports/Mine',
    '/reports/MINE/',
    '/files/a/%69ndex',
    '/files/a/Index',
    '/files/%61/INDEX',
  ]) {
    test(`REQ-04: ${path} needs what each of its two rules asks`, async () => {
      const server = await serve()
      assert.equal((await server.send({ path, fields: as('mallory') })).status, 403)
      assert.equal((await server.send({ path, fields: as('root', '-', 'auditor,admin') })).status, 200)
    })
  }

  for (const path of [
    '/reports/mine',
    '/reports/mine/',
    '/files/a/index',
    '/files/A/index',
    '/Static/private',
  ]) {
    test(`REQ-04: ${path} is one route to every router, and needs what its rule asks`, async () => {
      const server = await serve()
      assert.equal((await server.send({ path, fields: as('alice') })).status, 200)
      assert.equal((await server.send({ path })).status, 401)
    })
  }

  test('AZ-09: each of the rules compares the part of the path that it names itself', async () => {
    const server = await guarded(
      {
        tenant: ({ subject }) => subject,
        routes: {
          'GET /t/:id/items/all': { tenant: 'id' },
          'GET /t/acme/items/:id': { tenant: 'id' },
        },
      },
      (_req, res) => res.end(),
    )
    open.push(server)
    // It names acme as the tenant to the one router, and all to the other: nobody belongs to both.
    const path = '/t/%61cme/items/all'
    for (const caller of ['acme', 'all']) {
      assert.equal((await server.send({ path, fields: as(caller) })).status, 403, caller)
    }
  })

  test('AZ-10: explain names both rules, and all that they ask', async () => {
    const server = await serve()
    const principal = { scheme: 'test', subject: 'a', issuer: undefined, scopes: [], roles: [] } as const
    const { rule, allowed } = await server.gate.explain({ method: 'GET', path: '/reports/%6dine', principal })
    assert.deepEqual([rule, allowed], ['GET /reports/mine, GET /reports/:id', false])
  })
})

/*
 * An open rule binds the exact spelling of its path, so that no other is open with it. What it asks of whoever comes must
 * not be lost with the spelling either: a router that folds case or forgives a slash calls its handler.
 */
describe('attack: a path that an open rule narrows, in a spelling that the rule does not open', () => {
  const narrowed = { public: 'for the machines', addresses: { allow: ['192.0.2.0/24'] } }
  const spellings = ['/metrics', '/METRICS', '/metrics/', '/%6detrics', '/Metrics/?a=b']

  async function statuses(
    policy: Parameters<typeof guarded>[0],
    fields: readonly string[] = [],
  ): Promise<readonly number[]> {
    const server = await guarded(policy)
    const all = []
    for (const path of spellings) all.push((await server.send({ path, fields })).status)
    await server.close()
    return all
  }
  const refused = spellings.map(() => 403)

  test('REQ-04, PRX-12: its addresses hold where all else is open: by the policy, or by a wildcard', async () => {
    const routes = { '/metrics': narrowed }
    assert.deepEqual(await statuses({ authenticate: undefined as never, public: 'a test', routes }), refused)
    assert.deepEqual(await statuses({ routes: { ...routes, '/*': { public: 'a test' } } }), refused)
  })

  test('REQ-04, PRX-12: they hold for a caller whom the policy lets in elsewhere, and nothing opens', async () => {
    const routes = { '/metrics': narrowed }
    assert.deepEqual(await statuses({ routes }, as('alice')), refused)
    const opened = { '/metrics': { public: 'a test', addresses: { allow: ['loopback'] } } }
    assert.deepEqual(await statuses({ routes: opened }), [200, 401, 401, 401, 401])
  })

  test('REQ-04, RL-25: its limit holds where all else is open, whatever is exempt', async () => {
    const limited = { public: 'a test', rateLimit: { limit: 2, window: '1h' } } as const
    const open = { authenticate: undefined as never, public: 'a test' }
    assert.deepEqual(await statuses({ ...open, routes: { '/metrics': limited } }), [200, 200, 429, 429, 429])
    const exempt = { '/metrics': { public: 'a test', rateLimit: 'exempt' } } as const
    assert.deepEqual(
      await statuses({ ...open, rateLimit: { limit: 1, window: '1h' }, routes: exempt }),
      [200, 200, 429, 429, 429],
    )
  })

  test('REQ-04, REQ-16: its content holds, and so does that of the rule that was found', async () => {
    const routes = {
      'POST /upload': { public: 'a test', content: { types: 'any', maxBytes: 4 } },
      '/*': { public: 'a test', content: { types: 'any', maxBytes: 10 } },
    } as const
    const server = await guarded({ routes })
    const post = async (path: string, body: string): Promise<number> =>
      (await server.send({ method: 'POST', path, body })).status
    assert.equal(await post('/upload', 'four'), 200)
    for (const path of ['/upload', '/UPLOAD', '/upload/']) assert.equal(await post(path, 'five!'), 413, path)
    assert.equal(await post('/other', 'five!'), 200)
    await server.close()
  })

  test('REQ-05: parameters do not hide such a path', async () => {
    const server = await guarded({ routes: { '/metrics': narrowed, '/*': { public: 'a test' } } })
    for (const path of ['/metrics;a', '/METRICS;a', '/%6detrics;a=b'])
      assert.equal((await server.send({ path })).status, 400, path)
    await server.close()
  })
})
