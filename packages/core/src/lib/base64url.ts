/*
 * Node's decoders are lenient: they skip what is not in the alphabet, take both alphabets and drop left-over bits.
 * Encoding is canonical, so a text is canonical exactly when it comes back as it went in.
 */

/**
 * Decodes canonical base64url without padding, or refuses.
 *
 * Refused: padding, white space, `+` and `/`, a length of 4n+1, and bits set after the last octet, any of which
 * would give one token many spellings.
 *
 * @see RFC 4648 §5, §3.5; RFC 7515 §2
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** Encodes bytes, or text as UTF-8, as base64url without padding. */
export function encodeBase64url(data: string | Uint8Array): string {
  return toBuffer(data).toString('base64url')
}

/**
 * Decodes canonical base64 with its padding, or refuses.
 *
 * @see RFC 4648 §4, §3.5
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** Encodes bytes, or text as UTF-8, as base64 with padding. */
export function encodeBase64(data: string | Uint8Array): string {
  return toBuffer(data).toString('base64')
}

function toBuffer(data: string | Uint8Array): Buffer {
  return typeof data === 'string'
    ? Buffer.from(data, 'utf8')
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
