import type { SecurityEvent } from '../contract/event.ts'
import { decodeBase64 } from '../lib/base64url.ts'
import { isFieldValue, isToken } from '../lib/chars.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import { type Secret, secret as wrap, unwrapped } from '../lib/secret.ts'
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
import { duration, flag, integer, text } from '../options/readers.ts'
import { readSecret } from '../options/secret.ts'
import { delivery, DELIVERY_DEFAULTS, type DeliveryAmbient, type Sent } from './delivery.ts'
import type { Sink } from './sink.ts'
import { post } from './webhook/post.ts'
import { signatureFields } from './webhook/signature.ts'

/** Where events are posted, and how. */
export interface WebhookOptions {
  /** The URL, of https. It is a secret where it has one in it: no message shows it. */
  readonly url: string
  /** Fields that go with each request: `{ Authorization: secret(...) }`. */
  readonly headers?: Readonly<Record<string, string | Secret>>
  /**
   * What signs each request, as Standard Webhooks has it: `whsec_` and base64, or at least 32 random bytes, as bytes or as
   * base64url. Without it nobody can tell that it came from here.
   */
  readonly secret?: string | Uint8Array | Secret
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
   * How many events wait, 1 to 1,000,000: what comes when there is no room is dropped, and counted.
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
   * How often a batch is tried before it is dropped, 1 to 20: after 1 second, 2, 4, or what `Retry-After` says, up to
   * ten minutes.
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

const SECRET_TEXT = "Write 'whsec_...', or what crypto.randomBytes(32).toString('base64url') gave."

const READERS = {
  url: required(readUrl, "Write a URL, such as 'https://hooks.example.com/events'."),
  headers: optional(readHeaders, {}),
  secret: optional(readSigningSecret),
  maxBatch: optional(integer(1, 1_000), 100),
  gather: optional(duration('0s', '1m'), 1_000),
  maxWaiting: optional(integer(1, 1_000_000), 10_000),
  timeout: optional(duration('100ms', '1m'), 10_000),
  attempts: optional(integer(1, 20), DELIVERY_DEFAULTS.attempts),
  signal: optional(readSignal),
  dangerouslyAllowHttp: optional(flag(), false),
} satisfies OptionReaders<WebhookOptions>

const ABORTED: Sent = Object.freeze({ type: 'refused', reason: 'it was aborted' })

/** What a receiver may ask for: it is asked again after that all the same. */
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
 * const hook = webhook({ url: 'https://hooks.example.com/events', secret: process.env.HOOK_SECRET })
 * gatehouse({ ...policy, observe: sampled(hook.observe, { allowed: 0 }) })
 * @see https://www.standardwebhooks.com
 */
export function webhook(options: WebhookOptions): Sink {
  return createWebhook(options, {})
}

/** {@link webhook}, with what a test replaces. */
export function createWebhook(options: WebhookOptions, ambient: WebhookAmbient): Sink {
  const read = readOrThrow('webhook', options, READERS, ['url'], ({ url, dangerouslyAllowHttp }, place) => {
    if (url?.protocol === 'http:' && !dangerouslyAllowHttp)
      report(
        at(place, 'url'),
        'unsafe_value',
        'is not of https.',
        'Write https:, or dangerouslyAllowHttp in development.',
      )
  })
  const { url, headers, secret, signal } = read
  const { clock = systemClock } = ambient
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
    },
    async (events, attempt) => {
      if (isAborted()) return ABORTED
      const now = clock.now()
      const timestamp = new Date(now).toISOString()
      const content = JSON.stringify({ type: 'gatehouse.events', timestamp, data: { events } })
      const outcome = await post({
        url,
        headers: {
          ...Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name, String(unwrapped(value))]),
          ),
          ...signatureFields(secret, attempt.id, Math.floor(now / 1000), content),
        },
        content,
        signal: signal === undefined ? attempt.signal : AbortSignal.any([attempt.signal, signal]),
        now: () => clock.now(),
      })
      // Not tried again: it may have been given up on the way.
      return isAborted() ? ABORTED : outcome
    },
    ambient,
  )
  signal?.addEventListener('abort', () => void queue.close(), { once: true })
  return {
    observe: queue.push,
    dropped() {
      const { dropped, failed } = queue.counts()
      return dropped + failed
    },
    close: queue.close,
  }
}

function readUrl(value: unknown, place: Place): URL | undefined {
  const given = text('a URL', "'https://hooks.example.com/events'")(value, place)
  if (given === undefined) return undefined
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return report(
      place,
      'malformed_value',
      'is not a URL of https.',
      "Write 'https://hooks.example.com/events'.",
    )
  if (url.username === '' && url.password === '') return url
  return report(
    place,
    'malformed_value',
    'has a user in it.',
    "Write headers: { Authorization: secret('...') }.",
  )
}

/** What a request has of its own. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
])

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

/** The fewest bytes of a secret that Standard Webhooks allows. */
const MIN_SIGNING_BYTES = 24

function readSigningSecret(value: unknown, place: Place): Secret | undefined {
  const given = unwrapped(value)
  if (typeof given !== 'string' || !given.startsWith('whsec_')) return readSecret(value, place)
  const bytes = decodeBase64(given.slice('whsec_'.length))
  if (bytes === undefined) return report(place, 'malformed_value', 'is not whsec_ and base64.', SECRET_TEXT)
  return bytes.length < MIN_SIGNING_BYTES
    ? report(place, 'out_of_range', `has fewer than ${MIN_SIGNING_BYTES} bytes.`, SECRET_TEXT)
    : wrap(bytes)
}

function readSignal(value: unknown, place: Place): AbortSignal | undefined {
  return value instanceof AbortSignal
    ? value
    : report(place, 'wrong_type', 'is not a signal.', 'Write new AbortController().signal.')
}
