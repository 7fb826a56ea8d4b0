import { Mistakes } from '../contract/mistakes.ts'
import type { Charge, Outcome, Quota, Store } from '../contract/store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { optional, type OptionReaders, type Place, readOptions, report } from '../options/read.ts'
import { integer } from '../options/readers.ts'
import { type Counter, Counters } from './counters.ts'
import { MemoryRecords } from './memory-records.ts'
import {
  aheadOf,
  earlyAt,
  isPositiveInteger,
  type Rate,
  rateOf,
  remainingAt,
  resetAt,
  waitFor,
} from './gcra.ts'

/** Options for {@link memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The most keys that are counted at once, 100 to 10,000,000. Past it the least loaded of a few keys, picked all over
   * the store, makes room for a new one: an idle key before one that has spent its limit.
   *
   * @default 100_000
   */
  readonly maxKeys?: number
  /**
   * The most records that are kept at once, 100 to 10,000,000: used proofs, revoked tokens, ended sessions. Past it, what
   * asks to keep another is refused, since none may be forgotten before its time.
   *
   * @default 100_000
   */
  readonly maxRecords?: number
  /**
   * Where the time comes from; only its `monotonic()` is read, so that a wall clock may jump.
   *
   * @default the clock of this process
   */
  readonly clock?: Clock
}

const DEFAULT_MAX_KEYS = 100_000

const READERS = {
  maxKeys: optional(integer(100, 10_000_000), DEFAULT_MAX_KEYS),
  maxRecords: optional(integer(100, 10_000_000), DEFAULT_MAX_KEYS),
  clock: optional(readClock, systemClock),
} satisfies OptionReaders<MemoryStoreOptions>

function readClock(value: unknown, place: Place): Clock | undefined {
  const clock = value as Partial<Clock> | null
  return typeof clock?.now === 'function' && typeof clock.monotonic === 'function'
    ? (clock as Clock)
    : report(
        place,
        'wrong_type',
        'is not a clock.',
        'Write { now() { ... }, monotonic() { ... } }, or leave it out.',
      )
}

/**
 * Counts and remembers in the memory of this process, exactly and synchronously: the store of a gate that has no other.
 *
 * Each process counts for itself: behind a balancer over n processes a client may spend up to n times the limit, and
 * a restart forgets. A key is kept for as long as its limit is not whole, one window at most, and removed by later
 * calls; there is no timer. A key whose quota changes keeps the time that it owes.
 *
 * `take` throws a RangeError for a quota or cost that is no positive integer, and a TypeError for one key with two
 * quotas in one call or a clock that gives no number; a charge that costs more than its limit is refused, always.
 *
 * @throws ConfigError listing every unusable option at once
 * @example
 * const store = memoryStore({ maxKeys: 500_000 })
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const mistakes = new Mistakes()
  const read = readOptions({ mistakes, path: 'memoryStore' }, options, READERS)
  mistakes.throwIfAny()
  const { maxKeys = DEFAULT_MAX_KEYS, maxRecords = DEFAULT_MAX_KEYS, clock = systemClock } = read ?? {}
  return new MemoryStore(maxKeys, maxRecords, clock)
}

/** A charge while it is decided. */
interface Claim {
  readonly charge: Charge
  readonly counter: Counter | undefined
  readonly rate: Rate
  /** Units that the key is ahead before this call. */
  readonly ahead: number
  readonly waitMs: number
}

/** Counters that each charge of a call looks at, to remove those that are whole: more than it can add. */
const SWEPT_PER_CHARGE = 2

class MemoryStore implements Store {
  readonly name = 'memory'
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #records: MemoryRecords
  readonly #rates = new WeakMap<Quota, Rate>()
  #start: number
  #lastReading: number

  constructor(maxKeys: number, maxRecords: number, clock: Clock) {
    this.#counters = new Counters(maxKeys)
    this.#records = new MemoryRecords(maxRecords, () => this.#now())
    this.#clock = clock
    this.#start = this.#read()
    this.#lastReading = this.#start
  }

