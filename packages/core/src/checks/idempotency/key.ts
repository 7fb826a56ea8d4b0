import { isVisibleAscii } from '../../lib/chars.ts'

/** No UUID, and no key of any client that is known, is longer. */
const MAX_KEY = 255

/** What a bare key cannot have: a list, a parameter or a string would begin there. */
const DELIMITERS = /[",;\\]/

/**
 * Reads an idempotency key: a String of structured fields, `"8e03978e-40d5"`, or the same text without quotes.
 *
 * The draft asks for a String (draft-ietf-httpapi-idempotency-key-header-07 §2.1). Most clients were written for APIs that
 * are older than it and send the bare key, so both spell one key. Parameters, of which the draft has none, are refused.
 *
 * @returns the key, of 1 to 255 characters; `undefined` for what is none
 * @see RFC 9651 §4.2.5
 */
export function parseKey(text: string): string | undefined {
  // Every character of a String may be escaped by another.
  if (text.length > 2 * MAX_KEY + 2) return undefined
  const key = text.startsWith('"') ? readString(text) : readBare(text)
  return key === undefined || key === '' || key.length > MAX_KEY ? undefined : key
}

function readBare(text: string): string | undefined {
  return isVisibleAscii(text) && !DELIMITERS.test(text) ? text : undefined
}

function readString(text: string): string | undefined {
  let key = ''
  for (let i = 1; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '"') return i === text.length - 1 ? key : undefined
    if (char < ' ' || char > '~') return undefined
    if (char !== '\\') {
      key += char
      continue
    }
    i++
    const escaped = text.charAt(i)
    if (escaped !== '"' && escaped !== '\\') return undefined
    key += escaped
  }
  return undefined
}
