import { copyOf, GrowingWords } from './growing-words.ts'

/*
 * A small hash table in one typed array: open addressing, linear probing, and nothing left behind by what is removed.
 *
 * An entry is five words of 32 bits: the two halves of its hash, the low half of a moment, its high half with an id of 16
 * bits, and 32 bits more. The hash is the key: it has 64 bits and a secret seed, so two keys that meet are a matter of
 * chance, of about one in a million for ten million keys, and none can be written to meet another.
 */

/** Words of an entry: a place is a multiple of it. */
export const WORDS = 5

/** Entries that a new table has room for. */
const FIRST_CAPACITY = 16

/** Of a table fuller than this the probes grow long. */
const MAX_LOAD = 0.84

/** How much a table grows when it is full: then it is full to 0.75. */
const GROWTH = 1.125

/** A table with fewer places grows to twice as many, since what it leaves behind costs more than what it does not use. */
const SMALL = 1_024

/** Of a table emptier than this the memory is given back. */
const MIN_LOAD = 0.3

const TWO_32 = 2 ** 32

/** No id is greater. */
export const MAX_ID = 0xffff

/** One table. A place is where an entry begins; it is that entry's until another is inserted or removed. */
export class Shard {
  /** Entries that there are. */
  count = 0
  #capacity = FIRST_CAPACITY
  #fullAt = fullAt(FIRST_CAPACITY)
  readonly #memory = new GrowingWords()
  #words = this.#memory.resize(FIRST_CAPACITY * WORDS)

  /** The place after the last. */
  get end(): number {
    return this.#words.length
  }

  /** The place after a place; after the last comes the first. */
  next(place: number): number {
    const next = place + WORDS
    return next === this.#words.length ? 0 : next
  }

  /** The place at which the search for an entry begins. */
  home(high: number): number {
    return homeIn(this.#capacity, high)
  }

  /** The place of an entry, or -1. */
  find(high: number, low: number): number {
    const words = this.#words
    // Not every place is taken, so this ends.
    for (let at = homeIn(this.#capacity, high); words[at + 3] !== 0;) {
      if (words[at] === high && words[at + 1] === low) return at
      at += WORDS
      if (at === words.length) at = 0
    }
    return -1
  }

  /** The first place, from one and before another, of an entry whose moment has come; the other, when there is none. */
  findOver(from: number, to: number, now: number): number {
    const words = this.#words
    const nowHigh = Math.floor(now / TWO_32)
    const nowLow = now - nowHigh * TWO_32
    for (let at = from; at < to; at += WORDS) {
      const word = words[at + 3] ?? 0
      const high = word >>> 16
      if (word === 0 || high > nowHigh) continue
      if (high < nowHigh || (words[at + 2] ?? 0) >>> 0 <= nowLow) return at
    }
    return to
  }

  isTaken(place: number): boolean {
    return this.#words[place + 3] !== 0
  }

  /** Whether an entry is at a place. */
  isAt(place: number, high: number, low: number): boolean {
    const words = this.#words
    return (
      place >= 0 &&
      place < words.length &&
      words[place] === high &&
      words[place + 1] === low &&
      this.isTaken(place)
    )
  }

  high(place: number): number {
    return this.#words[place] ?? 0
  }

  low(place: number): number {
    return this.#words[place + 1] ?? 0
  }

  moment(place: number): number {
    const words = this.#words
    return ((words[place + 3] ?? 0) >>> 16) * TWO_32 + ((words[place + 2] ?? 0) >>> 0)
  }

  id(place: number): number {
    return (this.#words[place + 3] ?? 0) & MAX_ID
  }

  extra(place: number): number {
    return (this.#words[place + 4] ?? 0) >>> 0
  }

  /**
   * Changes what is said of an entry.
   *
   * @param moment 0 to 2^48 - 1
   * @param id 1 to {@link MAX_ID}
   * @param extra 32 bits
   */
  put(place: number, moment: number, id: number, extra: number): void {
    const words = this.#words
    words[place + 2] = moment
    words[place + 3] = ((moment / TWO_32) << 16) | id
    words[place + 4] = extra
  }

  /** Adds an entry that is not there, as {@link put} says. */
  insert(high: number, low: number, moment: number, id: number, extra: number): void {
    if (this.count >= this.#fullAt) {
      const growth = this.#capacity < SMALL ? 2 : GROWTH
      this.#resize(Math.ceil(this.#capacity * growth))
    }
    const at = freePlace(this.#words, homeIn(this.#capacity, high))
    this.#words[at] = high
    this.#words[at + 1] = low
    this.put(at, moment, id, extra)
    this.count++
  }

  /** Removes an entry. Others may move to the places before theirs, and from the first places to the last. */
  remove(place: number): void {
    const words = this.#words
    let gap = place
    for (let at = this.next(place); words[at + 3] !== 0; at = this.next(at)) {
      // An entry may not move before its home: there the search for it begins.
      const home = homeIn(this.#capacity, words[at] ?? 0)
      const isAfterGap = gap < at ? home > gap && home <= at : home > gap || home <= at
      if (isAfterGap) continue
      copyEntry(words, at, words, gap)
      gap = at
    }
    for (let i = 0; i < WORDS; i++) words[gap + i] = 0
    this.count--
  }

  /** Gives back memory, when there is much more than is used. */
  trim(): void {
    if (this.#capacity > FIRST_CAPACITY && this.count < this.#capacity * MIN_LOAD) {
      this.#resize(Math.max(Math.ceil((this.count / MAX_LOAD) * GROWTH), FIRST_CAPACITY))
    }
  }

  #resize(capacity: number): void {
    const old = this.#words
    const words = this.#memory.resize(capacity * WORDS)
    // In place, the entries are in the way of themselves.
    const from = words.buffer === old.buffer ? copyOf(old) : old
    const { length } = old
    words.fill(0)
    for (let at = 0; at < length; at += WORDS) {
      if (from[at + 3] === 0) continue
      copyEntry(from, at, words, freePlace(words, homeIn(capacity, from[at] ?? 0)))
    }
    this.#words = words
    this.#capacity = capacity
    this.#fullAt = fullAt(capacity)
  }
}

function fullAt(capacity: number): number {
  return Math.floor(capacity * MAX_LOAD)
}

/** Every place is as likely as any other, of whatever capacity. */
function homeIn(capacity: number, high: number): number {
  return Math.floor(((high >>> 0) * capacity) / TWO_32) * WORDS
}

function freePlace(words: Int32Array, home: number): number {
  let at = home
  while (words[at + 3] !== 0) {
    at += WORDS
    if (at === words.length) at = 0
  }
  return at
}

function copyEntry(from: Int32Array, place: number, to: Int32Array, toPlace: number): void {
  for (let i = 0; i < WORDS; i++) to[toPlace + i] = from[place + i] ?? 0
}
