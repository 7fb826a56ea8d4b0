import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import type { Scheme } from '../../src/contract/scheme.ts'
import { dpop } from '../../src/identity/dpop.ts'
import { introspection } from '../../src/identity/introspection.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { remoteKeys } from '../../src/identity/remote-keys.ts'
import type { TokenScheme } from '../../src/identity/tokens.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { providerListener, RESOURCES, signingKey } from '../support/oidc-provider.ts'

/*
 * An authorization server and a client that no one here wrote: oidc-provider issues, oauth4webapi asks and proves.
 */

const API = 'https://api.example.com'
const LOCAL = { allowPrivateAddresses: true, dangerouslyAllowHttp: true } as const
const SECRET = 'a client secret of the tests, which is long enough'
const client: oauth.Client = { client_id: 'app' }
const proof = oauth.ClientSecretBasic(SECRET)
const INSECURE = { [oauth.allowInsecureRequests]: true } as const

const open: Server[] = []
after(() => {
  for (const server of open) {
    server.close()
    server.closeAllConnections()
  }
})

async function listen(listener: RequestListener): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(listener)
  open.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function provider(issuer: string, key: object): RequestListener {
  const clientOf = (client_id: string): object => ({
    client_id,
    client_secret: SECRET,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  })
  return providerListener(issuer, {
    clients: [clientOf('app'), clientOf('api')],
    scopes: ['data:read'],
    jwks: { keys: [key] },
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: RESOURCES,
    },
  })
}

/** A clock that goes on from the real one, since the provider lives by that. */
let ahead = 0
const clock: Clock = {
  now: () => systemClock.now() + ahead,
  monotonic: () => systemClock.monotonic() + ahead,
}

describe('an authorization server', () => {
  let issuer: string
  let server: oauth.AuthorizationServer
  let current: RequestListener

  before(async () => {
    const { url } = await listen((req, res) => current(req, res))
    issuer = url
    current = provider(issuer, signingKey('one'))
    const found = await oauth.discoveryRequest(new URL(issuer), INSECURE)
    server = await oauth.processDiscoveryResponse(new URL(issuer), found)
  })

  async function tokenFor(resource: string, options: object = {}): Promise<string> {
    const asked = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      proof,
      new URLSearchParams({ resource, scope: 'data:read' }),
      { ...INSECURE, ...options },
    )
    return (await oauth.processClientCredentialsResponse(server, client, asked)).access_token
  }

  async function api(authenticate: Scheme): Promise<(authorization?: string) => Promise<Response>> {
    const gate = gatehouse({
      dangerouslyAnyHost: true,
      https: 'dangerouslyAllowHttp',
      clock,
      authenticate,
      routes: { 'GET /data': { scopes: ['data:read'] } },
    })
    const { url } = await listen(gate.handler((_req, res, pass) => res.end(pass.principal.subject)))
    return (authorization) =>
      fetch(`${url}/data`, authorization === undefined ? {} : { headers: { authorization } })
  }

  const tokens = (): TokenScheme<never> =>
    jwt({
      issuer,
      audience: API,
      typ: 'at+jwt',
      keys: remoteKeys({ ...LOCAL, algorithms: ['RS256'] }),
    }) as unknown as TokenScheme<never>

  test('JWT-13: its tokens are accepted by discovery, for this audience alone, and as they were signed', async () => {
    const call = await api(tokens())
    const token = await tokenFor(API)
    const good = await call(`Bearer ${token}`)
    assert.deepEqual([good.status, await good.text()], [200, 'app'])
    assert.equal((await call()).status, 401)
    assert.equal((await call(`Bearer ${token.slice(0, -8)}AAAAAAAA`)).status, 401)
    assert.equal((await call(`Bearer ${await tokenFor('https://else.example.com')}`)).status, 401)
  })

  test('JWKS-02: a new key is fetched when its first token comes, and the old one is good no more', async () => {
    const call = await api(tokens())
    const old = await tokenFor(API)
    assert.equal((await call(`Bearer ${old}`)).status, 200)
    current = provider(issuer, signingKey('two'))
    ahead += 31_000
    assert.equal((await call(`Bearer ${await tokenFor(API)}`)).status, 200)
    assert.equal((await call(`Bearer ${old}`)).status, 401)
  })

  test('INT-01: its opaque tokens are asked about, and refused once they are revoked', async () => {
    const resource = `${API}/opaque`
    const call = await api(
      introspection({ ...LOCAL, issuer, clientId: 'api', clientSecret: SECRET, audience: resource }),
    )
    const token = await tokenFor(resource)
    assert.ok(!token.includes('.'))
    assert.equal((await call(`Bearer ${token}`)).status, 200)
    assert.equal((await call('Bearer made-up')).status, 401)
    const revoked = await oauth.revocationRequest(server, client, proof, token, INSECURE)
    await oauth.processRevocationResponse(revoked)
    ahead += 31_000
    assert.equal((await call(`Bearer ${token}`)).status, 401)
  })

  test('DPP-12: its tokens that are bound to a key are taken from its holder, once for each proof', async () => {
    const keys = await oauth.generateKeyPair('ES256')
    const DPoP = oauth.DPoP(client, keys)
    const token = await tokenFor(API, { DPoP })
    ahead = 0
    const gate = gatehouse({
      dangerouslyAnyHost: true,
      https: 'dangerouslyAllowHttp',
      authenticate: dpop(tokens(), { nonce: { secret: randomBytes(32) } }),
    })
    const { url } = await listen(gate.handler((_req, res) => res.end('in')))
    const sent: Headers[] = []
    const ask = (handle: oauth.DPoPHandle): Promise<Response> =>
      oauth.protectedResourceRequest(token, 'GET', new URL(`${url}/data`), undefined, undefined, {
        ...INSECURE,
        DPoP: handle,
        [oauth.customFetch]: (to: string, init: { readonly headers: Record<string, string> }) => {
          sent.push(new Headers(init.headers))
          return fetch(to, init)
        },
      })
    // The first proof has no nonce; the client takes the one that it is given, and comes again.
    const first = await ask(DPoP).catch((error: unknown) => {
      assert.ok(oauth.isDPoPNonceError(error))
      return ask(DPoP)
    })
    assert.equal(await first.text(), 'in')
    const replayed = await fetch(`${url}/data`, { headers: sent.at(-1) ?? {} })
    assert.equal(replayed.status, 401)
    assert.match(String(replayed.headers.get('www-authenticate')), /invalid_dpop_proof/)
    const bearer = await fetch(`${url}/data`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(bearer.status, 401)
    const stranger = await ask(oauth.DPoP(client, await oauth.generateKeyPair('ES256'))).catch(
      (error: unknown) => error,
    )
    assert.ok(!(stranger instanceof Response) || stranger.status === 401)
  })
})
