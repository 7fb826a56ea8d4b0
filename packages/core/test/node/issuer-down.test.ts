import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, describe, test } from 'node:test'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Scheme } from '../../src/contract/scheme.ts'
import { introspection } from '../../src/identity/introspection.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { remoteKeys } from '../../src/identity/remote-keys.ts'
import { signJwt } from '../../src/identity/sign.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { type Endpoint, endpoint, json } from '../support/endpoint.ts'
import { type Received, start } from '../support/http.ts'
import { freePort } from '../support/ports.ts'
import { HOUR, published } from '../support/remote-keys.ts'
import { AUDIENCE, claims, ISSUER, NOW, pairFor } from '../support/tokens.ts'

/*
 * What a client and a log see of an issuer that cannot be asked, on the wire: that something is missing here, when to
 * come again, and nothing of what it is or where.
 */

const RULES = { timeout: '250ms', allowPrivateAddresses: true, dangerouslyAllowHttp: true } as const
const KEY = { alg: 'ES256', key: pairFor('ES256').privateKey, kid: 'a' } as const

/** Something that asks an issuer, and the claims by which its token names that. */
interface Way {
  readonly name: string
  readonly scheme: (url: string) => Scheme
  readonly issuer: (url: string) => string
}

const WAYS: readonly Way[] = [
  {
    name: 'its keys',
    scheme: (url) =>
      jwt({ issuer: ISSUER, audience: AUDIENCE, keys: remoteKeys({ ...RULES, url: `${url}/keys` }) }),
    issuer: () => ISSUER,
  },
  {
    name: 'its metadata',
    scheme: (url) => jwt({ issuer: url, audience: AUDIENCE, keys: remoteKeys(RULES) }),
    issuer: (url) => url,
  },
  {
    name: 'a token',
    scheme: (url) =>
      introspection({
        ...RULES,
        issuer: ISSUER,
        url: `${url}/introspect`,
        audience: AUDIENCE,
        clientId: 'api',
        clientSecret: 'a secret that nobody needs to know',
      }),
    issuer: () => ISSUER,
  },
]

interface Api {
  readonly clock: MovableClock
  readonly call: () => Promise<Received>
  readonly told: readonly SecurityEvent[]
}

/** An API whose issuer is at a URL, and a caller with a token that would be good. */
async function apiOf({ scheme, issuer }: Way, url: string): Promise<Api> {
  const clock = movableClock()
  const told: SecurityEvent[] = []
  const gate = gatehouse({
    clock,
    hosts: ['api.example.com'],
    https: 'dangerouslyAllowHttp',
    authenticate: scheme(url),
    observe: (event) => told.push(event),
  })
  const running = await start(gate.handler((_req, res, pass) => res.end(pass.principal.subject)))
  after(async () => {
    await running.close()
    await gate.close()
  })
  const token = signJwt(claims({ iss: issuer(url), exp: NOW + 7 * 86_400 }), { key: KEY })
  return {
    clock,
    told,
    async call() {
      const fields = ['Host', 'api.example.com', 'Authorization', `Bearer ${token}`]
      const received = await running.send({ fields })
      // Events are delivered at the end of a turn.
      await new Promise((resolve) => setImmediate(resolve))
      return received
    },
  }
}

/** What of a response is the same for everybody: all of it but its date and the id of the request. */
function constantPart({ status, raw, body }: Received): unknown {
  const { requestId, ...problem } = JSON.parse(body) as Record<string, unknown>
  assert.equal(typeof requestId, 'string')
  const fields = raw.flatMap((text, index) =>
    index % 2 === 0 && !/^(?:date|content-length)$/i.test(text) ? [`${text}: ${raw[index + 1]}`] : [],
  )
  return { status, fields, problem }
}

const LEAK =
  /127\.0\.0\.1|localhost|\bE[A-Z]{4,}\b|https?:\/\/(?!iana)|getaddrinfo|socket|undici|timeout| at /

