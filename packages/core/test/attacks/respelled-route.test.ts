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
