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

/** What holds for the whole API. Rules of single routes stand beside the routes, in main.ts. */
export function apiGate(port: number): Gate<JwtPrincipal> {
  return gatehouse({
    hosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    https: 'dangerouslyAllowHttp', // on this machine; leave it out where others call
    cors: { origins: ['http://localhost:5173'] },
    rateLimit: { limit: 100, window: '1m' },
    authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: KEY }),
    routes: {
      'GET /health': { public: 'load balancers ask it', rateLimit: 'exempt' },
      '/admin/*': { roles: ['admin'] },
    },
    observe: consoleLogger(),
  })
}
