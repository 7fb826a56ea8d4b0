import { isVisibleAscii } from '../lib/chars.ts'
import { sha256 } from '../lib/digest.ts'

/*
 * Keys of counters. A key is the length of the limit's name, the name, and what is counted: a letter for its kind and the
 * value, or several of these. The length delimits the name, the letter has one character, and of several each has its
 * length before it, so two keys are equal only when all their parts are (RL-27).
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
  /** The API key that a caller is known by. */
  key: 'i',
  /** The tenant that a caller belongs to. */
  tenant: 't',
  /** What a function of the policy gave. */
  own: 'k',
  /** All requests that have no key, where the policy says that they share one. */
  unknown: 'u',
} as const

/** Stands before what several words of a policy count together. */
const SEVERAL = 'm'

/** What a counter counts. */
export type KeyKind = keyof typeof LETTERS

/** Longer values are counted by their digest: whoever sends a long text does not choose how much memory it takes. */
const MAX_VALUE = 256

/** What the keys of a limit begin with. */
export function keyPrefix(name: string): string {
  return `${name.length}:${name}`
}

/** What is counted, as it stands in a key. */
export function keyPart(kind: KeyKind, value: string): string {
  return keyMaker('', kind)(value)
}

/**
 * Makes keys of one kind that begin with a prefix. All that stands before the value is joined once: a text that is joined of
 * several takes longer to make, and to read.
 */
export function keyMaker(prefix: string, kind: KeyKind): (value: string) => string {
  const before = prefix + LETTERS[kind]
  const plain = `${before}=`
  return (value) => (isPlain(value) ? plain + value : `${before}#${digestOf(value)}`)
}

/** The key of what several words count together. */
export function combinedKey(prefix: string, parts: readonly string[]): string {
  let key = prefix + SEVERAL
  for (const part of parts) key += `${part.length}:${part}`
  return key
}

/**
 * Whether a value stands in a key as it is: up to 256 visible ASCII characters, after a `=`. All else is a SHA-256 digest, after
 * a `#`, so that no value can be written to look like another's digest.
 */
function isPlain(value: string): boolean {
  return value.length <= MAX_VALUE && isVisibleAscii(value)
}

function digestOf(value: string): string {
  // UTF-16, for in UTF-8 all lone surrogates are one replacement character, and two texts would be one key.
  return sha256(Buffer.from(value, 'utf16le')).toString('base64url')
}
