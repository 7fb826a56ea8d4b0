/*
 * HalfSipHash-1-3 of texts, with a result of 64 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, in
 * its variant of 32-bit words).
 *
 * It is for tables whose keys strangers choose: without the secret, nobody can write two texts that meet, or many that
 * fall into one place. It is no digest and no signature.
 */

/** How many random bytes a {@link HalfSipHash} is made from: two keys. */
export const SEED_BYTES = 16

/** Hashes texts. The result stands in two fields, so that hashing allocates nothing. */
export class HalfSipHash {
  /** The first 32 bits of the last result, as a signed integer. */
  high = 0
  /** The last 32 bits of it. */
  low = 0
  readonly #narrow0: number
  readonly #narrow1: number
  readonly #wide0: number
  readonly #wide1: number

  /** @param seed 16 random bytes that nobody knows */
  constructor(seed: Buffer) {
    this.#narrow0 = seed.readInt32LE(0)
    this.#narrow1 = seed.readInt32LE(4)
    this.#wide0 = seed.readInt32LE(8)
    this.#wide1 = seed.readInt32LE(12)
  }

  /**
   * Hashes a text: its Latin-1 bytes with one key or, when it has other characters, its UTF-16 units with another. So no
   * text of the one kind can be written to meet one of the other.
   */
  hash(text: string): void {
    if (!this.#hashNarrow(text)) this.#hashWide(text)
  }

  #hashNarrow(text: string): boolean {
    const { length } = text
    let seen = 0
    let v0 = this.#narrow0
    let v1 = this.#narrow1 ^ 0xee
    let v2 = 0x6c796765 ^ this.#narrow0
    let v3 = 0x74656462 ^ this.#narrow1
    let i = 0
    for (const end = length & ~3; i < end; i += 4) {
      const a = text.charCodeAt(i)
      const b = text.charCodeAt(i + 1)
      const c = text.charCodeAt(i + 2)
      const d = text.charCodeAt(i + 3)
      seen |= a | b | c | d
      const word = a | (b << 8) | (c << 16) | (d << 24)
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }
    // The last word, apart: in a loop that asks of each word whether it is the last, all take half as long again.
    let word = length << 24
    const rest = length & 3
    if (rest > 0) {
      const a = text.charCodeAt(i)
      const b = rest > 1 ? text.charCodeAt(i + 1) : 0
      const c = rest > 2 ? text.charCodeAt(i + 2) : 0
      seen |= a | b | c
      word |= a | (b << 8) | (c << 16)
    }
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
    if (seen > 0xff) return false
    this.#finish(v0, v1, v2, v3)
    return true
  }

  #hashWide(text: string): void {
    const { length } = text
    let v0 = this.#wide0
    let v1 = this.#wide1 ^ 0xee
    let v2 = 0x6c796765 ^ this.#wide0
    let v3 = 0x74656462 ^ this.#wide1
    for (let i = 0; i <= length; i += 2) {
      let word = length << 25
      if (i + 2 <= length) word = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
      else if (i < length) word |= text.charCodeAt(i)
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }
    this.#finish(v0, v1, v2, v3)
  }

  #finish(v0: number, v1: number, v2: number, v3: number): void {
    let a = v0
    let b = v1
    let c = v2 ^ 0xee
    let d = v3
    for (let round = 1; round <= 6; round++) {
      a = (a + b) | 0
      b = ((b << 5) | (b >>> 27)) ^ a
      a = (a << 16) | (a >>> 16)
      c = (c + d) | 0
      d = ((d << 8) | (d >>> 24)) ^ c
      a = (a + d) | 0
      d = ((d << 7) | (d >>> 25)) ^ a
      c = (c + b) | 0
      b = ((b << 13) | (b >>> 19)) ^ c
      c = (c << 16) | (c >>> 16)
      if (round !== 3) continue
      this.high = b ^ d
      b ^= 0xdd
    }
    this.low = b ^ d
  }
}
