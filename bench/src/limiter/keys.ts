/** Keys are picked by chance of a seed: the same keys for every side, in the same order. */
export function picks(count: number, below: number, seed: number): Uint32Array {
  const picked = new Uint32Array(count)
  // xorshift32; it never leaves 0, so no seed may be 0.
  let state = Math.imul(seed, 0x9e37_79b1) | 1
  for (let i = 0; i < count; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    picked[i] = (state >>> 0) % below
  }
  return picked
}

/**
 * The key of a client, by its number: an IPv4 address, as most limits count them. Each call makes a text of its own,
 * flat and not hashed yet, as it would come with a request.
 *
 * Trap: a text that is joined by `+` is kept as its two halves until somebody looks into it, and costs more.
 */
export function keyOf(client: number): string {
  return [10, (client >>> 16) & 0xff, (client >>> 8) & 0xff, client & 0xff].join('.')
}

/** More clients than this have no address of their own. */
export const MAX_KEYS = 0x100_0000
