import { randomBytes } from 'node:crypto'
import {
  authorizationServerMetadata,
  consoleLogger,
  type EndpointHandler,
  type Gate,
  gatehouse,
  type Handler,
  hashApiKey,
  jsonDocument,
  type JwtKey,
  tokenEndpoint,
  tokenIssuer,
} from '@gatehouse/core'

/** What the authorization server is made of. */
export interface Issuing {
  readonly port: number
  readonly issuer: string
  /** The private key that signs. */
  readonly key: JwtKey
  /** The resources that it issues tokens for, and the scopes of all of them. */
  readonly resources: readonly string[]
  readonly scopes: readonly string[]
}

/** An authorization server that is just large enough to try the example: one client, one grant. */
export interface AuthorizationServer {
  readonly gate: Gate<never>
  readonly handler: ReturnType<Gate<never>['handler']>
  readonly client: { readonly id: string; readonly secret: string }
}

/** Makes the authorization server: yours is somewhere else, and issues tokens to the clients of people. */
export function authorizationServer({ port, issuer, key, resources, scopes }: Issuing): AuthorizationServer {
  const client = { id: 'agent', secret: randomBytes(24).toString('base64url') }
  const token = `${issuer}/token`
  const clients = [
    { id: client.id, secretHash: hashApiKey(client.secret), grants: ['client_credentials'], scopes },
  ] as const
  // RFC 8707 §2: a token is for the resource that was asked for, and good nowhere else.
  const endpoints = new Map<unknown, EndpointHandler>(
    resources.map((audience) => [
      audience,
      tokenEndpoint({ issuer: tokenIssuer({ issuer, audience, key }), clients }),
    ]),
  )
  const metadata = jsonDocument({
    ...authorizationServerMetadata({ issuer, tokenEndpoint: token, grants: ['client_credentials'], scopes }),
    // There is none; clients of MCP want to read of one.
    authorization_endpoint: `${issuer}/authorize`,
  })

  const gate = gatehouse({
    hosts: [`localhost:${port}`],
    public: 'nothing else is here',
    rateLimit: { limit: 100, window: '1m' },
    routes: {
      'POST /token': { public: 'issues tokens', content: { types: 'form', required: true } },
      'GET /.well-known/oauth-authorization-server': { public: 'metadata' },
    },
    observe: consoleLogger(),
  })
  const routes: Readonly<Record<string, Handler<never>>> = {
    'POST /token'(req, res, pass) {
      const endpoint = endpoints.get((pass.content as { readonly resource?: unknown }).resource)
      if (endpoint !== undefined) return endpoint(req, res, pass)
      res.writeHead(400, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
      return res.end(JSON.stringify({ error: 'invalid_target' }))
    },
    'GET /.well-known/oauth-authorization-server': (req, res) => metadata(req, res),
  }
  const handler = gate.handler((req, res, pass) => {
    const handle = routes[pass.rule]
    return handle === undefined ? gate.notFound(req, res) : handle(req, res, pass)
  })
  return { gate, handler, client }
}
