/** So many keys at most are remembered; whoever is counted by more limits has those of the others made anew. */
const MOST = 4

interface Made {
  readonly maker: unknown
  readonly key: string
  readonly next: Made | undefined
}

/**
 * The keys that were made of one who is counted, for as long as somebody knows them: to make a key, and to read what was joined of
 * several texts, takes longer than to count it.
 */
export class KnownKeys {
  #last: Made | undefined = undefined
  #count = 0

  /**
   * The key that a maker makes: remembered if there is room, and made anew otherwise.
   *
   * @param maker makes always the same of one who is counted; `undefined` of one whom it has no key for
   * @param counted whose keys these are
   */
  of<Counted>(maker: (counted: Counted) => string | undefined, counted: Counted): string | undefined {
    for (let made = this.#last; made !== undefined; made = made.next)
      if (made.maker === maker) return made.key
    const key = maker(counted)
    if (key !== undefined && this.#count < MOST) {
      this.#last = { maker, key, next: this.#last }
      this.#count++
    }
    return key
  }
}