  take(charges: readonly Charge[]): readonly Outcome[] {
    const now = this.#now()
    this.#counters.sweep(now, charges.length * SWEPT_PER_CHARGE)
    const claims = charges.map((charge, index) => this.#claim(charge, charges, index, now))
    const allowed = claims.every((claim) => claim.waitMs === 0)
    return claims.map((claim) => {
      const { charge, rate, waitMs } = claim
      let { ahead } = claim
      if (allowed) {
        ahead += costOn(charges, charge, charges.length) * rate.interval
        this.#keep(claim, ahead, now)
      }
      return {
        allowed: waitMs === 0,
        remaining: remainingAt(rate, ahead),
        resetMs: resetAt(rate, ahead),
        retryAfterMs: waitMs,
      }
    })
  }

  reset(keys: readonly string[]): void {
    for (const key of keys) this.#counters.remove(key)
  }

  add(key: string, value: string, ttlMs: number): boolean {
    return this.#records.add(key, value, ttlMs)
  }

  read(keys: readonly string[]): readonly (string | undefined)[] {
    return this.#records.read(keys)
  }

  write(key: string, value: string, ttlMs: number): void {
    this.#records.write(key, value, ttlMs)
  }

  remove(key: string): boolean {
    return this.#records.remove(key)
  }

  close(): void {
    // Nothing is held open, and the counters may be another gate's, too.
  }

  /**
   * Whole milliseconds since the store was made. When the clock goes back, time stands still for that moment and goes
   * on from there: what is spent stays spent, and nobody waits for the clock to catch up (RL-06).
   */
  #now(): number {
    const reading = this.#read()
    if (reading < this.#lastReading) this.#start -= this.#lastReading - reading
    this.#lastReading = reading
    return Math.floor(reading - this.#start)
  }

  #read(): number {
    const reading = this.#clock.monotonic()
    if (!Number.isFinite(reading)) throw new TypeError('The clock gave no number')
    return reading
  }

  #claim(charge: Charge, charges: readonly Charge[], index: number, now: number): Claim {
    const { key, quota, cost } = charge
    if (!isPositiveInteger(cost)) throw new RangeError('A cost is a positive integer')
    const counter = this.#counters.get(key)
    const rate = counter?.quota === quota ? counter.rate : this.#rateOf(quota)
    let ahead = 0
    if (counter !== undefined) {
      // The remainder is in units of the rate that it was counted with; without it, time is rounded up.
      const early = counter.rate.unitsPerMs === rate.unitsPerMs ? counter.early : 0
      ahead = aheadOf(rate, counter.tatMs, early, now)
    }
    return { charge, counter, rate, ahead, waitMs: waitFor(rate, ahead, costOn(charges, charge, index + 1)) }
  }

  /** One object per quota, not one per key: limits are compiled once, keys are many. */
  #rateOf(quota: Quota): Rate {
    let rate = this.#rates.get(quota)
    if (rate === undefined) {
      rate = rateOf(quota)
      this.#rates.set(quota, rate)
    }
    return rate
  }

  #keep({ charge, counter: found, rate }: Claim, ahead: number, now: number): void {
    const { key, quota } = charge
    // Room for an earlier charge of this call may have been made of this very counter.
    const known = found !== undefined && found.index >= 0 ? found : undefined
    const counter = known ?? this.#counters.get(key) ?? this.#counters.add(key, quota, rate, now)
    counter.quota = quota
    counter.rate = rate
    counter.tatMs = now + resetAt(rate, ahead)
    counter.early = earlyAt(rate, ahead)
  }
}

/** What the first `count` charges of a call cost on the key of `charge`, all together. */
function costOn(charges: readonly Charge[], charge: Charge, count: number): number {
  if (charges.length === 1) return charge.cost
  let cost = 0
  for (let i = 0; i < count; i++) {
    const other = charges[i]
    if (other === undefined || other.key !== charge.key) continue
    if (other.quota.limit !== charge.quota.limit || other.quota.windowMs !== charge.quota.windowMs) {
      throw new TypeError('One key has two quotas in one call')
    }
    cost += other.cost
  }
  return cost
}
