import type { Duration } from '../../lib/duration.ts'
import { optional, type OptionReader, required } from '../../options/read.ts'
import { duration, flag, integer, text } from '../../options/readers.ts'
import { DELIVERY_DEFAULTS, type DeliveryRules } from '../delivery.ts'
import { readPostUrl } from '../post.ts'

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
   * How often one alert is tried: 1 to 20. The waits between grow from a second to a minute, or are what `Retry-After` says:
   * ten minutes at most.
   *
   * @default 6
   */
  readonly attempts?: number
  /**
   * PEM of the authorities that are trusted.
   *
   * @default those that Node.js trusts
   */
  readonly ca?: string
  /**
   * Sends over `http` too. Whoever is between can read and change it: for tests on one machine alone.
   *
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean
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

/** What of the options is for the queue. */
export function postRules({
  timeout,
  attempts,
}: {
  readonly timeout: number
  readonly attempts: number
}): Partial<DeliveryRules> {
  return { timeoutMs: timeout, attempts }
}
