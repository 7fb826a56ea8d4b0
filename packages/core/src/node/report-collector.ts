import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Kind } from '../contract/kinds.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import {
  clientOf,
  type EndpointHandler,
  type EndpointPass,
  isPass,
} from '../identity/token-endpoint/handler.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { type Duration, secondsToWait } from '../lib/duration.ts'
import { addressKey, parseIp } from '../lib/ip.ts'
import { parseJson } from '../lib/json.ts'
import { parseMediaType } from '../lib/media-type.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { memoryStore } from '../limiting/memory-store.ts'
import { optional, type OptionReaders, required } from '../options/read.ts'
import { callback, duration, integer, oneOf, options, timeSource } from '../options/readers.ts'
import { type BytesRead, readBytes } from '../request/read-bytes.ts'
import { type BrowserReport, legacyReportOf, reportsOf, summaryOf } from './report-collector/report.ts'

export type { BrowserReport } from './report-collector/report.ts'

/** Hears a report. */
export type OnReport = (report: BrowserReport) => void | Promise<void>

/** Options of {@link reportCollector}. */
export interface ReportCollectorOptions {
  /**
   * Hears each report, after the browser was answered; the log hears of it anyway. It may be slow, and fail: an event says
   * so then.
   */
  readonly onReport?: OnReport
  /**
   * How many requests of one client are taken, an IPv6 client by its /64: each process counts for itself. Limits of the
   * route come on top.
   *
   * @default { limit: 30, window: '1m' }
   */
  readonly rateLimit?: {
    /** How many requests within the window: 1 to 100,000. */
    readonly limit: number
    /** In which time: 1 second to a day. */
    readonly window: Duration
  }
  /**
   * Whether URLs lose their userinfo, query and fragment (`'path'`), where tokens and names stand, or keep them.
   *
   * @default 'path'
   */
  readonly urls?: 'path' | 'full'
  /**
   * The most bytes of a request: 1 to 64 KiB.
   *
   * @default 65536
   */
  readonly maxBodyBytes?: number
  /**
   * The most reports of one request that are taken, 1 to 100; what comes behind them is dropped.
   *
   * @default 20
   */
  readonly maxReports?: number
  /** The time; for tests. */
  readonly clock?: Clock
}

const READERS = {
  onReport: optional(callback<OnReport>('(report) => { ... }')),
  rateLimit: optional(
    options({
      limit: required(integer(1, 100_000), 'Write limit: 30.'),
      window: required(duration('1s', '1d'), "Write window: '1m'."),
    }),
  ),
  urls: optional(oneOf('path', 'full'), 'path'),
  maxBodyBytes: optional(integer(1024, 65_536), 65_536),
  maxReports: optional(integer(1, 100), 20),
  clock: optional(timeSource(), systemClock),
} satisfies OptionReaders<ReportCollectorOptions>

/** What is answered: a status and fields that say nothing of what came. */
interface Reply {
  readonly status: number
  readonly fields?: readonly string[]
  /** What the log hears where it is no success. */
  readonly kind?: Kind
  readonly reason?: string
  readonly reports?: readonly BrowserReport[]
}

const rejected = (status: number, reason: string, fields: readonly string[] = []): Reply =>
  Object.freeze({ status, fields, kind: 'handler.rejected', reason: `${status}: ${reason}` })

const NOT_POST = rejected(405, 'reports come by POST.', ['Allow', 'POST'])
const NO_REPORT = rejected(415, 'the content is not of a type of reports.')
const MALFORMED = rejected(400, 'the content is no report.')
// The rest of the body is never read, so the connection cannot be used again.
const TOO_LARGE = rejected(413, 'the reports are too large.', ['Connection', 'close'])

/** What a JSON text of reports may hold: each has one object in another. */
const JSON_LIMITS = { maxDepth: 16, maxKeys: 4096 }

/**
 * Makes the handler that browsers send their reports to: what a Content-Security-Policy stopped, above all.
 *
 * Anybody can send it anything, so it takes `application/reports+json` and `application/csp-report` by POST and nothing
 * else, counts by client, and answers 204, or a 4xx that is always the same, without a body. What it hands on is plain
 * data of bounded size with its control characters escaped: an event `report.received` per report, and `onReport`.
 *
 * The route must be public, since browsers send no token along, and `dangerouslyCrossSite` where the policy asks for one of
 * `crossSiteToken`. Browsers that report for another origin ask first, by CORS: the origin of the pages must be allowed to
 * POST, with `content-type`.
 *
 * @throws ConfigError with every unusable option at once; the handler itself never rejects
 * @example
 * const gate = gatehouse({
 *   headers: { reporting: { endpoints: { default: 'https://api.example.com/reports' } } },
 *   routes: { 'POST /reports': { public: 'browsers report here' } },
 *   // ...
 * })
 * const reports = reportCollector()
 * // in a handler
 * if (req.url === '/reports') return reports(req, res, pass)
 * @see Reporting API §3.5, CSP3 §5; ASVS 3.4.7, 16.4.1
 */
