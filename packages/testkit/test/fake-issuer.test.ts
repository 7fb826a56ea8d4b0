import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { gatehouse, type Gate, introspection, jwt, type JwtPrincipal, type Scheme } from '@gatehouse/core'
import { type Running, start } from '../src/http.ts'
import {
  type CallerName,
  CALLERS,
  type FakeAlgorithm,
  fakeIssuer,
  type FakeIssuer,
  type FakeIssuerOptions,
  type Misbehaviour,
  type MovableClock,
  movableClock,
} from '../src/index.ts'

/** An API that believes an issuer. */
interface Believing {
  readonly issuer: FakeIssuer
  readonly clock: MovableClock
  readonly gate: Gate<JwtPrincipal>
  /** The status of `GET /me` with a token. */
  readonly status: (token: string) => Promise<number>
  readonly close: () => Promise<void>
}

async function believing(
  options: FakeIssuerOptions = {},
  how: 'jwt' | 'introspection' = 'jwt',
): Promise<Believing> {
  const clock = movableClock(Date.UTC(2026, 0, 1))
  const issuer = await fakeIssuer({ clock, ...options })
  const scheme =
    how === 'jwt'
      ? jwt({ ...issuer.jwtOptions, clockSkew: '2m' })
      : introspection({ ...issuer.introspectionOptions, maxAge: '1s', maxNegativeAge: '0s' })
  const gate = gatehouse({
    hosts: ['127.0.0.1'],
    https: 'dangerouslyAllowHttp',
    authenticate: scheme as unknown as Scheme<JwtPrincipal>,
    clock,
  })
  const running: Running = await start(createServer(gate.handler((_req, res) => res.end('in'))))
  return {
    issuer,
    clock,
    gate,
    status: async (token) =>
      (await running.send({ fields: ['Host', '127.0.0.1', 'Authorization', `Bearer ${token}`] })).status,
    async close() {
      await gate.close()
      await running.close()
      await issuer.close()
    },
  }
}

