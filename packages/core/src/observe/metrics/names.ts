/** What stands for all rules that came after as many as are told apart. */
export const OTHER = 'other'

/** Names that are told apart: so many, and `other` for the rest, so that no label can fill the memory. */
export class BoundedNames {
  readonly #max: number
  readonly #known = new Set<string>()

  constructor(max: number) {
    this.#max = max
  }

  /** The name itself, if there is room for it. */
  of(name: string): string {
    if (this.#known.has(name)) return name
    if (this.#known.size >= this.#max) return OTHER
    this.#known.add(name)
    return name
  }
}
