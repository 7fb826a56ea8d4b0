import { MIN_SECRET, secretBytes } from '../lib/seal.ts'
import { type Reader, report } from './read.ts'

/** What to write where a secret is missing or wrong. */
export const SECRET_INSTEAD: string =
  "Write what crypto.randomBytes(32).toString('base64url') gave, out of a secret store."

/** Reads a secret of at least 32 bytes. No message ever shows any of it. */
export const readSecret: Reader<Buffer> = (value, place) => {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    return report(place, 'wrong_type', 'is neither base64url text nor bytes.', SECRET_INSTEAD)
  }
  const bytes = secretBytes(value)
  if (bytes === undefined) return report(place, 'malformed_value', 'is not base64url.', SECRET_INSTEAD)
  if (bytes.length < MIN_SECRET) {
    return report(place, 'out_of_range', `has fewer than ${MIN_SECRET} bytes.`, SECRET_INSTEAD)
  }
  // Chance gives 32 equal bytes never: somebody's placeholder does.
  return bytes.every((byte) => byte === bytes[0])
    ? report(place, 'unsafe_value', 'is one byte over and over.', SECRET_INSTEAD)
    : bytes
}
