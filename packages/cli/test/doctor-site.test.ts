import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer as createHttp2Server, type ServerHttp2Session } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { rootCertificates } from 'node:tls'
import { apiKey, type Gate, gatehouse, hashApiKey } from '@gatehouse/core'
import express from 'express'
import { trustedBesides } from '../src/doctor/tls.ts'
import { CHECKS } from '../src/index.ts'
import { cli, codesOf, folderOf, type Ran, silencedOf } from './support/run.ts'
import { listen, serve } from './support/server.ts'

/** A server with one mistake: what it does besides answering as a good one would. */
type Mistake = (req: IncomingMessage, res: ServerResponse) => void

const GOOD_FIELDS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  ratelimit: '"default";r=99;t=1',
}
const SECURITY_TXT = `Contact: mailto:security@example.com\nExpires: ${new Date(Date.now() + 2e10).toISOString()}\n`

/** What a good server says, where the mistake says nothing else. */
function answer(req: IncomingMessage, res: ServerResponse, fields: object = {}, body = '{}'): void {
  const path = req.url ?? '/'
  const host = req.headers.host ?? ''
  if (path === '/.well-known/security.txt') return end(res, 200, { ...GOOD_FIELDS, ...fields }, SECURITY_TXT)
  const isKnown = path === '/' && req.method !== 'TRACE' && req.method !== 'OPTIONS'
  if (isKnown && /^(?:localhost|api\.example\.com|127\.0\.0\.1|0\.0\.0\.0):/.test(host))
    return end(res, 200, { ...GOOD_FIELDS, ...fields }, body)
  end(
    res,
    isKnown ? 421 : 404,
    { ...GOOD_FIELDS, 'content-type': 'application/problem+json', ...fields },
    '{}',
  )
}

function end(res: ServerResponse, status: number, fields: object, body: string): void {
  res.writeHead(status, { ...fields } as Record<string, string>).end(body)
}

const withFields =
  (fields: object): Mistake =>
  (req, res) =>
    answer(req, res, fields)
const html = (fields: object): Mistake => withFields({ 'content-type': 'text/html', ...fields })
const at =
  (path: string, status: number, body: string, fields: object = {}): Mistake =>
  (req, res) =>
    req.url === path ? end(res, status, { ...GOOD_FIELDS, ...fields }, body) : answer(req, res)
const reflecting =
  (allowed: (origin: string) => boolean, fields: object = { vary: 'Origin' }): Mistake =>
  (req, res) => {
    const { origin } = req.headers
    if (origin !== undefined && allowed(origin))
      answer(req, res, { 'access-control-allow-origin': origin, ...fields })
    else answer(req, res)
  }
const isStranger = (origin: string): boolean => origin === 'https://gatehouse-doctor.example'

/** Counts each address by itself, as one does who believes X-Forwarded-For. */
function counting(): Mistake {
  const left = new Map<string, number>()
  return (req, res) => {
    const key = String(req.headers['x-forwarded-for'] ?? 'me')
    const rest = left.get(key) ?? 100
    left.set(key, rest - 1)
    answer(req, res, { ratelimit: `"default";r=${rest};t=1` })
  }
}

