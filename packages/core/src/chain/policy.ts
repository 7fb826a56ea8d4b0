import type { AccessRule, DenyPredicate } from '../options/access-rule.ts'
import type { RoleHierarchy } from '../options/roles.ts'
import type { AddressRules } from '../checks/address.ts'
import type { ConcurrencyLimit } from '../checks/concurrency.ts'
import type { ContentSetting } from '../checks/content.ts'
import type { CorsSetting } from '../checks/cors.ts'
import type { CrossSiteOptions } from '../checks/cross-site.ts'
import type { HttpsSetting } from '../checks/https.ts'
import type { IdempotencySetting } from '../checks/idempotency.ts'
import type { ProtectedResource } from '../checks/protected-resource.ts'
import type { RateLimit, RateLimitFields } from '../checks/rate-limit.ts'
import type { RequestOptions } from '../checks/request.ts'
import type { SecurityHeadersSetting } from '../checks/security-headers.ts'
import type { Priority, Shedding } from '../checks/shed.ts'
import type { Observer } from '../contract/event.ts'
import type { Meter } from '../contract/meter.ts'
import type { Principal } from '../contract/principal.ts'
import type { Scheme } from '../contract/scheme.ts'
import type { Store } from '../contract/store.ts'
import type { Clock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import type { ProxySetting } from '../request/proxy.ts'
import type { CheckName } from './order.ts'

/**
 * What a route adds to the policy: who may call it, how often, and what its responses carry.
 *
 * @typeParam P the principal type of the policy's `authenticate`
 */
export interface Rule<P extends Principal = Principal> extends AccessRule<P> {
  /** Which addresses may come to this route; what the policy says of addresses counts as well. */
  readonly addresses?: AddressRules
  /** Limits of this route, besides the policy's; `'exempt'` frees it of the policy's limits. */
  readonly rateLimit?: RateLimit | readonly RateLimit[] | 'exempt'
  /** How many requests of this route may be under way, besides the policy's limits; `'exempt'` frees it of those. */
  readonly concurrency?: ConcurrencyLimit | readonly ConcurrencyLimit[] | 'exempt'
  /**
   * How important the route is while load is shed: `'low'` goes first, `'critical'` never. A critical route is also
   * above the policy's limits of concurrency that are of the whole server.
   *
   * @default `'normal'`
   */
  readonly priority?: Priority
  /**
   * What content this route takes, in place of what the policy says; `'exempt'` leaves it to the handler, unbounded.
   *
   * @example
   * 'POST /notes': { scopes: ['notes:write'], content: 'json' } // pass.content
   */
  readonly content?: ContentSetting | 'exempt'
  /**
   * Requests with an `Idempotency-Key` are carried out once, and answered alike when they are repeated: `true`, or how.
   * Safe methods are left alone.
   */
  readonly idempotency?: IdempotencySetting
  /**
   * How long the request may take, in place of the policy's: its checks and its handler together. `'exempt'` frees a route
   * of the policy's that answers for as long as its client listens, such as a stream of events.
   */
  readonly timeout?: Duration | 'exempt'
  /**
   * Why pages of every other site may send what changes something here, with the cookies of their visitors: a form of a bank
   * that comes back, say. It holds for the exact spelling of the path alone; every other one stays as it was.
   */
  readonly dangerouslyCrossSite?: string
  /**
   * Security headers of this route: `'page'` for one that answers with HTML. Changes without a `preset` are changes of what
   * the policy has; everything else is in its place.
   */
  readonly headers?: SecurityHeadersSetting
  /**
   * Which other origins may call this route from a browser, in place of the policy's settings; `'none'` for a route that no
   * page of another origin may call. A preflight is answered by the rule of the method that it asks for.
   */
  readonly cors?: CorsSetting
}

/**
 * What guards an API, in one object: it is read once, checked as a whole, and compiled.
 *
 * Whatever is not said is secure: https is enforced, no forwarding header is believed, no other origin gets in, and
 * every route needs authentication.
 *
 * @typeParam P what the scheme knows about a caller; inferred from `authenticate`
 */
export interface Policy<P extends Principal = Principal> {
  /** How requests are to be read that can be read in more than one way. Without it, whatever is unsafe is refused. */
  readonly request?: RequestOptions
  /**
   * The hosts that this server answers for: `'api.example.com'`, `'localhost:3000'`, `'*.example.com'`. Required, or
   * {@link Policy.dangerouslyAnyHost}.
   */
  readonly hosts?: readonly string[]
  /** Answers for every host. Poisoned `Host` fields then reach whatever builds links from them. */
  readonly dangerouslyAnyHost?: true
  /**
   * What becomes of plain http: `'redirect'`, `'refuse'`, or (for development) `'dangerouslyAllowHttp'`.
   *
   * @default `'redirect'`
   */
  readonly https?: HttpsSetting
  /**
   * Which forwarding headers may be believed: none, unless the proxies in front are named.
   *
   * @default `'none'`
   */
  readonly proxy?: ProxySetting
  /** Which clients may come at all, by their addresses. Without it, all. */
  readonly addresses?: AddressRules
  /**
   * Security headers of every response: `'api'`, `'page'`, or one of them with changes.
   *
   * @default `'api'`
   */
  readonly headers?: SecurityHeadersSetting
  /** Which other origins may call from a browser. Without it, none. */
  readonly cors?: CorsSetting
  /**
   * Which pages of other sites may act with what a browser sends by itself, besides those that `cors` trusts. Without it,
   * none: what they send that could change something is refused.
   */
  readonly crossSite?: CrossSiteOptions
  /** Why pages of every other site may act with what a browser sends by itself, everywhere: an API that knows nobody. */
  readonly dangerouslyCrossSite?: string
  /** Limits that every request counts towards, by client address unless they say otherwise. */
  readonly rateLimit?: RateLimit | readonly RateLimit[]
  /**
   * How clients are told where they stand with the limits: `'draft-11'` (the fields `RateLimit` and `RateLimit-Policy`,
   * every limit by its name), an older edition (`'draft-7'`, `'draft-6'`), `'x-ratelimit'`, several of them, or `'none'`.
   *
   * @default `'draft-11'`
   */
  readonly rateLimitFields?: RateLimitFields | readonly RateLimitFields[]
  /** How many requests may be under way at once, by client address unless they say otherwise. */
  readonly concurrency?: ConcurrencyLimit | readonly ConcurrencyLimit[]
  /** Sheds load while the event loop is late, by the `priority` of the rules. Without it, none is. */
  readonly shed?: Shedding
  /**
   * What content requests may have, where their rule does not say it: `'json'` reads JSON and refuses all else. Without it
   * the gate reads and bounds none.
   */
  readonly content?: ContentSetting
  /** How a caller is known. Required, or {@link Policy.public}. */
  readonly authenticate?: Scheme<P>
  /** What clients may know of the API before they call it, at its well-known path and in challenges (RFC 9728). */
  readonly protectedResource?: ProtectedResource
  /** Why everybody may call everything: for an API that authenticates nobody. */
  readonly public?: string
  /**
   * Which role includes which, and what each may do:
   * `{ admin: { includes: ['editor'], permissions: ['orders:delete'] }, editor: ['reader'] }`.
   */
  readonly roles?: RoleHierarchy
  /**
   * Who is shut out of everything that has a caller, by names that the log tells; asked before all else of a rule.
   *
   * @example
   * deny: { 'suspended accounts': (caller) => accounts.isSuspended(caller.subject) }
   */
  readonly deny?: Readonly<Record<string, DenyPredicate<NoInfer<P>>>>
  /**
   * Which tenant a caller belongs to, `undefined` for none: what the `tenant` of a rule is compared with, and what a limit
   * `by: 'tenant'` counts.
   *
   * @example
   * tenant: (caller) => caller.claims.tenant
   */
  readonly tenant?: (principal: NoInfer<P>) => string | undefined
  /**
   * What becomes of a success that a route with `object: 'handler'` answers with, when its handler has decided about no
   * object, or said no: `'report'` tells the event `authorization.undecided`, `'block'` answers 500 in its place.
   *
   * @default `'report'`
   */
  readonly undecided?: 'report' | 'block'
  /**
   * Rules by route: `'GET /path'`, `'/path/:name'`, `'/path/*'`. The most specific pattern wins. A request that matches
   * none needs authentication and nothing more.
   */
  readonly routes?: Readonly<Record<string, Rule<NoInfer<P>>>>
  /**
   * How long a check may wait for what it asks: a scheme's look-up, a predicate, a store. A check that waits longer is
   * a refusal (503).
   *
   * @default `'10s'`
   */
  readonly deadline?: Duration
  /**
   * How long a request may take, from its header section to the end of its response: 10 milliseconds to an hour. Then
   * `pass.signal` aborts, and the client gets a 503 problem; a response that has begun is cut off. Whatever the handler
   * writes after that is dropped. A rule may say another time.
   *
   * Without it, a handler may take as long as it likes.
   */
  readonly timeout?: Duration
  /**
   * How long the store may take to count a request: 10 milliseconds to a minute. Later, and while the store keeps failing,
   * each limit does what its `whenStoreFails` says.
   *
   * @default `'500ms'`
   */
  readonly storeDeadline?: Duration
  /** Checks that only tell what they would refuse: all of them, or those named. */
  readonly shadow?: true | readonly CheckName[]
  /** Who hears the events: `consoleLogger()`, `jsonLines()`, or your own functions. */
  readonly observe?: Observer | readonly Observer[]
  /**
   * Who measures: `metrics()`, one of another package, or several. It hears the events, too, and what is in no event: how
   * long responses take, how many requests are under way, how the store and the key sets are. Without it nothing is measured.
   */
  readonly metrics?: Meter | readonly Meter[]
  /**
   * Where counters live, and the records of schemes that name no store of their own: used proofs and nonces, say.
   *
   * @default `memoryStore()`
   */
  readonly store?: Store
  /** The time; for tests. */
  readonly clock?: Clock
}
