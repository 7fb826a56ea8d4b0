import { encodeBase64 } from './base64url.ts'
import { isAlphaCode, isTokenCode } from './chars.ts'

/*
 * Serializers of RFC 9651 §4.1 for the fields that the gate sends. What they are given comes from code and from
 * options that were checked when the policy was built; where RFC 9651 says "fail serialization", that is a mistake of
 * the programmer, and they throw a TypeError.
 */

/** Parameters of an item, or members of a dictionary: serialized values, `true` for a bare key, `undefined` for none. */
export type SfParameters = Readonly<Record<string, string | true | undefined>>

const MAX_INTEGER = 999_999_999_999_999

/**
 * Serializes a String.
 *
 * @throws TypeError when the text has a character outside printable ASCII
 * @see RFC 9651 §4.1.6
 */
export function sfString(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new TypeError('A structured-field String is printable ASCII')
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/**
 * Serializes a Token.
 *
 * @throws TypeError when the text is not a letter or `*` followed by token characters, `:` and `/`
 * @see RFC 9651 §4.1.7
 */
export function sfToken(text: string): string {
  if (!isSfToken(text)) throw new TypeError('A structured-field Token begins with a letter or *')
  return text
}

function isSfToken(text: string): boolean {
  if (!isAlphaCode(text.charCodeAt(0)) && !text.startsWith('*')) return false
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isTokenCode(code) && code !== 0x3a && code !== 0x2f) return false
  }
  return true
}

/**
 * Serializes an Integer.
 *
 * @throws TypeError when the number is not an integer of at most 15 digits
 * @see RFC 9651 §4.1.4
 */
export function sfInteger(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) > MAX_INTEGER) {
    throw new TypeError('A structured-field Integer has at most 15 digits')
  }
  return String(value)
}

/**
 * Serializes a Byte Sequence.
 *
 * @see RFC 9651 §4.1.8
 */
export function sfBytes(bytes: Uint8Array): string {
  return `:${encodeBase64(bytes)}:`
}

/**
 * Serializes an Item from a serialized bare item and its parameters, in the order of their keys.
 *
 * @throws TypeError when a key is not a key of RFC 9651 §3.1.2
 * @see RFC 9651 §4.1.3
 * @example sfItem(sfString('default'), { q: sfInteger(100), w: sfInteger(60) }) // "default";q=100;w=60
 */
export function sfItem(bare: string, parameters: SfParameters = {}): string {
  let text = bare
  for (const [key, value] of Object.entries(parameters)) {
    if (value === undefined) continue
    text += `;${sfKey(key)}`
    if (value !== true) text += `=${value}`
  }
  return text
}

/**
 * Serializes a List of serialized items. An empty list has no serialization: the field is then not sent.
 *
 * @see RFC 9651 §4.1.1
 */
export function sfList(items: readonly string[]): string {
  return items.join(', ')
}

/**
 * Serializes a Dictionary of serialized items. An empty one has no serialization: the field is then not sent.
 *
 * @throws TypeError when a key is not a key of RFC 9651 §3.1.2
 * @see RFC 9651 §4.1.2
 */
export function sfDictionary(members: SfParameters): string {
  const parts: string[] = []
  for (const [key, value] of Object.entries(members)) {
    if (value !== undefined) parts.push(value === true ? sfKey(key) : `${sfKey(key)}=${value}`)
  }
  return parts.join(', ')
}

/** Whether a text is a key of RFC 9651 §3.1.2. */
export function isSfKey(text: string): boolean {
  return /^[a-z*][a-z0-9_.*-]*$/.test(text)
}

function sfKey(key: string): string {
  if (!isSfKey(key)) throw new TypeError('A structured-field key is lower-case ASCII')
  return key
}
