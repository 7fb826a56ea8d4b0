import { type Clock, systemClock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import { optional, type OptionReaders, required } from '../options/read.ts'
import { duration, textThat, timeSource } from '../options/readers.ts'
import { generateApiKey, isApiKeyPrefix } from './api-key-format.ts'
import { type ApiKeyRecord, readTime } from './api-key-records.ts'
import { readOrThrow } from '../options/read-or-throw.ts'

/** Options of {@link rotateApiKey}. */
export interface RotateApiKeyOptions {
  /** The prefix of the new key, as for `generateApiKey`. */
  readonly prefix: string
  /** For how long the old key stays good besides the new one: 0 to 365 days. */
  readonly overlap: Duration
  /**
   * From when on the new key is no longer good.
   *
   * @default never; it must be said when the old key has an end, so that no key loses its end without a word
   */
  readonly expires?: Date | number
  /** @default the clock of this process */
  readonly clock?: Clock
}

/** What {@link rotateApiKey} gives: show `key` to its owner once, and keep both records. */
export interface RotatedApiKey {
  /** The new secret. */
  readonly key: string
  /** The record of the new key: the owner and the rights of the old one. */
  readonly record: ApiKeyRecord
  /** The record of the old key, with an end; never a later one than it had. */
  readonly previous: ApiKeyRecord
}

const READERS = {
  prefix: required(
    textThat(isApiKeyPrefix, 'a prefix of generated keys', "a prefix, such as 'acme_live'"),
    "Write the prefix of your keys, such as 'acme_live'.",
  ),
  overlap: required(duration('0s', '365d'), "Write for how long both keys are good, such as '7d'."),
  expires: optional<number>(readTime),
  clock: optional(timeSource(), systemClock),
} satisfies OptionReaders<RotateApiKeyOptions>

/**
 * Replaces a key without an outage: makes a new one of the same owner, and lets the old one end after an overlap.
 *
 * It stores nothing. Keep both records, show the key to its owner once, and remove the old record when it has ended;
 * `onUse` tells whether the owner has changed over before.
 *
 * @throws ConfigError when an option is missing or unusable
 * @throws TypeError when the old key has an end and the new one is given none, or when that end is no time
 * @example
 * const { key, record, previous } = rotateApiKey(await db.keys.get(id), { prefix: 'acme_live', overlap: '7d' })
 * await db.keys.put(record, previous)
 * @see OWASP ASVS 13.3.4
 */
export function rotateApiKey(record: ApiKeyRecord, options: RotateApiKeyOptions): RotatedApiKey {
  const { prefix, overlap, expires, clock } = readOrThrow('rotateApiKey', options, READERS, [
    'prefix',
    'overlap',
  ])
  const { subject, scopes, roles, permissions } = record
  const end = record.expires === undefined ? Infinity : Number(record.expires)
  if (Number.isNaN(end)) throw new TypeError('The record of the old key expires at what is no time')
  if (end !== Infinity && expires === undefined) {
    throw new TypeError('The old key expires: say when the new one does, with the option "expires"')
  }
  const { key, id, hash } = generateApiKey(prefix)
  return {
    key,
    record: {
      id,
      hash,
      subject,
      ...(scopes !== undefined && { scopes }),
      ...(roles !== undefined && { roles }),
      ...(permissions !== undefined && { permissions }),
      ...(expires !== undefined && { expires: new Date(expires) }),
    },
    previous: { ...record, expires: new Date(Math.min(end, clock.now() + overlap)) },
  }
}
