import type { OpenApiDocument, PolicyDescription, RuleDescription, Said } from '@gatehouse/core'
import type { Seen } from './check.ts'

/** What is known of a policy without a request. */
export interface PolicySubject extends PolicyDescription {
  readonly openapi: OpenApiDocument
  /** How many processes serve the API, as far as the user said it. */
  readonly instances: number
}

/** A limit, as its options say it. */
export interface LimitSaid {
  readonly path: string
  readonly limit: number
  readonly windowMs: number
  readonly algorithm: string
  readonly whenStoreFails: string
}

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a rule binds a method that may change something. */
export function changes({ methods }: Pick<RuleDescription, 'methods'>): boolean {
  return methods.some((method) => !SAFE.has(method))
}

/** Where a rule of the policy stands among its options. */
export function placeOf({ name, source }: Pick<RuleDescription, 'name' | 'source'>): string {
  return source === 'routes' ? `routes[${JSON.stringify(name)}]` : name
}

/** The paths of the options that end in one of these names, with what they say. */
export function optionsCalled(
  { options }: Pick<PolicyDescription, 'options'>,
  name: string,
): readonly (readonly [path: string, value: Said | undefined])[] {
  return Object.entries(options).filter(([path]) => path === name || path.endsWith(`.${name}`))
}

/** Whether an option was given. */
export function isGiven({ options }: Pick<PolicyDescription, 'options'>, path: string): boolean {
  return Object.keys(options).some(
    (each) => each === path || each.startsWith(`${path}.`) || each.startsWith(`${path}[`),
  )
}

/** The limits that stand at a place: of the policy (`rateLimit`), or of a rule. */
export function limitsAt(
  { options }: Pick<PolicyDescription, 'options'>,
  place: string,
): readonly LimitSaid[] {
  return Object.entries(options).flatMap(([path, limit]) => {
    if (!path.startsWith(place) || typeof limit !== 'number') return []
    const [, index] = /^((?:\[\d+\])?)\.limit$/.exec(path.slice(place.length)) ?? []
    if (index === undefined) return []
    const at = place + index
    return [
      {
        path: at,
        limit,
        windowMs: Number(options[`${at}.window`]),
        algorithm: String(options[`${at}.algorithm`] ?? 'gcra'),
        whenStoreFails: String(options[`${at}.whenStoreFails`] ?? 'closed'),
      },
    ]
  })
}

/** Where a human logs in, or a client gets tokens: what is guessed at. */
const LOGIN =
  /(?:^|[/_-])(?:token|tokens|login|log-?in|sign-?in|session|sessions|password|passwords|otp|mfa|2fa|register|sign-?up|oauth|oauth2|authenticate|reset|recover)(?:[/_-]|$)/i

/** Whether a rule is for a place where credentials are tried. */
export function isLogin(rule: Pick<RuleDescription, 'pattern' | 'source' | 'methods'>): boolean {
  return rule.source !== 'default' && LOGIN.test(rule.pattern) && changes(rule)
}

/** What only the people who run the API should see. */
const ADMIN =
  /(?:^|\/)(?:admin|internal|debug|metrics|actuator|manage|management|console|ops|private|system|dashboard)(?:\/|$)/i

/** Whether a rule is for a place of those who run the API. */
export function isAdmin({ pattern, source }: Pick<RuleDescription, 'pattern' | 'source'>): boolean {
  return source !== 'default' && ADMIN.test(pattern)
}

/** Whether a rule asks anything of its caller but to be one. */
export function asksMore(rule: RuleDescription): boolean {
  return (
    rule.scopes !== undefined ||
    rule.roles.length > 0 ||
    rule.permissions.length > 0 ||
    rule.tenant !== undefined ||
    rule.when ||
    rule.object !== undefined
  )
}

/** A time in milliseconds that is longer than it should be. */
export function* longerThan(most: number, where: string, value: unknown): Iterable<Seen> {
  if (typeof value === 'number' && value > most) yield { where, detail: `It is ${value / 1000} seconds.` }
}

/** Whether a host is this machine. */
export function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || name.startsWith('127.')
}
