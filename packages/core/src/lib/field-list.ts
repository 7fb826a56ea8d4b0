import { isOwsCode, isTokenCode } from './chars.ts'

/** How much of a list field is read before it is refused. */
export interface ListLimits {
  /** The most elements that are not empty. */
  readonly maxElements: number
  /** The most empty elements, as between the commas of `a,,b`. */
  readonly maxEmpty: number
  /** The most spaces and tabs in one run, before or after an element. */
  readonly maxOws: number
}

const COMMA = 0x2c

/**
 * Splits a comma-separated list of tokens, or denies it.
 *
 * Empty elements are dropped, as a recipient must, up to the limit; a value that is empty but for white space is
 * an empty list. The case of the tokens is kept. `undefined` when an element is not a token or a limit is passed;
 * reading stops right there, so the work is linear and a hostile value costs no more than a lawful one.
 *
 * @see RFC 9110 §5.6.1, §5.6.2, §5.6.3
 */
export function splitList(value: string, limits: ListLimits): string[] | undefined {
  const elements: string[] = []
  let empty = 0
  let i = 0
  for (;;) {
    i = skipOws(value, i, limits.maxOws)
    if (i < 0) return undefined
    const start = i
    while (i < value.length && isTokenCode(value.charCodeAt(i))) i++
    const end = i
    i = skipOws(value, i, limits.maxOws)
    if (i < 0) return undefined
    const last = i === value.length
    if (!last && value.charCodeAt(i) !== COMMA) return undefined
    if (end > start) {
      if (elements.push(value.slice(start, end)) > limits.maxElements) return undefined
    } else if (!(last && elements.length === 0 && empty === 0)) {
      if (++empty > limits.maxEmpty) return undefined
    }
    if (last) return elements
    i++
  }
}

/** The index after a run of SP and HTAB, or -1 when the run is longer than allowed. */
function skipOws(value: string, from: number, max: number): number {
  let i = from
  while (isOwsCode(value.charCodeAt(i))) {
    i++
    if (i - from > max) return -1
  }
  return i
}

/**
 * Adds field names to a `Vary` value.
 *
 * Names are compared without regard to case, each is kept once, in its first place and spelling; a `*` anywhere
 * makes the whole value `*`, which nothing can widen.
 *
 * @see RFC 9110 §12.5.5
 */
export function mergeVary(existing: string | undefined, add: readonly string[]): string {
  const present = existing === undefined || existing === '' ? [] : existing.split(',')
  const seen = new Set<string>()
  const members: string[] = []
  for (const text of [...present, ...add]) {
    const member = text.trim()
    if (member === '*') return '*'
    const name = member.toLowerCase()
    if (name === '' || seen.has(name)) continue
    seen.add(name)
    members.push(member)
  }
  return members.join(', ')
}
