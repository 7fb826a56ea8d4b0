const COLOURS = 6
const DASHES: readonly (readonly number[] | undefined)[] = [
  undefined,
  [6, 3],
  [2, 3],
  [10, 4],
  [1, 2],
  [8, 2, 2, 2],
]

/** How a line is drawn: the custom property that has its colour, and its dash. */
export interface Look {
  readonly colour: string
  readonly dash?: number[]
}

/** How the line of each check is drawn: the same for as long as the page is open, whatever else is shown. */
export class Looks {
  readonly #names: string[] = []

  /** These come first, in this order. */
  know(names: readonly string[]): void {
    for (const name of names) this.indexOf(name)
  }

  /** The place of a check. */
  indexOf(name: string): number {
    const known = this.#names.indexOf(name)
    return known === -1 ? this.#names.push(name) - 1 : known
  }

  /** No two of the first 36 are drawn alike, and neighbours differ in both. */
  of(name: string): Look {
    const index = this.indexOf(name)
    const dash = DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length]
    return { colour: `--c${(index % COLOURS) + 1}`, ...(dash === undefined ? {} : { dash: [...dash] }) }
  }
}
