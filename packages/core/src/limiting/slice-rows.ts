import { COUNTED } from './meter.ts'

/** Rows that are made at once. */
const PAGE = 1_024

/** No row. */
const NONE = -1

/** Rows of slices, one for each key of a sliding window. A page of them is made when there is no free row. */
export class SliceRows {
  readonly #pages: Uint32Array[] = []
  /** The first free row; each holds the next in its first place. */
  #free = NONE

  /** A row of zeros. */
  take(): number {
    if (this.#free === NONE) this.#addPage()
    const row = this.#free
    this.#free = this.get(row, 0) | 0
    this.set(row, 0, 0)
    return row
  }

  /** Gives a row back. */
  release(row: number): void {
    for (let i = 1; i < COUNTED; i++) this.set(row, i, 0)
    this.set(row, 0, this.#free)
    this.#free = row
  }

  get(row: number, index: number): number {
    return this.#pages[Math.floor(row / PAGE)]?.[(row % PAGE) * COUNTED + index] ?? 0
  }

  set(row: number, index: number, units: number): void {
    const page = this.#pages[Math.floor(row / PAGE)]
    if (page !== undefined) page[(row % PAGE) * COUNTED + index] = units
  }

  #addPage(): void {
    const first = this.#pages.length * PAGE
    this.#pages.push(new Uint32Array(PAGE * COUNTED))
    for (let row = first; row < first + PAGE; row++) {
      this.set(row, 0, this.#free)
      this.#free = row
    }
  }
}
