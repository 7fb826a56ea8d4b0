import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { isWellFormed } from './chars.ts'

/** The SHA-256 digest of bytes, or of text as UTF-8. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer')
}

/**
 * Compares two secrets without telling by the time it takes where, or whether in length, they differ.
 *
 * Text counts as its UTF-8 bytes. Text with a lone surrogate has none and equals nothing: its replacement
 * character would otherwise make different secrets equal.
 */
export function equalSecrets(a: string | Uint8Array, b: string | Uint8Array): boolean {
  const equal = timingSafeEqual(sha256(a), sha256(b))
  return equal && hasBytes(a) && hasBytes(b)
}

function hasBytes(data: string | Uint8Array): boolean {
  return typeof data !== 'string' || isWellFormed(data)
}

/**
 * A short stand-in for a secret in logs: the first bytes of its HMAC-SHA-256, in hexadecimal.
 *
 * The same secret gives the same text under one key, and nothing can be guessed back without the key.
 *
 * @param bytes - how many bytes to keep, 1 to 32; 8 by default
 */
export function keyedHash(key: Buffer, text: string, bytes = 8): string {
  return createHmac('sha256', key)
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2)
}

const PROCESS_PREFIX: string = randomBytes(12).toString('base64url')
let issued = 0

/**
 * A new request id: a random prefix of this process and a counter.
 *
 * Unique everywhere, cheap, and of token characters only. It is an identifier, not a secret: whoever has seen one
 * can tell the next.
 */
export function randomId(): string {
  issued += 1
  return `${PROCESS_PREFIX}-${issued.toString(36)}`
}
