import { Mistakes } from '../contract/mistakes.ts'
import type { Adjustment, Charge, Outcome, Store } from '../contract/store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { optional, type OptionReaders, type Place, readOptions, report } from '../options/read.ts'
import { integer } from '../options/readers.ts'
import { Counters } from './counters.ts'
import { isPositiveInteger } from './gcra.ts'
import { MemoryRecords } from './memory-records.ts'
import type { Reading } from './meter.ts'
import { checkSame, costOn, outcomeOf, withoutRoom } from './outcomes.ts'

/** Options for {@link memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The most keys that are counted at once, and blocked at once, 100 to 10,000,000. Past it a key makes room for a new
   * one: of some that lie near, one whose limit is whole or, where there is none, the least loaded. A key that has nothing
   * left or is blocked never does: where there are only such keys, it is the new one that is refused, and told the time
   * after which the first of them may go.
   *
   * @default 100_000
   */
  readonly maxKeys?: number
  /**
   * The most records that are kept at once, 100 to 10,000,000: used proofs, revoked tokens, ended sessions. Past it, what
   * asks to keep another is refused, since none may be forgotten before its time. A tenth of them is for what is written and
   * not added: revocations and the ends of sessions, which no caller can fill.
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
 * `take` throws a RangeError for a quota or cost that is no positive integer, a limit above 4,294,967,295, or more than
 * 65,535 quotas that are in use at once; and a TypeError for one key with two quotas in one call or a clock that gives no
 * number. A charge that costs more than its limit is refused, always. `block` throws a RangeError when as many keys are
 * blocked as may be; a penalty on a new key that has no room is refused like a charge, and not kept.
 *
 * @throws ConfigError listing every unusable option at once
 * @example
 * const store = memoryStore({ maxKeys: 500_000 })
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const mistakes = new Mistakes()
  const read = readOptions({ mistakes, path: 'memoryStore' }, options, READERS)
  mistakes.throwIfAny('memoryStore')
  const { maxKeys = DEFAULT_MAX_KEYS, maxRecords = DEFAULT_MAX_KEYS, clock = systemClock } = read ?? {}
  return new MemoryStore(maxKeys, maxRecords, clock)
}

/** Readings that are kept for the next call. */
const MAX_READINGS = 64

class MemoryStore implements Store {
  readonly name = 'memory'
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #records: MemoryRecords
  /** One for each charge of a call. */
  readonly #readings: Reading[] = []
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
    // By its index: to take a list apart asks an iterator.
    const charge = charges[0]
    if (charges.length === 1 && charge !== undefined) return [this.#takeOne(charge)]
    return this.#decide(charges, true)
  }

  peek(charges: readonly Charge[]): readonly Outcome[] {
    return this.#decide(charges, false)
  }

