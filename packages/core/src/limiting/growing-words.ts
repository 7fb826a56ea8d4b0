/*
 * Words of 32 bits, in memory that grows where it is.
 *
 * An array that is replaced by a larger one leaves a hole, and holes of many sizes between arrays that stay are never given
 * back: they took more than the arrays. So a large one is made at once as large as it is expected to become. What is not
 * written yet takes addresses and no memory, for the system gives pages of zeros when they are touched.
 *
 * A resizable buffer is made for that, but each access to what lies in one looks how large it is now.
 */

/** Fewer words than this are an array of their own. */
const MIN_RESERVED = 4_096

const WORD = 4

/** The memory of one table. */
export class GrowingWords {
  readonly #reserved: number
  #buffer: ArrayBuffer | undefined

  /** @param reserved how many words there are to be; more are possible */
  constructor(reserved: number) {
    this.#reserved = reserved
  }

  /**
   * Memory of another size; what is in it is of no use until it is written, and what was handed out before may be part of it.
   *
   * @param afresh whether it is new memory though the old would do: the old is then given back
   */
  resize(words: number, afresh: boolean): Int32Array<ArrayBuffer> {
    if (words < MIN_RESERVED) {
      this.#buffer = undefined
      return new Int32Array(words)
    }
    const bytes = words * WORD
    if (afresh || this.#buffer === undefined || this.#buffer.byteLength < bytes)
      this.#buffer = new ArrayBuffer(words <= this.#reserved ? this.#reserved * WORD : bytes * 2)
    return new Int32Array(this.#buffer, 0, words)
  }
}

/** Where what is moved in place waits: the same for all tables, since no two are moved at once. */
const waiting: [Int32Array, Int32Array] = [new Int32Array(0), new Int32Array(0)]

/** A copy that holds until the next one is asked for: one of two that hold at once. */
export function copyOf(words: Int32Array, which: 0 | 1): Int32Array {
  let copy = waiting[which]
  if (copy.length < words.length) waiting[which] = copy = new Int32Array(words.length * 2)
  copy.set(words)
  return copy
}