const SEEDED: Readonly<Record<string, Mistake>> = {
  'site.no-nosniff': withFields({ 'x-content-type-options': '' }),
  'site.no-csp': (req, res) => {
    const { 'content-security-policy': _left, ...rest } = GOOD_FIELDS
    end(res, req.url === '/' ? 200 : 404, rest, '{}')
  },
  'site.csp-weak': withFields({ 'content-security-policy': "script-src 'unsafe-inline' https:" }),
  'site.frameable': html({ 'content-security-policy': "default-src 'none'" }),
  'site.no-referrer-policy': html({}),
  'site.fields-lost': (req, res) =>
    req.url === '/' ? answer(req, res) : end(res, 404, { 'content-type': 'application/problem+json' }, '{}'),
  'site.xss-protection': withFields({ 'x-xss-protection': '1; mode=block' }),
  'site.powered-by': withFields({ 'x-powered-by': 'Express' }),
  'site.server-version': withFields({ server: 'nginx/1.18.0' }),
  'site.cookie-for-scripts': withFields({ 'set-cookie': 'session=s3cr3t; Secure; SameSite=Lax' }),
  'site.cookie-same-site': withFields({ 'set-cookie': 'session=s3cr3t; Secure; HttpOnly' }),
  'site.cookie-domain': withFields({
    'set-cookie': 'session=s3cr3t; Secure; HttpOnly; SameSite=Lax; Domain=example.com',
  }),
  'site.cacheable': (req, res) => {
    const { 'cache-control': _left, ...rest } = GOOD_FIELDS
    end(res, req.url === '/' ? 200 : 404, rest, '{}')
  },
  'site.cors-reflects': reflecting(isStranger),
  'site.cors-credentials': reflecting(isStranger, {
    vary: 'Origin',
    'access-control-allow-credentials': 'true',
  }),
  'site.cors-null': reflecting((origin) => origin === 'null'),
  'site.cors-loose': reflecting((origin) => origin.startsWith('https://127.0.0.1')),
  'site.cors-any-credentials': withFields({
    'access-control-allow-origin': '*',
    'access-control-allow-credentials': 'true',
  }),
  'site.cors-any': withFields({ 'access-control-allow-origin': '*' }),
  'site.cors-no-vary': withFields({ 'access-control-allow-origin': 'https://app.example.com' }),
  'site.preflight-any': (req, res) =>
    answer(
      req,
      res,
      req.method === 'OPTIONS'
        ? { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, DELETE' }
        : {},
    ),
  'site.private-network': withFields({ 'access-control-allow-private-network': 'true' }),
  'site.trace': (req, res) =>
    req.method === 'TRACE'
      ? end(
          res,
          200,
          { 'content-type': 'message/http' },
          `TRACE / HTTP/1.1\r\nuser-agent: ${req.headers['user-agent']}`,
        )
      : answer(req, res),
  'site.method-override': (req, res) =>
    req.method === 'POST'
      ? end(res, 404, GOOD_FIELDS, `Cannot ${String(req.headers['x-http-method-override'] ?? 'POST')}`)
      : answer(req, res),
  'site.host-poisoned': (req, res) =>
    end(
      res,
      302,
      { ...GOOD_FIELDS, location: `https://${String(req.headers['x-forwarded-host'] ?? 'localhost')}/login` },
      '',
    ),
  'site.host-accepted': (_req, res) => end(res, 200, GOOD_FIELDS, '{}'),
  'site.forwarded-for': counting(),
  'site.forwarded-proto': (req, res) =>
    req.headers['x-forwarded-proto'] === 'https' ? answer(req, res) : end(res, 403, GOOD_FIELDS, '{}'),
  'site.stack-trace': (req, res) =>
    req.method === 'POST'
      ? end(
          res,
          400,
          GOOD_FIELDS,
          'SyntaxError: Unexpected end\n    at parse (/app/node_modules/body-parser/x.js:92:19)',
        )
      : answer(req, res),
  'site.malformed-500': (req, res) =>
    req.url?.startsWith('/%') === true ? end(res, 500, GOOD_FIELDS, '{}') : answer(req, res),
  'site.no-problem': (req, res) =>
    req.url === '/'
      ? answer(req, res)
      : end(res, 404, { ...GOOD_FIELDS, 'content-type': 'text/plain' }, 'Not found'),
  'site.file-exposed': at('/.env', 200, 'DATABASE_URL=postgres://api\n'),
  'site.operations-open': at('/metrics', 200, '# HELP up Whether it is up.\n# TYPE up gauge\nup 1\n'),
  'site.no-security-txt': at('/.well-known/security.txt', 404, '{}'),
  'site.security-txt-expired': at(
    '/.well-known/security.txt',
    200,
    'Contact: mailto:security@example.com\nExpires: 2025-01-01T00:00:00Z\n',
  ),
  'site.no-challenge': (_req, res) => end(res, 401, GOOD_FIELDS, '{}'),
  'site.no-limit-fields': (req, res) => {
    const { ratelimit: _left, ...rest } = GOOD_FIELDS
    end(res, req.url === '/' ? 200 : 404, rest, '{}')
  },
}

/** What stands behind an issuer: its metadata and keys. */
const ISSUERS: Readonly<
  Record<
    string,
    (self: string) => { readonly metadata: object | undefined; readonly jwks: object | undefined }
  >
> = {
  'site.issuer-unreachable': () => ({ metadata: undefined, jwks: undefined }),
  'site.issuer-differs': () => ({
    metadata: { issuer: 'https://elsewhere.example' },
    jwks: { keys: [] },
  }),
  'site.jwks-unreachable': (self) => ({
    metadata: { issuer: self, jwks_uri: `${self}/keys` },
    jwks: undefined,
  }),
  'site.jwks-in-clear': (self) => ({
    metadata: { issuer: self, jwks_uri: `${self}/keys` },
    jwks: { keys: [] },
  }),
  'site.jwks-weak': (self) => ({
    metadata: { issuer: self, jwks_uri: `${self}/keys` },
    jwks: {
      keys: [
        {
          ...generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }),
          kid: 'a',
        },
      ],
    },
  }),
  'site.jwks-secret': (self) => ({
    metadata: { issuer: self, jwks_uri: `${self}/keys` },
    jwks: { keys: [{ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'a' }] },
  }),
  'site.jwks-no-kid': (self) => ({
    metadata: { issuer: self, jwks_uri: `${self}/keys` },
    jwks: { keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] },
  }),
}

