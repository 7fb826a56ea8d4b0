import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(...args: Parameters<typeof guarded>): Promise<Guarded> {
  const server = await guarded(...args)
  open.push(server)
  return server
}

describe('what a pass tells of its request', () => {
  test('REQ-04: method, scheme, host, path and query are those that the rules saw', async () => {
    const hosts = ['api.example.com:8080']
    const server = await serve({ hosts, routes: { '/*': { public: 'a test' } } }, (_req, res, pass) => {
      const { method, scheme, host, path, query } = pass
      res.end(JSON.stringify({ method, scheme, host, path, query: [...query] }))
    })
    const received = await server.send({
      method: 'PUT',
      path: 'http://API.example.com:8080/a/%41;v=1?b=1&c=%20+&b=2',
      fields: ['Host', 'api.example.com.:8080'],
    })
    assert.deepEqual(JSON.parse(received.body), {
      method: 'PUT',
      scheme: 'http',
      host: 'api.example.com:8080',
      path: '/a/%41;v=1',
      query: [
        ['b', '1'],
        ['c', '  '],
        ['b', '2'],
      ],
    })
  })

  test('REQ-04: there is no host where the policy lets requests in without one', async () => {
    const server = await serve(
      { hosts: undefined, dangerouslyAnyHost: true, routes: { '/*': { public: 'a test' } } } as object,
      (_req, res, pass) => res.end(String(pass.host)),
    )
    assert.match(await server.raw('GET / HTTP/1.0\r\n\r\n'), /undefined$/)
  })

  test('REQ-12: the query is read once, by what the policy says of repeated parameters', async () => {
    const request = { query: { repeated: 'last' } } as const
    const server = await serve({ request, routes: { '/*': { public: 'a test' } } }, (_req, res, pass) => {
      assert.equal(pass.query, pass.query)
      res.end(JSON.stringify([pass.query.get('a'), pass.query.all('a')]))
    })
    assert.equal((await server.send({ path: '/?a=1&a=2' })).body, '["2",["1","2"]]')
  })
})

describe('a method that is overridden', () => {
  const policy = {
    request: { methodOverride: ['PUT', 'DELETE'] },
    routes: {
      'GET /notes': { public: 'a test' },
      'POST /notes': { public: 'a test' },
      'PUT /notes': { public: 'a test' },
      'DELETE /notes': { roles: ['admin'] },
    },
  } as const
  const tell: Parameters<typeof guarded>[1] = (req, res, pass) =>
    res.end([pass.rule, pass.method, req.method].join(' '))
  const sent = (
    value: string,
    method = 'POST',
    fields: readonly string[] = [],
  ): Parameters<Guarded['send']>[0] => ({
    method,
    path: '/notes',
    fields: ['X-HTTP-Method-Override', value, ...fields],
  })

  test('REQ-07: where the policy allows it, rules, pass and router see the same method', async () => {
    const server = await serve(policy, tell)
    assert.equal((await server.send(sent('PUT'))).body, 'PUT /notes PUT PUT')
    assert.equal((await server.send(sent('put'))).body, 'PUT /notes PUT PUT')
    assert.equal((await server.send(sent('DELETE'))).status, 401)
    assert.equal((await server.send(sent('DELETE', 'POST', as('eve')))).status, 403)
    const admin = await server.send(sent('DELETE', 'POST', as('root', '-', 'admin')))
    assert.equal(admin.body, 'DELETE /notes DELETE DELETE')
    const told = (await server.events()).filter((event) => event.kind === 'authorization.role-missing')
    assert.deepEqual(
      told.map((event) => event.method),
      ['DELETE'],
    )
  })

  const refused: readonly (readonly [name: string, sent: Parameters<Guarded['send']>[0]])[] = [
    ['a method that is not in the list', sent('PATCH')],
    ['a safe method', sent('GET')],
    ['TRACE', sent('TRACE')],
    ['CONNECT', sent('CONNECT')],
    ['GET that asks for an unsafe one', sent('DELETE', 'GET')],
    ['PUT that asks for another', sent('DELETE', 'PUT')],
    ['two methods in two lines', sent('PUT', 'POST', ['X-HTTP-Method-Override', 'DELETE'])],
    ['two methods in two fields', sent('PUT', 'POST', ['X-HTTP-Method', 'DELETE'])],
    [
      'a query that asks for one, which a form of any page can send',
      { method: 'POST', path: '/notes?_method=PUT' },
    ],
  ]
  for (const [name, request] of refused) {
    test(`REQ-07: ${name} is refused there, too`, async () => {
      const received = await (await serve(policy, tell)).send(request)
      assert.equal(received.status, 400)
      assert.match(received.body, /"code":"method_override_refused"/)
    })
  }

  test('REQ-07: without the option, the method of the request stays and the request is refused', async () => {
    const server = await serve({ routes: policy.routes }, tell)
    assert.match((await server.send(sent('PUT'))).body, /"code":"method_override_refused"/)
    assert.equal((await server.send(sent('POST'))).body, 'POST /notes POST POST')
  })
})
