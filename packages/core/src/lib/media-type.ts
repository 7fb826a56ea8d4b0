import { type Cursor, readToken, readTokenOrQuoted, skipOws } from './cursor.ts'

/** The value of a Content-Type field. */
export interface MediaType {
  /** Type and subtype in lower case: `application/json`. */
  readonly essence: string
  /** The parameters by their names in lower case; values as they were sent, without quotes. */
  readonly parameters: ReadonlyMap<string, string>
}

const SLASH = 0x2f
const SEMICOLON = 0x3b
const EQUALS = 0x3d

/** More parameters than any media type has. */
const MAX_PARAMETERS = 16

/**
 * Reads a media type, or denies it: whatever follows the grammar, and nothing that merely begins like it. A parameter that
 * occurs twice is denied, since readers disagree on which counts. Linear.
 *
 * @see RFC 9110 §8.3.1, §5.6.6
 */
export function parseMediaType(value: string): MediaType | undefined {
  const cursor: Cursor = { text: value, at: 0 }
  skipOws(cursor)
  const type = readToken(cursor)
  if (type === '' || value.charCodeAt(cursor.at) !== SLASH) return undefined
  cursor.at++
  const subtype = readToken(cursor)
  if (subtype === '') return undefined
  const parameters = new Map<string, string>()
  for (;;) {
    skipOws(cursor)
    if (cursor.at === value.length) return { essence: `${type}/${subtype}`.toLowerCase(), parameters }
    if (value.charCodeAt(cursor.at) !== SEMICOLON) return undefined
    cursor.at++
    skipOws(cursor)
    const name = readToken(cursor).toLowerCase()
    // RFC 9110 §5.6.6: a semicolon need not be followed by a parameter.
    if (name === '') continue
    if (value.charCodeAt(cursor.at) !== EQUALS) return undefined
    cursor.at++
    const text = readTokenOrQuoted(cursor)
    if (text === undefined || parameters.has(name) || parameters.size >= MAX_PARAMETERS) return undefined
    parameters.set(name, text)
  }
}
