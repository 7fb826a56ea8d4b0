import { randomBytes } from 'node:crypto'
import type { Outcome, Quota } from '../contract/store.ts'
import { HalfSipHash, SEED_BYTES } from '../lib/half-sip-hash.ts'
import { Blocks } from './blocks.ts'
import { gcraMeter } from './gcra-meter.ts'
import { aheadOf, earlyAt, floorDivide, NEVER, remainingAt, resetAt, waitFor } from './gcra.ts'
import { type KnownQuota, Reading } from './meter.ts'
import { ALL_MASKS, Quotas } from './quotas.ts'
import type { Shard } from './shard.ts'
import { SliceRows } from './slice-rows.ts'
import { Table } from './table.ts'

/** Places that each charge of a call looks at, to remove counters that are whole: more than it can add. */
const SWEPT_PER_CHARGE = 3

/** So many places at least, since they lie side by side. */
const SWEPT_AT_ONCE = 48

/** Counters of which the least loaded makes room. */
const SAMPLE = 16

/** Counters that are looked at for one that may make room, before a new key is refused. */
const MAX_LOOKS = 256

/**
 * What keys have spent, and until when they are blocked: no more of either than a bound, in typed arrays, and no call that
 * pays for many.
 *
 * A key that has nothing left, or is blocked, never makes room for another (RL-22): where there are only such keys, it is
 * the new one that waits.
 */
export class Counters {
  readonly #max: number
  readonly #hash = new HalfSipHash(randomBytes(SEED_BYTES))
  readonly #quotas = new Quotas(new SliceRows())
  readonly #counters: Table
  readonly #blocks: Blocks
  /** Places that are to be looked at. */
  #due = 0
  /** What readings are of before they are filled: nobody's, so that one more is no matter of how many quotas there are. */
  readonly #blank: KnownQuota
  /** A reading of what may make room. */
  readonly #other: Reading

  /** @param max how many keys may be counted, and how many blocked */
  constructor(max: number) {
    this.#max = max
    this.#counters = new Table(max)
    // As many as counters: what `Shard.low` knows of a hash finds the block of a counter in no table of more shards.
    this.#blocks = new Blocks(max)
    this.#blank = this.#quotas.of({ limit: 1, windowMs: 1 })
    this.#other = this.reading()
  }