const hostile: readonly (readonly [name: string, listener: RequestListener | 'down'])[] = [
  ['nobody is there', 'down'],
  ['it never answers', () => undefined],
  [
    'it answers with a page of HTML',
    (_req, res) => json(res, '<!doctype html><title>502</title>', { 'Content-Type': 'text/html' }),
  ],
  ['it answers with a megabyte', (_req, res) => json(res, ' '.repeat(1024 * 1024))],
  ['it answers with what is no JSON', (_req, res) => json(res, '{"keys":[}')],
  ['it answers with JSON of another kind', (_req, res) => json(res, '"yes"')],
  ['it sends everybody elsewhere', (_req, res) => void res.writeHead(302, { Location: '/else' }).end()],
  ['it has an error of its own', (_req, res) => void res.writeHead(500).end('at db.internal:5432')],
  ['it resets the connection', (req) => req.socket.resetAndDestroy()],
]

for (const way of WAYS) {
  describe(`an issuer that is asked for ${way.name}`, () => {
    const seen: unknown[] = []
    for (const [name, listener] of hostile) {
      test(`JWKS-07: ${name}: 503 with Retry-After, and no word of host, port or error`, async () => {
        const port = listener === 'down' ? await freePort() : (await endpoint(listener)).port
        const { call, told } = await apiOf(way, `http://127.0.0.1:${port}`)
        const received = await call()
        assert.equal(received.status, 503)
        assert.equal(received.headers['content-type'], 'application/problem+json')
        assert.match(String(received.headers['retry-after']), /^[1-9]\d*$/)
        assert.equal(received.headers['www-authenticate'], undefined, 'the token may well be good')
        assert.equal((JSON.parse(received.body) as { code: string }).code, 'dependency_unavailable')
        const constant = constantPart(received)
        for (const text of [JSON.stringify(constant), received.body]) {
          assert.doesNotMatch(text, LEAK)
          assert.ok(!text.includes(String(port)))
        }
        // Nobody can tell from it which of these has happened.
        seen.push(constant)
        assert.deepEqual(constant, seen[0])

        assert.equal(told.length, 1)
        const [{ kind, outcome, status, check, reason } = {} as never] = told
        assert.deepEqual(
          [kind, outcome, status, check],
          ['dependency.failed', 'refused', 503, 'authenticate'],
        )
        assert.doesNotMatch(String(reason), /127\.0\.0\.1|\bE[A-Z]{4,}\b|db\.internal/)
        assert.ok(!JSON.stringify(told).includes(String(port)))
      })
    }
  })
}

describe('an issuer that comes and goes', () => {
  const [keys = assert.fail()] = WAYS
  async function issuer(): Promise<Endpoint & { up: boolean }> {
    const state = { up: true }
    const made = await endpoint((req, res) =>
      state.up ? json(res, { keys: [published('a')] }) : req.socket.resetAndDestroy(),
    )
    return Object.assign(state, made)
  }

  test('JWKS-03: its last keys are used until they are too stale, with a warning; then 503', async () => {
    const server = await issuer()
    const { call, clock, told } = await apiOf(keys, server.url)
    assert.equal((await call()).body, 'alice')
    server.up = false
    clock.advance(23 * HOUR)
    assert.equal((await call()).body, 'alice')
    const warnings = told.filter(({ outcome }) => outcome === 'warning')
    assert.deepEqual(
      warnings.map(({ kind, status }) => [kind, status]),
      [['dependency.failed', undefined]],
    )
    assert.doesNotMatch(String(warnings[0]?.reason), LEAK)
    clock.advance(2 * HOUR)
    const late = await call()
    assert.equal(late.status, 503)
    assert.match(String(late.headers['retry-after']), /^[1-9]\d*$/)
    assert.deepEqual([told.at(-1)?.kind, told.at(-1)?.outcome], ['dependency.failed', 'refused'])
  })

  test('JWKS-03, JWKS-05: whoever comes again when Retry-After says so is let in, once it is back', async () => {
    const server = await issuer()
    server.up = false
    const { call, clock } = await apiOf(keys, server.url)
    for (let failures = 1; failures <= 4; failures++) {
      // oxlint-disable-next-line no-await-in-loop -- each waits for as long as the one before said
      const { status, headers } = await call()
      assert.equal(status, 503)
      assert.equal(server.asked.length, failures)
      clock.advance(Number(headers['retry-after']) * 1000 - 1)
      // oxlint-disable-next-line no-await-in-loop
      assert.equal((await call()).status, 503)
      assert.equal(server.asked.length, failures, 'a moment too early nobody is asked')
      clock.advance(1)
    }
    server.up = true
    assert.equal((await call()).body, 'alice')
  })
})
