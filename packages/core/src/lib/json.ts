/** Why a JSON text is refused. */
export type JsonProblem = 'syntax' | 'duplicate-name' | 'too-deep' | 'too-many-names' | 'prototype-name'

/** A parsed JSON text, or why it is refused. */
export type JsonResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: JsonProblem }

/** How much structure a JSON text may have. */
export interface JsonLimits {
  /** The most objects and arrays inside one another; 64 by default. */
  readonly maxDepth?: number
  /** The most member names in the whole text; 10000 by default. */
  readonly maxKeys?: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const BRACKET_OPEN = 0x5b
const BACKSLASH = 0x5c
const BRACKET_CLOSE = 0x5d
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d

/**
 * Parses JSON that comes from outside.
 *
 * Strict RFC 8259. Beyond `JSON.parse`, it refuses an object that has one name twice (compared after unescaping,
 * RFC 8259 §4: readers disagree on which member counts), the name `__proto__`, and texts deeper or with more names
 * than the limits. Linear, not recursive, and it never throws. The length of the text is the caller's to bound.
 */
export function parseJson(text: string, limits: JsonLimits = {}): JsonResult {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'syntax' }
  }
  const reason = findProblem(text, limits.maxDepth ?? 64, limits.maxKeys ?? 10_000)
  return reason === undefined ? { ok: true, value } : { ok: false, reason }
}

/** Reads the structure of a text that is known to be JSON: what it must tell apart is names from other strings. */
function findProblem(text: string, maxDepth: number, maxKeys: number): JsonProblem | undefined {
  /** The names of each open object; `undefined` for an open array. */
  const open: (Set<string> | undefined)[] = []
  let names: Set<string> | undefined
  let total = 0
  let atName = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      const end = closingQuote(text, i)
      if (atName && names !== undefined) {
        const name = unescaped(text, i, end)
        if (name === '__proto__') return 'prototype-name'
        if (names.has(name)) return 'duplicate-name'
        if (++total > maxKeys) return 'too-many-names'
        names.add(name)
        atName = false
      }
      i = end
    } else if (code === BRACE_OPEN || code === BRACKET_OPEN) {
      if (open.length >= maxDepth) return 'too-deep'
      names = code === BRACE_OPEN ? new Set() : undefined
      atName = code === BRACE_OPEN
      open.push(names)
    } else if (code === BRACE_CLOSE || code === BRACKET_CLOSE) {
      open.pop()
      names = open.at(-1)
    } else if (code === COMMA) {
      atName = names !== undefined
    }
  }
  return undefined
}

function closingQuote(text: string, opening: number): number {
  let i = opening + 1
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1
  return i
}

function unescaped(text: string, opening: number, closing: number): string {
  const raw = text.slice(opening + 1, closing)
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
}
