import type { Records } from '../contract/store.ts'
import { isPositiveInteger } from './gcra.ts'

/** A text, and until when it is remembered. */
interface Remembered {
  readonly value: string
  readonly until: number
}

/** Records that each new one looks at, to remove those that are over: more than it adds. */
const SWEPT_PER_RECORD = 2

/**
 * Records in memory: no more than a bound, and no timer.
 *
 * When it is full of records that are not over, it throws: forgetting one would let a used proof or a revoked token in.
 */
export class MemoryRecords implements Records {
  readonly #max: number
  readonly #now: () => number
  readonly #byKey = new Map<string, Remembered>()
  #cursor: Iterator<readonly [string, Remembered]> | undefined = undefined
  /** Until when all of them are known not to be over, so that a full store is not searched again for each request. */
  #fullUntil = -Infinity

  /** @param now milliseconds that never go back */
  constructor(max: number, now: () => number) {
    this.#max = max
    this.#now = now
  }

  add(key: string, value: string, ttlMs: number): boolean {
    checkTtl(ttlMs)
    const now = this.#now()
    if (this.#live(key, now) !== undefined) return false
    this.#keep(key, value, ttlMs, now)
    return true
  }

  read(keys: readonly string[]): readonly (string | undefined)[] {
    const now = this.#now()
    return keys.map((key) => this.#live(key, now)?.value)
  }

  write(key: string, value: string, ttlMs: number): void {
    checkTtl(ttlMs)
    this.#keep(key, value, ttlMs, this.#now())
  }

  remove(key: string): boolean {
    const live = this.#live(key, this.#now()) !== undefined
    this.#byKey.delete(key)
    return live
  }

  #live(key: string, now: number): Remembered | undefined {
    const found = this.#byKey.get(key)
    return found !== undefined && found.until > now ? found : undefined
  }

  #keep(key: string, value: string, ttlMs: number, now: number): void {
    this.#sweep(now, SWEPT_PER_RECORD)
    if (this.#byKey.size >= this.#max && !this.#byKey.has(key)) this.#makeRoom(now)
    // The one that it replaces goes first: the order of the map is the order in which the sweep comes by.
    this.#byKey.delete(key)
    this.#byKey.set(key, { value, until: now + ttlMs })
    this.#fullUntil = Math.min(this.#fullUntil, now + ttlMs)
  }

  #sweep(now: number, visits: number): void {
    for (let i = 0; i < visits; i++) {
      this.#cursor ??= this.#byKey.entries()
      const next = this.#cursor.next()
      if (next.done === true) this.#cursor = undefined
      else if (next.value[1].until <= now) this.#byKey.delete(next.value[0])
    }
  }

  #makeRoom(now: number): void {
    if (now >= this.#fullUntil) {
      let first = Infinity
      for (const [key, { until }] of this.#byKey) {
        if (until <= now) this.#byKey.delete(key)
        else if (until < first) first = until
      }
      this.#fullUntil = first
    }
    if (this.#byKey.size >= this.#max) throw new RangeError('The store has no room for another record')
  }
}

function checkTtl(ttlMs: number): void {
  if (!isPositiveInteger(ttlMs)) throw new RangeError('A record lasts for a positive integer of milliseconds')
}
