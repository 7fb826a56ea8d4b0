/** So many makers at most are remembered: a policy with more limits by one word has some of the keys made anew. */
const MOST = 4

/** Makes a key of a text: always the same of the same. */
export type KeyMaker = (text: string) => string

interface Made {
  readonly maker: KeyMaker
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

  /** What a maker has made; `undefined` when it has made nothing, or others came before. */
  find(maker: KeyMaker): string | undefined {
    for (let made = this.#last; made !== undefined; made = made.next)
      if (made.maker === maker) return made.key
    return undefined
  }

  /** Remembers what a maker has made, if there is room; gives it in any case. */
  keep(maker: KeyMaker, key: string): string {
    if (this.#count < MOST) {
      this.#last = { maker, key, next: this.#last }
      this.#count++
    }
    return key
  }
}
