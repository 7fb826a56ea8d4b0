import { randomBytes } from 'node:crypto'
import type { Observer } from '../contract/event.ts'
import { HalfSipHash, SEED_BYTES } from '../lib/half-sip-hash.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { optional, type OptionReaders, type Place, report } from '../options/read.ts'

/** How much is told of what is no refusal. */
export interface Sampling {
  /**
   * The share of requests that were let through, 0 to 1.
   *
   * @default 1
   */
  readonly allowed?: number
  /**
   * The share of what a check answered: preflights, 0 to 1.
   *
   * @default 1
   */
  readonly answered?: number
}

const READERS = {
  allowed: optional(readShare, 1),
  answered: optional(readShare, 1),
} satisfies OptionReaders<Sampling>

function readShare(value: unknown, place: Place): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1
    ? value
    : report(place, 'out_of_range', 'is not a share.', 'Write a number from 0 to 1, such as 0.01.')
}

/** One for the process, so that every sink that keeps the same share keeps the same requests. */
const hasher = new HalfSipHash(randomBytes(SEED_BYTES))

/**
 * Tells an observer of a share of the requests that were let through, and of everything else in full: refusals, warnings,
 * what shadow mode would have refused, and logins are never left out.
 *
 * Which requests are told depends on their id alone, under a key that is made when the process starts: all that is told of
 * one request is told or none of it, and no client can choose to be among the silent.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * gatehouse({ ...policy, observe: sampled(jsonLines(), { allowed: 0.01 }) })
 */
export function sampled(observe: Observer, sampling: Sampling): Observer {
  const { allowed, answered } = readOrThrow('sampled', sampling, READERS, [])
  return (event) => {
    const { outcome, kind, requestId } = event
    // A login that went well is `allowed`, too, and is for the audit.
    const share = kind === 'request.allowed' ? allowed : outcome === 'answered' ? answered : 1
    if (share === 1 || isChosen(requestId, share)) observe(event)
  }
}

function isChosen(id: string, share: number): boolean {
  hasher.hash(id)
  return (hasher.low >>> 0) / 2 ** 32 < share
}
