import { type Clock, systemClock } from '../../lib/clock.ts'
import { bytesOf } from '../../lib/secret.ts'
import { webhookFields } from '../../lib/standard-webhook.ts'
import { readOrThrow } from '../../options/read-or-throw.ts'
import { optional, type OptionReaders, required } from '../../options/read.ts'
import { having } from '../../options/readers.ts'
import { readWebhookSecrets, type WebhookSecrets } from '../../options/webhook-secrets.ts'
import type { Sent } from '../delivery.ts'
import { type Post, post, refuseHttp, sentBy } from '../post.ts'
import { POST_READERS, type PostOptions, postRules } from './post-options.ts'
import { type AlertReceiver, ruled } from './receiver.ts'

/** Options of {@link webhookAlerts}. */
export interface WebhookAlertsOptions extends PostOptions {
  /**
   * What the messages are signed with: `whsec_` and 24 to 64 bytes in Base64, as `generateWebhookSecret` makes it. Several while
   * one is replaced by another: each signs.
   */
  readonly secret: WebhookSecrets
  /**
   * Where the time of a signature comes from.
   *
   * @default the clock of this process
   */
  readonly clock?: Clock
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
 * const secret = process.env['WEBHOOK_SECRET'] ?? ''
 * alerts({ deliver: webhookAlerts({ url: 'https://ops.example.com/gate', secret }) })
 * @see https://www.standardwebhooks.com/
 */
export function webhookAlerts(options: WebhookAlertsOptions): AlertReceiver {
  return signedWebhook(options, post)
}

/** {@link webhookAlerts}, sent by something that a test may watch. */
export function signedWebhook(options: WebhookAlertsOptions, send: Post): AlertReceiver {
  const read = readOrThrow('webhookAlerts', options, READERS, ['url', 'secret'], refuseHttp)
  const { url, secret, clock, ca } = read
  const receiver: AlertReceiver = {
    name: 'the webhook of alerts',
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
  return ruled(receiver, postRules(read))
}
