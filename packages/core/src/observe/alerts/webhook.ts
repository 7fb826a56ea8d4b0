import { Mistakes } from '../../contract/mistakes.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import type { Duration } from '../../lib/duration.ts'
import { bytesOf } from '../../lib/secret.ts'
import { webhookFields } from '../../lib/standard-webhook.ts'
import {
  at,
  optional,
  type OptionReader,
  type OptionReaders,
  type Place,
  readOptions,
  required,
} from '../../options/read.ts'
import { duration, flag, having, integer, text } from '../../options/readers.ts'
import { readWebhookSecrets, type WebhookSecrets } from '../../options/webhook-secrets.ts'
import { DELIVERY_DEFAULTS, type DeliveryRules, type Sent } from '../delivery.ts'
import { type Post, post, readPostUrl, refuseHttp, sentBy } from '../post.ts'
import type { AlertReceiver } from './receiver.ts'

/** How a receiver over HTTP is reached. */
export interface PostOptions {
  /** Where to: https. It is told nobody, since that of a chat is a secret. */
  readonly url: string
  /**
   * How long one attempt may take: 100 milliseconds to a minute.
   *
   * @default '10s'
   */
  readonly timeout?: Duration
  /**
   * How often one alert is tried: 1 to 20. The waits between grow from a second to a minute.
   *
   * @default 6
   */
  readonly attempts?: number
  /** PEM of the authorities that are trusted, instead of those that Node.js trusts. */
  readonly ca?: string
  /**
   * Sends over `http` too. Whoever is between can read and change it: for tests on one machine alone.
   *
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean
}

/** Options of {@link webhookAlerts}. */
export interface WebhookAlertsOptions extends PostOptions {
  /**
   * What the messages are signed with: `whsec_` and 24 to 64 bytes in Base64, as `generateWebhookSecret` makes it. Several while
   * one is replaced by another: each signs.
   */
  readonly secret: WebhookSecrets
  /** @default the clock of this process */
  readonly clock?: Clock
}

/** Readers of {@link PostOptions}. */
export const POST_READERS: {
  readonly url: OptionReader<string | undefined>
  readonly timeout: OptionReader<number>
  readonly attempts: OptionReader<number>
  readonly ca: OptionReader<string | undefined>
  readonly dangerouslyAllowHttp: OptionReader<boolean>
} & Record<keyof PostOptions, unknown> = {
  url: required(readPostUrl, "Write its URL, such as 'https://hooks.example.com/gate'."),
  timeout: optional(duration('100ms', '1m'), DELIVERY_DEFAULTS.timeoutMs),
  attempts: optional(integer(1, 20), DELIVERY_DEFAULTS.attempts),
  ca: optional(text('PEM text', "'-----BEGIN CERTIFICATE-----...'")),
  dangerouslyAllowHttp: optional(flag(), false),
}

const READERS = {
  ...POST_READERS,
  secret: required(readWebhookSecrets, 'Write what generateWebhookSecret() gave, out of a secret store.'),
  clock: optional(having<Clock>('a clock', 'systemClock', 'now', 'monotonic'), systemClock),
} satisfies OptionReaders<WebhookAlertsOptions>

/**
 * Sends alerts to a webhook, signed as Standard Webhooks has it: the receiver checks `webhook-signature`, the age of
 * `webhook-timestamp`, and that it has not had `webhook-id` before; `webhookVerifier` does.
 *
 * The body is `{ type: 'alert.firing' | 'alert.cleared', timestamp, data }`, with the {@link Alert} as `data`.
 *
 * @throws ConfigError with every mistake in the options at once
 * @example
 * alerts({ deliver: webhookAlerts({ url: 'https://ops.example.com/gate', secret: process.env.WEBHOOK_SECRET }) })
 * @see https://www.standardwebhooks.com/
 */
export function webhookAlerts(options: WebhookAlertsOptions): AlertReceiver {
  return signedWebhook(options, post)
}

/** {@link webhookAlerts}, sent by something that a test may watch. */
export function signedWebhook(options: WebhookAlertsOptions, send: Post): AlertReceiver {
  const place: Place = { mistakes: new Mistakes(), path: 'webhookAlerts' }
  const read = readOptions(place, options, READERS)
  refuseHttp(at(place, 'url'), read?.url, read?.dangerouslyAllowHttp === true)
  place.mistakes.throwIfAny()
  const { url = '', secret = [], clock = systemClock, ca } = read ?? {}
  return {
    name: 'the webhook of alerts',
    rules: postRules(read),
    async send([alert], { id, signal }): Promise<Sent> {
      const body = JSON.stringify({
        type: `alert.${alert?.state}`,
        timestamp: alert?.until ?? alert?.since,
        data: alert,
      })
      // Each attempt says when it was made: what a receiver takes must not be too old.
      const timestamp = Math.floor(clock.now() / 1000)
      const headers = {
        'Content-Type': 'application/json',
        ...webhookFields(secret.map(bytesOf), { id, timestamp, body }),
      }
      return sentBy(await send({ url, headers, body, signal, ca }))
    },
  }
}

/** What of the options is for the queue. */
export function postRules(
  read: { readonly timeout: number; readonly attempts: number } | undefined,
): Partial<DeliveryRules> {
  return read === undefined ? {} : { timeoutMs: read.timeout, attempts: read.attempts }
}
