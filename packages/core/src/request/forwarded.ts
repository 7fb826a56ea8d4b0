import { type Cursor, readToken, readTokenOrQuoted, skipOws } from '../lib/cursor.ts'
import { MAX_FORWARDING_ENTRIES, MAX_FORWARDING_LENGTH } from './forwarded-for.ts'

/**
 * What one proxy says about the request it received, quotes and escapes resolved.
 *
 * The values are text as sent: whoever needs an address, a host or a scheme parses it, so that rubbish in an
 * element that nobody trusts cannot spoil one that somebody does.
 */
export interface ForwardedElement {
  /** The node that made the request: RFC 7239 §5.2. */
  readonly for: string | undefined
  /** The interface where the request came in: RFC 7239 §5.1. */
  readonly by: string | undefined
  /** The `Host` of the request: RFC 7239 §5.3. */
  readonly host: string | undefined
  /** The scheme of the request: RFC 7239 §5.4. */
  readonly proto: string | undefined
}

/** The most parameters of an element; RFC 7239 defines four. */
const MAX_PARAMETERS = 16

const COMMA = 0x2c
const SEMICOLON = 0x3b
const EQUALS = 0x3d

/**
 * Reads a `Forwarded` field, all its lines joined, into its elements from left to right.
 *
 * Linear in the text and bounded like `X-Forwarded-For`. `undefined` for a field that is not of the grammar: the
 * whole of it, since a stray quote leaves nobody sure where an element ends. A parameter that occurs twice in an
 * element is refused (RFC 7239 §4), and parameters that the RFC does not define are read and dropped.
 *
 * White space around `;` is let through, though the grammar has none: proxies send it, and it changes nothing.
 *
 * @see RFC 7239 §4, RFC 9110 §5.6.1.2 (empty elements of the list do not count), §5.6.4
 */
export function parseForwarded(value: string): readonly ForwardedElement[] | undefined {
  if (value.length > MAX_FORWARDING_LENGTH) return undefined
  const elements: ForwardedElement[] = []
  const cursor: Cursor = { text: value, at: 0 }
  for (;;) {
    skipOws(cursor)
    if (cursor.at < value.length && value.charCodeAt(cursor.at) !== COMMA) {
      const element = readElement(cursor)
      if (element === undefined || elements.push(element) > MAX_FORWARDING_ENTRIES) return undefined
    }
    // An element ends at a comma or at the end of the field, so one of them is here.
    if (cursor.at === value.length) return elements.length > 0 ? elements : undefined
    cursor.at++
  }
}

/** `forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )`, up to its comma. */
function readElement(cursor: Cursor): ForwardedElement | undefined {
  const { text } = cursor
  const parameters = new Map<string, string>()
  for (;;) {
    skipOws(cursor)
    const name = readToken(cursor).toLowerCase()
    if (name !== '') {
      const value = readValue(cursor)
      // RFC 7239 §4: a parameter occurs once, and its name is case-insensitive.
      if (value === undefined || parameters.has(name) || parameters.size === MAX_PARAMETERS) return undefined
      parameters.set(name, value)
      skipOws(cursor)
    }
    const code = text.charCodeAt(cursor.at)
    if (cursor.at === text.length || code === COMMA) break
    if (code !== SEMICOLON) return undefined
    cursor.at++
  }
  return {
    for: parameters.get('for'),
    by: parameters.get('by'),
    host: parameters.get('host'),
    proto: parameters.get('proto'),
  }
}

/** `"=" ( token / quoted-string )` without white space; `undefined` when it is not there. */
function readValue(cursor: Cursor): string | undefined {
  if (cursor.text.charCodeAt(cursor.at) !== EQUALS) return undefined
  cursor.at++
  return readTokenOrQuoted(cursor)
}
