import type { Records } from '../contract/store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import { bytesOf } from '../lib/secret.ts'
import { hasWebhookSignature, isWebhookId, signWebhook, WEBHOOK_FIELDS } from '../lib/standard-webhook.ts'
import { optional, type OptionReaders, required } from '../options/read.ts'
import { duration, having } from '../options/readers.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { readWebhookSecrets, type WebhookSecrets } from '../options/webhook-secrets.ts'

/** Options of {@link webhookVerifier}. */
export interface WebhookVerifierOptions {
  /** The secret that the sender gave: `whsec_` and Base64. Several while one is replaced by another: any may sign. */
  readonly secret: WebhookSecrets
  /** Where the ids of messages are remembered: a store that every process shares, where there are several. */
  readonly store: Pick<Records, 'add' | 'remove'>
  /**
   * How much older or newer than now a message may be: 1 second to an hour.
   *
   * @default '5m'
   */
  readonly tolerance?: Duration
  /** @default the clock of this process */
  readonly clock?: Clock
}

/** Why a message is not to be believed. */
export type WebhookProblem =
  /** A field is missing, repeated, or not of its form. */
  | 'malformed'
  /** It is older or newer than the tolerance allows. */
  | 'out-of-time'
  /** No signature fits. */
  | 'bad-signature'
  /** It came before. */
  | 'replayed'

/** What became of a message. */
export type WebhookVerdict =
  | {
      /** It is of the sender, fresh, and came for the first time. */
      readonly ok: true
      /** Names the message. */
      readonly id: string
      /** When it was sent, in seconds since the epoch. */
      readonly timestamp: number
      /** Lets the same message come again: when the work failed, and the sender is to try it anew. */
      readonly forget: () => Promise<void>
    }
  | {
      /** It is nobody's word: refuse it, and use nothing of it. */
      readonly ok: false
      /** Why, for the log; the sender is better told nothing of it. */
      readonly problem: WebhookProblem
    }

/** Verifies webhooks. */
export interface WebhookVerifier {
  /**
   * Verifies one message. Rejects when the store does: nobody knows whether it came before, so answer 503.
   *
   * @param headers the fields of the request, with names in lower case, as node:http has them
   * @param body its content as it came, byte for byte, and not what a parser made of it
   */
  readonly verify: (
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    body: string | Uint8Array,
  ) => Promise<WebhookVerdict>
}

const READERS = {
  secret: required(readWebhookSecrets, "Write the secret that the sender gave: 'whsec_...'."),
  store: required(
    having<WebhookVerifierOptions['store']>('a store', 'memoryStore()', 'add', 'remove'),
    'Write memoryStore(), or a store that the processes share.',
  ),
  tolerance: optional(duration('1s', '1h'), 5 * 60_000),
  clock: optional(having<Clock>('a clock', 'systemClock', 'now', 'monotonic'), systemClock),
} satisfies OptionReaders<WebhookVerifierOptions>

const problem = (name: WebhookProblem): WebhookVerdict => Object.freeze({ ok: false, problem: name })

const MALFORMED = problem('malformed')
const OUT_OF_TIME = problem('out-of-time')
const BAD_SIGNATURE = problem('bad-signature')
const REPLAYED = problem('replayed')

/**
 * Verifies webhooks that are signed as Standard Webhooks has it: by this gate's alerts, and by many services.
 *
 * A message is believed when a signature of its very bytes fits, when it is as new as the tolerance says, and when it has not come
 * before. Only messages that fit are remembered, so strangers do not fill the store.
 *
 * @throws ConfigError with every mistake in the options at once
 * @example
 * const { verify } = webhookVerifier({ secret: process.env.WEBHOOK_SECRET, store: memoryStore() })
 * const verdict = await verify(req.headers, body)
 * if (!verdict.ok) return void res.writeHead(verdict.problem === 'replayed' ? 204 : 400).end()
 * @see https://www.standardwebhooks.com/
 */
export function webhookVerifier(options: WebhookVerifierOptions): WebhookVerifier {
  const { secret, store, tolerance, clock } = readOrThrow('webhookVerifier', options, READERS, [
    'secret',
    'store',
  ])

  return {
    async verify(headers, body) {
      const id = headers[WEBHOOK_FIELDS.id]
      const time = headers[WEBHOOK_FIELDS.timestamp]
      const field = headers[WEBHOOK_FIELDS.signature]
      if (typeof id !== 'string' || typeof time !== 'string' || typeof field !== 'string') return MALFORMED
      // A time is written in one way alone, and so is what is signed.
      if (!isWebhookId(id) || !/^[1-9]\d{0,11}$/.test(time)) return MALFORMED
      const timestamp = Number(time)
      const age = clock.now() - timestamp * 1_000
      if (Math.abs(age) > tolerance) return OUT_OF_TIME
      const expected = secret.map((one) => signWebhook(bytesOf(one), { id, timestamp, body }))
      if (!hasWebhookSignature(field, expected)) return BAD_SIGNATURE
      const key = `webhook:${id}`
      // As long as the message could be sent again, and a second for clocks that read whole ones.
      const kept: unknown = await store.add(key, '1', Math.ceil(tolerance - age) + 1_000)
      if (kept !== true) return REPLAYED
      return { ok: true, id, timestamp, forget: async () => void (await store.remove(key)) }
    },
  }
}
