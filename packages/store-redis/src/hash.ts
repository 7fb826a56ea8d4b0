import { createHash } from 'node:crypto'

/** The name that a server knows a script by. */
export function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/**
 * 192 bits of a SHA-256, as 32 characters of base64url; and a number of 32 bits from what is left of it.
 *
 * Of the UTF-16 of a text, for in UTF-8 all lone surrogates are one replacement character.
 */
export function digest(text: string): { readonly name: string; readonly number: number } {
  const bytes = createHash('sha256').update(Buffer.from(text, 'utf16le')).digest()
  return { name: bytes.toString('base64url', 0, 24), number: bytes.readUInt32BE(24) }
}
