import type { RequestFacts } from '../../contract/request.ts'
import { formatHost } from '../../lib/authority.ts'
import { utilModule } from '../../lib/builtins.ts'
import { originMatches, type OriginPattern, parseOrigin, parseOriginPattern } from '../../lib/origin.ts'
import { type Reader, report } from '../../options/read.ts'
import { list } from '../../options/readers.ts'
import { expressionProblem } from './expression.ts'
import type { StartTimer } from '../../lib/timer.ts'
import { askResolver, type OriginResolver, type OriginVerdict } from './resolver.ts'

/** The origins of a policy, as they are written. */
export type OriginsRead =
  | { readonly type: 'any' }
  | { readonly type: 'listed'; readonly members: readonly ListedOrigin[] }
  | { readonly type: 'asked'; readonly resolver: OriginResolver }

/** One member of a list of origins. */
export type ListedOrigin =
  | { readonly type: 'exact'; readonly text: string }
  | { readonly type: 'pattern'; readonly text: string; readonly pattern: OriginPattern }
  | { readonly type: 'expression'; readonly expression: RegExp }

/** How origins are judged. */
export interface OriginRule {
  /** The one value that `Access-Control-Allow-Origin` ever has; `undefined` when it depends on the request. */
  readonly constant: string | undefined
  /** Origins that are allowed as they stand, for what can be made when the policy is compiled. */
  readonly exact: readonly string[]
  /** Whether {@link OriginRule.recall} needs {@link OriginRule.judge} to have been asked about the request before. */
  readonly remembers: boolean
  /** Judges the origin of a request; waits for a resolver only. */
  readonly judge: (origin: string, request: RequestFacts) => OriginVerdict | Promise<OriginVerdict>
  /** The same without asking a resolver; `undefined` when only a resolver knows, and it was not asked. */
  readonly recall: (origin: string, request: RequestFacts) => OriginVerdict | undefined
}

const EXAMPLE = "['https://app.example.com']"

/** Reads `'*'`, a list of origins, or a resolver (COR-12, COR-13, COR-26). */
export const readOrigins: Reader<OriginsRead> = (value, place) => {
  if (value === '*') return { type: 'any' }
  if (typeof value === 'function') return { type: 'asked', resolver: value as OriginResolver }
  if (typeof value === 'string' || utilModule().types.isRegExp(value)) {
    return report(place, 'wrong_type', 'is one origin, not a list.', `Write a list: ${EXAMPLE}.`)
  }
  const members = LIST(value, place)
  return members === undefined ? undefined : { type: 'listed', members }
}

const readMember: Reader<ListedOrigin> = (value, place) => {
  if (utilModule().types.isRegExp(value)) {
    // A copy: RegExp.prototype.compile can change the original after the policy was built.
    const expression = new RegExp(value.source, value.flags)
    const problem = expressionProblem(expression)
    if (problem !== undefined) return report(place, problem.code, problem.message, problem.instead)
    return { type: 'expression', expression }
  }
  if (typeof value !== 'string') {
    return report(place, 'wrong_type', 'is not an origin.', "Write a text such as 'https://app.example.com'.")
  }
  if (value === '*') {
    return report(
      place,
      'contradiction',
      'is every origin, in a list of some.',
      "Write origins: '*', or leave it out.",
    )
  }
  if (value === 'null') {
    return report(
      place,
      'unsafe_value',
      'is the origin of every sandboxed frame and local file, on any site.',
      'Serve the page from an https origin; if that cannot be, write dangerouslyAllowNullOrigin: true.',
    )
  }
  const pattern = parseOriginPattern(value)
  if (pattern === undefined) {
    const near = canonicalForm(value)
    const instead =
      near === undefined
        ? "Write scheme and host as browsers send them: 'https://app.example.com', 'https://*.example.com', 'http://localhost:*'."
        : `Write '${near}'.`
    return report(place, 'malformed_value', 'is not an origin or origin pattern.', instead)
  }
  return pattern.subdomains || pattern.port === '*'
    ? { type: 'pattern', text: value, pattern }
    : { type: 'exact', text: value }
}

const LIST = list(readMember, {
  min: 1,
  example: `${EXAMPLE}, or leave \`cors\` out to allow no other origin`,
})

/** What the author of an origin that no browser sends probably meant. For messages, while the policy is compiled. */
function canonicalForm(text: string): string | undefined {
  const anyPort = text.endsWith(':*')
  const url = text.includes('://') ? text : `https://${text}`
  const withoutPort = anyPort ? url.slice(0, -2) : url
  if (!URL.canParse(withoutPort)) return undefined
  const { protocol, host } = new URL(withoutPort)
  const candidate = `${protocol}//${host}${anyPort ? ':*' : ''}`
  return parseOriginPattern(candidate) === undefined ? undefined : candidate
}

