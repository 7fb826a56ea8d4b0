import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createHttp2, connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import { generateApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { IDENTITY_FIELDS } from '../support/attacks.ts'
import { guarded, type Guarded, testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

/*
 * An application behind a proxy believes the fields by which the proxy says who is calling. The attacker has found the
 * application itself, or a proxy that passes on what it does not set, and writes the fields.
 */
describe('attack: the fields of a proxy, written by a client', () => {
  const open: Guarded[] = []
  after(async () => {
    for (const each of open) await each.close()
  })

  /** What a handler finds of the fields that were sent, wherever node:http keeps them. */
  async function found(
    policy: Policy<TestPrincipal>,
    ...fields: readonly string[]
  ): Promise<readonly string[]> {
    const server = await serve(policy)
    const { body } = await server.send({ fields: [...as('alice'), ...fields] })
    return (JSON.parse(body) as string[]).filter((name) => !OF_TEST.has(name))
  }
  async function serve(policy: Policy<TestPrincipal>): Promise<Guarded> {
    const server = await guarded(policy, (req, res) => {
      const raw = req.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
      res.end(
        JSON.stringify([
          ...new Set([...raw, ...Object.keys(req.headers), ...Object.keys(req.headersDistinct)]),
        ]),
      )
    })
    open.push(server)
    return server
  }
  const OF_TEST = new Set(['host', 'connection', 'authorization'])

  const lines = IDENTITY_FIELDS.flatMap((name) => [name, 'root'])
  const trusted = { trustedRanges: ['loopback'] }

  test('PRX-11: a trusted proxy says them, so that the rows below can fail', async () => {
    const names = await found({ proxy: trusted }, ...lines)
    assert.deepEqual(names.length, IDENTITY_FIELDS.length)
  })

  const rows: readonly (readonly [name: string, policy: Policy<TestPrincipal>])[] = [
    ['where no proxy is trusted', {}],
    ['past the proxy', { proxy: { trustedRanges: ['10.0.0.0/8'] } }],
    ['past one of the proxies that are counted', { proxy: { trustedHops: 3 } }],
  ]
  for (const [name, policy] of rows) {
    test(`PRX-11: ${name} a handler sees none of them, and all else`, async () => {
      assert.deepEqual(await found(policy, 'X-Own', '1', ...lines, 'Accept', '*/*'), ['x-own', 'accept'])
    })
  }

  test('PRX-11: several lines of one field, and more lines than anybody sends, are no way through', async () => {
    assert.deepEqual(await found({}, 'Remote-User', 'a', 'X-Own', '1', 'Remote-User', 'b'), ['x-own'])
    const server = await serve({ proxy: trusted, shadow: ['authenticate'] })
    const many = Array.from({ length: 250 }, () => ['X-Own', '1']).flat()
    assert.equal((await server.send({ fields: [...many, 'Remote-User', 'root'] })).status, 431)
  })

  test('PRX-11: a field that the policy names besides is removed, too, and one that it keeps is not', async () => {
    const proxy = { identityFields: ['x-acme-*'], keepFields: ['x-user-locale'] }
    assert.deepEqual(await found({ proxy }, 'X-Acme-Role', 'root', 'X-User-Locale', 'de', 'X-User-Id', '7'), [
      'x-user-locale',
    ])
  })

  test('PRX-11: what the policy reads a credential from is the client’s to send', async () => {
    const { key, id, hash } = generateApiKey('acme')
    const gate = gatehouse({
      hosts: ['127.0.0.1'],
      https: 'dangerouslyAllowHttp',
      authenticate: apiKey({
        header: 'X-User-Key',
        keys: [{ id, hash, subject: 'a machine' }],
      }),
    })
    const server = await start(gate.handler((_req, res, pass) => res.end(pass.principal.subject)))
    const received = await server.send({ fields: ['Host', '127.0.0.1', 'X-User-Key', key] })
    await server.close()
    assert.equal(received.body, 'a machine')
  })

  test('PRX-11: each name is told once a minute, without what was in it', async () => {
    const server = await serve({})
    for (let i = 0; i < 3; i++)
      await server.send({ fields: [...as('alice'), 'Remote-User', 'root', 'X-User-Id', '7'] })
    const told = (await server.events()).filter(({ kind }) => kind === 'proxy.field-removed')
    assert.deepEqual(
      told.map(({ reason }) => reason?.split(' ')[0]),
      ['remote-user', 'x-user-*'],
    )
    assert.ok(!JSON.stringify(told).includes('root'))
  })

  test('PRX-10: a forwarding field is told with the setting that would believe it, and not twice', async () => {
    const server = await serve({})
    await server.send({ fields: [...as('alice'), 'X-Forwarded-For', '10.0.0.1'] })
    const told = (await server.events()).filter(({ outcome }) => outcome === 'warning')
    assert.deepEqual(
      told.map(({ kind, peer }) => [kind, peer]),
      [['proxy.untrusted', '127.0.0.1']],
    )
  })

  test('DEP-04: while the shape of requests is in shadow, nothing is removed, and all is told', async () => {
    const server = await serve({ shadow: ['request'] })
    const { body } = await server.send({ fields: [...as('alice'), 'Remote-User', 'root'] })
    assert.ok(body.includes('remote-user'))
    assert.ok((await server.events()).some(({ kind }) => kind === 'proxy.field-removed'))
  })

  test('PRX-11: over HTTP/2', async () => {
    const gate = gatehouse(testPolicy())
    const listener = gate.handler((req, res) => res.end(JSON.stringify([req.rawHeaders, req.headers])))
    const server = createHttp2(listener as never).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const [name = '', value = ''] = as('alice')
    const stream = session.request({
      ':authority': '127.0.0.1',
      [name]: value,
      'remote-user': 'root',
      'x-own': '1',
    })
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += String(chunk)
    session.close()
    server.close()
    assert.ok(body.includes('x-own') && !body.includes('remote-user') && !body.includes('root'), body)
  })

  test('PRX-11: an upgrade, too', async () => {
    const gate = gatehouse(testPolicy())
    const server = createServer()
    server.on(
      'upgrade',
      gate.upgrade((req, socket) => socket.end(`HTTP/1.1 101 in\r\n\r\n${JSON.stringify(req.rawHeaders)}`)),
    )
    const running = await start(server)
    const head = [
      'GET / HTTP/1.1',
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Remote-User: root',
      as('alice').join(': '),
    ]
    const received = await running.raw(`${head.join('\r\n')}\r\n\r\n`)
    await running.close()
    assert.ok(received.startsWith('HTTP/1.1 101') && !received.includes('Remote-User'), received)
  })
})
