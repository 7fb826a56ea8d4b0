import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Observer, type Pass, routeAsks, type SecurityHeadersSetting } from '@gatehouse/core'
import { pageFiles } from './files.ts'
import { KEPT } from './kept.ts'
import { Listeners } from './listeners.ts'
import { Memory } from './memory.ts'
import { nearOf, type WatchedGate } from './near.ts'
import { type DashboardOptions, readDashboard } from './options.ts'
import type { Near, ShownAlert, ShownRoute, Update, View } from './view.ts'

/** A dashboard. */
export interface Dashboard {
  /** Hears the events of a gate: hand it to `observe`. */
  readonly observe: Observer
  /** Serves the page, and what is below it. */
  readonly handler: (req: IncomingMessage, res: ServerResponse, pass: Pick<Pass, 'path' | 'signal'>) => void
  /** Says which gate it is: for its routes, its limits, and its answer to what is not there. */
  readonly watch: (gate: WatchedGate) => void
  /** What the page shows at this moment. */
  readonly view: () => View
  /** Ends what is sent to the pages that are open. Idempotent. */
  readonly close: () => void
}

/** What a dashboard runs on besides a clock; a test moves it. */
export interface DashboardAmbient {
  /** Calls `tick` every so many milliseconds, until what it gives is called. */
  readonly every: (ms: number, tick: () => void) => () => void
}

/**
 * The headers for the rule of a dashboard: its page loads its own files and nothing else, and makes no code from text.
 *
 * @example
 * routes: { '/gatehouse/*': { roles: ['ops'], headers: DASHBOARD_HEADERS } }
 */
export const DASHBOARD_HEADERS: SecurityHeadersSetting = {
  preset: 'page',
  contentSecurityPolicy: {
    'img-src': ["'self'"],
    'font-src': false,
    'form-action': ["'none'"],
    'require-trusted-types-for': ["'script'"],
    'trusted-types': ["'none'"],
  },
}

const TICK_MS = 1_000

/** Limits are looked at, and a silent line is given a sign of life, every so many ticks. */
const LOOK_TICKS = 2
const HEARTBEAT_TICKS = 15

/** So long a stream may outlive the session, the token or the role it was let in with: then the page comes back, through the gate. */
const STREAM_MS = 15_000

/** So long ago a request may have been let in that its handler refuses: see requests.ts. */
const LATE_SECONDS = 60

/** How long a page waits before it comes back. */
const RETRY_MS = 1_000

const interval: DashboardAmbient = {
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref()
    return () => clearInterval(timer)
  },
}

/** The parts that are sent as a whole when they have changed. */
const PARTS = [
  'warnings',
  'offenders',
  'shadow',
  'limited',
  'near',
  'storeDown',
  'alerts',
  'routes',
  'order',
  'listeners',
  'dropped',
] as const satisfies readonly (keyof View)[]

/**
 * A live page of what a gate decides: requests over time, who is refused and why, limits, alerts, routes, findings of
 * shadow mode. It remembers an hour, in a few megabytes at most, whatever comes.
 *
 * @throws ConfigError listing every unusable option at once
 * @example
 * const board = dashboard({ title: 'Orders' })
 * const gate = gatehouse({
 *   ...policy,
 *   routes: { '/gatehouse/*': { roles: ['ops'], headers: DASHBOARD_HEADERS } },
 *   observe: [jsonLines(), board.observe],
 * })
 * board.watch(gate)
 * // where requests for /gatehouse/ are handled
 * board.handler(req, res, pass)
 */