describe('a fake issuer', () => {
  const open: Believing[] = []
  after(async () => {
    for (const each of open) await each.close()
  })
  const api = async (...given: Parameters<typeof believing>): Promise<Believing> => {
    const made = await believing(...given)
    open.push(made)
    return made
  }

  for (const alg of [
    'RS256',
    'PS256',
    'ES256',
    'ES384',
    'ES512',
    'Ed25519',
    'EdDSA',
  ] satisfies FakeAlgorithm[]) {
    test(`JWT-03: is believed by jwt(issuer.jwtOptions) with ${alg}, and somebody else is not`, async () => {
      const { issuer, status } = await api({ alg })
      assert.equal(await status(issuer.token()), 200)
      assert.equal(await status(issuer.as('forged')), 401)
      const other = await fakeIssuer({ alg, issuer: issuer.issuer })
      assert.equal(await status(other.token()), 401)
      await other.close()
    })
  }

  for (const name of Object.keys(CALLERS) as CallerName[]) {
    const { is, refused } = CALLERS[name]
    test(`INT-01, JWT-15: ${name} is ${is}: ${refused === true ? 'refused' : 'known'}, by signature and by introspection`, async () => {
      const { issuer, status } = await api()
      assert.equal(await status(issuer.as(name)), refused === true ? 401 : 200)
      const asking = await api({}, 'introspection')
      assert.equal(await asking.status(asking.issuer.as(name)), refused === true ? 401 : 200)
    })
  }

  test('can go by a name that is written down, without being asked there', async () => {
    const { issuer, status } = await api({
      issuer: 'https://id.example.com',
      audience: 'https://notes.example.com',
    })
    assert.equal(await status(issuer.token()), 200)
    assert.deepEqual(issuer.asked, ['/jwks'])
    const claims = JSON.parse(
      Buffer.from(issuer.token().split('.')[1] ?? '', 'base64url').toString(),
    ) as object
    assert.deepEqual(
      { iss: 'https://id.example.com', aud: 'https://notes.example.com' },
      Object.fromEntries(Object.entries(claims).filter(([key]) => key === 'iss' || key === 'aud')),
    )
  })

  test('AUT-11: tells who a token makes, as the gate does', async () => {
    const { issuer, gate } = await api()
    const principal = issuer.principal({ sub: 'bob', scope: ['a', 'b'], roles: ['admin'] })
    assert.deepEqual(
      [principal.subject, principal.issuer, principal.scopes, principal.roles],
      ['bob', issuer.url, ['a', 'b'], ['admin']],
    )
    assert.equal((await gate.explain({ method: 'GET', path: '/', principal })).allowed, true)
  })

  describe('rotates', () => {
    let made: Believing
    let old: string
    before(async () => {
      made = await api()
      old = made.issuer.rotate(60_000)
    })

    test('the old key is there for as long as was asked, and not longer', async () => {
      const { issuer, clock, status } = made
      assert.equal(await status(issuer.token({}, { key: old })), 200)
      assert.equal(await status(issuer.token()), 200)
      assert.equal(issuer.jwks().keys.length, 2)
      clock.advance(59_999)
      assert.equal(issuer.jwks().keys.length, 2)
      clock.advance(1)
      assert.equal(issuer.jwks().keys.length, 1)
    })

    test('JWT-21: a gate that fetches again refuses the tokens of a key that was withdrawn', async () => {
      const { issuer, clock, status } = made
      // Beyond what the keys may be kept for: the first request renews them, and those after it see it.
      clock.advance(3_600_000)
      issuer.rotate(0)
      assert.equal(await status(issuer.token()), 200)
      assert.equal(await status(issuer.token({}, { key: old })), 401)
    })
  })

  test('JWKS-05: publishes keys that may be kept, and says when they are the same', async () => {
    const { issuer } = await api({ maxAge: 120 })
    const first = await fetch(`${issuer.url}/jwks`)
    const etag = first.headers.get('etag') ?? ''
    assert.equal(first.headers.get('cache-control'), 'public, max-age=120')
    assert.deepEqual(await first.json(), issuer.jwks())
    const again = { headers: { 'If-None-Match': etag } }
    assert.equal((await fetch(`${issuer.url}/jwks`, again)).status, 304)
    issuer.rotate()
    assert.equal((await fetch(`${issuer.url}/jwks`, again)).status, 200)
    for (const { d } of ((await (await fetch(`${issuer.url}/jwks`)).json()) as { keys: { d?: string }[] })
      .keys)
      assert.equal(d, undefined)
  })

  for (const how of ['fails', 'malformed', 'page', 'redirects', 'empty'] satisfies Misbehaviour[]) {
    for (const where of ['metadata', 'keys'] as const) {
      test(`JWKS-03, JWKS-07: ${how} at its ${where}: the gate lets nobody in, and asks nobody to log in again`, async () => {
        const { issuer, status } = await api()
        issuer.misbehave(how, where)
        assert.equal(await status(issuer.token()), 503)
      })
    }
  }

  test('answers late what has hung until it behaves', async () => {
    const { issuer, status } = await api()
    issuer.misbehave('hangs')
    const waiting = status(issuer.token())
    while (issuer.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    issuer.behave()
    assert.equal(await waiting, 200)
  })

  test('INT-01: knows the tokens that it gave, opaque ones too, until they are called back', async () => {
    const { issuer, clock, status } = await api({}, 'introspection')
    for (const form of ['jwt', 'opaque'] as const) {
      const token = issuer.token({}, { form })
      assert.equal(await status(token), 200)
      issuer.revoke(token)
      clock.advance(2_000)
      assert.equal(await status(token), 401)
    }
    assert.equal(await status('a-made-up-token-of-nobody'), 401)
    issuer.misbehave('fails', 'introspection')
    assert.equal(await status(issuer.token()), 503)
  })

  test('answers about tokens to the API alone, and takes them back from it', async () => {
    const { issuer } = await api({}, 'introspection')
    const { clientId, clientSecret } = issuer.introspectionOptions
    const token = issuer.token({}, { form: 'opaque' })
    const post = (path: string, form: Record<string, string>): Promise<Response> =>
      fetch(`${issuer.url}${path}`, { method: 'POST', body: new URLSearchParams(form) })
    assert.equal((await post('/introspect', { token })).status, 401)
    const client = { client_id: clientId, client_secret: String(clientSecret) }
    assert.equal((await post('/introspect', client)).status, 400)
    const active = async (): Promise<unknown> =>
      ((await (await post('/introspect', { ...client, token })).json()) as { active: unknown }).active
    assert.equal(await active(), true)
    assert.equal((await post('/revoke', { ...client, token })).status, 200)
    assert.equal(await active(), false)
    assert.equal((await fetch(`${issuer.url}/elsewhere`)).status, 404)
  })

  test('has no key that nobody made', async () => {
    const { issuer } = await api()
    assert.throws(() => issuer.token({}, { key: 'key-9' }), /no key "key-9"/)
  })
})
