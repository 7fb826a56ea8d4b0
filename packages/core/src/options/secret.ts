import { MIN_SECRET, secretBytes } from '../lib/seal.ts'
import { type Secret, secret, unwrapped } from '../lib/secret.ts'
import { type Reader, report } from './read.ts'
import { text } from './readers.ts'

/** What to write where a secret is missing or wrong. */
export const SECRET_INSTEAD: string =
  "Write what crypto.randomBytes(32).toString('base64url') gave, out of a secret store."

/** Reads a secret of at least 32 bytes, wrapped or not. No message ever shows any of it, and nothing prints what it gives. */
export const readSecret: Reader<Secret> = (given, place) => {
  const value = unwrapped(given)
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
    : secret(bytes)
}

/** Reads a secret text, wrapped or not: what another server gave. */
export function secretText(example: string): Reader<Secret> {
  const read = text('a secret', example)
  return (value, place) => {
    const found = read(unwrapped(value), place)
    return found === undefined ? undefined : secret(found)
  }
}
