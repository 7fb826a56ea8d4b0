import { isVisibleAscii } from '../lib/chars.ts'
import { sha256 } from '../lib/digest.ts'

/*
 * Keys of counters. A key is the length of the limit's name, the name, a letter for what is counted, and the value:
 * the length delimits the name and the letter has one character, so two keys are equal only when all three parts are
 * (RL-27).
 */

/** What a counter counts: a letter each, so that a principal called `203.0.113.7` is not that address. */
const LETTERS = {
  /** A client by its address. */
  client: 'c',
  /** A caller by issuer and subject. */
  principal: 'p',
  /** The client of a limit per caller, where nobody is authenticated. */
  anonymous: 'a',
  /** A route, all its callers together. */
  route: 'r',
  /** What a function of the policy gave. */
  own: 'k',
  /** All requests that have no key, where the policy says that they share one. */
  unknown: 'u',
} as const

/** What a counter counts. */
export type KeyKind = keyof typeof LETTERS

/** Longer values are counted by their digest: whoever sends a long text does not choose how much memory it takes. */
const MAX_VALUE = 256

/** What the keys of a limit begin with. */
export function keyPrefix(name: string, kind: KeyKind): string {
  return `${name.length}:${name}${LETTERS[kind]}`
}

/**
 * A value as it stands in a key: up to 256 visible ASCII characters as they are, after a `=`; all else as a SHA-256
 * digest, after a `#`, so that no value can be written to look like another's digest.
 */
export function keyValue(value: string): string {
  if (value.length <= MAX_VALUE && isVisibleAscii(value)) return `=${value}`
  // UTF-16, for in UTF-8 all lone surrogates are one replacement character, and two texts would be one key.
  return `#${sha256(Buffer.from(value, 'utf16le')).toString('base64url')}`
}