/** Codes with a test of their own below. */
const ELSEWHERE = [
  'site.unreachable',
  'site.in-clear',
  'site.no-redirect',
  'site.redirect-temporary',
  'site.no-hsts',
  'site.hsts-short',
  'site.tls-untrusted',
  'site.certificate-ends',
  'site.tls-old',
  'site.tls-no-13',
  'site.tls-weak-key',
  'site.cookie-in-clear',
  'site.route-open',
  'site.http2-differs',
]

const ALONE = ['--no-policy', '--no-project', '--json', '--fail-on', 'info'] as const

function probe(url: string, ...flags: readonly string[]): Promise<Ran> {
  return cli(['doctor', '--url', url, ...ALONE, '--resolve', 'api.example.com=127.0.0.1', ...flags])
}

const made = certificateFor(90)

/** Serves over TLS on loopback; gives the URL, and the authority to trust. */
async function serveTls(
  t: TestContext,
  handler: Mistake,
  options: object = {},
): Promise<{ readonly url: string; readonly ca: string }> {
  const served = { ...made, ...options }
  const port = await listen(t, createTlsServer(served, handler) as never)
  const folder = folderOf(t, { 'ca.pem': served.cert })
  return { url: `https://api.example.com:${port}/`, ca: `${folder}/ca.pem` }
}

const SECURE = { 'strict-transport-security': 'max-age=31536000' }

/** Each of the codes is found, alone or among others, with exit code 1, and silenced by its code; gives all that is found. */
async function foundAndSilenced(
  url: string,
  flags: readonly string[],
  ...codes: readonly string[]
): Promise<readonly string[]> {
  const found = await probe(url, ...flags)
  assert.equal(found.code, 1)
  for (const code of codes) {
    assert.ok(codesOf(found).includes(code), `${code} is not among ${codesOf(found).join(', ')}`)
    // oxlint-disable-next-line no-await-in-loop -- they probe one server
    const silenced = await probe(url, ...flags, '--silence', code)
    assert.deepEqual(
      codesOf(silenced),
      codesOf(found).filter((each) => each !== code),
    )
    assert.deepEqual(silencedOf(silenced), [code], 'it stands in the report as one that was silenced')
    assert.equal(silenced.code, codesOf(silenced).length === 0 ? 0 : 1)
  }
  return codesOf(found)
}

