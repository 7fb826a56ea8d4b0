import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

/*
 * `/admin` is for admins and everything else for everybody. The attacker asks for `/admin;x`: no rule knows it, and a
 * server behind the gate that takes parameters off, as Tomcat does, serves `/admin` (CVE-2010-3700, CVE-2016-9879).
 */
describe('attack: a path whose parameters hide it from its rule', () => {
  const open: Guarded[] = []
  after(async () => {
    for (const each of open) await each.close()
  })
  const serve = async (request?: { readonly pathParameters: 'refuse' }, shadow = false): Promise<Guarded> => {
    const server = await guarded(
      {
        ...(request && { request }),
        ...(shadow && { shadow: ['request'] }),
        routes: {
          '/admin/*': { roles: ['admin'] },
          'GET /users/:id': { public: 'a test' },
          'GET /users/me': { authenticated: true },
          'GET /users/:id/keys': { roles: ['admin'] },
          '/*': { public: 'a test' },
        },
      },
      (_req, res, pass) => res.end(pass.rule),
    )
    open.push(server)
    return server
  }

  for (const path of [
    '/admin;x',
    '/admin;x=1/users',
    '/admin;/users',
    '/Admin;x/users',
    '/%61dmin;x/users',
    '/admin;jsessionid=1',
    '/users/me;x=1',
    '/users/me;',
    '/users/ME;x',
    '/users/7/keys;x',
    '/users/7;a/keys;b=c;d',
    // A segment that is nothing but parameters is none, to such a server.
    '/;x/admin',
    '/users/;x/me',
    '/users/..;/admin',
  ]) {
    test(`REQ-05: ${path} is refused`, async () => {
      const received = await (await serve()).send({ path, fields: as('eve') })
      assert.equal(received.status, 400, received.body)
      assert.match(received.body, /"code":"invalid_path"/)
    })
  }

  const lawful: readonly (readonly [path: string, rule: string])[] = [
    ['/users/7;v=1', 'GET /users/:id'],
    ['/maps;lat=1;lon=2/tiles', '/*'],
    ['/;jsessionid=1', '/*'],
    // Escaped, it is a letter of the name and no parameter (RFC 3986 §2.2).
    ['/admin%3Bx', '/*'],
  ]
  for (const [path, rule] of lawful) {
    test(`REQ-05: ${path} has one rule, with its parameters and without, and passes`, async () => {
      assert.equal((await (await serve()).send({ path })).body, rule)
    })
  }

  test('REQ-05: who may see a path may see it with parameters that change no rule', async () => {
    const received = await (
      await serve()
    ).send({ path: '/admin/users;v=1', fields: as('root', '-', 'admin') })
    assert.equal(received.body, '/admin/*')
    assert.equal((await (await serve()).send({ path: '/admin/users;v=1', fields: as('eve') })).status, 403)
  })

  test('REQ-05: a policy can do without parameters', async () => {
    const server = await serve({ pathParameters: 'refuse' })
    for (const path of ['/users/7;v=1', '/;a', '/admin;x'])
      assert.match((await server.send({ path })).body, /"code":"invalid_path"/, path)
    assert.equal((await server.send({ path: '/users/7' })).body, 'GET /users/:id')
  })

  test('DEP-04: in shadow mode it is told, and passes', async () => {
    const server = await serve(undefined, true)
    assert.equal((await server.send({ path: '/admin;x' })).body, '/*')
    const told = (await server.events()).find((event) => event.outcome === 'would-refuse')
    assert.equal(told?.kind, 'request.path-ambiguous')
    assert.equal(told.check, 'request')
  })
})
