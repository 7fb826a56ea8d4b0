import { Shard, WORDS } from './shard.ts'

/** Entries of one shard, when the table is full: few enough that no call waits for the growth of one. */
const PER_SHARD = 16_384

/** What is told of an entry that the sweep removes. */
export type Released = (id: number, extra: number) => void

/** Entries by their hash, in many shards that each grow by themselves: no call ever pays for all of them. */
export class Table {
  /** Entries that there are. */
  size = 0
  readonly shards: readonly Shard[]
  readonly #first: Shard
  readonly #bits: number
  #cursor = 0
  #place = 0

  /** @param max how many entries there are to be; more are possible, in larger shards */
  constructor(max: number) {
    this.#bits = Math.max(Math.ceil(Math.log2(max / PER_SHARD)), 0)
    const count = 2 ** this.#bits
    this.shards = Array.from({ length: count }, (_, index) => new Shard(this.#prefixOf(index), max / count))
    this.#first = this.shards[0] ?? new Shard(0, max)
  }

  /** The first 8 bits of the half of a hash that chooses this shard, as far as it is they that choose it. */
  #prefixOf(index: number): number {
    return this.#bits === 0 ? 0 : (index << (32 - this.#bits)) & 0xff00_0000
  }

  /** In which of the shards an entry is, by the half of its hash that does not say where in it. */
  indexOf(low: number): number {
    // A shift by 32 is one by 0: of no bits.
    return (low >>> 1) >>> (31 - this.#bits)
  }

  /** The shard of an entry. */
  shardOf(low: number): Shard {
    return this.shards[this.indexOf(low)] ?? this.#first
  }

  /** Adds an entry that is not there. */
  insert(high: number, low: number, moment: number, id: number, extra: number): void {
    this.shardOf(low).insert(high, low, moment, id, extra)
    this.size++
  }

  /** Removes the entry at a place of a shard of this table. */
  remove(shard: Shard, place: number): void {
    shard.remove(place)
    this.size--
  }

  /**
   * Removes entries whose moment has come, looking at a few places, round and round. When entries come, four of ten places
   * are taken at least, so whoever looks at three for each entry that is added sees more than they add.
   */
  sweep(now: number, places: number, released: Released): void {
    let left = places * WORDS
    let shard = this.shards[this.#cursor] ?? this.#first
    let place = this.#place
    while (left > 0) {
      if (place >= shard.end) {
        shard.trim()
        this.#cursor = this.#cursor + 1 === this.shards.length ? 0 : this.#cursor + 1
        shard = this.shards[this.#cursor] ?? this.#first
        place = 0
      }
      const to = Math.min(place + left, shard.end)
      const over = shard.findOver(place, to, now)
      left -= over - place
      place = over
      if (over === to) continue
      const id = shard.id(over)
      const extra = shard.extra(over)
      this.remove(shard, over)
      released(id, extra)
      left -= WORDS
    }
    this.#place = place
  }
}
