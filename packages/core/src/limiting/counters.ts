import type { Quota } from '../contract/store.ts'
import type { Rate } from './gcra.ts'

/** One key, with the moment when its limit is whole again: `tatMs - early / rate.unitsPerMs`. */
export interface Counter {
  readonly key: string
  quota: Quota
  rate: Rate
  tatMs: number
  early: number
  /** Index among all counters; -1 once it is not there any more. */
  index: number
}

/** Counters of which the least loaded makes room. */
const SAMPLE = 8

/** Counters by key: no more than a bound, and no call that pays for many. */
export class Counters {
  readonly #max: number
  readonly #byKey = new Map<string, Counter>()
  /** The same counters without gaps, so that the sweep and the sample reach any of them at once. */
  readonly #all: Counter[] = []
  #cursor = 0

  /** @param max how many there may be; at least {@link SAMPLE} */
  constructor(max: number) {
    this.#max = max
  }

  /** The counter of a key. */
  get(key: string): Counter | undefined {
    return this.#byKey.get(key)
  }

  /** A new counter, with nothing spent; another makes room when there are too many. */
  add(key: string, quota: Quota, rate: Rate, now: number): Counter {
    if (this.#all.length >= this.#max) this.#evict(now)
    const counter: Counter = { key, quota, rate, tatMs: now, early: 0, index: this.#all.length }
    this.#all.push(counter)
    this.#byKey.set(key, counter)
    return counter
  }

  /** Forgets what a key has spent. */
  remove(key: string): void {
    const counter = this.#byKey.get(key)
    if (counter !== undefined) this.#remove(counter)
  }

  /**
   * Removes counters that are whole, looking at a few, round and round. A caller that looks at twice as many as it
   * adds keeps those that are whole below about half of all.
   */
  sweep(now: number, visits: number): void {
    for (let i = 0; i < visits; i++) {
      if (this.#cursor >= this.#all.length) this.#cursor = 0
      const counter = this.#all[this.#cursor]
      if (counter === undefined) return
      if (counter.tatMs <= now) this.#remove(counter)
      else this.#cursor++
    }
  }

  /**
   * Removes the least loaded of a few counters, evenly spread from a random one. Load is the share of its limit that
   * a key has spent: a flood of new keys pushes out new keys, not the one that has spent all (RL-22).
   */
  #evict(now: number): void {
    const count = this.#all.length
    const step = Math.floor(count / SAMPLE)
    const first = Math.floor(Math.random() * count)
    let victim: Counter | undefined
    let least = Infinity
    for (let i = 0; i < SAMPLE; i++) {
      const counter = this.#all[(first + i * step) % count]
      if (counter === undefined) continue
      const load = (counter.tatMs - now) / counter.rate.windowMs
      if (load >= least) continue
      least = load
      victim = counter
    }
    if (victim !== undefined) this.#remove(victim)
  }

  #remove(counter: Counter): void {
    const last = this.#all.pop()
    if (last !== undefined && last !== counter) {
      this.#all[counter.index] = last
      last.index = counter.index
    }
    counter.index = -1
    this.#byKey.delete(counter.key)
  }
}