export function reportCollector(given: ReportCollectorOptions = {}): EndpointHandler {
  const { onReport, rateLimit, urls, maxBodyBytes, maxReports, clock } = readOrThrow(
    'reportCollector',
    given,
    READERS,
    [],
  )
  const { limit = 30, window: windowMs = 60_000 } = rateLimit ?? {}
  const quota = { limit, windowMs }
  const counters = memoryStore({ maxKeys: 10_000, clock })
  const rules = { urls, maxReports }

  /** Milliseconds that a client has to wait; 0 where it need not. */
  async function waitOf(client: string | undefined): Promise<number> {
    const ip = client === undefined ? undefined : parseIp(client)
    const key = ip === undefined ? 'unknown' : addressKey(ip)
    const [outcome] = await counters.take([{ key, quota, cost: 1 }])
    return outcome?.retryAfterMs ?? 0
  }

  async function answerTo(req: IncomingMessage, pass: EndpointPass | undefined): Promise<Reply | undefined> {
    if (req.method !== 'POST') return NOT_POST
    const wait = await waitOf(clientOf(req, pass))
    if (wait > 0) return { ...TOO_MANY, fields: ['Retry-After', String(secondsToWait(wait))] }
    const type = parseMediaType(req.headers['content-type'] ?? '')?.essence
    const isList = type === 'application/reports+json'
    // A compressed report would be read as what it is not.
    if ((!isList && type !== 'application/csp-report') || req.headers['content-encoding'] !== undefined)
      return NO_REPORT
    const read = await bodyOf(req, maxBodyBytes, pass?.content)
    if (read.type === 'cut') return undefined
    if (read.type !== 'whole') return TOO_LARGE
    const json = isUtf8(read.bytes) ? parseJson(read.bytes.toString('utf8'), JSON_LIMITS) : undefined
    if (json?.ok !== true) return MALFORMED
    const reports = isList
      ? reportsOf(json.value, rules)
      : legacyReportOf(json.value, req.headers['user-agent'], rules)
    return reports === undefined ? MALFORMED : { status: 204, reports }
  }

  return async (req, res, third) => {
    const pass = isPass(third) ? third : undefined
    const reply = await answerTo(req, pass).catch(() => MALFORMED)
    if (reply === undefined) return
    const { kind, reason, reports = [] } = reply
    if (kind !== undefined && reason !== undefined) pass?.tell('refused', kind, reason)
    for (const report of reports) pass?.tell('warning', 'report.received', summaryOf(report))
    send(res, reply)
    if (onReport !== undefined) for (const report of reports) handOn(onReport, report, pass)
  }
}

const TOO_MANY: Reply = {
  status: 429,
  kind: 'limit.exceeded',
  reason: 'the client sends more reports than the collector takes',
}

/** The body, or what the gate or a framework has made of it. */
async function bodyOf(req: IncomingMessage, limit: number, content: unknown): Promise<BytesRead> {
  if (!req.readableDidRead && !req.readableEnded) return readBytes(req, limit)
  const body = content ?? (req as { body?: unknown }).body
  const bytes =
    body instanceof Uint8Array
      ? Buffer.from(body)
      : Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''))
  return bytes.length > limit ? { type: 'too-large' } : { type: 'whole', bytes }
}

/** Answers without a body: nothing of what came goes back (HDR-09). */
function send(res: ServerResponse, { status, fields = [] }: Reply): void {
  if (res.headersSent || res.destroyed) return
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  if (status !== 204) res.setHeader('Content-Length', 0)
  for (let i = 0; i + 1 < fields.length; i += 2) {
    // RFC 9113 §8.2.2: HTTP/2 has no Connection field; closing the stream is enough there.
    if (fields[i] === 'Connection' && res.req.httpVersionMajor > 1) continue
    res.setHeader(fields[i] ?? '', fields[i + 1] ?? '')
  }
  res.end()
}

function handOn(onReport: OnReport, report: BrowserReport, pass: EndpointPass | undefined): void {
  const fail = (): void => pass?.tell('warning', 'dependency.failed', 'a report could not be handed on')
  try {
    const result = onReport(report)
    if (isPromiseLike(result)) result.then(undefined, fail)
  } catch {
    fail()
  }
}
