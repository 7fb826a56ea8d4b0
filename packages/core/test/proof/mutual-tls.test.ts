import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import * as oauth from 'oauth4webapi'
import type { Scheme } from '../../src/contract/scheme.ts'
import { introspection } from '../../src/identity/introspection.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { mutualTls } from '../../src/identity/mutual-tls.ts'
import { remoteKeys } from '../../src/identity/remote-keys.ts'
import type { TokenPrincipal, TokenScheme } from '../../src/identity/tokens.ts'
import { type Certified, makeCertificates, type TlsApi, tlsApi } from '../support/certificates.ts'
import { providerListener, RESOURCES, signingKey } from '../support/oidc-provider.ts'

/*
 * An authorization server and a client that no one here wrote, over TLS: oidc-provider binds its tokens to the
 * certificate that it sees on the connection (RFC 8705), and oauth4webapi asks with one.
 */

const API = 'https://api.example.com'
const OPAQUE = `${API}/opaque`
const SECRET = 'a client secret of the tests, which is long enough'
const made = makeCertificates()
const { authority, alice, bob, forged } = made

/** Clients that are known by their certificates: one by an authority, one by the certificate itself (RFC 8705 §2). */
const certified: oauth.Client = { client_id: 'certified' }
const selfSigned: oauth.Client = { client_id: 'self-signed' }

function configuration(): object {
  const common = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }
  const bound = { ...common, tls_client_certificate_bound_access_tokens: true }
  const { publicKey } = new X509Certificate(forged.cert)
  const registered = { ...publicKey.export({ format: 'jwk' }), x5c: [forged.der.toString('base64')] }
  const certificate = (ctx: { readonly socket: TLSSocket }): X509Certificate | undefined =>
    ctx.socket.getPeerX509Certificate()
  return {
    clients: [
      {
        ...bound,
        client_id: 'certified',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=alice',
      },
      {
        ...bound,
        client_id: 'self-signed',
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: { keys: [registered] },
      },
      { ...common, client_id: 'api', client_secret: SECRET },
    ],
    clientAuthMethods: ['client_secret_basic', 'tls_client_auth', 'self_signed_tls_client_auth'],
    scopes: ['data:read'],
    jwks: { keys: [signingKey('one')] },
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: RESOURCES,
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        tlsClientAuth: true,
        selfSignedTlsClientAuth: true,
        getCertificate: (ctx: { readonly socket: TLSSocket }) => certificate(ctx)?.toString(),
        certificateAuthorized: (ctx: { readonly socket: TLSSocket }) => ctx.socket.authorized,
        certificateSubjectMatches: (
          ctx: { readonly socket: TLSSocket },
          property: string,
          expected: string,
        ) => property === 'tls_client_auth_subject_dn' && certificate(ctx)?.subject === expected,
      },
    },
  }
}

