import { COMPLETE, escapedOctet, nextUtf8, type Utf8State } from './percent.ts'

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
 * A dot segment keeps its meaning with parameters (`/..;x/`), because there are servers that strip those, and so does an
 * empty one (`/;x/`). A raw space counts as `control`. One pass; a path without a problem can be matched and decoded
 * segment by segment.
 *
 * @see RFC 3986 §2.1, §3.3, §6.2.2; RFC 3629 §4
 */
export function pathProblem(path: string): PathProblem | undefined {
  /** How many dots the segment consists of so far; -1 when it holds anything else. */
  let dots = 0
  /** Whether the segment begins with its parameters. */
  let isBare = false
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
        if (isBare || path.charCodeAt(i - 1) === SLASH) return 'double-slash'
        dots = 0
        continue
      }
      if (code === SEMICOLON) {
        if (isDots(dots)) return 'dot-segment'
        if (dots === 0) isBare = true
      }
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

/**
 * A path as a server reads it that takes the parameters off each segment: `/a;v=1/b` is `/a/b` to it.
 *
 * @see RFC 3986 §3.3
 */
export function withoutParameters(path: string): string {
  return path
    .split('/')
    .map((segment) => {
      const semicolon = segment.indexOf(';')
      return semicolon < 0 ? segment : segment.slice(0, semicolon)
    })
    .join('/')
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
