import type { Spent } from './spent.ts'

/** One key by one algorithm, and what it has spent. */
interface Counter {
  readonly id: string
  spent: Spent
  /** When nothing is spent any more. */
  wholeAt: number
  /** Index among all counters; -1 once it is not there any more. */
  index: number
}

/** Counters of which the least loaded makes room. */
const SAMPLE = 8

const ALGORITHMS = ['gcra', 'sliding-window', 'fixed-window'] as const

/** Counters by key and algorithm: no more than a bound, and no call that pays for many. */
export class CounterTable {
  readonly #max: number
  readonly #byId = new Map<string, Counter>()
  /** The same counters without gaps, so that the sweep and the sample reach any of them at once. */
  readonly #all: Counter[] = []
  #cursor = 0

  /** @param max how many there may be; at least {@link SAMPLE} */
  constructor(max: number) {
    this.#max = max
  }

  /** What a key has spent. */
  get(key: string, algorithm: string): Spent | undefined {
    return this.#byId.get(`${algorithm} ${key}`)?.spent
  }

  /** Keeps what a key has spent; another makes room when there are too many. */
  set(key: string, algorithm: string, spent: Spent, now: number): void {
    const id = `${algorithm} ${key}`
    const wholeAt = now + spent.resetMs
    const found = this.#byId.get(id)
    if (found !== undefined) {
      found.spent = spent
      found.wholeAt = wholeAt
      return
    }
    if (this.#all.length >= this.#max) this.#evict()
    const counter: Counter = { id, spent, wholeAt, index: this.#all.length }
    this.#all.push(counter)
    this.#byId.set(id, counter)
  }

  /** Forgets what a key has spent, by whatever algorithm. */
  remove(key: string): void {
    for (const algorithm of ALGORITHMS) {
      const counter = this.#byId.get(`${algorithm} ${key}`)
      if (counter !== undefined) this.#remove(counter)
    }
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
      if (counter.wholeAt <= now) this.#remove(counter)
      else this.#cursor++
    }
  }

  /** Removes the one of a few counters that has most left: a flood of new keys pushes out new keys (RL-22). */
  #evict(): void {
    const count = this.#all.length
    const step = Math.floor(count / SAMPLE)
    const first = Math.floor(Math.random() * count)
    let victim: Counter | undefined
    let least = Infinity
    for (let i = 0; i < SAMPLE; i++) {
      const counter = this.#all[(first + i * step) % count]
      if (counter === undefined) continue
      const { remaining, resetMs } = counter.spent
      const load = resetMs / Math.max(remaining, 0.5)
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
    this.#byId.delete(counter.id)
  }
}