export function dashboard(options: DashboardOptions = {}, ambient: DashboardAmbient = interval): Dashboard {
  const { title, base, listeners: most, clock, alerts } = readDashboard(options)
  const memory = new Memory(clock.now())
  const files = pageFiles()
  const listeners = new Listeners()
  let gate: WatchedGate | undefined
  let order: readonly string[] | null = null
  let near: readonly Near[] = []
  let looking = false
  let stop: (() => void) | undefined
  let ticks = 0
  /** What was sent last, of each part as JSON. */
  let sent: { at: number; event: number; readonly parts: Map<string, string> } = {
    at: 0,
    event: 0,
    parts: new Map(),
  }

  /** All there is, but of the counts of seconds and of the refusals what came since that second and that event. */
  const viewSince = (second: number, event: number): View => {
    const now = clock.now()
    return {
      title,
      now,
      started: memory.started,
      totals: memory.totals,
      seconds: memory.secondsSince(second, now),
      refusals: memory.refusals(event),
      warnings: memory.warnings(),
      offenders: memory.offenders(now),
      shadow: memory.shadow(now),
      limited: memory.limited(now),
      near: gate === undefined ? null : near,
      storeDown: memory.storeDown,
      alerts:
        alerts === undefined ? null : { active: shown(alerts.active()), recent: shown(alerts.recent()) },
      routes: gate === undefined ? null : routesOf(gate),
      order,
      listeners: listeners.size,
      dropped: listeners.dropped,
    }
  }
  const view = (): View => viewSince(0, 0)
  /** Where a page is that was sent all of this: a browser says it when it comes back. */
  const placeOf = ({ now }: { readonly now: number }): string =>
    `${memory.started}-${Math.floor(now / 1000)}-${memory.last}`
  const whole = (): string => {
    const all = view()
    return message('state', all, placeOf(all))
  }
  /** What a page that comes back has missed, or all of it when nobody knows. */
  const missed = (place: string | undefined): string => {
    const [, started, second, event] = PLACE.exec(place ?? '') ?? []
    if (Number(started) !== memory.started) return whole()
    const all = viewSince(Number(second) - LATE_SECONDS, Number(event))
    return message('update', all, placeOf(all))
  }

  const update = (): string => {
    // The second that was under way has gone on since, and of those before handlers may have refused something.
    const all = viewSince(Math.min(sent.at, memory.takeChanged()), sent.event)
    const { now, totals, seconds, refusals } = all
    const changed: Record<string, unknown> = { now, totals, seconds, refusals }
    for (const part of PARTS) {
      const text = JSON.stringify(all[part])
      if (sent.parts.get(part) === text) continue
      sent.parts.set(part, text)
      changed[part] = all[part]
    }
    sent.at = Math.floor(now / 1000)
    sent.event = memory.last
    return message('update', changed, placeOf(all))
  }

  const look = async (): Promise<void> => {
    if (gate === undefined || looking) return
    looking = true
    near = await nearOf(gate, memory, clock.now()).catch(() => near)
    looking = false
  }

  const tick = (): void => {
    ticks++
    listeners.endBefore(clock.monotonic())
    if (listeners.size === 0) return pause()
    if (ticks % LOOK_TICKS === 0) void look()
    const beat = ticks % HEARTBEAT_TICKS === 0 ? ': still here\n\n' : ''
    listeners.send(`${beat}${update()}`, whole)
  }
  const pause = (): void => {
    stop?.()
    stop = undefined
    // Nobody asks the gate any more, so it would grow old.
    near = []
  }

  const listen = (req: IncomingMessage, res: ServerResponse, signal: AbortSignal): void => {
    if (signal.aborted) return void res.destroy()
    if (listeners.size >= most) {
      res.writeHead(503, { 'Retry-After': '30', 'Content-Length': 0 }).end()
      return
    }
    // nginx holds back what is not marked.
    res.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    if (req.method === 'HEAD') return void res.end()
    if (stop === undefined) {
      sent = { at: 0, event: 0, parts: new Map() }
      update()
      stop = ambient.every(TICK_MS, tick)
    }
    // What was different for a moment is only told to whoever has seen it.
    sent.parts.clear()
    void look()
    listeners.add(res, signal, clock.monotonic() + STREAM_MS)
    res.write(`retry: ${RETRY_MS}\n\n${missed(req.headers['last-event-id']?.toString())}`)
  }

  return {
    observe: (event) => memory.hear(event, clock.now()),
    watch(watched) {
      gate = watched
      const { checks, options: said } = watched.describe()
      order = checks
      const prefix = said['proxy.ipv6Prefix']
      if (typeof prefix === 'number') memory.ipv6Prefix = prefix
    },
    view,
    close() {
      pause()
      listeners.endBefore(Infinity)
    },
    handler(req, res, pass) {
      if (req.method !== 'HEAD' && req.method !== 'GET') {
        res.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
        return
      }
      const name = pass.path.startsWith(base) ? pass.path.slice(base.length) : undefined
      if (name === 'events') return listen(req, res, pass.signal)
      const file = name === undefined ? undefined : files.get(name)
      if (file !== undefined) return answer(res, file.type, file.body)
      if (name === 'state') return answer(res, 'application/json', Buffer.from(JSON.stringify(view())))
      if (`${pass.path}/` === base) {
        // What the page loads is named relative to it.
        res.writeHead(308, { Location: base, 'Content-Length': 0 }).end()
        return
      }
      if (gate === undefined) res.writeHead(404, { 'Content-Length': 0 }).end()
      else gate.notFound(req, res)
    },
  }
}

/** The rules of a gate, each with what it asks in the words that `formatRoutes` has for it. */
function routesOf(gate: WatchedGate): readonly ShownRoute[] {
  return gate.routes().map((route) => Object.assign({ asks: routeAsks(route) }, route))
}

/** What the page has a place for: alerts carry more, such as samples. */
function shown(alerts: readonly ShownAlert[]): readonly ShownAlert[] {
  return alerts
    .slice(0, KEPT.alerts)
    .map(({ id, rule, severity, state, key, others, count, threshold, since, until, meaning, advice }) => ({
      id,
      rule,
      severity,
      state,
      key,
      others,
      count,
      threshold,
      since,
      until,
      meaning,
      advice,
    }))
}

function answer(res: ServerResponse, type: string, body: Buffer): void {
  res.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-store' })
  res.end(body)
}

/** What {@link Dashboard} has said of a place: numbers that are exact. */
const PLACE = /^(\d{1,15})-(\d{1,15})-(\d{1,15})$/

function message(event: 'state' | 'update', data: View | Update, place: string): string {
  return `id: ${place}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
