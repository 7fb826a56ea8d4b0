import {
  consoleLogger,
  type Gate,
  gatehouse,
  type SessionPrincipal,
  type Sessions,
  type Store,
} from '@gatehouse/core'

/** What the policy of a process needs. */
export interface Parts {
  readonly port: number
  readonly store: Store
  readonly sessions: Sessions
  readonly deadlineMs: number
}

/** The same in every process: a limit that differs would be counted apart. */
export function fleetGate({ port, store, sessions, deadlineMs }: Parts): Gate<SessionPrincipal> {
  return gatehouse({
    hosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    https: 'dangerouslyAllowHttp', // on this machine; leave it out where others call
    store,
    storeDeadline: deadlineMs,
    authenticate: sessions,
    routes: {
      'GET /hello': { public: 'shows the limit', rateLimit: { limit: 10, window: '1h' } },
      'POST /login': {
        public: 'users log in here',
        rateLimit: { limit: 3, window: '1h' },
        content: { types: 'json', required: true, maxBytes: 1_024 },
      },
    },
    observe: consoleLogger(),
  })
}
