/*
 * Words of 32 bits, in memory that grows where it is.
 *
 * An array that is replaced by a larger one leaves a hole, and holes of many sizes between arrays that stay are never given
 * back: they took more than the arrays. A resizable buffer reserves addresses, and takes memory as it grows.
 */

/** Fewer words than this are an array of their own, since a reservation takes whole pages. */
const MIN_RESERVED = 4_096

/** Words for which addresses are reserved; more are reserved anew. */
const RESERVED = 262_144

const WORD = 4

interface ResizableBuffer extends ArrayBuffer {
  readonly maxByteLength: number
  readonly resize: (bytes: number) => void
}

const Resizable = ArrayBuffer as unknown as new (
  bytes: number,
  options: { readonly maxByteLength: number },
) => ResizableBuffer

/** The memory of one table. */
export class GrowingWords {
  #buffer: ResizableBuffer | undefined

  /** Memory of another size; what is in it is of no use until it is written, and what was handed out before may be part of it. */
  resize(words: number): Int32Array<ArrayBuffer> {
    if (words < MIN_RESERVED) {
      this.#buffer = undefined
      return new Int32Array(words)
    }
    const bytes = words * WORD
    if (this.#buffer === undefined || this.#buffer.maxByteLength < bytes) {
      this.#buffer = new Resizable(bytes, { maxByteLength: Math.max(RESERVED * WORD, bytes * 2) })
    } else if (this.#buffer.byteLength < bytes) this.#buffer.resize(bytes)
    // Of a length of its own, which costs less to read than one that follows the buffer.
    return new Int32Array(this.#buffer, 0, words)
  }
}

/** Where what is moved in place waits: the same for all tables, since no two are moved at once. */
let waiting = new Int32Array(0)

/** A copy that holds until the next one is asked for. */
export function copyOf(words: Int32Array): Int32Array {
  if (waiting.length < words.length) waiting = new Int32Array(words.length * 2)
  waiting.set(words)
  return waiting
}
