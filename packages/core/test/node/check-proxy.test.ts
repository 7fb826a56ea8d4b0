import assert from 'node:assert/strict'
import { request, type IncomingHttpHeaders } from 'node:http'
import { after, describe, test } from 'node:test'
import { findingsOf, type Sighting } from '../../src/node/check-proxy.ts'
import type { Policy } from '../../src/chain/policy.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { guarded, type Guarded } from '../support/gate.ts'
import { freePort } from '../support/ports.ts'
import { type Running, start } from '../support/http.ts'
import type { TestPrincipal } from '../support/scheme.ts'

const open: (Guarded | Running)[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(proxy: ProxySetting, policy: Policy<TestPrincipal> = {}): Promise<Guarded> {
  const server = await guarded({ hosts: ['127.0.0.1', 'localhost'], proxy, ...policy })
  open.push(server)
  return server
}

type Rewrite = (headers: IncomingHttpHeaders, peer: string) => Record<string, string | undefined>

/** A proxy that hands on all fields but those that it writes; `undefined` removes one. */
async function behind(port: number, rewrite: Rewrite): Promise<number> {
  const proxy = await start((req, res) => {
    const own = rewrite(req.headers, req.socket.remoteAddress ?? '')
    const headers = Object.fromEntries(
      Object.entries({ ...req.headers, ...own }).filter(([, value]) => value !== undefined),
    )
    const sent = request({ host: '127.0.0.1', port, path: req.url, headers, agent: false }, (got) => {
      res.writeHead(got.statusCode ?? 502)
      got.pipe(res)
    })
    sent.on('error', () => res.destroy())
    sent.end()
  })
  open.push(proxy)
  return proxy.port
}

const append: Rewrite = (headers, peer) => ({
  'x-forwarded-for': [headers['x-forwarded-for'], peer].filter(Boolean).join(', '),
  'x-forwarded-proto': 'http',
  'x-forwarded-host': undefined,
  forwarded: undefined,
})
/** Stands for a proxy that another machine is asked from: this one is trusted itself. */
const appendAs =
  (address: string): Rewrite =>
  (headers) =>
    append(headers, address)
const pass: Rewrite = () => ({})

const LOOPBACK = { trustedRanges: ['loopback'] } as const

type Found = readonly (readonly [code: string, instead: RegExp])[]
const rows: readonly (readonly [
  name: string,
  proxy: ProxySetting,
  layers: readonly Rewrite[],
  found: Found,
])[] = [
  ['nothing in front, and nobody is trusted', 'none', [], []],
  ['one proxy, known by its address', LOOPBACK, [appendAs('198.51.100.7')], []],
  ['two proxies, known by their addresses', LOOPBACK, [appendAs('198.51.100.7'), append], []],
  ['a check from among the proxies', LOOPBACK, [append], [['inconclusive', /another machine/]]],
  ['one proxy, known by number', { trustedHops: 1 }, [append], []],
  ['two proxies, known by number', { trustedHops: 2 }, [append, append], []],
  ['a proxy that nobody named', 'none', [append], [['untrusted-proxy', /trustedRanges: \['127\.0\.0\.1'\]/]]],
  [
    'a proxy that is counted, and is not there',
    { trustedHops: 1 },
    [],
    [
      ['forged-client', /'none'/],
      ['forged-scheme', /overwrite X-Forwarded-Proto/],
    ],
  ],
  ['more proxies than are there', { trustedHops: 2 }, [append], [['forged-client', /trustedHops: 1/]]],
  [
    'fewer proxies than are there',
    { trustedHops: 1 },
    [append, append],
    [['client-is-proxy', /trustedHops: 2/]],
  ],
  ['far more proxies than are there', { trustedHops: 5 }, [append], [['unknown-client', /trustedHops: 1/]]],
  [
    'a proxy that hands on what it does not know',
    { ...LOOPBACK, header: 'x-real-ip' },
    [append],
    [['forged-client', /overwrite x-real-ip/]],
  ],
  [
    'a proxy that writes no header',
    LOOPBACK,
    [(headers, peer) => ({ ...append(headers, peer), 'x-forwarded-for': undefined })],
    [['client-is-proxy', /write x-forwarded-for/]],
  ],
  [
    'a proxy that hands on all',
    { ...LOOPBACK, host: true },
    [pass],
    [
      ['forged-client', /take out of trustedRanges/],
      ['forged-scheme', /X-Forwarded-Proto/],
      ['forged-host', /leave out proxy\.host/],
    ],
  ],
  [
    'a proxy that asks for another host',
    LOOPBACK,
    [(headers) => ({ ...append(headers, '198.51.100.7'), host: 'localhost' })],
    [['wrong-host', /proxy_set_header Host/]],
  ],
]

describe('the self-check of the proxy setting', () => {
  for (const [name, proxy, layers, found] of rows) {
    test(`PRX-10: ${name}`, async () => {
      const server = await serve(proxy)
      let { port } = server
      for (const layer of layers) port = await behind(port, layer)
      const findings = await server.gate.checkProxy(`http://127.0.0.1:${port}/`)
      assert.deepEqual(
        findings.map(({ code }) => code),
        found.map(([code]) => code),
      )
      for (const [index, [, instead]] of found.entries())
        assert.match(findings[index]?.instead ?? '', instead)
      const told = (await server.events()).filter(({ kind }) => kind === 'proxy.misconfigured')
      assert.equal(told.length, found.length)
    })
  }

  test('PRX-10: it sees the request though a check refuses it', async () => {
    const server = await serve({ trustedHops: 1 }, { addresses: { deny: ['0.0.0.0/0'] } })
    const [finding] = await server.gate.checkProxy(`http://127.0.0.1:${server.port}/`)
    assert.equal(finding?.code, 'forged-client')
  })

  test('PRX-10: where nothing answers, it says so, and waits no longer than it may', async () => {
    const server = await serve('none')
    const [nobody] = await server.gate.checkProxy(`http://127.0.0.1:${await freePort()}/`)
    assert.equal(nobody?.code, 'unreachable')
    assert.match(nobody.message, /: ECONNREFUSED\.$/)
    const silent = await start(() => undefined)
    open.push(silent)
    const findings = await server.gate.checkProxy(`http://127.0.0.1:${silent.port}/`, { timeout: 50 })
    assert.equal(findings[0]?.code, 'unreachable')
    assert.match(findings[0].message, /longer than 50 ms/)
  })

  test('PRX-10: where somebody else answers, it says so', async () => {
    const server = await serve('none')
    const other = await serve('none')
    assert.equal((await server.gate.checkProxy(`http://127.0.0.1:${other.port}/`))[0]?.code, 'unseen')
  })

  test('PRX-10: a redirect is an answer, and is not followed', async () => {
    const server = await serve('none', { https: 'redirect' })
    assert.deepEqual(await server.gate.checkProxy(`http://127.0.0.1:${server.port}/`), [])
  })

  test('PRX-10: what is no URL of http is a mistake of the program', async () => {
    const server = await serve('none')
    for (const url of ['x', 'ftp://127.0.0.1/', ''])
      await assert.rejects(server.gate.checkProxy(url), TypeError)
  })

  test('PRX-10: a stranger who sends the field is noted nowhere', async () => {
    const server = await serve('none')
    const checking = server.gate.checkProxy(`http://127.0.0.1:${server.port}/`)
    await server.send({ fields: ['X-Gatehouse-Probe', 'guess', 'X-Forwarded-For', '192.0.2.66, 10.0.0.1'] })
    assert.deepEqual(await checking, [])
  })

  const https = new URL('https://api.example.com/')
  const good: Sighting = {
    client: '198.51.100.7',
    peer: '10.0.0.1',
    scheme: 'https',
    host: 'api.example.com',
    trusted: true,
    appended: 1,
    hasHeader: true,
  }
  const byRange = { header: 'x-forwarded-for', hops: undefined }
  const seen: readonly (readonly [
    name: string,
    sighting: Partial<Sighting>,
    code: string | undefined,
    instead?: RegExp,
  ])[] = [
    ['all is well', {}, undefined],
    [
      'a scheme that a trusted proxy does not tell',
      { scheme: 'http' },
      'wrong-scheme',
      /let your proxy write/i,
    ],
    [
      'TLS that ends at a stranger',
      { scheme: 'http', trusted: false, appended: 0 },
      'wrong-scheme',
      /trustedHops/,
    ],
    ['a stranger over a Unix socket', { trusted: false, peer: undefined }, 'untrusted-proxy', /trustedHops/],
  ]
  for (const [name, sighting, code, instead] of seen) {
    test(`PRX-10: over https: ${name}`, () => {
      const [finding] = findingsOf(https, { ...good, ...sighting }, byRange)
      assert.equal(finding?.code, code)
      if (instead !== undefined) assert.match(finding?.instead ?? '', instead)
    })
  }
})