  adjust(adjustments: readonly Adjustment[]): readonly Outcome[] {
    for (const { key, quota, units, withinMs } of adjustments) {
      this.#counters.check(quota)
      if (!Number.isSafeInteger(units) || units === 0)
        throw new RangeError('The units of an adjustment are an integer that is not 0')
      if (withinMs !== undefined && !(Number.isSafeInteger(withinMs) && withinMs >= 0))
        throw new RangeError('The time of an adjustment is an integer that is not negative')
      for (const other of adjustments) if (other.key === key) checkSame(other.quota, quota)
    }
    const now = this.#now()
    this.#counters.sweep(now, adjustments.length)
    return adjustments.map(({ key, quota, units, withinMs }) => {
      const reading = this.#reading(0)
      const isKept = this.#counters.read(reading, key, quota, now)
      const { meter } = reading.quota
      meter.spend(reading, units, withinMs)
      const isNew = !isKept && meter.resetMs(reading) > 0
      const roomMs = isNew ? this.#counters.waitForRoom(reading, 0, [], true) : 0
      if (roomMs > 0) return withoutRoom(roomMs)
      this.#counters.keep(reading)
      return outcomeOf(reading, meter.waitFor(reading, 1), this.#counters.blockedMs(reading))
    })
  }

  block(keys: readonly string[], ms: number): void {
    if (!isPositiveInteger(ms)) throw new RangeError('A block lasts for a positive integer of milliseconds')
    const now = this.#now()
    this.#counters.sweep(now, keys.length)
    for (const key of keys) this.#counters.block(key, now, ms)
  }

  reset(keys: readonly string[]): void {
    this.#counters.sweep(this.#now(), keys.length)
    for (const key of keys) this.#counters.forget(key)
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

  /** The same as {@link #decide} for one charge, which most calls are: with nothing made but the outcome. */
  #takeOne({ key, quota, cost }: Charge): Outcome {
    const now = this.#now()
    const counters = this.#counters
    counters.sweep(now, 1)
    if (!isPositiveInteger(cost)) throw new RangeError('A cost is a positive integer')
    const outcome = counters.takeAtOnce(key, quota, cost, now)
    if (outcome !== undefined) return outcome
    const reading = this.#reading(0)
    const isKept = counters.read(reading, key, quota, now)
    const { meter } = reading.quota
    const waitMs = meter.waitFor(reading, cost)
    const blockedMs = counters.blockedMs(reading)
    if (waitMs > 0 || blockedMs > 0) return outcomeOf(reading, waitMs, blockedMs)
    if (!isKept) {
      const roomMs = counters.waitForRoom(reading, 0, [], true)
      if (roomMs > 0) return withoutRoom(roomMs)
    }
    meter.spend(reading, cost)
    counters.keep(reading)
    return outcomeOf(reading, 0, 0)
  }

  #decide(charges: readonly Charge[], taking: boolean): readonly Outcome[] {
    const now = this.#now()
    const counters = this.#counters
    counters.sweep(now, charges.length)
    const claims = charges.map((charge, index): Claim => {
      if (!isPositiveInteger(charge.cost)) throw new RangeError('A cost is a positive integer')
      const reading = this.#reading(index)
      const isKept = counters.read(reading, charge.key, charge.quota, now)
      const waitMs = reading.quota.meter.waitFor(reading, costOn(charges, charge, index + 1))
      return { charge, reading, isKept, waitMs, blockedMs: counters.blockedMs(reading), roomMs: 0 }
    })
    const isFree = claims.every(({ waitMs, blockedMs }) => waitMs === 0 && blockedMs === 0)
    const allowed = isFree && this.#hasRoom(claims, taking)
    const outcomes = claims.map(({ charge, reading, waitMs, blockedMs, roomMs }) => {
      if (roomMs > 0) return withoutRoom(roomMs)
      if (!allowed || !taking) return outcomeOf(reading, waitMs, blockedMs)
      reading.quota.meter.spend(reading, costOn(charges, charge, charges.length))
      counters.keep(reading)
      return outcomeOf(reading, 0, 0)
    })
    if (this.#readings.length > MAX_READINGS) this.#readings.length = MAX_READINGS
    return outcomes
  }

  /**
   * Whether all keys of a call that are not counted yet have room, before any of them is counted. They look first, so that
   * nothing makes room for a call that is refused.
   */
  #hasRoom(claims: readonly Claim[], making: boolean): boolean {
    const newKeys = new Set<string>()
    const newClaims = claims.filter(({ charge: { key }, isKept }) => {
      if (isKept || newKeys.has(key)) return false
      newKeys.add(key)
      return true
    })
    if (newClaims.length === 0) return true
    const mine = claims.map(({ reading }) => reading)
    for (const make of making ? [false, true] : [false]) {
      for (const [others, claim] of newClaims.entries()) {
        claim.roomMs = this.#counters.waitForRoom(claim.reading, others, mine, make)
        if (claim.roomMs > 0) return false
      }
    }
    return true
  }

  #reading(index: number): Reading {
    return (this.#readings[index] ??= this.#counters.reading())
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

/** One charge of a call, while it is decided. */
interface Claim {
  readonly charge: Charge
  readonly reading: Reading
  readonly isKept: boolean
  readonly waitMs: number
  readonly blockedMs: number
  roomMs: number
}
