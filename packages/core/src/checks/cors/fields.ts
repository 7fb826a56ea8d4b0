import type { Fields } from '../../contract/check.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { type CorsEntry, recall } from './entries.ts'
import { type NameSet, withoutRepeats } from './names.ts'
import type { OriginRule } from './origins.ts'
import { isPreflight } from './preflight.ts'

/** Every field of the CORS protocol: a handler that sets one itself must not widen what the policy says. */
export const CORS_FIELDS: readonly string[] = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
  'access-control-allow-private-network',
]

const NO_FIELDS: Fields = []

/** The fields of a response to one origin: those of all that can be made now are made now. */
export function fieldsByOrigin(
  rule: OriginRule,
  credentials: boolean,
  exposed: string,
): (origin: string) => Fields {
  const tail: Fields = [
    ...(credentials ? ['Access-Control-Allow-Credentials', 'true'] : []),
    ...(exposed === '' ? [] : ['Access-Control-Expose-Headers', exposed]),
  ]
  const fieldsFor = (origin: string): Fields => ['Access-Control-Allow-Origin', origin, ...tail]
  const readyFor = (origin: string): Fields => Object.freeze(fieldsFor(origin))
  if (rule.constant !== undefined) {
    const constant = readyFor(rule.constant)
    return () => constant
  }
  const ready = new Map(rule.exact.map((origin) => [origin, readyFor(origin)]))
  return (origin) => ready.get(origin) ?? fieldsFor(origin)
}

/** The fields for every response but a preflight's: that one is answered, or denied without any of them (COR-03). */
export function compileFields(
  entries: readonly CorsEntry[],
  constant: string | undefined,
): (request: RequestFacts) => Fields {
  const [first] = entries
  if (first === undefined) return () => NO_FIELDS
  if (constant !== undefined) {
    // Fetch, "CORS protocol and HTTP caches": what never varies is sent even to those who did not ask (COR-06).
    const fixed = first.fieldsFor(constant)
    return (request) => (isPreflight(request) ? NO_FIELDS : fixed)
  }
  return (request) => {
    const { origin } = request.headers
    if (origin === undefined || isPreflight(request)) return NO_FIELDS
    const judged = recall(entries, origin, request)
    return typeof judged === 'string' ? NO_FIELDS : judged.fieldsFor(origin)
  }
}

/** One text for all responses: what is exposed never depends on what was asked (COR-27). */
export function exposedText(defaults: readonly string[], added: NameSet): string {
  return added.any ? '*' : withoutRepeats([...defaults, ...added.names]).join(', ')
}
