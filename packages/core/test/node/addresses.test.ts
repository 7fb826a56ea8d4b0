import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, describe, test } from 'node:test'
import { addressList } from '../../src/checks/address.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(...args: Parameters<typeof guarded>): Promise<Guarded> {
  const made = await guarded(...args)
  open.push(made)
  return made
}
const OFFICE = ['192.0.2.0/24']
const from = (address: string): readonly string[] => ['X-Forwarded-For', address]

describe('address rules of a gate', () => {
  test('PRX-12: who is denied gets a problem with every field, before anything else is looked at', async () => {
    const server = await serve({
      addresses: { deny: ['loopback'] },
      cors: { origins: ['https://app.example.com'] },
      rateLimit: { limit: 1, window: '1m' },
    })
    const received = await server.send({
      fields: ['Host', 'evil.example', 'Origin', 'https://app.example.com', ...as('alice')],
    })
    assert.equal(received.status, 403)
    assert.equal((JSON.parse(received.body) as { readonly code: unknown }).code, 'address_denied')
    assert.equal(received.headers['access-control-allow-origin'], 'https://app.example.com')
    assert.equal(received.headers['x-content-type-options'], 'nosniff')
    const [event] = await server.events()
    assert.deepEqual([event?.kind, event?.check, event?.client], ['address.denied', 'address', '127.0.0.1'])
  })

  test('PRX-12: a preflight of who is denied is refused, too', async () => {
    const server = await serve({
      addresses: { deny: ['loopback'] },
      cors: { origins: ['https://app.example.com'], methods: ['POST'] },
    })
    const fields = ['Origin', 'https://app.example.com', 'Access-Control-Request-Method', 'POST']
    assert.equal((await server.send({ method: 'OPTIONS', fields })).status, 403)
  })

  test('PRX-12: a rule closes its route, and no other', async () => {
    const server = await serve({
      proxy: { trustedRanges: ['loopback'] },
      routes: { '/admin/*': { authenticated: true, addresses: { allow: OFFICE } } },
    })
    const at = async (path: string, address: string): Promise<number> =>
      (await server.send({ path, fields: [...as('alice'), ...from(address)] })).status
    assert.equal(await at('/admin/x', '192.0.2.7'), 200)
    assert.equal(await at('/admin/x', '198.51.100.7'), 403)
    assert.equal(await at('/other', '198.51.100.7'), 200)
  })

  test('PRX-12: another spelling of the path is no way around it', async () => {
    const server = await serve({
      routes: {
        '/reports/mine': { authenticated: true },
        '/reports/:id': { authenticated: true, addresses: { allow: OFFICE } },
      },
    })
    const at = async (path: string): Promise<number> =>
      (await server.send({ path, fields: as('alice') })).status
    assert.equal(await at('/reports/mine'), 200)
    // The one route to the gate, and the other to a router that compares exactly, or before it decodes.
    for (const path of ['/reports/7', '/Reports/7/', '/reports/Mine', '/reports/%6dine']) {
      assert.equal(await at(path), 403, path)
    }
  })

  test('PRX-12: the rule of a route of a framework is asked after the policy', async () => {
    const server = await serve({ proxy: { trustedRanges: ['loopback'] } }, async (req, res) => {
      if ((await allow(req, res)) !== undefined) res.end('in')
    })
    const allow = server.gate.allow({ addresses: { allow: OFFICE } })
    const at = async (address: string): Promise<number> =>
      (await server.send({ fields: [...as('alice'), ...from(address)] })).status
    assert.equal(await at('192.0.2.7'), 200)
    assert.equal(await at('198.51.100.7'), 403)
  })

  test('PRX-12: an upgrade of who is denied gets a response, and no connection', async () => {
    const server = await serve({ addresses: { deny: ['loopback'] } })
    server.server.on(
      'upgrade',
      server.gate.upgrade((_req, socket) => socket.end('HTTP/1.1 101 in\r\n\r\n')),
    )
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      agent: false,
      headers: ['Host', '127.0.0.1', 'Connection', 'Upgrade', 'Upgrade', 'websocket', ...as('alice')],
    }).end()
    const [response] = (await once(asked, 'response')) as [
      { readonly statusCode: number; resume: () => void },
    ]
    response.resume()
    assert.equal(response.statusCode, 403)
  })

  test('PRX-12: a list is replaced under a gate that runs', async () => {
    const blocked = addressList([])
    const server = await serve({ addresses: { deny: blocked }, routes: { '/': { public: 'a test' } } })
    const status = async (): Promise<number> => (await server.send({})).status
    assert.equal(await status(), 200)
    blocked.replace(['127.0.0.0/8'])
    assert.equal(await status(), 403)
    assert.throws(() => blocked.replace(['127.0.0.0/33']), ConfigError)
    assert.equal(await status(), 403)
    blocked.replace([])
    assert.equal(await status(), 200)
  })

  test('PRX-12: mistakes of the policy and of its rules come together, each once', () => {
    assert.throws(
      () =>
        gatehouse(
          testPolicy({
            addresses: { deny: ['10.0.0.1/8'] },
            routes: { '/a': { authenticated: true, addresses: {} }, '/b': { authenticated: true } },
          }),
        ),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ path }) => path),
          ['addresses.deny[0]', 'routes["/a"].addresses'],
        )
        return true
      },
    )
  })
})
