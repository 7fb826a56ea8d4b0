import type { Fields } from '../../contract/check.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { escapeForLog } from '../../lib/chars.ts'
import { at, report } from '../../options/read.ts'
import { type CorsEntry, recall } from './entries.ts'
import { isOwnPage } from './origins.ts'
import type { PlacedEntry } from './overlaps.ts'
import { isPreflight } from './preflight.ts'
import type { OriginVerdict } from './resolver.ts'

/** The name of the field that says why, in lower case. */
export const REASON_FIELD = 'cors-reason'

const NO_FIELDS: Fields = []

/** Why an origin is denied, for the log. */
export function reasonFor(verdict: OriginVerdict, origin: string): string {
  const name = `The origin "${escapeForLog(origin, 128)}"`
  if (verdict === 'failed') return `${name} is denied: the resolver threw, or gave no boolean.`
  if (verdict === 'late') return `${name} is denied: the resolver did not answer before its deadline.`
  return `${name} is not allowed.`
}

/** Whether reasons are shown; reports it where strangers would read them. */
export function readShowsReasons(entries: readonly PlacedEntry[], isLocal: boolean): boolean {
  const showing = entries.filter(({ read }) => read.dangerouslyShowReasons)
  for (const { place } of isLocal ? [] : showing) {
    report(
      at(place, 'dangerouslyShowReasons'),
      'unsafe_value',
      'would tell strangers what the policy allows.',
      "Write it only beside hosts of the own machine, as in hosts: ['localhost:3000']; events have the reason everywhere.",
    )
  }
  return showing.length > 0
}

/** A reason as a response has it: latin1 is all that a field value may be, and ASCII is what every tool shows. */
export function reasonFields(reason: string): Fields {
  return ['Cors-Reason', reason.replaceAll(/[^ -~]/g, '?')]
}

/** Why the page that sent a request may not read the response; nothing when it may. A denied preflight says it itself. */
export function whyDenied(entries: readonly CorsEntry[], request: RequestFacts): Fields {
  const { origin } = request.headers
  if (origin === undefined || isPreflight(request) || isOwnPage(origin, request)) return NO_FIELDS
  const judged = recall(entries, origin, request)
  return typeof judged === 'string' ? reasonFields(reasonFor(judged, origin)) : NO_FIELDS
}
