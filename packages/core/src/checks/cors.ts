import { type Fields, PASS, passWarning, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { escapeForLog } from '../lib/chars.ts'
import { type StartTimer, startTimer } from '../lib/timer.ts'
import type { Place } from '../options/read.ts'
import { type NameSet, withoutRepeats } from './cors/names.ts'
import { readCorsOptions } from './cors/options.ts'
import { compileOrigins, isOwnOrigin, type OriginRule } from './cors/origins.ts'
import { compilePreflights, isPreflight } from './cors/preflight.ts'
import type { OriginVerdict } from './cors/resolver.ts'

export type { CorsOptions } from './cors/options.ts'
export type { OriginResolver } from './cors/resolver.ts'

/** What the check is compiled with. */
export interface CorsContext {
  /** Response fields that other guards send and scripts should read (COR-20). */
  readonly exposed: readonly string[]
  /** Starts the timer of a resolver's deadline; a test gives its own. */
  readonly startTimer?: StartTimer
}

const NO_FIELDS: Fields = []

/** Every field of the CORS protocol: a handler that sets one itself must not widen what the policy says. */
const NAMES: readonly string[] = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
  'access-control-allow-private-network',
]

/** Compiles the option `cors`. */
export function compileCors(place: Place, value: unknown, context: CorsContext): Guard {
  const options = readCorsOptions(place, value)
  if (options === undefined) return NO_GUARD
  const rule = compileOrigins(options.origins, {
    allowNull: options.dangerouslyAllowNullOrigin,
    deadlineMs: options.resolverDeadline,
    startTimer: context.startTimer ?? startTimer,
  })
  const preflights = compilePreflights({
    originVaries: rule.constant !== '*',
    methods: options.methods,
    headers: options.headers,
    credentials: options.credentials,
    maxAge: options.maxAge === false ? undefined : options.maxAge,
    privateNetwork: options.allowPrivateNetwork,
  })
  const { block } = options

  const conclude = (verdict: OriginVerdict, request: RequestFacts, origin: string): Verdict => {
    if (isPreflight(request)) {
      if (verdict !== 'allowed') return preflights.deny(reasonFor(verdict, origin))
      return preflights.decide(request, rule.constant ?? origin)
    }
    // COR-21: nobody is let in by it, and somebody should know that a resolver is broken.
    if (!block && (verdict === 'failed' || verdict === 'late')) {
      return passWarning('dependency.failed', reasonFor(verdict, origin))
    }
    // A denied request runs all the same (COR-04): the response lacks the fields, and the browser keeps it.
    if (verdict === 'allowed' || !block || isOwnOrigin(origin, request)) return PASS
    return refuse('cors.origin-denied', reasonFor(verdict, origin))
  }

  return {
    check: {
      name: 'cors',
      decide(request) {
        const { origin } = request.headers
        if (origin === undefined) return PASS
        if (!block && !rule.remembers && !isPreflight(request)) return PASS
        const verdict = rule.judge(origin, request)
        if (typeof verdict === 'string') return conclude(verdict, request, origin)
        return verdict.then((late) => conclude(late, request, origin))
      },
    },
    response: {
      name: 'cors',
      wins: 'gate',
      names: NAMES,
      fields: compileFields(rule, options.credentials, exposedText(context.exposed, options.expose)),
      // A fixed answer says nothing about its reader, unless the status does (COR-06).
      vary: rule.constant === undefined || (block && rule.constant !== '*') ? 'Origin' : undefined,
    },
  }
}

/** The fields for every response but a preflight's: that one is answered, or denied without any of them (COR-03). */
function compileFields(
  rule: OriginRule,
  credentials: boolean,
  exposed: string,
): (request: RequestFacts) => Fields {
  const tail: Fields = [
    ...(credentials ? ['Access-Control-Allow-Credentials', 'true'] : []),
    ...(exposed === '' ? [] : ['Access-Control-Expose-Headers', exposed]),
  ]
  const fieldsFor = (origin: string): Fields => ['Access-Control-Allow-Origin', origin, ...tail]
  if (rule.constant !== undefined) {
    // Fetch, "CORS protocol and HTTP caches": what never varies is sent even to those who did not ask (COR-06).
    const constant = fieldsFor(rule.constant)
    return (request) => (isPreflight(request) ? NO_FIELDS : constant)
  }
  const ready = new Map(rule.exact.map((origin) => [origin, fieldsFor(origin)]))
  return (request) => {
    const { origin } = request.headers
    if (origin === undefined || isPreflight(request)) return NO_FIELDS
    return ready.get(origin) ?? (rule.known(origin, request) ? fieldsFor(origin) : NO_FIELDS)
  }
}

/** One text for all responses: what is exposed never depends on what was asked (COR-27). */
function exposedText(defaults: readonly string[], added: NameSet): string {
  return added.any ? '*' : withoutRepeats([...defaults, ...added.names]).join(', ')
}

function reasonFor(verdict: OriginVerdict, origin: string): string {
  const name = `The origin "${escapeForLog(origin, 128)}"`
  if (verdict === 'failed') return `${name} is denied: the resolver threw, or gave no boolean.`
  if (verdict === 'late') return `${name} is denied: the resolver did not answer before its deadline.`
  return `${name} is not allowed.`
}