/** A `fetch` that holds a certificate, since that of Node.js cannot: for the client that asks for tokens. */
function fetchAs(holder: Certified | undefined) {
  return (url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> =>
    new Promise((resolve, reject) => {
      const { method, headers, body } = init
      const text = body instanceof URLSearchParams ? body.toString() : undefined
      const options = { ca: authority.cert, agent: false, method, headers }
      const req = request(
        url,
        holder === undefined ? options : { ...options, cert: holder.cert, key: holder.key },
        (res) => {
          const chunks: Buffer[] = []
          res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
          res.on('end', () => {
            const { statusCode: status = 0, headers: fields } = res
            const type = { 'content-type': String(fields['content-type']) }
            resolve(new Response(Buffer.concat(chunks), { status, headers: type }))
          })
        },
      )
      req.on('error', reject)
      req.end(text)
    })
}

describe('an authorization server that binds tokens to certificates', () => {
  let listening: Server
  let issuer: string
  let metadata: oauth.AuthorizationServer
  let current: RequestListener
  const apis: TlsApi[] = []

  before(async () => {
    listening = createServer(
      {
        cert: made.server.cert,
        key: made.server.key,
        ca: authority.cert,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (req, res) => current(req, res),
    )
    await new Promise<void>((resolve) => {
      listening.listen(0, '127.0.0.1', resolve)
    })
    issuer = `https://localhost:${(listening.address() as AddressInfo).port}`
    current = providerListener(issuer, configuration())
    const found = await oauth.discoveryRequest(new URL(issuer), { [oauth.customFetch]: fetchAs(undefined) })
    metadata = await oauth.processDiscoveryResponse(new URL(issuer), found)
  })
  after(async () => {
    await Promise.all(apis.map((each) => each.close()))
    listening.closeAllConnections()
    listening.close()
  })

  async function askAs(
    holder: Certified | undefined,
    client: oauth.Client,
    resource: string,
  ): Promise<oauth.TokenEndpointResponse> {
    const asked = await oauth.clientCredentialsGrantRequest(
      metadata,
      client,
      oauth.TlsClientAuth(),
      new URLSearchParams({ resource, scope: 'data:read' }),
      { [oauth.customFetch]: fetchAs(holder) },
    )
    return oauth.processClientCredentialsResponse(metadata, client, asked)
  }

  async function tokenOf(holder: Certified, client: oauth.Client, resource: string): Promise<string> {
    return (await askAs(holder, client, resource)).access_token
  }

  const local = { ca: authority.cert, allowPrivateAddresses: true } as const
  const tokens = {
    jwt: (): TokenScheme =>
      jwt({ issuer, audience: API, typ: 'at+jwt', keys: remoteKeys({ ...local, algorithms: ['RS256'] }) }),
    opaque: (): TokenScheme =>
      introspection({ ...local, issuer, clientId: 'api', clientSecret: SECRET, audience: OPAQUE }),
  }

  type Call = (as: Certified | undefined, token: string) => Promise<string>

  /** An API that is called with a certificate, or without, and a token: who came in, or the kind of the refusal. */
  async function api(authenticate: Scheme<TokenPrincipal>): Promise<Call> {
    const kinds: string[] = []
    const served = await tlsApi<TokenPrincipal>(made, {
      authenticate,
      observe: ({ kind }) => kinds.push(kind),
      routes: { '/': { scopes: ['data:read'] } },
    })
    apis.push(served)
    return async (as, token) => {
      const { status, challenge, body } = await served.send({
        as,
        fields: ['Authorization', `Bearer ${token}`],
      })
      if (status === 200) return body
      assert.equal(status, 401)
      assert.match(challenge ?? '', /^Bearer realm="api", error="invalid_token"/)
      // Events are delivered at the end of a turn.
      await new Promise((resolve) => setImmediate(resolve))
      return kinds.at(-1) ?? ''
    }
  }

  test('MTL-01: the server itself gives a token to nobody but the holder of the certificate', async () => {
    assert.equal(metadata.tls_client_certificate_bound_access_tokens, true)
    for (const holder of [bob, forged, undefined]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, to see which
      await assert.rejects(
        askAs(holder, certified, API),
        (error) => error instanceof oauth.ResponseBodyError && error.error === 'invalid_client',
      )
    }
  })

  for (const [kind, resource] of [
    ['jwt', API],
    ['opaque', OPAQUE],
  ] as const) {
    test(`MTL-01: its bound token (${kind}) is taken with the certificate, and with nothing else`, async () => {
      const call = await api(mutualTls(tokens[kind]()))
      const token = await tokenOf(alice, certified, resource)
      assert.equal(token.split('.').length, kind === 'jwt' ? 3 : 1)
      assert.equal(await call(alice, token), 'certified')
      assert.equal(await call(bob, token), 'token.unbound')
      assert.equal(await call(undefined, token), 'token.unbound')
      assert.equal(await call(forged, token), 'token.unbound')
      assert.equal(await call(alice, token), 'certified', 'what was refused has spoilt nothing')
    })

    test(`MTL-01, DPP-16: where nobody looks at certificates, its bound token (${kind}) opens nothing`, async () => {
      const call = await api(tokens[kind]())
      const token = await tokenOf(alice, certified, resource)
      for (const as of [undefined, alice]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, to see which
        assert.equal(await call(as, token), 'token.unbound')
      }
    })

    test(`MTL-01: a certificate that no authority of the API vouches for binds no token (${kind})`, async () => {
      const call = await api(mutualTls(tokens[kind]()))
      const token = await tokenOf(forged, selfSigned, resource)
      for (const as of [forged, alice, undefined]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, to see which
        assert.equal(await call(as, token), 'token.unbound')
      }
    })
  }
})
