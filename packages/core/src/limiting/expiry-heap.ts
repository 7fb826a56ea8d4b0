/** What ends at a time. */
export interface Expiring {
  readonly until: number
  /** Its place in the heap; the heap alone changes it. */
  index: number
}

/** A binary heap: what ends first is at hand, and adding or removing anything takes as many steps as its size has bits. */
export class ExpiryHeap<T extends Expiring> {
  readonly #items: T[] = []

  /** What ends first. */
  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  /** Removes an item that is in the heap. */
  remove(item: T): void {
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    // The last one takes its place, and goes from there to where it belongs.
    this.#rise(last, item.index)
    this.#sink(last, last.index)
  }

  #rise(item: T, from: number): void {
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#items[above]
      if (parent === undefined || parent.until <= item.until) break
      this.#put(parent, index)
      index = above
    }
    this.#put(item, index)
  }

  #sink(item: T, from: number): void {
    let index = from
    for (;;) {
      const left = this.#items[2 * index + 1]
      const right = this.#items[2 * index + 2]
      const child = right !== undefined && left !== undefined && right.until < left.until ? right : left
      if (child === undefined || child.until >= item.until) break
      const below = child.index
      this.#put(child, index)
      index = below
    }
    this.#put(item, index)
  }

  #put(item: T, index: number): void {
    this.#items[index] = item
    item.index = index
  }
}
