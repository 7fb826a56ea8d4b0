import { MAX_WAIT } from './quotas.ts'
import { Table } from './table.ts'

/** Places that are looked at for a block that is over, before another is refused. */
const SWEPT_WHEN_FULL = 16_384

/** A block names no quota, but no entry may be without an id. */
const ID = 1

/** Until when keys are blocked, by their hash: no more than a bound, and none is forgotten before its time. */
export class Blocks {
  readonly #max: number
  readonly #table: Table

  constructor(max: number) {
    this.#max = max
    this.#table = new Table(max)
  }

  /** Blocks that there are; some may be over. */
  get size(): number {
    return this.#table.size
  }

  /**
   * Blocks a key, in place of a block that it has.
   *
   * @throws RangeError when there are as many as may be
   */
  add(high: number, low: number, now: number, ms: number): void {
    const until = now + Math.min(ms, MAX_WAIT)
    const shard = this.#table.shardOf(low)
    const place = shard.find(high, low)
    if (place >= 0) {
      shard.put(place, until, ID, 0)
      return
    }
    if (this.size >= this.#max) this.sweep(now, SWEPT_WHEN_FULL)
    if (this.size >= this.#max) throw new RangeError('The store has no room for another block')
    this.#table.insert(high, low, until, ID, 0)
  }

  remove(high: number, low: number): void {
    const shard = this.#table.shardOf(low)
    const place = shard.find(high, low)
    if (place >= 0) this.#table.remove(shard, place)
  }

  /** Milliseconds until a key is no longer blocked. */
  remainingMs(high: number, low: number, now: number): number {
    const shard = this.#table.shardOf(low)
    const place = shard.find(high, low)
    return place < 0 ? 0 : Math.max(shard.moment(place) - now, 0)
  }

  /** Removes blocks that are over, looking at a few places. */
  sweep(now: number, places: number): void {
    if (this.size > 0) this.#table.sweep(now, places, ignore)
  }
}

function ignore(): void {
  // A block has nothing that is to be given back.
}
