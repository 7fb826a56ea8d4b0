/** Characters of a signature that are looked at, and those after them that are not: the last bits of an EdDSA signature are 0. */
const LOOKED_AT = 8
const LEFT_OUT = 4

/**
 * A number that a signed token nearly always has for itself: made of some characters of its signature, which of a token that
 * is good nobody who cannot sign can choose. It costs much less than a digest, and may be that of another token, or written to
 * be: it says where to look, and whether it is worth it, never that a token is good.
 */
export function fingerprintOf(token: string): number {
  const end = token.length - LEFT_OUT
  let mixed = 0
  // Mixed as FNV-1a does; without the lowest bit, so that it is a small integer to V8, and not negative.
  for (let i = end - LOOKED_AT; i < end; i++) mixed = Math.imul(mixed ^ token.charCodeAt(i), 0x01000193)
  return mixed >>> 1
}

/** How many fingerprints may have the same place. */
const WAYS = 2

/**
 * Tells tokens that come again from those that come once, by their fingerprints alone: they are written over one another in
 * a table that never grows, so that a token that is never seen again leaves no garbage (JWT-21).
 */
export class Doorkeeper {
  readonly #seen: Int32Array

  /** @param max of how many tokens it is to know most; 0 for none */
  constructor(max: number) {
    this.#seen = new Int32Array(WAYS * 2 ** Math.ceil(Math.log2(max)))
  }

  /** Whether a token has been here, lately; from now on it has. */
  knows(fingerprint: number): boolean {
    const seen = this.#seen
    const first = (fingerprint * WAYS) & (seen.length - 1)
    const last = seen[first]
    if (last === fingerprint) return true
    const known = seen[first + 1] === fingerprint
    // Who was here last is in front, and pushes out who is behind. A free place is 0: who has that is always known.
    seen[first + 1] = last ?? 0
    seen[first] = fingerprint
    return known
  }
}
