import { copyOf, GrowingWords } from './growing-words.ts'

/*
 * A small hash table in one typed array: open addressing, linear probing, and nothing left behind by what is removed.
 *
 * What a decision waits for is memory: each entry lies elsewhere, and the less there is of all of them, the more of it is
 * near. So an entry is three words of 32 bits: half of its hash, 24 bits of the other half with an id, and a moment, as the
 * milliseconds after one of the shard. What these have no room for is in two words more: what else is kept of an entry, a
 * large id, and how far its moment is from all others. They are made when an entry of the shard needs them.
 *
 * The hash is the key. In which shard an entry is says 8 bits of it and more where there are many, so 56 bits count in a
 * small table, and 64 in one of ten million: two keys that meet are a matter of chance, of some one in 370,000 there. It has a
 * secret seed, and none can be written to meet another.
 */

/** Words of an entry: a place is a multiple of it. */
export const WORDS = 3

/** Words that an entry may have besides: what else is kept of it, and the high half of its moment with its id. */
const MORE = 2

/** Entries that a new table has room for. */
const FIRST_CAPACITY = 16

/** Of a table fuller than this the probes grow long. */
const MAX_LOAD = 0.84

/** How much a table grows when it is full: then it is full to 0.75. */
const GROWTH = 1.125

/** By how many times the root of what is expected a shard may have more: by chance it never does. */
const SPREAD = 4

/** A table with fewer places grows to twice as many, since what it leaves behind costs more than what it does not use. */
const SMALL = 1_024

/** Of a table emptier than this the memory is given back. */
const MIN_LOAD = 0.3

const TWO_32 = 2 ** 32

/** The third word of a free place: later than any that is taken. */
const FREE = 0xffff_ffff

/** No id is greater. */
export const MAX_ID = 0xffff

/** Of an entry's second word, what is its id; all ones where the id is in the words besides. */
const ID_BITS = 0xff

/** How much earlier than all moments that there are a shard begins to count, in milliseconds: twelve days. */
const EARLIER = 2 ** 30

/** One table. A place is where an entry begins; it is that entry's until another is inserted or removed. */
export class Shard {
  /** Entries that there are. */
  count = 0
  readonly #prefix: number
  readonly #most: number
  #capacity = FIRST_CAPACITY
  #fullAt = fullAt(FIRST_CAPACITY)
  readonly #memory: GrowingWords
  #words = new Int32Array(FIRST_CAPACITY * WORDS)
  /** What moments are counted from; 0 where there are words for the rest of them. */
  #base = 0
  #moreMemory: GrowingWords | undefined
  #more: Int32Array | undefined