  /** A reading of no key, to be filled by {@link read}. */
  reading(): Reading {
    return new Reading(this.#blank)
  }

  /**
   * Looks at a quota.
   *
   * @throws RangeError for one that cannot be counted
   */
  check(quota: Quota): void {
    this.#quotas.of(quota)
  }

  /** Removes a few counters and blocks that are over; more than so many charges can add. */
  sweep(now: number, charges: number): void {
    this.#due += charges * SWEPT_PER_CHARGE
    if (this.#due < SWEPT_AT_ONCE) return
    this.#counters.sweep(now, this.#due, this.#release)
    this.#blocks.sweep(now, this.#due)
    this.#quotas.sweep(this.#due)
    this.#due = 0
  }

  /** Fills a reading with what a key has spent. Whether it is counted at all. */
  read(reading: Reading, key: string, quota: Quota, now: number): boolean {
    const known = this.#quotas.of(quota)
    this.#hash.hash(key)
    reading.quota = known
    reading.now = now
    reading.high = this.#hash.high ^ known.mask
    reading.low = this.#hash.low
    const shard = this.#counters.shardOf(reading.low)
    const place = shard.find(reading.high, reading.low)
    reading.place = place
    const wholeAt = place < 0 ? 0 : shard.moment(place)
    if (wholeAt <= now) known.meter.clear(reading)
    else {
      const id = shard.id(place)
      const was = id === known.id ? known : this.#quotas.at(id)
      known.meter.load(reading, was, wholeAt, shard.extra(place))
    }
    return place >= 0
  }

  /**
   * Decides a charge of a key that is counted by GCRA under this quota or not at all, while no key is blocked and there is
   * room: what most calls are, in one go and without a reading. `undefined` for any other, of which nothing is changed.
   */
  takeAtOnce(key: string, quota: Quota, cost: number, now: number): Outcome | undefined {
    const known = this.#quotas.of(quota)
    if (known.meter !== gcraMeter || this.#blocks.size > 0) return undefined
    this.#hash.hash(key)
    const { high, low } = this.#hash
    const shard = this.#counters.shardOf(low)
    const place = shard.find(high ^ known.mask, low)
    if (place < 0) return this.#addAtOnce(known, cost, now)
    if (shard.id(place) !== known.id) return undefined
    const spent = known.unitsPerMs === 1 ? spendMs(known, shard, place, cost, now) : undefined
    if (spent !== undefined) return spent
    const before = aheadOf(known, shard.moment(place), shard.extra(place), now)
    const retryAfterMs = waitFor(known, before, cost)
    const allowed = retryAfterMs === 0
    const ahead = allowed ? before + cost * known.interval : before
    const resetMs = resetAt(known, ahead)
    if (allowed) shard.put(place, now + resetMs, known.id, earlyAt(known, ahead, resetMs))
    return { allowed, remaining: remainingAt(known, ahead), resetMs, retryAfterMs }
  }

  /** The same for the key that was hashed last, which is not counted yet: `undefined` unless there is room. */
  #addAtOnce(known: KnownQuota, cost: number, now: number): Outcome | undefined {
    if (cost > known.limit || this.#counters.size >= this.#max) return undefined
    const { high, low } = this.#hash
    const ahead = cost * known.interval
    const resetMs = resetAt(known, ahead)
    known.uses++
    this.#counters.insert(high ^ known.mask, low, now + resetMs, known.id, earlyAt(known, ahead, resetMs))
    return { allowed: true, remaining: remainingAt(known, ahead), resetMs, retryAfterMs: 0 }
  }

  /** Keeps what a key has spent. A key that is not counted yet needs room: ask {@link waitForRoom} before. */
  keep(reading: Reading): void {
    const { quota, high, low } = reading
    const { meter } = quota
    const shard = this.#counters.shardOf(low)
    // It is where it was, unless another key of the same call has moved it.
    const place = shard.isAt(reading.place, high, low) ? reading.place : shard.find(high, low)
    const resetMs = meter.resetMs(reading)
    if (resetMs === 0) {
      if (place >= 0) this.#remove(shard, place)
      return
    }
    const wholeAt = reading.now + resetMs
    if (place < 0) {
      quota.uses++
      this.#counters.insert(high, low, wholeAt, quota.id, meter.extra(reading, -1))
      return
    }
    if (shard.id(place) !== quota.id) {
      this.#quotas.at(shard.id(place)).uses--
      quota.uses++
    }
    shard.put(place, wholeAt, quota.id, meter.extra(reading, shard.extra(place)))
  }

  /** Milliseconds until a key is no longer blocked. */
  blockedMs({ high, low, quota, now }: Reading): number {
    return this.#blocks.size === 0 ? 0 : this.#blocks.remainingMs(high ^ quota.mask, low, now)
  }

  /**
   * Makes room for a key that is not counted yet: of some counters near its place one that is whole goes or, where there is
   * none, the least loaded. Without `make` it only looks.
   *
   * @param others how many keys of the same call need room, too
   * @param keep what is not to go
   * @returns 0 or, where nothing near may go, the milliseconds until the first of them may
   */
  waitForRoom(reading: Reading, others: number, keep: readonly Reading[], make: boolean): number {
    if (this.#counters.size + others < this.#max) return 0
    const { shards } = this.#counters
    const first = this.#counters.indexOf(reading.low)
    let looks = 0
    let wait = NEVER
    let victim = -1
    let victimShard = this.#counters.shardOf(reading.low)
    let least = Infinity
    // One shard has enough to look at, unless the store is all but empty: then it is the only one.
    for (let i = 0; i < shards.length && looks < MAX_LOOKS && victim < 0; i++) {
      const shard = shards[(first + i) % shards.length] ?? victimShard
      const home = shard.home(reading.high)
      let place = home
      do {
        if (shard.isTaken(place) && !isAmong(keep, shard, place)) {
          looks++
          const load = this.#loadAt(shard, place, reading.now)
          if (load < 0) wait = Math.min(wait, -load)
          else if (load < least) {
            least = load
            victim = place
            victimShard = shard
          }
        }
        place = shard.next(place)
      } while (place !== home && least > 0 && looks < (victim < 0 ? MAX_LOOKS : SAMPLE))
    }
    if (victim < 0) return wait
    if (make) this.#remove(victimShard, victim)
    return 0
  }

  /** Blocks a key for a time; a RangeError when as many are blocked as may be. */
  block(key: string, now: number, ms: number): void {
    this.#hash.hash(key)
    this.#blocks.add(this.#hash.high, this.#hash.low, now, ms)
  }

  /** Forgets what a key has spent, by whatever algorithm, and that it is blocked. */
  forget(key: string): void {
    this.#hash.hash(key)
    const { high, low } = this.#hash
    for (const mask of ALL_MASKS) {
      const shard = this.#counters.shardOf(low)
      const place = shard.find(high ^ mask, low)
      if (place >= 0) this.#remove(shard, place)
    }
    this.#blocks.remove(high, low)
  }

  /** How much of its limit a counter has spent: 0 to 1. One that may not go: the milliseconds until it may, negative. */
  #loadAt(shard: Shard, place: number, now: number): number {
    const wholeAt = shard.moment(place)
    if (wholeAt <= now) return 0
    const other = this.#other
    const quota = this.#quotas.at(shard.id(place))
    other.quota = quota
    other.now = now
    other.high = shard.high(place)
    other.low = shard.low(place)
    quota.meter.load(other, quota, wholeAt, shard.extra(place))
    const wait = Math.max(quota.meter.waitFor(other, 1), this.blockedMs(other))
    return wait > 0 ? -wait : quota.meter.share(other)
  }

  #remove(shard: Shard, place: number): void {
    const id = shard.id(place)
    const extra = shard.extra(place)
    this.#counters.remove(shard, place)
    this.#release(id, extra)
  }

  readonly #release = (id: number, extra: number): void => {
    const quota = this.#quotas.at(id)
    quota.uses--
    quota.meter.release(extra)
  }
}

/**
 * Spends of a quota that is counted in whole milliseconds, as most are: the steps of `gcra.ts` for `unitsPerMs` of 1, of
 * which nothing is early. `undefined` where that is not allowed.
 */
function spendMs(
  { windowMs, interval }: KnownQuota,
  shard: Shard,
  place: number,
  cost: number,
  now: number,
): Outcome | undefined {
  const ahead = Math.min(Math.max(shard.moment(place) - now, 0), windowMs) + cost * interval
  if (ahead > windowMs) return undefined
  shard.move(place, now + ahead)
  return {
    allowed: true,
    remaining: floorDivide(windowMs - ahead, interval),
    resetMs: ahead,
    retryAfterMs: 0,
  }
}

function isAmong(readings: readonly Reading[], shard: Shard, place: number): boolean {
  for (const { high, low } of readings) if (shard.isAt(place, high, low)) return true
  return false
}
