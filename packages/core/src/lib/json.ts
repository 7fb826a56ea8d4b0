/** Why a JSON text is refused. */
export type JsonProblem =
  | 'syntax'
  | 'duplicate-name'
  | 'too-deep'
  | 'too-many-names'
  | 'too-many-items'
  | 'prototype-name'
  | 'lone-surrogate'

/** A parsed JSON text, or why it is refused. */
export type JsonResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: JsonProblem }

/** How much structure a JSON text may have. */
export interface JsonLimits {
  /** The most objects and arrays inside one another; 64 by default. */
  readonly maxDepth?: number
  /** The most member names in the whole text; 10000 by default. */
  readonly maxKeys?: number
  /** The most array elements in the whole text, an empty array counted as one; as many as there are by default. */
  readonly maxItems?: number
  /** Whether a string may hold half of a surrogate pair, which has no UTF-8 (RFC 8259 §8.2); it may by default. */
  readonly loneSurrogates?: boolean
}

const QUOTE = 0x22
const COMMA = 0x2c
const BRACKET_OPEN = 0x5b
const BACKSLASH = 0x5c
const BRACKET_CLOSE = 0x5d
const LOWER_U = 0x75
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
const COLON = 0x3a

/** What shorter texts hold is not much, whatever it is: they are parsed before they are looked at. */
const SHORT = 65_536

/**
 * Parses JSON that comes from outside.
 *
 * Strict RFC 8259. Beyond `JSON.parse`, it refuses an object that has one name twice (compared after unescaping,
 * RFC 8259 §4: readers disagree on which member counts), what can reach a prototype (the name `__proto__`, and a
 * `constructor` with a `prototype`), and texts deeper or with more in them than the limits.
 * Linear, not recursive, and it never throws. The length of the text is the caller's to bound; of a long one that is beyond
 * the limits nothing is built, and it may be no JSON besides.
 */
export function parseJson(text: string, limits: JsonLimits = {}): JsonResult {
  const { maxDepth = 64, maxKeys = 10_000, maxItems = Infinity, loneSurrogates = true } = limits
  const all = { maxDepth, maxKeys, maxItems, loneSurrogates }
  // What a long one comes to is many times its own size: it is not built to be thrown away.
  const excess = text.length > SHORT ? findExcess(text, all) : undefined
  if (excess !== undefined) return { ok: false, reason: excess }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'syntax' }
  }
  const reason = findProblem(text, all)
  return reason === undefined ? { ok: true, value } : { ok: false, reason }
}

/**
 * Whether a text has more structure than the limits allow, JSON or not: what comes before its first mistake, which is all
 * that a parser builds of it, is counted as {@link findProblem} counts it.
 */
function findExcess(
  text: string,
  { maxDepth, maxKeys, maxItems }: Required<JsonLimits>,
): JsonProblem | undefined {
  /** Of each object or array that is open, whether it is an array. */
  const open: boolean[] = []
  let keys = 0
  let items = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = closingQuote(text, i, true)
    else if (code === BRACE_OPEN || code === BRACKET_OPEN) {
      if (open.push(code === BRACKET_OPEN) > maxDepth) return 'too-deep'
      if (code === BRACKET_OPEN && ++items > maxItems) return 'too-many-items'
    } else if (code === BRACE_CLOSE || code === BRACKET_CLOSE) open.pop()
    else if (code === COLON && ++keys > maxKeys) return 'too-many-names'
    else if (code === COMMA && open.at(-1) === true && ++items > maxItems) return 'too-many-items'
  }
  return undefined
}

/** An open object or array. */
interface Open {
  /** The names of an object so far; `undefined` for an array. */
  readonly names: Set<string> | undefined
  /** Whether it is the value of a member `constructor`. */
  readonly ofConstructor: boolean
}

/** Reads the structure of a text that is known to be JSON: what it must tell apart is names from other strings. */
function findProblem(text: string, limits: Required<JsonLimits>): JsonProblem | undefined {
  const open: Open[] = []
  let current: Open | undefined
  let keys = 0
  let items = 0
  let atName = false
  /** The name whose value comes next. */
  let name: string | undefined
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      const end = closingQuote(text, i, limits.loneSurrogates)
      if (end < 0) return 'lone-surrogate'
      if (atName && current?.names !== undefined) {
        name = unescaped(text, i, end)
        if (name === '__proto__' || (current.ofConstructor && name === 'prototype')) return 'prototype-name'
        if (current.names.has(name)) return 'duplicate-name'
        if (++keys > limits.maxKeys) return 'too-many-names'
        current.names.add(name)
        atName = false
      }
      i = end
    } else if (code === BRACE_OPEN || code === BRACKET_OPEN) {
      if (open.length >= limits.maxDepth) return 'too-deep'
      atName = code === BRACE_OPEN
      if (!atName && ++items > limits.maxItems) return 'too-many-items'
      current = { names: atName ? new Set() : undefined, ofConstructor: name === 'constructor' }
      name = undefined
      open.push(current)
    } else if (code === BRACE_CLOSE || code === BRACKET_CLOSE) {
      open.pop()
      current = open.at(-1)
    } else if (code === COMMA) {
      name = undefined
      atName = current?.names !== undefined
      if (!atName && ++items > limits.maxItems) return 'too-many-items'
    }
  }
  return undefined
}

/** Where a string ends; -1 when an escape in it is half of a surrogate pair, and that may not be. */
function closingQuote(text: string, opening: number, loneSurrogates: boolean): number {
  let i = opening + 1
  while (i < text.length && text.charCodeAt(i) !== QUOTE) {
    if (text.charCodeAt(i) !== BACKSLASH) i++
    else if (loneSurrogates || text.charCodeAt(i + 1) !== LOWER_U) i += 2
    else {
      const length = escapeLength(text, i)
      if (length < 0) return -1
      i += length
    }
  }
  return i
}

/** How long the escape of a character is: two `\u` for a surrogate pair; -1 for one half without the other. */
function escapeLength(text: string, at: number): number {
  const unit = escapedUnit(text, at)
  if (unit < 0xd800 || unit > 0xdfff) return 6
  const next = text.startsWith('\\u', at + 6) ? escapedUnit(text, at + 6) : 0
  return unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff ? 12 : -1
}

function escapedUnit(text: string, at: number): number {
  return Number.parseInt(text.slice(at + 2, at + 6), 16)
}

function unescaped(text: string, opening: number, closing: number): string {
  const raw = text.slice(opening + 1, closing)
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
}
