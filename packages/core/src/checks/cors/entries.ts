import type { Fields } from '../../contract/check.ts'
import type { RequestFacts } from '../../contract/request.ts'
import type { OriginRule } from './origins.ts'
import type { AnswerPreflight } from './preflight.ts'
import type { OriginVerdict } from './resolver.ts'

/** What holds for some origins, compiled. */
export interface CorsEntry {
  readonly rule: OriginRule
  /** Whether pages may send what a browser sends by itself. */
  readonly credentials: boolean
  readonly answerPreflight: AnswerPreflight
  /** The fields of every response to a page of an origin that the entry allows, but a preflight's. */
  readonly fieldsFor: (origin: string) => Fields
}

/** The entry that allows an origin, or why none does. */
export type Judged = CorsEntry | Exclude<OriginVerdict, 'allowed'>

/**
 * Judges an origin: the first entry that names it decides. Where a resolver fails nobody knows whether its entry does, so
 * the origin is denied, whatever comes after (COR-21).
 */
export function judge(
  entries: readonly CorsEntry[],
  origin: string,
  request: RequestFacts,
  from = 0,
): Judged | Promise<Judged> {
  for (let i = from; i < entries.length; i++) {
    const entry = entries[i]
    if (entry === undefined) break
    const verdict = entry.rule.judge(origin, request)
    if (verdict instanceof Promise) {
      return verdict.then((late) => {
        if (late === 'allowed') return entry
        return late === 'denied' ? judge(entries, origin, request, i + 1) : late
      })
    }
    if (verdict === 'allowed') return entry
    if (verdict !== 'denied') return verdict
  }
  return 'denied'
}

/** The same without asking a resolver. */
export function recall(entries: readonly CorsEntry[], origin: string, request: RequestFacts): Judged {
  for (const entry of entries) {
    const verdict = entry.rule.recall(origin, request)
    if (verdict === 'allowed') return entry
    // One that was not asked, or failed: no later entry stands in for it.
    if (verdict !== 'denied') return verdict ?? 'denied'
  }
  return 'denied'
}
