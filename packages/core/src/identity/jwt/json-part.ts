import { isUtf8 } from 'node:buffer'
import { parseJson } from '../../lib/json.ts'

/** The members of a header or of a set of claims. */
export type Members = Readonly<Record<string, unknown>>

/** Far more than any token needs; what a token may cost is bounded by its length before. */
const LIMITS = { maxDepth: 32, maxKeys: 512 } as const

/**
 * Reads a decoded part of a token: a JSON object in UTF-8, no name twice (JWT-07), no `__proto__`; nothing else.
 *
 * @see RFC 7519 §7.2; RFC 7515 §4 and RFC 7519 §4 on duplicate names
 */
export function readJsonPart(bytes: Buffer): Members | undefined {
  // Decoding would replace what is no UTF-8, and so make two different tokens read alike.
  if (!isUtf8(bytes)) return undefined
  const json = parseJson(bytes.toString('utf8'), LIMITS)
  return json.ok && isMembers(json.value) ? json.value : undefined
}

/** Whether a JSON value is an object. */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member of its own; what a prototype has is nothing that a token says. */
export function member(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined
}
