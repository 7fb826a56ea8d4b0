import { consoleLogger, type Gate, gatehouse, jwt, type JwtKey, type JwtPrincipal } from '@gatehouse/core'

/** What the policy of the MCP server has to know. */
export interface Protected {
  readonly port: number
  /** The URL of the MCP server: what clients call, and what tokens name as their audience. */
  readonly resource: string
  readonly issuer: string
  /** The public key of the issuer. Yours are found: `jwt({ issuer, audience })` asks the issuer for them. */
  readonly key: JwtKey
  /** The origins of pages that may call it. */
  readonly origins: readonly string[]
}

/** The MCP server as a protected resource. Which scope a tool needs stands beside the tools. */
export function mcpGate({ port, resource, issuer, key, origins }: Protected): Gate<JwtPrincipal> {
  return gatehouse({
    hosts: [`localhost:${port}`], // and no other: what rebinds its name in the DNS comes with another one
    // A page of any other origin is refused, with a token, too: MCP wants it so. Programs send no Origin.
    cors: { origins, headers: ['authorization', 'content-type', 'mcp-protocol-version'], block: true },
    rateLimit: { limit: 300, window: '1m' },
    authenticate: jwt({ issuer, audience: resource, keys: key, typ: 'at+jwt' }),
    // Where clients find out who issues tokens for it (RFC 9728). The scope is what they ask for at first.
    protectedResource: {
      resource,
      authorizationServers: [issuer],
      scopes: ['notes:read'],
      name: 'Notes',
    },
    routes: {
      'POST /mcp': { authenticated: true, content: { types: 'json', required: true, maxBytes: 100_000 } },
    },
    observe: consoleLogger(),
  })
}