/** The origins in words, for lists of routes. */
export function describeOrigins(read: OriginsRead, allowNull: boolean): readonly string[] {
  const opaque = allowNull ? ['null'] : []
  if (read.type === 'any') return ['*']
  if (read.type === 'asked') return ['(function)', ...opaque]
  const texts = read.members.map((member) =>
    member.type === 'expression' ? String(member.expression) : member.text,
  )
  return [...texts, ...opaque]
}

/** Compiles what was read into a rule. */
export function compileOrigins(
  read: OriginsRead,
  settings: { readonly allowNull: boolean; readonly deadlineMs: number; readonly startTimer: StartTimer },
): OriginRule {
  // Browsers send `null` as text, so it is one more exact origin: no pattern, expression or resolver sees it (COR-12).
  const opaque = settings.allowNull ? ['null'] : []
  switch (read.type) {
    case 'any':
      return { constant: '*', exact: [], remembers: false, judge: () => 'allowed', recall: () => 'allowed' }
    case 'listed':
      return compileList(read.members, opaque)
    case 'asked':
      return compileResolver(read.resolver, new Set(opaque), settings)
  }
}

function compileList(members: readonly ListedOrigin[], opaque: readonly string[]): OriginRule {
  const exact = new Set(opaque)
  const patterns: OriginPattern[] = []
  const expressions: RegExp[] = []
  for (const member of members) {
    if (member.type === 'exact') exact.add(member.text)
    else if (member.type === 'pattern') patterns.push(member.pattern)
    else expressions.push(member.expression)
  }
  const exactOnly = patterns.length + expressions.length === 0
  const judge = (origin: string): OriginVerdict => {
    if (exact.has(origin)) return 'allowed'
    if (exactOnly) return 'denied'
    // An expression sees only what parses: a browser's own form, without line ends, user or path to be fooled by.
    // It is never longer than 327 characters: a scheme of 64, a name of 253 with its dot, a port.
    const parsed = parseOrigin(origin)
    if (parsed === undefined) return 'denied'
    for (const pattern of patterns) if (originMatches(pattern, parsed)) return 'allowed'
    for (const expression of expressions) if (expression.test(origin)) return 'allowed'
    return 'denied'
  }
  const [first] = exact
  return {
    constant: exactOnly && exact.size === 1 ? first : undefined,
    exact: [...exact],
    remembers: false,
    judge,
    recall: judge,
  }
}

function compileResolver(
  resolver: OriginResolver,
  exact: ReadonlySet<string>,
  settings: { readonly deadlineMs: number; readonly startTimer: StartTimer },
): OriginRule {
  /** What the resolver said of requests; a response that leaves before has no say in it (COR-21). */
  const noted = new WeakMap<RequestFacts, OriginVerdict>()
  const note = (verdict: OriginVerdict, request: RequestFacts): OriginVerdict => {
    noted.set(request, verdict)
    return verdict
  }
  return {
    constant: undefined,
    exact: [...exact],
    remembers: true,
    judge(origin, request) {
      if (exact.has(origin)) return 'allowed'
      if (parseOrigin(origin) === undefined) return note('denied', request)
      const verdict = askResolver(resolver, origin, request, settings.deadlineMs, settings.startTimer)
      return typeof verdict === 'string'
        ? note(verdict, request)
        : verdict.then((late) => note(late, request))
    },
    recall: (origin, request) => (exact.has(origin) ? 'allowed' : noted.get(request)),
  }
}

/**
 * Whether a page of the API itself sent a request with that origin. A browser says `null` in its form where `no-referrer`
 * holds (Fetch, "append a request `Origin` header"), and in `Sec-Fetch-Site`, which no page can set, what is true.
 */
export function isOwnPage(origin: string, request: RequestFacts): boolean {
  return request.headers['sec-fetch-site'] === 'same-origin' || isOwnOrigin(origin, request)
}

/** Whether the origin is that of the API itself: browsers send `Origin` with same-origin POST requests, too. */
export function isOwnOrigin(origin: string, request: RequestFacts): boolean {
  const { authority, scheme } = request
  if (authority === undefined) return false
  const standard = scheme === 'https' ? 443 : 80
  const port = authority.port === undefined || authority.port === standard ? '' : `:${authority.port}`
  return origin === `${scheme}://${formatHost(authority)}${port}`
}
