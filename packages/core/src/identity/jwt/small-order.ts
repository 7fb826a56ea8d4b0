/*
 * The y coordinates of the points of order 1, 2, 4 and 8, little-endian, sign bit clear; the last two are p and p + 1,
 * the non-canonical spellings of 0 and 1 that fit into 255 bits (RFC 7748 §6.1 lists their Montgomery images).
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/**
 * Whether an Ed25519 public key is one of the points of small order, in any spelling.
 *
 * OpenSSL takes such a key, and then one signature fits a message in eight, or every message: whoever can suggest a
 * key could sign anything (JWT-08, RFC 8032 §8.9 on point validation).
 */
export function isSmallOrder(publicKey: Uint8Array): boolean {
  const bytes = Buffer.from(publicKey)
  const last = bytes.at(-1)
  if (bytes.length !== 32 || last === undefined) return true
  // The top bit is the sign of x (RFC 8032 §5.1.2); both signs of a small-order point are of small order.
  bytes[31] = last & 0x7f
  return SMALL_ORDER.has(bytes.toString('hex'))
}
