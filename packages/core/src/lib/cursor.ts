import { isOwsCode, isTokenCode } from './chars.ts'

const DQUOTE = 0x22
const BACKSLASH = 0x5c

/** Where reading a field value stands. */
export interface Cursor {
  readonly text: string
  at: number
}

/** Goes past a run of SP and HTAB (RFC 9110 §5.6.3), which may be empty. */
export function skipOws(cursor: Cursor): void {
  while (isOwsCode(cursor.text.charCodeAt(cursor.at))) cursor.at++
}

/** Reads the longest `token` from here (RFC 9110 §5.6.2), perhaps empty. */
export function readToken(cursor: Cursor): string {
  const start = cursor.at
  while (isTokenCode(cursor.text.charCodeAt(cursor.at))) cursor.at++
  return cursor.text.slice(start, cursor.at)
}

/**
 * Reads `token / quoted-string` from here; `undefined` when neither is there.
 *
 * @see RFC 9110 §11.2
 */
export function readTokenOrQuoted(cursor: Cursor): string | undefined {
  if (cursor.text.charCodeAt(cursor.at) === DQUOTE) return readQuoted(cursor)
  const token = readToken(cursor)
  return token === '' ? undefined : token
}

/** A `quoted-string` of RFC 9110 §5.6.4, its escapes resolved. */
function readQuoted(cursor: Cursor): string | undefined {
  const { text } = cursor
  let value = ''
  let start = cursor.at + 1
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DQUOTE) {
      cursor.at = i + 1
      return value + text.slice(start, i)
    }
    if (code === BACKSLASH) {
      value += text.slice(start, i)
      start = ++i
    }
    // Both qdtext and quoted-pair are HTAB, SP, VCHAR and obs-text; this also ends a text that ends in an escape.
    if (!isQuotable(text.charCodeAt(i))) return undefined
  }
  return undefined
}

function isQuotable(code: number): boolean {
  return isOwsCode(code) || (code > 0x20 && code <= 0xff && code !== 0x7f)
}
