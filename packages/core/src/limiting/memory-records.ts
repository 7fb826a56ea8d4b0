import type { Records } from '../contract/store.ts'
import { type Expiring, ExpiryHeap } from './expiry-heap.ts'
import { isPositiveInteger } from './gcra.ts'

/** A text, and until when it is remembered. */
interface Remembered extends Expiring {
  readonly key: string
  readonly value: string
}

/** Records that are over, of which each new one removes so many: more than it adds. */
const REMOVED_PER_RECORD = 2

/**
 * Records in memory: no more than a bound, no timer, and no call that looks at all of them.
 *
 * When it is full of records that are not over, it throws: forgetting one would let a used proof or a revoked token in.
 * A tenth of it is for `write` alone. What a caller can have added without end (proofs, logins) must not keep a revocation
 * out.
 */
export class MemoryRecords implements Records {
  readonly #max: number
  readonly #maxAdded: number
  readonly #now: () => number
  readonly #byKey = new Map<string, Remembered>()
  readonly #byEnd = new ExpiryHeap<Remembered>()

  /** @param now milliseconds that never go back */
  constructor(max: number, now: () => number) {
    this.#max = max
    this.#maxAdded = max - Math.floor(max / 10)
    this.#now = now
  }

  add(key: string, value: string, ttlMs: number): boolean {
    checkTtl(ttlMs)
    const now = this.#now()
    if (this.#live(key, now) !== undefined) return false
    this.#keep(key, value, ttlMs, now, this.#maxAdded)
    return true
  }

  read(keys: readonly string[]): readonly (string | undefined)[] {
    const now = this.#now()
    return keys.map((key) => this.#live(key, now)?.value)
  }

  write(key: string, value: string, ttlMs: number): void {
    checkTtl(ttlMs)
    this.#keep(key, value, ttlMs, this.#now(), this.#max)
  }

  remove(key: string): boolean {
    const now = this.#now()
    const found = this.#byKey.get(key)
    if (found === undefined) return false
    this.#forget(found)
    return found.until > now
  }

  #live(key: string, now: number): Remembered | undefined {
    const found = this.#byKey.get(key)
    return found !== undefined && found.until > now ? found : undefined
  }

  #keep(key: string, value: string, ttlMs: number, now: number, max: number): void {
    for (let i = 0; i < REMOVED_PER_RECORD; i++) {
      const { first } = this.#byEnd
      if (first !== undefined && first.until <= now) this.#forget(first)
    }
    const before = this.#byKey.get(key)
    if (before !== undefined) this.#forget(before)
    if (this.#byKey.size >= max) throw new RangeError('The store has no room for another record')
    const record: Remembered = { key, value, until: now + ttlMs, index: 0 }
    this.#byKey.set(key, record)
    this.#byEnd.add(record)
  }

  #forget(record: Remembered): void {
    this.#byKey.delete(record.key)
    this.#byEnd.remove(record)
  }
}

function checkTtl(ttlMs: number): void {
  if (!isPositiveInteger(ttlMs)) throw new RangeError('A record lasts for a positive integer of milliseconds')
}
