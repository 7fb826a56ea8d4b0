import { createServer } from 'node:http'
import {
  type Alerts,
  alerts,
  gatehouse,
  type Gate,
  memoryStore,
  type Store,
  systemClock,
  tokenEndpoint,
  tokenIssuer,
} from '@gatehouse/core'
import { type Received, type Running, type Sent, start } from '../../../core/test/support/http.ts'
import { testScheme, type TestPrincipal } from '../../../core/test/support/scheme.ts'
import { type Dashboard, DASHBOARD_HEADERS, dashboard } from '../../src/index.ts'

/** A store that can be made to fail, and to answer again. */
export interface FragileStore extends Store {
  isBroken: boolean
}

function fragileStore(): FragileStore {
  const store = memoryStore()
  let isBroken = false
  return new Proxy(store, {
    get(target, name) {
      if (name === 'isBroken') return isBroken
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (isBroken && name !== 'close') return () => Promise.reject(new Error('the store is away'))
      return value.bind(target)
    },
    set(_target, name, value) {
      if (name === 'isBroken') isBroken = value === true
      return name === 'isBroken'
    },
  }) as FragileStore
}

/** The clock of this process, which a test can let run ahead. */
function aheadClock(): { now: () => number; monotonic: () => number; advance: (ms: number) => void } {
  let ahead = 0
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() + ahead,
    advance(ms) {
      ahead += ms
    },
  }
}

/** A gate on loopback with its alerts and its dashboard. */
export interface Served {
  readonly base: string
  readonly gate: Gate<TestPrincipal>
  readonly board: Dashboard
  readonly alarms: Alerts
  readonly store: FragileStore
  /** Lets time pass for the dashboard alone: for how long a stream may last. */
  readonly passForBoard: (ms: number) => void
  /** Lets time pass for the gate alone: for how long it leaves a store alone. */
  readonly passForGate: (ms: number) => void
  readonly send: (sent: Sent) => Promise<Received>
  /** Tries to log in. */
  readonly logIn: (account: string) => Promise<Received>
  readonly close: () => Promise<void>
}

/** Serves a small API behind a gate with real alerts, and its dashboard for the role ops. */
export async function serve(): Promise<Served> {
  const running: Running = await start(createServer())
  const store = fragileStore()
  // Time stands still for them: what a slow machine takes clears none.
  const alarms = alerts({ clock: { now: () => systemClock.now(), monotonic: () => 0 } })
  const boardClock = aheadClock()
  const gateClock = aheadClock()
  const board = dashboard({ title: 'Orders', alerts: alarms, clock: boardClock })
  const gate = gatehouse<TestPrincipal>({
    hosts: [`127.0.0.1:${running.port}`],
    https: 'dangerouslyAllowHttp',
    authenticate: testScheme(),
    store,
    clock: gateClock,
    rateLimit: { name: 'address', limit: 5_000, window: '1m', whenStoreFails: 'open' },
    routes: {
      'GET /open': { public: 'a test', rateLimit: { name: 'burst', limit: 20, window: '1d' } },
      'POST /trial': { public: 'a test', content: { types: 'json', required: true } },
      'POST /token': { public: 'logins' },
      'GET /orders/:id': { scopes: ['orders:read'] },
      '/gatehouse/*': { roles: ['ops'], headers: DASHBOARD_HEADERS, rateLimit: 'exempt' },
    },
    shadow: ['content'],
    observe: [board.observe, alarms.observe],
  })
  board.watch(gate)
  const issueToken = tokenEndpoint({
    issuer: tokenIssuer({
      issuer: 'http://127.0.0.1',
      audience: 'orders',
      key: { alg: 'HS256', key: Buffer.alloc(32, 7) },
    }),
    verify: () => undefined,
  })
  running.server.on(
    'request',
    gate.handler((req, res, pass) => {
      if (pass.path.startsWith('/gatehouse/')) return board.handler(req, res, pass)
      return pass.path === '/token' ? issueToken(req, res, pass) : res.end('ok')
    }),
  )
  return {
    base: `http://127.0.0.1:${running.port}`,
    gate,
    board,
    alarms,
    store,
    passForBoard: boardClock.advance,
    passForGate: gateClock.advance,
    send: running.send,
    logIn: (account) =>
      running.send({
        method: 'POST',
        path: '/token',
        fields: ['Content-Type', 'application/x-www-form-urlencoded'],
        body: `grant_type=password&username=${account}&password=summer2026`,
      }),
    async close() {
      board.close()
      await running.close()
      await gate.close()
      await alarms.close()
    },
  }
}
