/** What waits, and since when. */
interface Waiting<T> {
  readonly item: T
  readonly order: number
}

/**
 * What waits for a receiver: so much, and no more. When there is no room, what is minor makes it for what is not: a flood
 * of requests that got through must not drown a refusal (LOG-04).
 */
export class Backlog<T> {
  readonly #capacity: number
  readonly #isMinor: (item: T) => boolean
  readonly #major: Waiting<T>[] = []
  readonly #minor: Waiting<T>[] = []
  #order = 0

  constructor(capacity: number, isMinor: (item: T) => boolean) {
    this.#capacity = capacity
    this.#isMinor = isMinor
  }

  get size(): number {
    return this.#major.length + this.#minor.length
  }

  /** Takes an item, and gives what finds no room: this one, or the latest minor one where this is none. */
  push(item: T): T | undefined {
    const isMinor = this.#isMinor(item)
    const isFull = this.size >= this.#capacity
    const lost = isFull && !isMinor ? this.#minor.pop() : undefined
    if (isFull && lost === undefined) return item
    const of = isMinor ? this.#minor : this.#major
    of.push({ item, order: this.#order++ })
    return lost?.item
  }

  /** Gives the oldest, no more than `max` of them. */
  take(max: number): readonly T[] {
    const items: T[] = []
    let major = 0
    let minor = 0
    while (items.length < max) {
      const one = this.#major[major]
      const other = this.#minor[minor]
      const next = one !== undefined && (other === undefined || one.order < other.order) ? one : other
      if (next === undefined) break
      if (next === one) major++
      else minor++
      items.push(next.item)
    }
    this.#major.splice(0, major)
    this.#minor.splice(0, minor)
    return items
  }
}