  /**
   * @param prefix the first 8 bits of the second half of all hashes that come here
   * @param most how many entries there are to be; more are possible
   */
  constructor(prefix: number, most: number) {
    this.#prefix = prefix
    this.#most = capacityOf(most + SPREAD * Math.sqrt(most))
    this.#memory = new GrowingWords(this.#most * WORDS)
    clear(this.#words)
  }

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
    for (let at = homeIn(this.#capacity, high); words[at + 1] !== 0;) {
      if (words[at] === high && isLow(words[at + 1] ?? 0, low)) return at
      at += WORDS
      if (at === words.length) at = 0
    }
    return -1
  }

  /** The first place, from one and before another, of an entry whose moment has come; the other, when there is none. */
  findOver(from: number, to: number, now: number): number {
    const words = this.#words
    const after = now - this.#base
    if (after < 0) return to
    // Where there are words for the rest of a moment, the low half alone says nothing certain.
    const over = Math.min(after, this.#more === undefined ? FREE - 1 : FREE) >>> 0
    for (let at = from; at < to; at += WORDS) {
      // Of a free place this is never so: whether a place is taken is nothing that a processor could guess.
      if ((words[at + 2] ?? 0) >>> 0 <= over && (this.#more === undefined || this.#isOver(at, now))) return at
    }
    return to
  }

  isTaken(place: number): boolean {
    return this.#words[place + 1] !== 0
  }

  /** Whether an entry is at a place. */
  isAt(place: number, high: number, low: number): boolean {
    const words = this.#words
    return (
      place >= 0 &&
      place < words.length &&
      words[place] === high &&
      isLow(words[place + 1] ?? 0, low) &&
      this.isTaken(place)
    )
  }

  high(place: number): number {
    return this.#words[place] ?? 0
  }

  /** What is known of the second half: in a table of no more shards it finds the same one, and in that the same entry. */
  low(place: number): number {
    return this.#prefix | ((this.#words[place + 1] ?? 0) >>> 8)
  }

  moment(place: number): number {
    const moment = this.#base + ((this.#words[place + 2] ?? 0) >>> 0)
    return this.#more === undefined ? moment : moment + ((this.#more[moreAt(place) + 1] ?? 0) >>> 16) * TWO_32
  }

  id(place: number): number {
    const id = (this.#words[place + 1] ?? 0) & ID_BITS
    return id === ID_BITS ? (this.#more?.[moreAt(place) + 1] ?? 0) & MAX_ID : id
  }

  extra(place: number): number {
    return this.#more === undefined ? 0 : (this.#more[moreAt(place)] ?? 0) >>> 0
  }

  /**
   * Changes what is said of an entry.
   *
   * @param moment 0 to 2^48 - 1
   * @param id 1 to {@link MAX_ID}
   * @param extra 32 bits
   */
  put(place: number, moment: number, id: number, extra: number): void {
    const isShort = id < ID_BITS && extra === 0
    if (this.#more === undefined && !(isShort && this.#spans(moment - this.#base)))
      this.#makeRoom(moment, isShort)
    const words = this.#words
    const after = moment - this.#base
    words[place + 1] = ((words[place + 1] ?? 0) & ~ID_BITS) | Math.min(id, ID_BITS)
    words[place + 2] = after
    if (this.#more === undefined) return
    this.#more[moreAt(place)] = extra
    this.#more[moreAt(place) + 1] = ((after / TWO_32) << 16) | id
  }

  /** Changes the moment of an entry, as {@link put} says, and nothing else. */
  move(place: number, moment: number): void {
    const after = moment - this.#base
    if (this.#more === undefined && this.#spans(after)) this.#words[place + 2] = after
    else this.put(place, moment, this.id(place), this.extra(place))
  }

  /** Adds an entry that is not there, as {@link put} says. */
  insert(high: number, low: number, moment: number, id: number, extra: number): void {
    if (this.count >= this.#fullAt) {
      this.#resize(grown(this.#capacity), false)
    }
    const at = freePlace(this.#words, homeIn(this.#capacity, high))
    this.#words[at] = high
    this.#words[at + 1] = low << 8
    this.put(at, moment, id, extra)
    this.count++
  }

  /** Removes an entry. Others may move to the places before theirs, and from the first places to the last. */
  remove(place: number): void {
    const words = this.#words
    const more = this.#more
    let gap = place
    for (let at = this.next(place); words[at + 1] !== 0; at = this.next(at)) {
      // An entry may not move before its home: there the search for it begins.
      const home = homeIn(this.#capacity, words[at] ?? 0)
      const isAfterGap = gap < at ? home > gap && home <= at : home > gap || home <= at
      if (isAfterGap) continue
      copy(words, at, words, gap, WORDS)
      if (more !== undefined) copy(more, moreAt(at), more, moreAt(gap), MORE)
      gap = at
    }
    clear(words.subarray(gap, gap + WORDS))
    this.count--
  }

  /** Gives back memory, when there is much more than is used. */
  trim(): void {
    if (this.#capacity > FIRST_CAPACITY && this.count < this.#capacity * MIN_LOAD) {
      this.#resize(Math.max(Math.ceil((this.count / MAX_LOAD) * GROWTH), FIRST_CAPACITY), true)
    }
  }

  /** Whether the moment of an entry has come, of a place where its low half is no later than now or that is free. */
  #isOver(place: number, now: number): boolean {
    return this.isTaken(place) && this.moment(place) <= now
  }

  /** Whether a moment, so many milliseconds after what the shard counts from, has room in a word. */
  #spans(after: number): boolean {
    return after >= 0 && after < FREE
  }

  /** Has the shard count from another moment or, when that is not enough, makes words for all that may be said. */
  #makeRoom(moment: number, isShort: boolean): void {
    let first = moment
    let last = moment
    for (let at = 0; at < this.#words.length; at += WORDS) {
      if (!hasId(this.#words, at)) continue
      first = Math.min(first, this.moment(at))
      last = Math.max(last, this.moment(at))
    }
    const base = Math.max(first - EARLIER, 0)
    if (isShort && last - base < FREE) this.#countFrom(base, undefined)
    else {
      this.#moreMemory = new GrowingWords(this.#most * MORE)
      this.#countFrom(0, this.#moreMemory.resize(this.#capacity * MORE, true))
    }
  }

  #countFrom(base: number, more: Int32Array | undefined): void {
    for (let at = 0; at < this.#words.length; at += WORDS) {
      if (!hasId(this.#words, at)) continue
      const after = this.moment(at) - base
      if (more !== undefined) more[moreAt(at) + 1] = ((after / TWO_32) << 16) | this.id(at)
      this.#words[at + 2] = after
    }
    this.#base = base
    this.#more = more
  }

  #resize(capacity: number, afresh: boolean): void {
    const old = this.#words
    const oldMore = this.#more
    const words = this.#memory.resize(capacity * WORDS, afresh)
    const more = this.#moreMemory?.resize(capacity * MORE, afresh)
    // In place, the entries are in the way of themselves.
    const from = words.buffer === old.buffer ? copyOf(old, 0) : old
    const fromMore = oldMore?.buffer === more?.buffer && oldMore !== undefined ? copyOf(oldMore, 1) : oldMore
    const { length } = old
    clear(words)
    for (let at = 0; at < length; at += WORDS) {
      if (from[at + 1] === 0) continue
      const place = freePlace(words, homeIn(capacity, from[at] ?? 0))
      copy(from, at, words, place, WORDS)
      if (more !== undefined && fromMore !== undefined) copy(fromMore, moreAt(at), more, moreAt(place), MORE)
    }
    this.#words = words
    this.#more = more
    this.#capacity = capacity
    this.#fullAt = fullAt(capacity)
  }
}

function grown(capacity: number): number {
  return Math.ceil(capacity * (capacity < SMALL ? 2 : GROWTH))
}

/** How large a table has grown when it has so many entries. */
function capacityOf(entries: number): number {
  let capacity = FIRST_CAPACITY
  while (fullAt(capacity) < entries) capacity = grown(capacity)
  return capacity
}

function fullAt(capacity: number): number {
  return Math.floor(capacity * MAX_LOAD)
}

/** Every place is as likely as any other, of whatever capacity. */
function homeIn(capacity: number, high: number): number {
  return ((((high >>> 0) * capacity) / TWO_32) | 0) * WORDS
}

/** Whether the second word of an entry is of a hash with this second half. */
function isLow(word: number, low: number): boolean {
  return (word ^ (low << 8)) >>> 8 === 0
}

/** Whether an entry is at a place, and more than its hash has been written. */
function hasId(words: Int32Array, place: number): boolean {
  return ((words[place + 1] ?? 0) & ID_BITS) !== 0
}

/** Where the words are that an entry has besides. */
function moreAt(place: number): number {
  return (place / WORDS) * MORE
}

/** Makes places free. */
function clear(words: Int32Array): void {
  for (let at = 0; at < words.length; at += WORDS) {
    words[at] = 0
    words[at + 1] = 0
    words[at + 2] = FREE
  }
}

function freePlace(words: Int32Array, home: number): number {
  let at = home
  while (words[at + 1] !== 0) {
    at += WORDS
    if (at === words.length) at = 0
  }
  return at
}

function copy(from: Int32Array, place: number, to: Int32Array, toPlace: number, count: number): void {
  for (let i = 0; i < count; i++) to[toPlace + i] = from[place + i] ?? 0
}
