import { hexValue } from './chars.ts'

/** The parts of a request target. */
export interface Target {
  /** From the first slash to the query, as sent; `*` for the asterisk-form. */
  readonly path: string
  /** What follows the first `?`, without it. */
  readonly query: string
  /** The authority of an absolute-form target, as sent; the caller compares it with `Host`. */
  readonly authority: string | undefined
}

/** Why a path is refused. */
export type PathProblem =
  | 'encoded-slash'
  | 'encoded-backslash'
  | 'encoded-nul'
  | 'backslash'
  | 'double-slash'
  | 'dot-segment'
  | 'bad-percent'
  | 'control'
  | 'non-ascii'
  | 'encoded-control'
  | 'fragment'

const SLASH = 0x2f
const BACKSLASH = 0x5c
const PERCENT = 0x25
const DOT = 0x2e
const SEMICOLON = 0x3b
const HASH = 0x23

/**
 * Splits a request target into path and query, byte for byte.
 *
 * Takes the origin-form, the absolute-form of http and https (an empty path is `/`) and `*`, which is lawful for
 * OPTIONS only: the caller knows the method. `undefined` for the authority-form of CONNECT, for other schemes, and
 * for a fragment in the query, which no request target has.
 *
 * @see RFC 9112 §3.2
 */
export function splitTarget(target: string): Target | undefined {
  if (target.charCodeAt(0) === SLASH) return splitPath(target, undefined)
  if (target === '*') return { path: '*', query: '', authority: undefined }
  const scheme = target.slice(0, 8).toLowerCase()
  const start = scheme === 'https://' ? 8 : scheme.startsWith('http://') ? 7 : -1
  if (start < 0) return undefined
  const length = target.slice(start).search(/[/?#]/)
  const end = length < 0 ? target.length : start + length
  if (end === start) return undefined
  const rest = target.slice(end)
  return splitPath(rest.startsWith('/') ? rest : `/${rest}`, target.slice(start, end))
}

function splitPath(text: string, authority: string | undefined): Target | undefined {
  const mark = text.indexOf('?')
  if (mark < 0) return { path: text, query: '', authority }
  const query = text.slice(mark + 1)
  return query.includes('#') ? undefined : { path: text.slice(0, mark), query, authority }
}

/**
 * Finds the first thing in a path that two readers could take differently.
 *
 * Percent-encoding is looked through once, and only once: `%2e%2e` is a dot segment, `%252f` is the text `%2f`. An
 * escape that is not part of well-formed UTF-8 counts as `bad-percent`, overlong forms such as `%c0%af` included.
 * A dot segment keeps its meaning with parameters (`/..;x/`), because there are servers that strip those. A raw
 * space counts as `control`. One pass; a path without a problem can be matched and decoded segment by segment.
 *
 * @see RFC 3986 §2.1, §3.3, §6.2.2; RFC 3629 §4
 */
export function pathProblem(path: string): PathProblem | undefined {
  /** How many dots the segment consists of so far; -1 when it holds anything else. */
  let dots = 0
  let utf8: Utf8State = COMPLETE
  for (let i = 0; i < path.length; i++) {
    let code = path.charCodeAt(i)
    if (code === PERCENT) {
      code = escapedOctet(path, i)
      i += 2
      const next = code < 0 ? undefined : nextUtf8(utf8, code)
      if (next === undefined) return 'bad-percent'
      utf8 = next
      const problem = escapeProblem(code)
      if (problem !== undefined) return problem
    } else {
      if (utf8 !== COMPLETE) return 'bad-percent'
      const problem = rawProblem(code)
      if (problem !== undefined) return problem
      if (code === SLASH) {
        if (isDots(dots)) return 'dot-segment'
        if (path.charCodeAt(i - 1) === SLASH) return 'double-slash'
        dots = 0
        continue
      }
      if (code === SEMICOLON && isDots(dots)) return 'dot-segment'
    }
    dots = code === DOT && dots >= 0 ? dots + 1 : -1
  }
  if (utf8 !== COMPLETE) return 'bad-percent'
  return isDots(dots) ? 'dot-segment' : undefined
}

function isDots(dots: number): boolean {
  return dots === 1 || dots === 2
}

function rawProblem(code: number): PathProblem | undefined {
  if (code <= 0x20 || code === 0x7f) return 'control'
  if (code > 0x7f) return 'non-ascii'
  if (code === BACKSLASH) return 'backslash'
  return code === HASH ? 'fragment' : undefined
}

function escapeProblem(code: number): PathProblem | undefined {
  if (code === SLASH) return 'encoded-slash'
  if (code === BACKSLASH) return 'encoded-backslash'
  if (code === 0) return 'encoded-nul'
  return code < 0x20 || code === 0x7f ? 'encoded-control' : undefined
}

function escapedOctet(path: string, at: number): number {
  const high = hexValue(path.charCodeAt(at + 1))
  const low = hexValue(path.charCodeAt(at + 2))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** What may follow in a UTF-8 sequence: how many octets, and the range of the next one. */
interface Utf8State {
  readonly pending: number
  readonly low: number
  readonly high: number
}

const COMPLETE: Utf8State = { pending: 0, low: 0, high: 0 }
const ONE: Utf8State = { pending: 1, low: 0x80, high: 0xbf }
const TWO: Utf8State = { pending: 2, low: 0x80, high: 0xbf }
const THREE: Utf8State = { pending: 3, low: 0x80, high: 0xbf }
const AFTER: readonly Utf8State[] = [COMPLETE, COMPLETE, ONE, TWO]

/** Follows the ABNF of RFC 3629 §4, which leaves no room for overlong forms and surrogates. */
function nextUtf8(state: Utf8State, octet: number): Utf8State | undefined {
  if (state !== COMPLETE) {
    return octet >= state.low && octet <= state.high ? AFTER[state.pending] : undefined
  }
  if (octet < 0x80) return COMPLETE
  if (octet < 0xc2 || octet > 0xf4) return undefined
  if (octet < 0xe0) return ONE
  if (octet === 0xe0) return { pending: 2, low: 0xa0, high: 0xbf }
  if (octet === 0xed) return { pending: 2, low: 0x80, high: 0x9f }
  if (octet < 0xf0) return TWO
  if (octet === 0xf0) return { pending: 3, low: 0x90, high: 0xbf }
  return octet === 0xf4 ? { pending: 3, low: 0x80, high: 0x8f } : THREE
}

/**
 * Decodes the percent-encoding of one path segment, once, as UTF-8.
 *
 * It decodes what it is given, an encoded slash too: {@link pathProblem} has refused those before.
 */
export function decodeSegment(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
