import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { makeCertificate } from '../support/certificate.ts'
import { certificateIn, HANDING_ON, type Nginx, skip, startNginx } from '../support/nginx.ts'
import { freePort } from '../support/ports.ts'

/** The whole of 127.0.0.0/8 is this machine: the client is one of its addresses, and nginx another. */
const CLIENT = '127.0.0.5'
const HOST = 'api.example.com'
const FROM_NGINX = { trustedRanges: ['127.0.0.1'] } as const
const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
)

/** What a test asks, and from where. */
interface Asked {
  readonly port: number
  readonly from?: string
  readonly path?: string
  readonly tls?: boolean
  /** Name, value, name, value, ... besides the host. */
  readonly fields?: readonly string[]
}

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

async function ask({ port, from = CLIENT, path = '/', tls = false, fields = [] }: Asked): Promise<Answered> {
  const to = from.includes(':') ? '::1' : '127.0.0.1'
  const headers = fields.includes('Host') ? fields : ['Host', HOST, ...fields]
  const options = { host: to, port, path, headers: [...headers], localAddress: from, agent: false as const }
  const sent = (tls ? tlsRequest : request)({
    ...options,
    rejectUnauthorized: false,
    servername: 'localhost',
  }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

/** A gate that says who its client is; nginx stands before it. */
interface Api {
  readonly port: number
  readonly events: readonly SecurityEvent[]
  /** The targets that its handler was called with. */
  readonly handled: readonly string[]
  readonly check: (port: number) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

async function api(policy: Partial<Policy>, at?: string): Promise<Api> {
  const gate = gatehouse({
    hosts: [HOST],
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    ...policy,
  })
  const events: SecurityEvent[] = []
  gate.events.on('event', (event) => events.push(event))
  const handled: string[] = []
  const server = gate.attach(
    createServer(
      gate.handler((req, res, pass) => {
        handled.push(req.url ?? '')
        res.end(JSON.stringify({ client: pass.client, user: req.headers['remote-user'] }))
      }),
    ),
  )
  server.listen(at === undefined ? { port: 0, host: '127.0.0.1' } : { path: at })
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    events,
    handled,
    async check(to) {
      const findings = await gate.checkProxy(`http://127.0.0.1:${to}/`)
      return findings.map(({ code }) => code)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await gate.close()
    },
  }
}

const clientOf = ({ status, body }: Answered): unknown =>
  status === 200 ? (JSON.parse(body) as { readonly client?: string }).client : status

describe('behind nginx', { skip }, () => {
  const apis: Api[] = []
  let nginx: Nginx
  let tlsNginx: Nginx
  /** Ports of nginx, by the name of the server. */
  const ports: Record<string, number> = {}

  const settings: Readonly<Record<string, readonly [proxy: ProxySetting, directives: string]>> = {
    ranges: [FROM_NGINX, HANDING_ON],
    hops: [{ trustedHops: 1 }, HANDING_ON],
    'x-real-ip': [
      { ...FROM_NGINX, header: 'x-real-ip' },
      `${HANDING_ON} proxy_set_header X-Real-IP $remote_addr;`,
    ],
    forwarded: [
      { ...FROM_NGINX, header: 'forwarded' },
      'proxy_set_header Host $http_host; proxy_set_header Forwarded "for=$remote_addr;proto=$scheme";',
    ],
    'forwarded, appended': [
      { trustedHops: 1, header: 'forwarded' },
      'proxy_set_header Host $http_host; proxy_set_header Forwarded "$http_forwarded, for=$remote_addr;proto=$scheme";',
    ],
    none: ['none', HANDING_ON],
    others: [{ trustedRanges: ['10.0.0.0/8'] }, HANDING_ON],
  }

  const layer = async (name: string, directives: string, upstream: string): Promise<string> => {
    const port = (ports[name] = await freePort())
    const six = hasIpv6 ? `listen [::1]:${port};` : ''
    return `server { listen 127.0.0.1:${port}; ${six} location / { ${directives} proxy_pass ${upstream}; } }`
  }

  async function behind(
    name: string,
    policy: Partial<Policy>,
    directives = HANDING_ON,
  ): Promise<[Api, string]> {
    const made = await api(policy)
    apis.push(made)
    return [made, await layer(name, directives, `http://127.0.0.1:${made.port}`)]
  }

  const named: Record<string, Api> = {}
  before(async () => {
    const servers: string[] = []
    const add = async (name: string, policy: Partial<Policy>, directives?: string): Promise<void> => {
      const [made, text] = await behind(name, policy, directives)
      named[name] = made
      servers.push(text)
    }
    for (const [name, [proxy, directives]] of Object.entries(settings)) await add(name, { proxy }, directives)
    await add('inner, by hops', { proxy: { trustedHops: 2 } })
    servers.push(await layer('outer, by hops', HANDING_ON, `http://127.0.0.1:${ports['inner, by hops']}`))
    servers.push(await layer('outer, by ranges', HANDING_ON, `http://127.0.0.1:${ports['ranges']}`))
    await add('host of the proxy', { proxy: FROM_NGINX }, 'proxy_set_header X-Forwarded-For $remote_addr;')
    await add('https', { proxy: FROM_NGINX, https: 'redirect' })
    await add('addresses', { proxy: FROM_NGINX, addresses: { deny: [CLIENT] } })
    const kept = await api({ proxy: FROM_NGINX })
    apis.push(kept)
    named['kept alive'] = kept
    // Connections to the gate are used again, so that what is left on one would be read as the next request; and what
    // was half sent is handed on.
    servers.push(
      `upstream kept { server 127.0.0.1:${kept.port}; keepalive 1; }`,
      await layer('kept alive', `${HANDING_ON} proxy_ignore_client_abort on;`, 'http://kept'),
    )
    nginx = await startNginx(
      () => servers.join('\n'),
      () => ports['ranges'] ?? 0,
    )

    const certificate = await makeCertificate()
    const tlsPort = (ports['tls'] = await freePort())
    const socketPort = (ports['socket'] = await freePort())
    const blindPort = (ports['socket, none'] = await freePort())
    const socket = (folder: string): string => join(folder, 'api.sock')
    const blind = (folder: string): string => join(folder, 'blind.sock')
    tlsNginx = await startNginx(
      (folder) => `
        server {
          listen 127.0.0.1:${tlsPort} ssl; ${certificateIn(folder, certificate)}
          location / { ${HANDING_ON} proxy_pass http://127.0.0.1:${named['https']?.port}; }
        }
        server { listen 127.0.0.1:${socketPort}; location / { ${HANDING_ON} proxy_pass http://unix:${socket(folder)}; } }
        server { listen 127.0.0.1:${blindPort}; location / { ${HANDING_ON} proxy_pass http://unix:${blind(folder)}; } }`,
      () => tlsPort,
    )
    apis.push(await api({ proxy: { trustedHops: 1 } }, socket(tlsNginx.folder)))
    apis.push(await api({ addresses: { deny: ['203.0.113.0/24'] } }, blind(tlsNginx.folder)))
  })
  after(async () => {
    await nginx?.stop()
    await tlsNginx?.stop()
    for (const each of apis) await each.close()
  })

  const port = (name: string): number => ports[name] ?? assert.fail(name)

  const FORGED: readonly (readonly string[])[] = [
    [],
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Forwarded-For', '203.0.113.7, 127.0.0.1'],
    ['X-Forwarded-For', '127.0.0.1', 'X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-For', ''],
    ['X-Forwarded-For', '"'],
    ['X-Forwarded-For', '203.0.113.7,'],
    ['X_Forwarded_For', '203.0.113.7'],
    ['X-Real-IP', '203.0.113.7'],
    ['Forwarded', 'for=203.0.113.7'],
    ['Forwarded', 'for=203.0.113.7;proto=https, for=203.0.113.8'],
  ]

  for (const [name, id] of [
    ['ranges', 'PRX-05'],
    ['hops', 'PRX-04'],
    ['x-real-ip', 'PRX-02'],
    ['forwarded', 'PRX-06'],
    ['forwarded, appended', 'PRX-06'],
  ] as const) {
    test(`${id}: ${name}: the client is whom nginx saw, whatever it writes`, async () => {
      for (const fields of FORGED) {
        assert.equal(clientOf(await ask({ port: port(name), fields })), CLIENT, fields.join(': '))
      }
    })
  }

  test('PRX-06: a quote that the client leaves open makes the client unknown, and never another', async () => {
    for (const value of ['for="', 'for="203.0.113.7', 'for=203.0.113.7;host="']) {
      const answered = await ask({ port: port('forwarded, appended'), fields: ['Forwarded', value] })
      assert.equal(clientOf(answered), undefined, value)
    }
    assert.ok(named['forwarded, appended']?.events.some(({ kind }) => kind === 'proxy.malformed'))
  })

  test('PRX-01, PRX-10: a policy that trusts nobody takes nginx for the client, and names the setting', async () => {
    assert.equal(clientOf(await ask({ port: port('none') })), '127.0.0.1')
    const told = named['none']?.events.find(({ kind }) => kind === 'proxy.untrusted')
    assert.match(told?.reason ?? '', /set proxy to \{ trustedRanges: \[its address\] \}/)
    assert.equal(told?.peer, '127.0.0.1')
  })

  test('PRX-02, PRX-10: so does one that trusts other proxies', async () => {
    assert.equal(clientOf(await ask({ port: port('others') })), '127.0.0.1')
    const told = named['others']?.events.find(({ kind }) => kind === 'proxy.untrusted')
    assert.match(told?.reason ?? '', /proxy\.trustedRanges/)
  })

  test('PRX-02: who connects past nginx is a client like any other', async () => {
    const past = { port: named['ranges']?.port ?? 0, fields: ['X-Forwarded-For', '203.0.113.7'] }
    assert.equal(clientOf(await ask(past)), CLIENT)
  })

  test('PRX-04: of two layers the outer one saw the client', async () => {
    for (const fields of FORGED) {
      assert.equal(clientOf(await ask({ port: port('outer, by hops'), fields })), CLIENT, fields.join(': '))
      assert.equal(clientOf(await ask({ port: port('outer, by ranges'), fields })), CLIENT, fields.join(': '))
    }
  })

  test('PRX-04: who gets past the outer layer is nobody, unless it makes up an entry; ranges see through that, too', async () => {
    const inner = { port: port('inner, by hops') }
    assert.equal(clientOf(await ask(inner)), undefined)
    assert.ok(named['inner, by hops']?.events.some(({ kind }) => kind === 'proxy.too-few-hops'))
    const forged = ['X-Forwarded-For', '203.0.113.7']
    // What the documents warn of: with hops, every other way in has to be closed.
    assert.equal(clientOf(await ask({ ...inner, fields: forged })), '203.0.113.7')
    assert.equal(clientOf(await ask({ port: port('ranges'), fields: forged })), CLIENT)
  })

  // No package brings it, so it is not required anywhere.
  const noIpv6 = hasIpv6 ? false : 'this machine has no address ::1'
  test('PRX-08: a client over IPv6', { skip: noIpv6 }, async () => {
    const fields = ['X-Forwarded-For', '203.0.113.7']
    assert.equal(clientOf(await ask({ port: port('ranges'), from: '::1', fields })), '::1')
    assert.equal(clientOf(await ask({ port: port('hops'), from: '::1', fields })), '::1')
  })

  test('PRX-04: over a Unix socket, where the peer has no address', async () => {
    const fields = ['X-Forwarded-For', '203.0.113.7']
    assert.equal(clientOf(await ask({ port: port('socket'), fields })), CLIENT)
  })

  test('PRX-12: over a Unix socket without a setting nobody knows who comes, and no list lets it in', async () => {
    const answered = await ask({ port: port('socket, none') })
    assert.equal(answered.status, 403)
    assert.match(answered.body, /address_unknown/)
  })

  test('TLS-02: where nginx ends TLS, a redirect to https does not loop', async () => {
    const plain = await ask({ port: port('https'), path: '/a?b=%2f' })
    assert.equal(plain.status, 308)
    assert.equal(plain.headers['location'], `https://${HOST}/a?b=%2f`)
    assert.equal(plain.headers['strict-transport-security'], undefined)
    const secure = await ask({ port: port('tls'), tls: true })
    assert.equal(secure.status, 200)
    assert.match(String(secure.headers['strict-transport-security']), /max-age/)
  })

  test('PRX-07: a scheme that the client writes is not the one of its connection', async () => {
    for (const value of ['https', 'https,https', 'https, http']) {
      const fields = ['X-Forwarded-Proto', value, 'Forwarded', 'proto=https']
      assert.equal((await ask({ port: port('https'), fields })).status, 308)
    }
    const past = { port: named['https']?.port ?? 0, fields: ['X-Forwarded-Proto', 'https'] }
    assert.equal((await ask(past)).status, 308)
  })

  test('PRX-07: without the host of the client the request is for another host, which is told', async () => {
    assert.equal((await ask({ port: port('host of the proxy') })).status, 421)
    assert.equal((await ask({ port: port('ranges'), fields: ['Host', 'evil.example'] })).status, 421)
  })

  test('PRX-12: an address is denied through nginx, whatever the client writes', async () => {
    for (const fields of FORGED) {
      assert.equal((await ask({ port: port('addresses'), fields })).status, 403, fields.join(': '))
    }
    assert.equal((await ask({ port: port('addresses'), from: '127.0.0.6' })).status, 200)
  })

  test('PRX-11: what nginx passes on is believed of it, and of nobody past it', async () => {
    const fields = ['Remote-User', 'root']
    const userOf = (answered: Answered): unknown =>
      (JSON.parse(answered.body) as { readonly user?: string }).user
    // nginx has to remove what it does not set: proxy_set_header Remote-User "".
    assert.equal(userOf(await ask({ port: port('ranges'), fields })), 'root')
    assert.equal(userOf(await ask({ port: named['ranges']?.port ?? 0, fields })), undefined)
  })

  test('PRX-10: the self-check names what is wrong, and is content with what is right', async () => {
    const check = (name: string, at = name): Promise<readonly string[]> =>
      named[name]?.check(port(at)) ?? assert.fail(name)
    // The request asks for 127.0.0.1, and the gate sees just that.
    assert.deepEqual(await check('hops'), [])
    assert.deepEqual(await check('x-real-ip'), [])
    assert.deepEqual(await check('inner, by hops', 'outer, by hops'), [])
    assert.deepEqual(await check('none'), ['untrusted-proxy'])
    assert.deepEqual(await check('others'), ['untrusted-proxy'])
    assert.deepEqual(await check('inner, by hops'), ['forged-client'])
    // It hands on X-Forwarded-Proto, as nginx does with what it is not told of.
    assert.deepEqual(await check('host of the proxy'), ['forged-scheme'])
  })

  const head = (...lines: readonly string[]): string => [...lines, '', ''].join('\r\n')
  const inner = head('GET /smuggled HTTP/1.1', `Host: ${HOST}`)
  const smuggled: Readonly<Record<string, string>> = {
    'both lengths':
      head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Content-Length: 5', 'Transfer-Encoding: chunked') +
      `0\r\n\r\n${inner}`,
    'two Content-Length':
      head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Content-Length: 0', `Content-Length: ${inner.length}`) +
      inner,
    'a list of lengths':
      head('POST /a HTTP/1.1', `Host: ${HOST}`, `Content-Length: 0, ${inner.length}`) + inner,
    'a signed length': head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Content-Length: +0') + inner,
    'a coding that is none': head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Transfer-Encoding: xchunked') + inner,
    'a coding with a space':
      head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Transfer-Encoding : chunked') + `0\r\n\r\n${inner}`,
    'a folded coding':
      head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Transfer-Encoding:', ' chunked') + `0\r\n\r\n${inner}`,
    'a chunk size that is none':
      head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Transfer-Encoding: chunked') + `0x0\r\n\r\n${inner}`,
    'a bare line feed in a chunk':
      head('POST /a HTTP/1.1', `Host: ${HOST}`, 'Transfer-Encoding: chunked') +
      `2;\nxx\r\n5\r\nhello\r\n0\r\n\r\n`,
    'a field with a line feed': `GET /a HTTP/1.1\r\nHost: ${HOST}\r\nX-A: 1\nX-Forwarded-For: 203.0.113.7\r\n\r\n`,
  }

  test('REQ-07: two requests in one make no request that only one of the two sees', async () => {
    const made = named['kept alive']
    assert.ok(made !== undefined)
    for (const [name, bytes] of Object.entries(smuggled)) {
      const until = made.handled.length
      const got = await raw(port('kept alive'), bytes)
      const answers = got.match(/HTTP\/1\.1 \d{3}/g)?.length ?? 0
      const handled = made.handled.slice(until)
      // nginx may take the inner one for the next request of the connection: then it answers both.
      assert.ok(handled.length <= answers, `${name}: ${handled.join(' ')} and ${answers} answers`)
      assert.ok(!handled.includes('/smuggled') || answers === 2, `${name}: ${got}`)
    }
    assert.equal(clientOf(await ask({ port: port('kept alive') })), CLIENT)
    assert.ok(made.events.every(({ client }) => client === undefined || client === CLIENT))
  })

  function raw(to: number, bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: to, host: '127.0.0.1', localAddress: CLIENT }, () =>
        socket.end(bytes, 'latin1'),
      )
      let got = ''
      socket.setEncoding('latin1').on('data', (text: string) => (got += text))
      socket.once('error', reject)
      socket.once('close', () => resolve(got))
      socket.setTimeout(5_000, () => socket.destroy())
    })
  }
})
