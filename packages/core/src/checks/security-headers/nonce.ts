import type { Fields } from '../../contract/check.ts'
import type { ResponseFields } from '../../contract/guard.ts'
import { formatDirectives, parseDirectives } from './csp-directives.ts'

/** Stands in a policy for the nonce of a response. */
const PLACEHOLDER = "'nonce'"

/** The fields that hold a policy. */
const POLICY_FIELDS: ReadonlySet<string> = new Set([
  'content-security-policy',
  'content-security-policy-report-only',
])

/** What is trusted by itself, without a nonce. */
const isHash = (word: string): boolean => word.startsWith("'sha")

/**
 * The policy of a response that nobody asked a nonce for: no script has one, so none is named, and what would be loaded by
 * those that have one is not either.
 */
function withoutNonce(text: string): string {
  const { directives } = parseDirectives(text)
  for (const [name, words] of directives) {
    if (!words.includes(PLACEHOLDER)) continue
    const isTrusted = words.some(isHash)
    const left = words.filter((word) => word !== PLACEHOLDER && (isTrusted || word !== "'strict-dynamic'"))
    directives.set(name, left.length === 0 ? ["'none'"] : left)
  }
  return formatDirectives(directives)
}

/**
 * The fields of a rule, in both forms: without a nonce, and completed with one. All but the nonce is put together here,
 * once.
 *
 * @param offered names and values, with the placeholder in the policies
 */
export function noncedFields(
  offered: readonly (readonly [name: string, value: string])[],
): Pick<ResponseFields, 'fields' | 'withNonce'> {
  const isNonced = ([name, value]: readonly [string, string]): boolean =>
    POLICY_FIELDS.has(name.toLowerCase()) && value.includes(PLACEHOLDER)
  const plain: Fields = Object.freeze(
    offered.flatMap((row) => (isNonced(row) ? [row[0], withoutNonce(row[1])] : row)),
  )
  const parts = offered.flatMap((row, index) =>
    isNonced(row) ? [{ at: index * 2 + 1, pieces: row[1].split(PLACEHOLDER) }] : [],
  )
  if (parts.length === 0) return { fields: () => plain }
  return {
    fields: () => plain,
    withNonce: (nonce) => {
      const fields = [...plain]
      for (const { at, pieces } of parts) fields[at] = pieces.join(`'nonce-${nonce}'`)
      return fields
    },
  }
}