describe('doctor and a running API', () => {
  test('DEP-01: every check of a site has a seeded mistake', () => {
    assert.deepEqual(
      CHECKS.site.map(({ code }) => code).sort(),
      [...Object.keys(SEEDED), ...Object.keys(ISSUERS), ...ELSEWHERE].sort(),
    )
  })

  test('DEP-01: nothing is found where there is nothing', async (t) => {
    const ran = await probe(await serve(t, (req, res) => answer(req, res)))
    assert.deepEqual(codesOf(ran), [])
    assert.equal(ran.code, 0)
  })

  for (const [code, mistake] of Object.entries(SEEDED)) {
    test(`DEP-01: ${code} is found, and silenced by its code`, async (t) => {
      const url = await serve(t, mistake)
      const found = await probe(url)
      assert.ok(codesOf(found).includes(code), `${code} is not among ${codesOf(found).join(', ')}`)
      assert.equal(found.code, 1)
      assert.ok(!found.out.includes('s3cr3t'))
      const silenced = await probe(url, '--silence', code)
      assert.ok(!codesOf(silenced).includes(code))
      assert.deepEqual(silencedOf(silenced), [code])
      assert.equal(silenced.code, codesOf(silenced).length === 0 ? 0 : 1)
    })
  }

  for (const [code, publish] of Object.entries(ISSUERS)) {
    test(`DEP-01: ${code} is found, and silenced by its code`, async (t) => {
      let self = ''
      const issuer = await serve(t, (req, res) => {
        const { metadata, jwks } = publish(self)
        const found =
          req.url === '/keys' ? jwks : req.url?.startsWith('/.well-known/') === true ? metadata : undefined
        end(res, found === undefined ? 404 : 200, {}, JSON.stringify(found ?? {}))
      })
      self = issuer.slice(0, -1)
      const url = await serve(t, (req, res) => answer(req, res))
      const found = await probe(url, '--issuer', self)
      assert.ok(codesOf(found).includes(code), `${code} is not among ${codesOf(found).join(', ')}`)
      assert.equal(found.code, 1)
      const silenced = await probe(url, '--issuer', self, '--silence', code)
      assert.ok(!codesOf(silenced).includes(code))
      assert.deepEqual(silencedOf(silenced), [code])
      assert.equal(silenced.code, codesOf(silenced).length === 0 ? 0 : 1)
    })
  }

  test('DEP-01: site.unreachable is found, and silenced by its code', async () => {
    const found = await foundAndSilenced('http://127.0.0.1:1/', [], 'site.unreachable')
    assert.deepEqual(found, ['site.unreachable'])
  })

  test('DEP-01: site.in-clear and site.cookie-in-clear are found where the host is not this machine, and silenced', async (t) => {
    const url = await serve(t, withFields({ 'set-cookie': 'session=1; HttpOnly; SameSite=Lax' }))
    // It leads to loopback, and does not look like it.
    await foundAndSilenced(url.replace('127.0.0.1', '0.0.0.0'), [], 'site.in-clear', 'site.cookie-in-clear')
  })

  test('DEP-01: over TLS, nothing is found where there is nothing', async (t) => {
    const { url, ca } = await serveTls(t, withFields(SECURE))
    const ran = await probe(url, '--ca', ca)
    assert.deepEqual([codesOf(ran), ran.code], [[], 0])
  })

  test('DEP-01: an authority of --ca is trusted besides those of Node.js, and not in their place', () => {
    const trusted = new Set(trustedBesides(made.cert))
    assert.ok(trusted.has(made.cert))
    assert.ok(rootCertificates.every((certificate) => trusted.has(certificate)))
  })

  test('DEP-01: site.no-hsts, site.hsts-short, site.certificate-ends and site.tls-untrusted are found, and silenced', async (t) => {
    const look = async (code: string, fields: object, options?: object): Promise<string> => {
      const { url, ca } = await serveTls(t, withFields(fields), options)
      assert.deepEqual(await foundAndSilenced(url, ['--ca', ca], code), [code])
      return url
    }
    await look('site.no-hsts', {})
    await look('site.certificate-ends', SECURE, certificateFor(1))
    const short = await look('site.hsts-short', { 'strict-transport-security': 'max-age=60' })
    await foundAndSilenced(short, [], 'site.tls-untrusted')
    const { url, ca } = await serveTls(t, withFields(SECURE))
    const local = url.replace('api.example.com', 'localhost')
    const other = await cli(['doctor', '--url', local, ...ALONE, '--ca', ca])
    assert.match(other.out, /Hostname\/IP does not match|ERR_TLS_CERT_ALTNAME_INVALID/)
  })

  test('DEP-01: site.tls-old, site.tls-no-13 and site.tls-weak-key are found, and silenced', async (t) => {
    const { url, ca } = await serveTls(t, withFields(SECURE), {
      ...certificateFor(90, 'rsa:1024'),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.2',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await foundAndSilenced(url, ['--ca', ca], 'site.tls-old', 'site.tls-no-13', 'site.tls-weak-key')
  })

  test('DEP-01: site.no-redirect and site.redirect-temporary are found, and silenced', async (t) => {
    const { url, ca } = await serveTls(t, withFields(SECURE))
    const look = async (code: string, handler: Mistake): Promise<void> => {
      const flags = ['--ca', ca, '--http', await serve(t, handler)]
      assert.deepEqual(await foundAndSilenced(url, flags, code), [code])
    }
    await look('site.no-redirect', (req, res) => answer(req, res))
    await look('site.redirect-temporary', (_req, res) => end(res, 302, { location: url }, ''))
  })

  test('DEP-01: site.http2-differs is found where something else speaks HTTP/2, and silenced', async (t) => {
    const look = async (overHttp2: Mistake): Promise<readonly [url: string, ca: string]> => {
      const server = createHttp2Server({ ...made, allowHTTP1: true }, (req, res) => {
        if (req.httpVersion === '2.0') overHttp2(req as never, res as never)
        else answer(req as never, res as never, SECURE)
      })
      const sessions = new Set<ServerHttp2Session>()
      server.on('session', (session) => sessions.add(session))
      t.after(() => {
        for (const session of sessions) session.destroy()
      })
      const port = await listen(t, server as never)
      return [`https://api.example.com:${port}/`, `${folderOf(t, { 'ca.pem': made.cert })}/ca.pem`]
    }
    const lost = (_req: IncomingMessage, res: ServerResponse): void => end(res, 200, {}, '{}')
    const [bare, ca] = await look(lost)
    assert.deepEqual(await foundAndSilenced(bare, ['--ca', ca], 'site.http2-differs'), ['site.http2-differs'])
    const [gone] = await look((_req, res) => end(res, 404, { ...GOOD_FIELDS, ...SECURE }, '{}'))
    assert.match((await probe(gone, '--ca', ca)).out, /It is a 404, and over HTTP\/1\.1 a 200\./)
    const [same] = await look((_req, res) => end(res, 200, { ...GOOD_FIELDS, ...SECURE }, '{}'))
    assert.deepEqual(codesOf(await probe(same, '--ca', ca)), [])
    const [silent] = await look(() => undefined)
    assert.deepEqual(codesOf(await probe(silent, '--ca', ca, '--timeout', '2000')), [])
  })

  test('DEP-01: site.route-open is found where the gate is not in front, and silenced', async (t) => {
    const url = await serve(t, (req, res) =>
      req.url === '/orders/gatehouse-doctor' ? end(res, 200, GOOD_FIELDS, '{}') : answer(req, res),
    )
    const cwd = folderOf(t, {
      'gate.mjs': `export const policy = {
        hosts: ['localhost'], authenticate: (await import(${JSON.stringify(import.meta.resolve('@gatehouse/core'))})).apiKey({ keys: () => undefined }),
        routes: { 'GET /orders/:id': { scopes: ['orders:read'] }, 'DELETE /orders/:id': { scopes: ['orders:write'] } } }`,
    })
    const args = ['doctor', 'gate.mjs', '--url', url, '--no-project', '--json']
    const ran = await cli(args, { cwd })
    assert.ok(codesOf(ran).includes('site.route-open'), codesOf(ran).join())
    assert.equal(ran.code, 1)
    const silenced = await cli([...args, '--silence', 'site.route-open'], { cwd })
    assert.ok(!codesOf(silenced).includes('site.route-open'))
    assert.deepEqual([silenced.code, silencedOf(silenced)], [0, ['site.route-open']])
  })

  test('DEP-01: in the hardened sample over TLS nothing is found', async (t) => {
    let handle: Mistake = () => undefined
    const { url, ca } = await serveTls(t, (req, res) => handle(req, res))
    const clear = await listen(
      t,
      createServer((req, res) => handle(req, res)),
    )
    const gate = hardened(new URL(url).port, clear)
    t.after(() => gate.close())
    handle = gate.handler((req, res) => {
      if (req.url === '/.well-known/security.txt')
        return res.writeHead(200, { 'content-type': 'text/plain' }).end(SECURITY_TXT)
      if (req.url !== '/health') return gate.notFound(req, res)
      return res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end('{}')
    })
    const flags = ['--ca', ca, '--http', `http://api.example.com:${clear}/health`] as const
    const ran = await probe(`${url}health`, ...flags)
    assert.deepEqual(codesOf(ran), [], ran.out)
    assert.equal(ran.code, 0)
  })

  test('DEP-01: an express app as it comes has what it is known for', async (t) => {
    const app = express()
    app.use(express.json())
    app.get('/', (_req, res) => res.json({}))
    const codes = codesOf(await probe(await serve(t, app)))
    for (const code of [
      'powered-by',
      'no-csp',
      'no-nosniff',
      'stack-trace',
      'no-limit-fields',
      'host-accepted',
    ])
      assert.ok(codes.includes(`site.${code}`), `${code}: ${codes.join()}`)
  })

  test('DEP-01: with --safe nothing but GET, HEAD and OPTIONS is sent', async (t) => {
    const methods = new Set<string | undefined>()
    const url = await serve(t, (req, res) => {
      methods.add(req.method)
      answer(req, res)
    })
    await probe(url, '--safe')
    assert.deepEqual([...methods].sort(), ['GET', 'OPTIONS'])
  })

  test('DEP-01: no more than a few dozen requests are sent, none with credentials', async (t) => {
    let count = 0
    const url = await serve(t, (req, res) => {
      count++
      assert.equal(req.headers.authorization, undefined)
      assert.equal(req.headers.cookie, undefined)
      answer(req, res)
    })
    await probe(url)
    assert.ok(count > 20 && count < 40, String(count))
  })

  test('DEP-01: a server that never answers ends in a finding', async (t) => {
    const url = await serve(t, () => undefined)
    const ran = await probe(url, '--timeout', '200')
    assert.deepEqual(codesOf(ran), ['site.unreachable'])
  })

  test('DEP-01: an answer without end is read no further than it is looked at', async (t) => {
    const sent: number[] = []
    const piece = 'x'.repeat(16_384)
    const url = await serve(t, (_req, res) => {
      res.writeHead(200, GOOD_FIELDS)
      const index = sent.push(0) - 1
      // One piece after the other, each when the one before has gone out: until the other end hangs up.
      const more = (error?: Error | null): void => {
        if (error || res.destroyed || (sent[index] ?? 0) > 200_000_000) return
        sent[index] = (sent[index] ?? 0) + piece.length
        res.write(piece, more)
      }
      more()
    })
    const ran = await probe(url)
    assert.ok(codesOf(ran).length > 0)
    assert.ok(sent.length > 20)
    // What the two ends of a connection hold for each other comes on top of the 64 KiB that are read.
    assert.ok(Math.max(...sent) < 32_000_000, `${Math.max(...sent)} bytes`)
  })

  test('LOG-02: what a server says cannot move the cursor of whoever reads the report', async (t) => {
    const url = await serve(t, withFields({ server: 'evil\u001b[2J/1.0'.replace('\u001b', '\u009b') }))
    const { out } = await cli(['doctor', '--url', url, '--no-policy', '--no-project', '--fail-on', 'error'])
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  test('DEP-01: a day that is not today decides about security.txt', async (t) => {
    const url = await serve(t, (req, res) => answer(req, res))
    const later = await cli(['doctor', '--url', url, ...ALONE], { now: () => new Date(Date.now() + 4e10) })
    assert.ok(codesOf(later).includes('site.security-txt-expired'))
  })
})

/** A certificate for api.example.com that vouches for itself, with its key. */
function certificateFor(days: number, key = 'ec'): { readonly cert: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-tls-'))
  try {
    const file = (name: string): string => join(folder, name)
    const how = ['-newkey', key, ...(key === 'ec' ? ['-pkeyopt', 'ec_paramgen_curve:prime256v1'] : [])]
    const about = [
      '-days',
      String(days),
      '-subj',
      '/CN=test',
      '-addext',
      'subjectAltName=DNS:api.example.com',
    ]
    const files = ['-nodes', '-keyout', file('key'), '-out', file('crt')]
    execFileSync('openssl', ['req', '-x509', ...how, ...about, ...files], { stdio: 'pipe', timeout: 10_000 })
    return { cert: readFileSync(file('crt'), 'utf8'), key: readFileSync(file('key'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function hardened(port: string, clear: number): Gate {
  return gatehouse({
    hosts: [`api.example.com:${port}`, `api.example.com:${clear}`],
    https: { port: Number(port), hsts: { maxAge: '365d', includeSubDomains: true } },
    rateLimit: { limit: 1000, window: '1m' },
    authenticate: apiKey({
      keys: [{ id: '000000000000', hash: hashApiKey('x'), subject: 'alice', scopes: ['orders:read'] }],
    }),
    routes: {
      'GET /health': { public: 'load balancers ask it' },
      'GET /.well-known/security.txt': { public: 'whom to tell' },
      'GET /orders': { scopes: ['orders:read'] },
    },
  }) as unknown as Gate
}
