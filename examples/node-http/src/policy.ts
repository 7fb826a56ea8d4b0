import {
  anyOf,
  consoleLogger,
  type Gate,
  gatehouse,
  type JwtPrincipal,
  oauth2PasswordBearer,
  type Observer,
  type SessionPrincipal,
  type Sessions,
  type TokenIssuerOptions,
} from '@gatehouse/core'
import { DASHBOARD_HEADERS } from '@gatehouse/dashboard'

/** Who calls: with a token, or from the dashboard with the cookie of a session. */
export type DemoPrincipal = JwtPrincipal | SessionPrincipal

/** What the policy needs to know of the place it runs in. */
export interface Setting {
  readonly port: number
  /** Where https listens; `undefined` without `--tls`. */
  readonly tlsPort: number | undefined
  /** What it is called besides localhost; `undefined` where it has no other name. */
  readonly name: string | undefined
  /** Who issues the tokens, for whom, and with which key: this very server. */
  readonly issuer: TokenIssuerOptions
  /** A browser has no token when it follows a link: sessions of those who look at the dashboard. */
  readonly sessions: Sessions
  /** Hear every event, for `GET /admin/events`, the dashboard and its alerts. */
  readonly observers: readonly Observer[]
}

/** The whole policy of the demo: read it top to bottom. */
export function demoGate({ port, tlsPort, name, issuer, sessions, observers }: Setting): Gate<DemoPrincipal> {
  const names = ['127.0.0.1', 'localhost', ...(name === undefined ? [] : [name])]
  const ports = tlsPort === undefined ? [port] : [port, tlsPort]
  return gatehouse({
    // Which names this server answers for. A request for any other is refused.
    hosts: ports.flatMap((each) => names.map((one) => `${one}:${each}`)),

    // With --tls plain http is sent to https; without, it is allowed, since there is nothing else here.
    https: tlsPort === undefined ? 'dangerouslyAllowHttp' : { mode: 'redirect', port: tlsPort },

    // Which other web sites may call from a browser: a front end under development, where Vite serves it.
    cors: { origins: ['http://localhost:5173'] },

    // How often each client may call, by address. Routes can add limits of their own.
    rateLimit: { limit: 100, window: '1m' },

    // Who is calling: a bearer token that POST /token gives for a name and a password, or a session.
    authenticate: anyOf(
      oauth2PasswordBearer({
        tokenUrl: '/token',
        issuer: issuer.issuer,
        audience: issuer.audience,
        keys: issuer.key,
        scopes: { 'data:read': 'Read the data', 'notes:write': 'Write notes' },
      }),
      sessions,
    ),

    // An admin may do what a user may.
    roles: { admin: ['user'], user: [] },

    // What each route asks. A route that is not here needs a token; public ones say why.
    routes: {
      'GET /': {
        public: 'the page to log in on',
        // The page names its own script by a nonce, and what that loads is trusted: nothing else runs.
        headers: {
          preset: 'page',
          contentSecurityPolicy: { 'script-src': ["'nonce'", "'strict-dynamic'"] },
        },
      },
      'GET /assets/*': { public: 'what the page is made of', headers: 'page' },
      'GET /docs': { public: 'the documents of the API', headers: 'page' },
      'GET /docs/*': { public: 'what the documents are shown with', headers: 'page' },
      'GET /openapi.json': { public: 'what the API does, and what it asks' },
      'GET /health': { public: 'load balancers ask it', rateLimit: 'exempt' },
      'POST /token': { public: 'issues tokens', rateLimit: { limit: 10, window: '1m' } },
      'GET /secure-data': { scopes: ['data:read'], rateLimit: { limit: 10, window: '10s', by: 'principal' } },
      'GET /notes': { scopes: ['data:read'] },
      'POST /notes': {
        scopes: ['notes:write'],
        content: { types: 'json', required: true, maxBytes: 16_384 },
      },
      '/admin/*': { roles: ['admin'] },
      '/dashboard': { roles: ['admin'] },
      // Whoever comes to the dashboard without a session is led to the page to log in on; what it shows is below.
      'GET /gatehouse/': {
        optional: 'leads to the page to log in on',
        headers: DASHBOARD_HEADERS,
        rateLimit: 'exempt',
      },
      '/gatehouse/*': { roles: ['admin'], headers: DASHBOARD_HEADERS, rateLimit: 'exempt' },
    },

    // What happened: a line per decision on the terminal, the last ones for the admin, the dashboard, and its alerts.
    observe: [consoleLogger(), ...observers],
  })
}
