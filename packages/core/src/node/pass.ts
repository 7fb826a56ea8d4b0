import { randomBytes } from 'node:crypto'
import type { Events } from '../chain/events.ts'
import { dropPromise, wordsOf } from '../checks/authorize/ask.ts'
import { isOwner } from '../checks/authorize/object.ts'
import { requestLimit, uncountedLimit } from '../checks/rate-limit/control.ts'
import type { Charged } from '../contract/check.ts'
import type { Decision } from '../contract/decision.ts'
import type { Kind } from '../contract/kinds.ts'
import type { RequestLimit } from '../contract/limits.ts'
import type { Pass } from '../contract/pass.ts'
import type { Principal } from '../contract/principal.ts'
import type { Query } from '../contract/query.ts'
import { formatAuthority } from '../lib/authority.ts'
import { escapeForLog } from '../lib/chars.ts'
import type { Clock } from '../lib/clock.ts'
import type { Facts } from '../request/facts.ts'
import { type Counting, RequestQuery } from '../request/query.ts'

const NOTHING: readonly Charged[] = Object.freeze([])

/** What passes of one gate share. */
export interface PassContext {
  readonly events: Events
  readonly clock: Clock
  /** Which value of a parameter of the query counts that comes more than once. */
  readonly counts: Counting
}

/** The pass of one request: a view of its facts, with what its handler may say and ask. */
export class RequestPass<P extends Principal> implements Pass<P> {
  readonly rule: string
  readonly #facts: Facts
  readonly #events: Events
  #object: { readonly value: unknown } | undefined = undefined
  content: unknown = undefined
  /** What the handler decided about its object: the first no stays; `undefined` while it has said nothing. */
  decision: boolean | undefined = undefined
  /** Whether the policy of the route has room for a nonce; a framework's own route may bring another. */
  nonced = false
  /** What the handler asked for to name its own scripts by. */
  madeNonce: string | undefined = undefined
  /** What the limits have charged: by those before authentication, after it, and of an added rule. */
  #charged: readonly Charged[] = NOTHING
  readonly #clock: Clock
  readonly #counts: Counting
  #query: Query | undefined = undefined

  constructor(facts: Facts, rule: string, { events, clock, counts }: PassContext) {
    this.rule = rule
    this.#events = events
    this.#clock = clock
    this.#counts = counts
    this.#facts = facts
  }

  get id(): string {
    return this.#facts.id
  }

  get client(): string | undefined {
    return this.#facts.clientText
  }

  get method(): string {
    return this.#facts.method
  }

  get scheme(): 'http' | 'https' {
    return this.#facts.scheme
  }

  get host(): string | undefined {
    const { authority } = this.#facts
    return authority === undefined ? undefined : formatAuthority(authority)
  }

  get path(): string {
    return this.#facts.path
  }

  get query(): Query {
    return (this.#query ??= new RequestQuery(this.#facts.query, this.#counts))
  }

  get params(): Readonly<Record<string, string>> {
    return this.#facts.params
  }

  get authenticated(): boolean {
    return this.#facts.principal !== undefined
  }

  get principal(): P {
    const { principal } = this.#facts
    if (principal === undefined) {
      throw new TypeError(
        'Nobody is authenticated on a public route: ask pass.authenticated before pass.principal.',
      )
    }
    // The gate runs no scheme but the policy's own, and that one gives principals of type P.
    return principal as P
  }

  get object(): unknown {
    if (this.#object === undefined) {
      throw new TypeError('The rule of this request loads no object: give it object: { load, owner }.')
    }
    return this.#object.value
  }

  /** Hands on an object that was decided about. */
  grant(object: { readonly value: unknown }): void {
    this.#object = object
  }

  /** Notes what a check charged. */
  charge(charged: Charged): void {
    this.#charged = this.#charged === NOTHING ? [charged] : [...this.#charged, charged]
  }

  limit(name: string): RequestLimit {
    for (const charged of this.#charged) {
      const index = charged.limits.findIndex((limit) => limit.name === name)
      if (index >= 0) return requestLimit(charged, index, this.#clock)
      const uncounted = charged.uncounted.find((limit) => limit.name === name)
      if (uncounted !== undefined) return uncountedLimit(uncounted.quota)
    }
    throw new TypeError('No limit of that name has counted this request.')
  }

  decide(allowed: boolean | Decision): boolean {
    // A handler in JavaScript may forget an await: a promise is no yes.
    dropPromise(allowed)
    const said: unknown =
      typeof allowed === 'object' ? (allowed as Partial<Decision> | null)?.allowed : allowed
    const words = typeof allowed === 'object' && (allowed as unknown) !== null ? wordsOf(allowed) : undefined
    return this.#decided(said === true, words)
  }

  owns(subject: string | readonly string[] | undefined): boolean {
    dropPromise(subject)
    const owned = isOwner(subject, this.principal) === true
    return this.#decided(owned, owned ? undefined : 'the caller does not own the object')
  }

  #decided(yes: boolean, words: string | undefined): boolean {
    this.decision = yes && this.decision !== false
    if (!yes) {
      const reason = `the handler said no${words === undefined ? '' : `: ${words}`}`
      this.#tell('refused', 'authorization.object-denied', reason)
    } else if (words !== undefined) this.#tell('allowed', 'request.allowed', `the handler said yes: ${words}`)
    return yes
  }

  #tell(outcome: 'allowed' | 'refused', kind: Kind, reason: string): void {
    this.#events.tell(this.#facts, { outcome, kind, rule: this.rule, reason })
  }

  tell(outcome: 'allowed' | 'refused' | 'warning', kind: Kind, reason: string, account?: string): void {
    this.#events.tell(this.#facts, { outcome, kind, rule: this.rule, reason: escapeForLog(reason), account })
  }

  get nonce(): string {
    if (this.madeNonce !== undefined) return this.madeNonce
    if (!this.nonced)
      throw new TypeError(
        "The Content-Security-Policy of this route has no nonce: write 'script-src': [\"'nonce'\"] in its headers.",
      )
    if (this.#facts.response?.headersSent === true)
      throw new TypeError('The response is on its way: ask for pass.nonce before it begins.')
    // 144 bits, where CSP3 §7.1 asks for 128; as base64url it needs no padding, and no escape in HTML.
    this.madeNonce = randomBytes(18).toString('base64url')
    return this.madeNonce
  }

  get signal(): AbortSignal {
    return this.#facts.signal
  }
}
