import { randomBytes } from 'node:crypto'
import {
  consoleLogger,
  type Gate,
  gatehouse,
  jwt,
  type JwtPrincipal,
  type TokenIssuer,
  tokenIssuer,
} from '@gatehouse/core'

const ISSUER = 'https://id.example.com'
const AUDIENCE = 'https://api.example.com'

// A secret of this run, so that the example can issue tokens itself. Yours come from whoever logs your users in.
const KEY = { alg: 'HS256', key: randomBytes(32) } as const

/** Issues the tokens to try. */
export const issuer: TokenIssuer = tokenIssuer({ issuer: ISSUER, audience: AUDIENCE, key: KEY })

/** The ports of nginx: the API itself has none. */
export interface Ports {
  readonly tls: number
  readonly plain: number
}

/** What holds behind nginx: one proxy, on a socket that nobody else reaches. */
export function apiGate({ tls, plain }: Ports): Gate<JwtPrincipal> {
  return gatehouse({
    hosts: [tls, plain].flatMap((port) => [`localhost:${port}`, `127.0.0.1:${port}`]),
    // Over a socket the peer has no address to trust. Over a port: { trustedRanges: ['the address of nginx'] }.
    proxy: { trustedHops: 1 },
    // Of whoever comes over plain http; behind nginx on 80 and 443 there is no port to name.
    https: { mode: 'redirect', port: tls },
    rateLimit: { limit: 100, window: '1m' },
    authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: KEY }),
    routes: {
      'GET /health': { public: 'load balancers ask it', rateLimit: 'exempt' },
      'GET /whoami': { public: 'shows what the gate knows of a client' },
      'GET /secure-data': { scopes: ['data:read'] },
    },
    observe: consoleLogger(),
  })
}
