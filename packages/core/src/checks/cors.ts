import { type Fields, PASS, passWarning, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { type StartTimer, startTimer } from '../lib/timer.ts'
import type { Place } from '../options/read.ts'
import { type CorsEntry, judge, type Judged, recall } from './cors/entries.ts'
import { compileFields, CORS_FIELDS, exposedText, fieldsByOrigin } from './cors/fields.ts'
import type { CorsRead } from './cors/options.ts'
import { compileOrigins, describeOrigins, isOwnPage } from './cors/origins.ts'
import { compilePreflights, type DenyPreflight, isPreflight, preflightVary } from './cors/preflight.ts'
import { reportOverriding } from './cors/overriding.ts'
import { readShowsReasons, REASON_FIELD, reasonFields, reasonFor, whyDenied } from './cors/reasons.ts'
import { readCorsSetting } from './cors/setting.ts'

export type { CorsOptions, CorsSetting } from './cors/options.ts'
export type { OriginResolver } from './cors/resolver.ts'

/** How what is not allowed is denied. */
export interface Denying {
  /** Whether a request of an origin that is not allowed is refused. */
  readonly blocks: boolean
  /** Whether responses say why. */
  readonly shows: boolean
}

/** What the check is compiled with. */
export interface CorsContext {
  /** Response fields that other guards send and scripts should read (COR-20). */
  readonly exposed: readonly string[]
  /** Whether the policy answers for the own machine alone: only there may reasons be shown. */
  readonly isLocal?: boolean
  /** What the policy lets a POST be taken for; such a request has a preflight of a POST. */
  readonly overriding?: ReadonlySet<string> | undefined
  /** How `'none'` denies; left out, it neither blocks nor says why. */
  readonly denying?: Denying
  /** Starts the timer of a resolver's deadline; a test gives its own. */
  readonly startTimer?: StartTimer
}

/** What the check of other sites takes from the option `cors`: whose pages may do more than read. */
export interface CorsTrust {
  /** Whether every page of the web may read: no reason to trust any of them (CSR-05). */
  readonly everyOrigin: boolean
  /**
   * How far a page of the origin may act here; not at all when `undefined`. What a browser sends by itself counts only where
   * `credentials` let pages send it. A resolver has been asked by the check of `cors` before.
   */
  readonly trusts: (origin: string, request: RequestFacts) => 'fully' | 'without-credentials' | undefined
}

/** The guard, with what rules have to know of it. */
export interface CorsGuard extends Guard, Denying {
  /** The origins in words. */
  readonly origins: readonly string[]
  /** `undefined` without the option. */
  readonly trust: CorsTrust | undefined
}

const MILDLY: Denying = { blocks: false, shows: false }

/** What a policy without the option has: preflights reach the application, and its responses are left alone. */
export const NO_CORS: CorsGuard = Object.freeze({ ...NO_GUARD, ...MILDLY, origins: [], trust: undefined })

/** Compiles the option `cors`, of a policy or of a rule. */
export function compileCors(place: Place, value: unknown, context: CorsContext): CorsGuard {
  const placed = readCorsSetting(place, value)
  if (placed === undefined) return NO_CORS
  if (placed.length === 0) return denyCors(context.denying ?? MILDLY)
  const read = placed.map((entry) => entry.read)
  if (context.overriding !== undefined) reportOverriding(placed, context.overriding)
  const shows = readShowsReasons(placed, context.isLocal === true)
  return compileEntries(read, { blocks: read.some(({ block }) => block), shows }, context)
}

/** The guard that lets no other origin in. */
export function denyCors(denying: Denying): CorsGuard {
  return compileEntries([], denying, { exposed: [] })
}

function compileEntries(
  read: readonly CorsRead[],
  { blocks, shows }: Denying,
  context: CorsContext,
): CorsGuard {
  const ruled = read.map((options) => ({
    options,
    rule: compileOrigins(options.origins, {
      allowNull: options.dangerouslyAllowNullOrigin,
      deadlineMs: options.resolverDeadline,
      startTimer: context.startTimer ?? startTimer,
    }),
  }))
  // Several entries answer differently; none at all answers everybody alike.
  const constant = ruled.length === 1 ? ruled[0]?.rule.constant : undefined
  const isAlike = ruled.length === 0 || constant !== undefined
  const vary = preflightVary({
    origin: ruled.length > 0 && constant !== '*',
    privateNetwork: read.some(({ allowPrivateNetwork }) => allowPrivateNetwork),
  })
  const varyFields: Fields = ['Vary', vary.join(', ')]
  const deny: DenyPreflight = (reason) =>
    refuse('cors.preflight-denied', reason, shows ? [...varyFields, ...reasonFields(reason)] : varyFields)
  const entries = ruled.map(({ options, rule }): CorsEntry => {
    const exposed = exposedText(context.exposed, options.expose)
    return {
      rule,
      credentials: options.credentials,
      answerPreflight: compilePreflights(
        {
          methods: options.methods,
          headers: options.headers,
          credentials: options.credentials,
          maxAge: options.maxAge === false ? undefined : options.maxAge,
          privateNetwork: options.allowPrivateNetwork,
        },
        vary,
        deny,
      ),
      fieldsFor: fieldsByOrigin(rule, options.credentials, exposed),
    }
  })
  const remembers = entries.some(({ rule }) => rule.remembers)
  const fields = compileFields(entries, constant)

  const conclude = (judged: Judged, request: RequestFacts, origin: string): Verdict => {
    if (isPreflight(request)) {
      if (typeof judged === 'string') return deny(reasonFor(judged, origin))
      return judged.answerPreflight(request, judged.rule.constant ?? origin)
    }
    if (typeof judged !== 'string') return PASS
    // COR-21: nobody is let in by it, and somebody should know that a resolver is broken.
    if (!blocks && judged !== 'denied') return passWarning('dependency.failed', reasonFor(judged, origin))
    // A denied request runs all the same (COR-04): the response lacks the fields, and the browser keeps it.
    if (!blocks || isOwnPage(origin, request)) return PASS
    return refuse('cors.origin-denied', reasonFor(judged, origin))
  }

  return {
    blocks,
    shows,
    origins: read.flatMap((each) => describeOrigins(each.origins, each.dangerouslyAllowNullOrigin)),
    check: {
      name: 'cors',
      // Nothing but resolvers waits here, and each has a deadline of its own: a late one denies, and refuses nothing.
      hasDeadline: true,
      decide(request) {
        const { origin } = request.headers
        if (origin === undefined) return PASS
        if (!blocks && !remembers && !isPreflight(request)) return PASS
        const judged = judge(entries, origin, request)
        if (!(judged instanceof Promise)) return conclude(judged, request, origin)
        return judged.then((late) => conclude(late, request, origin))
      },
    },
    response: {
      name: 'cors',
      wins: 'gate',
      names: shows ? [...CORS_FIELDS, REASON_FIELD] : CORS_FIELDS,
      fields: shows ? (request) => [...fields(request), ...whyDenied(entries, request)] : fields,
      // A fixed answer says nothing about its reader, unless the status or the reason does (COR-06).
      vary: !isAlike || ((blocks || shows) && constant !== '*') ? 'Origin' : undefined,
    },
    trust: trustOf(entries),
  }
}

/** The first entry that names an origin says how far it is trusted, as it says what it may read. */
function trustOf(entries: readonly CorsEntry[]): CorsTrust {
  return {
    everyOrigin: entries.some(({ rule }) => rule.constant === '*'),
    trusts(origin, request) {
      // Every site can make a frame of the origin `null`, whatever the policy says of it (CSR-05).
      if (origin === 'null') return undefined
      const entry = recall(entries, origin, request)
      if (typeof entry === 'string' || entry.rule.constant === '*') return undefined
      return entry.credentials ? 'fully' : 'without-credentials'
    },
  }
}
