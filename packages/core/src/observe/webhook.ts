import type { SecurityEvent } from '../contract/event.ts'
import { isFieldValue, isToken } from '../lib/chars.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import { bytesOf, type Secret, secret as wrap, unwrapped } from '../lib/secret.ts'
import { WEBHOOK_FIELDS, webhookFields } from '../lib/standard-webhook.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import {
  at,
  isPlainObject,
  optional,
  type OptionReaders,
  type Place,
  report,
  required,
} from '../options/read.ts'
import { duration, flag, integer } from '../options/readers.ts'
import { readWebhookSecrets, type WebhookSecrets } from '../options/webhook-secrets.ts'
import { delivery, DELIVERY_DEFAULTS, type DeliveryAmbient, type Sent } from './delivery.ts'
import { post, readPostUrl, refuseHttp, sentBy } from './post.ts'
import { isMinor, type Sink, Tally } from './sink.ts'

/** Where events are posted, and how. */
export interface WebhookOptions {
  /** The URL, of https. It is a secret where it has one in it: no message shows it. */
  readonly url: string
  /** Fields that go with each request: `{ Authorization: secret(...) }`. */
  readonly headers?: Readonly<Record<string, string | Secret>>
  /**
   * What signs each request, as Standard Webhooks has it: what `generateWebhookSecret` gave. Without it nobody can tell that
   * it came from here; a receiver verifies it with `webhookVerifier`. Several while one is replaced by another: each signs.
   */
  readonly secret?: WebhookSecrets
  /**
   * How many events go with one request at most, 1 to 1,000.
   *
   * @default 100
   */
  readonly maxBatch?: number
  /**
   * How long the first event waits for others that go with it: 0 to 1 minute.
   *
   * @default '1s'
   */
  readonly gather?: Duration
  /**
   * How many events wait, 1 to 1,000,000. What comes when there is no room is dropped, and counted; a request that was let
   * through makes room for what was not.
   *
   * @default 10_000
   */
  readonly maxWaiting?: number
  /**
   * How long one attempt may take: 100 milliseconds to 1 minute.
   *
   * @default '10s'
   */
  readonly timeout?: Duration
  /**
   * How often a batch is tried before it is dropped, 1 to 20. It waits up to 1 second, 2, 4 in between, at least half of
   * that, or as long as `Retry-After` says, and ten minutes at most.
   *
   * @default 6
   */
  readonly attempts?: number
  /** Ends it: what is under way is given up, what waits is dropped. */
  readonly signal?: AbortSignal
  /**
   * For development: a URL of http, which everybody on the way can read and change.
   *
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean
}

const READERS = {
  url: required(readPostUrl, "Write a URL, such as 'https://hooks.example.com/events'."),
  headers: optional(readHeaders, {}),
  secret: optional<readonly Secret[]>(readWebhookSecrets, []),
  maxBatch: optional(integer(1, 1_000), 100),
  gather: optional(duration('0s', '1m'), 1_000),
  maxWaiting: optional(integer(1, 1_000_000), 10_000),
  timeout: optional(duration('100ms', '1m'), 10_000),
  attempts: optional(integer(1, 20), DELIVERY_DEFAULTS.attempts),
  signal: optional(readSignal),
  dangerouslyAllowHttp: optional(flag(), false),
} satisfies OptionReaders<WebhookOptions>

const ABORTED: Sent = Object.freeze({ type: 'refused', reason: 'it was aborted' })
const BROKEN: Sent = Object.freeze({ type: 'later', reason: 'the connection failed' })

/** How long the wait between two attempts grows. */
const LONGEST_WAIT_MS = 600_000

/** What a webhook runs on; a test moves it. */
export interface WebhookAmbient extends Partial<DeliveryAmbient> {
  readonly clock?: Clock
}

/**
 * Posts events in batches as JSON, signed: `{ "type": "gatehouse.events", "timestamp", "data": { "events": [...] } }`.
 *
 * Nothing waits for the receiver. One request is under way at a time; what fails is tried again with growing waits; what
 * finds no room, or fails too often, is dropped and counted, with a process warning at most once a minute. A redirect is a
 * failure. Close it after the gate, so that the last events are posted.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const hook = webhook({ url: 'https://hooks.example.com/events', secret: process.env['HOOK_SECRET'] ?? '' })
 * gatehouse({ ...policy, observe: sampled(hook.observe, { allowed: 0 }) })
 * @see https://www.standardwebhooks.com
 */
export function webhook(options: WebhookOptions): Sink {
  return createWebhook(options, {})
}

/** {@link webhook}, with what a test replaces. */
export function createWebhook(options: WebhookOptions, ambient: WebhookAmbient): Sink {
  const read = readOrThrow('webhook', options, READERS, ['url'], refuseHttp)
  const { url, headers, secret, signal } = read
  const { clock = systemClock } = ambient
  const losses = new Tally()
  const isAborted = (): boolean => signal?.aborted === true
  const queue = delivery<SecurityEvent>(
    {
      ...DELIVERY_DEFAULTS,
      name: 'a webhook of events',
      capacity: read.maxWaiting,
      batch: read.maxBatch,
      gatherMs: read.gather,
      attempts: read.attempts,
      timeoutMs: read.timeout,
      longestWaitMs: LONGEST_WAIT_MS,
      isMinor,
      onLost: (events) => losses.add(events),
    },
    async (events, attempt) => {
      if (isAborted()) return ABORTED
      const now = clock.now()
      const timestamp = Math.floor(now / 1000)
      const data = { events }
      const body = JSON.stringify({ type: 'gatehouse.events', timestamp: new Date(now).toISOString(), data })
      const answer = await post({
        url,
        headers: {
          ...plain(headers),
          'Content-Type': 'application/json',
          ...webhookFields(secret.map(bytesOf), { id: attempt.id, timestamp, body }),
        },
        body,
        signal: signal === undefined ? attempt.signal : AbortSignal.any([attempt.signal, signal]),
      }).catch(() => undefined)
      // Not tried again: it may have been given up on the way.
      if (isAborted()) return ABORTED
      return answer === undefined ? BROKEN : sentBy(answer, now)
    },
    ambient,
  )
  // A signal that is aborted already tells of it no more.
  if (isAborted()) void queue.close()
  signal?.addEventListener('abort', () => void queue.close(), { once: true })
  return {
    observe: queue.push,
    dropped: () => losses.total,
    droppedByOutcome: () => losses.counts(),
    close: queue.close,
  }
}

/** What a request has of its own. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  ...Object.values(WEBHOOK_FIELDS),
])

/** The fields as they are sent. */
function plain(headers: Readonly<Record<string, string | Secret>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(unwrapped(value))]))
}

function readHeaders(value: unknown, place: Place): Readonly<Record<string, Secret>> | undefined {
  const instead = "Write { Authorization: secret('...') }."
  if (!isPlainObject(value)) return report(place, 'wrong_type', 'is not an object of fields.', instead)
  const fields: Record<string, Secret> = {}
  for (const [name, given] of Object.entries(value)) {
    const field = unwrapped(given)
    const where = at(place, name)
    if (typeof field !== 'string' || !isToken(name) || !isFieldValue(field))
      report(where, 'malformed_value', 'is not a field that can be sent.', instead)
    else if (OWN_FIELDS.has(name.toLowerCase()))
      report(where, 'contradiction', 'is a field that is written here.', 'Leave it out.')
    // A key for somebody else's server is a secret, wrapped or not.
    else fields[name] = wrap(field)
  }
  return fields
}

function readSignal(value: unknown, place: Place): AbortSignal | undefined {
  return value instanceof AbortSignal
    ? value
    : report(place, 'wrong_type', 'is not a signal.', 'Write new AbortController().signal.')
}
