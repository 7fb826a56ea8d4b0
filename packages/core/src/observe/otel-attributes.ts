import type { SecurityEvent } from '../contract/event.ts'

/** Attributes of OpenTelemetry: a flat object. */
export type OtelAttributes = Readonly<Record<string, string | number>>

/** Members that {@link otelAttributes} tells in another form, that are a part of every record, or that nobody prints. */
type Told = 'time' | 'method' | 'principal' | 'error'

/**
 * What each member of an event is called in OpenTelemetry: the semantic conventions where they have a name for it, and
 * `gatehouse.` where they have none.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/
 */
export const OTEL_NAMES = {
  outcome: 'gatehouse.outcome',
  kind: 'gatehouse.kind',
  check: 'gatehouse.check',
  code: 'gatehouse.code',
  status: 'http.response.status_code',
  reason: 'gatehouse.reason',
  requestId: 'gatehouse.request.id',
  path: 'url.path',
  client: 'client.address',
  peer: 'network.peer.address',
  account: 'gatehouse.account',
  rule: 'gatehouse.rule',
} as const

/** Typed, so that a member of events that is named nowhere does not compile. */
const NAMES: Readonly<Record<Exclude<keyof SecurityEvent, Told>, string>> = OTEL_NAMES

const NAMED = Object.entries(NAMES) as readonly (readonly [keyof typeof OTEL_NAMES, string])[]

/** The methods that the semantic conventions know: of all others `http.request.method` is `_OTHER`. */
const METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
])

/**
 * An event as attributes of OpenTelemetry: the names of {@link OTEL_NAMES}, and besides `event.name`,
 * `http.request.method`, `http.route` where one rule was matched by a path, `user.id`, and `error.type` of what was refused.
 *
 * @example
 * logger.emit({ timestamp: Date.parse(event.time), attributes: otelAttributes(event) })
 */
export function otelAttributes(event: SecurityEvent): OtelAttributes {
  const attributes: Record<string, string | number> = { 'event.name': `gatehouse.${event.outcome}` }
  for (const [member, name] of NAMED) {
    const value = event[member]
    if (value !== undefined) attributes[name] = value
  }
  const { method, rule, outcome, kind, principal } = event
  attributes['http.request.method'] = METHODS.has(method) ? method : '_OTHER'
  if (!METHODS.has(method)) attributes['http.request.method_original'] = method
  const route = routeOf(rule)
  if (route !== undefined) attributes['http.route'] = route
  if (outcome === 'refused') attributes['error.type'] = kind
  if (principal !== undefined) {
    attributes['user.id'] = principal.subject
    if (principal.issuer !== undefined) attributes['gatehouse.principal.issuer'] = principal.issuer
  }
  return attributes
}

/** The path of a rule, as routes are written; a rule of no path, or of several, has none. */
export function routeOf(rule: string): string | undefined {
  const slash = rule.indexOf('/')
  const method = rule.slice(0, Math.max(slash, 0))
  if (slash < 0 || rule.includes(', ')) return undefined
  return method === '' || /^[A-Z]+ $/.test(method) ? rule.slice(slash) : undefined
}
