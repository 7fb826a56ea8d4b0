import type { HalfSipHash } from '../../lib/half-sip-hash.ts'

/**
 * Into how many parts a window is cut. What is counted is the current part and the whole ones before it: never more than
 * the window, and at most one part less.
 */
export const PARTS = 30

/** How many keys there is room for at first; it doubles. */
const FIRST_ROOM = 64

/** How many keys are looked at to find the least active one. */
const CANDIDATES = 8

const MOST = 65_535

/** How keys are counted. */
export interface KeyCountsRules {
  readonly windowMs: number
  /** How many keys at most. */
  readonly capacity: number
  /** How many different values are told apart for each key; 0 for none. */
  readonly differentMost: number
  /** Hashes the values: strangers choose them. */
  readonly hash: HalfSipHash
  /** From 0 to 1, without 1: draws the lots. */
  readonly random: () => number
}

/**
 * Counts events by key in sliding windows, in memory that is bounded whatever strangers send.
 *
 * When there is no room, a new key takes the place of the least active of a few that are drawn by lot, so that a flood of
 * new keys drives out itself and not who is busy. A key that is held is never driven out.
 */
export class KeyCounts {
  readonly #rules: KeyCountsRules
  readonly #partMs: number
  readonly #slots = new Map<string, number>()
  readonly #keys: string[] = []
  readonly #held = new Set<number>()
  /** How many events each part of a slot's window has. */
  #counts: Uint16Array
  /** How many events the window of a slot has. */
  #totals: Uint32Array
  /** The number of a slot's current part. */
  #parts: Float64Array
  /** The hashes of different values; 0 where there is none. */
  #values: Uint32Array
  /** The part in which a value was seen last. */
  #seen: Float64Array

  constructor(rules: KeyCountsRules) {
    this.#rules = rules
    this.#partMs = rules.windowMs / PARTS
    const room = Math.min(FIRST_ROOM, rules.capacity)
    this.#counts = new Uint16Array(room * PARTS)
    this.#totals = new Uint32Array(room)
    this.#parts = new Float64Array(room)
    this.#values = new Uint32Array(room * rules.differentMost)
    this.#seen = new Float64Array(room * rules.differentMost)
  }

  /** How many keys there are. */
  get size(): number {
    return this.#keys.length
  }

  /**
   * Counts one event.
   *
   * @param value what the event has of what is to be different
   * @returns the slot of the key; -1 when there is no room, since every key that was looked at is held
   */
  add(key: string, value: string | undefined, now: number): number {
    const slot = this.#slots.get(key) ?? this.#make(key, now)
    if (slot < 0) return slot
    const part = this.#advance(slot, now)
    const at = slot * PARTS + (part % PARTS)
    const count = this.#counts[at] ?? 0
    if (count < MOST) {
      this.#counts[at] = count + 1
      this.#totals[slot] = (this.#totals[slot] ?? 0) + 1
    }
    if (value !== undefined && this.#rules.differentMost > 0) this.#addValue(slot, value, part)
    return slot
  }

  /** The slot of a key that is counted. */
  slotOf(key: string): number | undefined {
    return this.#slots.get(key)
  }

  keyOf(slot: number): string {
    return this.#keys[slot] ?? ''
  }

  /** How many events there are within the window. */
  count(slot: number, now: number): number {
    this.#advance(slot, now)
    return this.#totals[slot] ?? 0
  }

  /** How many different values there are within the window, as far as they are told apart. */
  different(slot: number, now: number): number {
    const oldest = Math.floor(now / this.#partMs) - PARTS
    const { differentMost } = this.#rules
    let count = 0
    for (let at = slot * differentMost; at < (slot + 1) * differentMost; at++) {
      if (this.#values[at] !== 0 && (this.#seen[at] ?? 0) > oldest) count++
    }
    return count
  }

  /** Keeps a key, or lets it go. */
  hold(slot: number, isHeld: boolean): void {
    if (isHeld) this.#held.add(slot)
    else this.#held.delete(slot)
  }

  /** Empties the parts that time has gone past; gives the number of the current one. */
  #advance(slot: number, now: number): number {
    const part = Math.floor(now / this.#partMs)
    const last = this.#parts[slot] ?? 0
    if (part <= last) return last
    const steps = Math.min(PARTS, part - last)
    let gone = 0
    for (let step = 0; step < steps; step++) {
      const at = slot * PARTS + ((part - step) % PARTS)
      gone += this.#counts[at] ?? 0
      this.#counts[at] = 0
    }
    this.#totals[slot] = (this.#totals[slot] ?? 0) - gone
    this.#parts[slot] = part
    return part
  }

  #addValue(slot: number, value: string, part: number): void {
    const { differentMost, hash } = this.#rules
    hash.hash(value)
    const wanted = hash.low >>> 0 || 1
    const first = slot * differentMost
    let oldest = first
    for (let at = first; at < first + differentMost; at++) {
      if (this.#values[at] === wanted) {
        this.#seen[at] = part
        return
      }
      if ((this.#seen[at] ?? 0) < (this.#seen[oldest] ?? 0)) oldest = at
    }
    this.#values[oldest] = wanted
    this.#seen[oldest] = part
  }

  #make(key: string, now: number): number {
    const slot = this.size < this.#rules.capacity ? this.size : this.#leastActive(now)
    if (slot < 0) return slot
    if (slot === this.size) this.#makeRoom(slot)
    else this.#slots.delete(this.keyOf(slot))
    this.#keys[slot] = key
    this.#slots.set(key, slot)
    this.#counts.fill(0, slot * PARTS, (slot + 1) * PARTS)
    this.#totals[slot] = 0
    this.#parts[slot] = Math.floor(now / this.#partMs)
    const { differentMost } = this.#rules
    this.#values.fill(0, slot * differentMost, (slot + 1) * differentMost)
    // Before every part, so that a place without a value is the oldest.
    this.#seen.fill(-1, slot * differentMost, (slot + 1) * differentMost)
    return slot
  }

  #leastActive(now: number): number {
    let found = -1
    let least = Infinity
    for (let draw = 0; draw < CANDIDATES; draw++) {
      const slot = Math.floor(this.#rules.random() * this.size)
      if (this.#held.has(slot)) continue
      const count = this.count(slot, now)
      if (count >= least) continue
      found = slot
      least = count
    }
    return found
  }

  #makeRoom(slot: number): void {
    const room = this.#totals.length
    if (slot < room) return
    const wanted = Math.min(room * 2, this.#rules.capacity)
    const { differentMost } = this.#rules
    this.#counts = copied(this.#counts, new Uint16Array(wanted * PARTS))
    this.#totals = copied(this.#totals, new Uint32Array(wanted))
    this.#parts = copied(this.#parts, new Float64Array(wanted))
    this.#values = copied(this.#values, new Uint32Array(wanted * differentMost))
    this.#seen = copied(this.#seen, new Float64Array(wanted * differentMost))
  }
}

function copied<T extends Uint16Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
