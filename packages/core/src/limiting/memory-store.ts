import { Mistakes } from '../contract/mistakes.ts'
import type { Adjustment, Charge, Outcome, Quota, Store } from '../contract/store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { optional, type OptionReaders, type Place, readOptions, report } from '../options/read.ts'
import { integer } from '../options/readers.ts'
import { CounterTable } from './counter-table.ts'
import { isPositiveInteger } from './gcra.ts'
import { MemoryRecords } from './memory-records.ts'
import { checkQuota, nothingSpent, type Spent } from './spent.ts'

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

/** Counters that each charge of a call looks at, to remove those that are whole: more than it can add. */
const SWEPT_PER_CHARGE = 2

class MemoryStore implements Store {
  readonly name = 'memory'
  readonly #clock: Clock
  readonly #counters: CounterTable
  /** When the blocks of keys end. */
  readonly #blocks: MemoryRecords
  readonly #records: MemoryRecords
  #start: number
  #lastReading: number

  constructor(maxKeys: number, maxRecords: number, clock: Clock) {
    this.#counters = new CounterTable(maxKeys)
    this.#blocks = new MemoryRecords(maxKeys, () => this.#now())
    this.#records = new MemoryRecords(maxRecords, () => this.#now())
    this.#clock = clock
    this.#start = this.#read()
    this.#lastReading = this.#start
  }

  take(charges: readonly Charge[]): readonly Outcome[] {
    return this.#decide(charges, true)
  }

  peek(charges: readonly Charge[]): readonly Outcome[] {
    return this.#decide(charges, false)
  }

  adjust(adjustments: readonly Adjustment[]): readonly Outcome[] {
    for (const { key, quota, units, withinMs } of adjustments) {
      checkQuota(quota)
      if (!Number.isSafeInteger(units) || units === 0)
        throw new RangeError('The units of an adjustment are an integer that is not 0')
      if (withinMs !== undefined && !(Number.isSafeInteger(withinMs) && withinMs >= 0))
        throw new RangeError('The time of an adjustment is an integer that is not negative')
      for (const other of adjustments) if (other.key === key) checkSame(other.quota, quota)
    }
    const now = this.#now()
    this.#counters.sweep(now, adjustments.length * SWEPT_PER_CHARGE)
    return adjustments.map(({ key, quota, units, withinMs }) => {
      const spent = this.#spent(key, quota, now).with(units, withinMs)
      this.#counters.set(key, algorithmOf(quota), spent, now)
      return outcomeOf(spent, spent.waitFor(1), this.#blockedMs(key, now))
    })
  }

  block(keys: readonly string[], ms: number): void {
    if (!isPositiveInteger(ms)) throw new RangeError('A block lasts for a positive integer of milliseconds')
    const until = String(this.#now() + ms)
    for (const key of keys) this.#blocks.write(key, until, ms)
  }

  reset(keys: readonly string[]): void {
    for (const key of keys) {
      this.#counters.remove(key)
      this.#blocks.remove(key)
    }
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

  #decide(charges: readonly Charge[], taking: boolean): readonly Outcome[] {
    const now = this.#now()
    this.#counters.sweep(now, charges.length * SWEPT_PER_CHARGE)
    const claims = charges.map((charge, index) => {
      const { key, quota, cost } = charge
      checkQuota(quota)
      if (!isPositiveInteger(cost)) throw new RangeError('A cost is a positive integer')
      const spent = this.#spent(key, quota, now)
      const waitMs = spent.waitFor(costOn(charges, charge, index + 1))
      return { charge, spent, waitMs, blockedMs: this.#blockedMs(key, now) }
    })
    const allowed = claims.every(({ waitMs, blockedMs }) => waitMs === 0 && blockedMs === 0)
    return claims.map(({ charge, spent, waitMs, blockedMs }) => {
      if (!allowed || !taking) return outcomeOf(spent, waitMs, blockedMs)
      const after = spent.with(costOn(charges, charge, charges.length))
      this.#counters.set(charge.key, algorithmOf(charge.quota), after, now)
      return outcomeOf(after, 0, 0)
    })
  }

  #spent(key: string, quota: Quota, now: number): Spent {
    return this.#counters.get(key, algorithmOf(quota))?.at(quota, now) ?? nothingSpent(quota, now)
  }

  #blockedMs(key: string, now: number): number {
    const [until] = this.#blocks.read([key])
    return until === undefined ? 0 : Math.max(Number(until) - now, 0)
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
}

function algorithmOf({ algorithm = 'gcra' }: Quota): string {
  return algorithm
}

/** What a charge gets, by what is spent, by its wait for that, and by how long its key is blocked. */
function outcomeOf(spent: Spent, waitMs: number, blockedMs: number): Outcome {
  if (blockedMs === 0) {
    const { remaining, resetMs } = spent
    return { allowed: waitMs === 0, remaining, resetMs, retryAfterMs: waitMs }
  }
  return {
    allowed: false,
    remaining: 0,
    resetMs: Math.max(spent.resetMs, blockedMs),
    retryAfterMs: Math.max(waitMs, blockedMs),
    blocked: true,
  }
}

/** What the first `count` charges of a call cost on the key of `charge`, all together. */
function costOn(charges: readonly Charge[], charge: Charge, count: number): number {
  if (charges.length === 1) return charge.cost
  let cost = 0
  for (let i = 0; i < count; i++) {
    const other = charges[i]
    if (other === undefined || other.key !== charge.key) continue
    checkSame(other.quota, charge.quota)
    cost += other.cost
  }
  return cost
}

function checkSame(one: Quota, other: Quota): void {
  if (
    one.limit !== other.limit ||
    one.windowMs !== other.windowMs ||
    algorithmOf(one) !== algorithmOf(other)
  ) {
    throw new TypeError('One key has two quotas in one call')
  }
}
