import type { EventEmitter } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Asked } from '../chain/asked.ts'
import { compilePolicy, type CompiledPolicy } from '../chain/compile.ts'
import { type Coverage, coverage } from '../chain/coverage.ts'
import type { PolicyDescription } from '../chain/describe-policy.ts'
import type { RouteDescription } from '../chain/describe.ts'
import { Events } from '../chain/events.ts'
import { explain, type Explanation } from '../chain/explain.ts'
import { openapi, type OpenApiDocument } from '../chain/openapi.ts'
import type { Policy, Rule } from '../chain/policy.ts'
import type { CompiledRule } from '../chain/compiled-rule.ts'
import { run, type Stop } from '../chain/runner.ts'
import { refuse } from '../contract/check.ts'
import type { SecurityEvent } from '../contract/event.ts'
import type { PolicyLimit } from '../contract/limits.ts'
import type { Pass } from '../contract/pass.ts'
import type { Principal } from '../contract/principal.ts'
import { hastenStrings } from '../lib/fast-strings.ts'
import { randomId } from '../lib/digest.ts'
import { addressKey } from '../lib/ip.ts'
import { goOn, isPromiseLike } from '../lib/promise.ts'
import { Facts, type RequestSource } from '../request/facts.ts'
import { overrideMethod } from '../request/method-override.ts'
import { createFinisher, type Finisher } from '../respond/finisher.ts'
import { problem } from '../respond/problem.ts'
import { rawProblem } from '../respond/raw.ts'
import { attach, type Attached } from './attach.ts'
import type { ProxyFinding } from './check-proxy.ts'
import { isTooLate } from './closing.ts'
import { HashedContent } from './content.ts'
import { distrust } from './distrust.ts'
import { Exchange, type ExchangeContext } from './exchange.ts'
import type { Admitted, Gate, Handler, Listener, UpgradeHandler } from './gate.ts'
import type { HttpServer } from './http2-sessions.ts'
import { ReadableContent } from './incoming.ts'
import { ProxyProbes } from './proxy-probes.ts'
import { readServerLimits, type ServerLimits } from './server-limits.ts'
import { tellRefusal } from './tell-refusal.ts'
import { clientStatusOf, nameOf } from './thrown.ts'
import { upgrade } from './upgrade.ts'

/**
 * Compiles a policy into a gate.
 *
 * Whatever the policy leaves out is secure; what cannot be right does not build.
 *
 * @throws ConfigError with every mistake of the policy at once: its code, the path of the option, what to write instead
 * @example
 * const gate = gatehouse({
 *   hosts: ['api.example.com'],
 *   cors: { origins: ['https://app.example.com'] },
 *   rateLimit: { limit: 100, window: '1m' },
 *   authenticate: jwt({ issuer: 'https://id.example.com', audience: 'https://api.example.com', keys }),
 *   routes: {
 *     'GET /health': { public: 'load balancers ask it' },
 *     'GET /secure-data': { scopes: ['data:read'] },
 *   },
 * })
 * createServer(gate.handler((req, res, pass) => res.end(pass.principal.subject))).listen(3000)
 */
export function gatehouse<P extends Principal = never>(policy: Policy<P>): Gate<P> {
  // Most of what checks do is to look at texts, and the client of a store is loaded by now.
  hastenStrings()
  return new HttpGate<P>(compilePolicy(policy))
}

/** A request that may have met a gate. */
type Keyed<P extends Principal> = IncomingMessage & Record<symbol, Exchange<P> | undefined>

class HttpGate<P extends Principal> implements Gate<P> {
  readonly #policy: CompiledPolicy
  readonly #events: Events
  readonly #context: ExchangeContext
  readonly #finish: Finisher = createFinisher()
  /**
   * Where a request keeps its exchange. A property of the request and not a WeakMap: the entries of a WeakMap outlive
   * their requests until a full collection, which cost more than all checks together when it was measured.
   */
  readonly #key = Symbol('gatehouse.exchange')
  readonly #detach: (() => void)[] = []
  readonly #probes: ProxyProbes
  #closing: Promise<void> | undefined = undefined
  /** Whether a rule that was added asks for the content of requests: which route it is for shows later. */
  #addedReadsContent = false
  /** Whether a rule that was added reads the content of requests, perhaps again. */
  #addedTakesContent = false

  constructor(policy: CompiledPolicy) {
    this.#policy = policy
    const { clock, deadline, request, meter, gauges } = policy
    this.#events = new Events(clock, policy.observers, meter?.onDecision)
    this.#probes = new ProxyProbes(this.#events, policy.trust)
    this.#context = { events: this.#events, clock, deadline, counts: request.counts, meter }
    if (meter !== undefined) this.#detach.push(meter.watch(gauges))
  }

  get events(): EventEmitter<{ event: [SecurityEvent] }> {
    return this.#events.emitter
  }

  handler(handle: Handler<P>): Listener {
    const listener: RequestListener = (req, res) => {
      const admitted = this.admit(req, res)
      if (admitted instanceof Promise) {
        admitted.then(
          (pass) => this.#handle(handle, req, res, pass),
          (error: unknown) => this.fail(req, res, error),
        )
      } else this.#handle(handle, req, res, admitted)
    }
    // What comes from node:http2 has the same members.
    return listener as Listener
  }

  #handle(handle: Handler<P>, req: IncomingMessage, res: ServerResponse, pass: Pass<P> | undefined): void {
    if (pass === undefined) return
    try {
      const result = handle(req, res, pass)
      if (isPromiseLike(result)) result.then(undefined, (error: unknown) => this.fail(req, res, error))
    } catch (error) {
      this.fail(req, res, error)
    }
  }

  upgrade(handle: UpgradeHandler<P>): ReturnType<Gate<P>['upgrade']> {
    return upgrade<P>(
      {
        admit: (req, res) => goOn(this.#admit(req, res, undefined, true), (pass) => this.#opened(req, pass)),
        refuse: (req, res, refusal) => this.#exchangeOf(req, res).refuse(refusal),
        fail: (req, res, error) => this.fail(req, res, error),
      },
      handle,
    )
  }

  /** A connection lasts as long as it lasts: the time of its rule was for its opening. */
  #opened(req: IncomingMessage, pass: Pass<P> | undefined): Pass<P> | undefined {
    if (pass !== undefined) this.#known(req)?.limitTime(undefined)
    return pass
  }

  admit(req: IncomingMessage, res: ServerResponse, target?: string): Admitted<P> {
    return this.#admit(req, res, target, false)
  }

  #admit(
    req: IncomingMessage,
    res: ServerResponse,
    target: string | undefined,
    isUpgrade: boolean,
  ): Admitted<P> {
    const known = this.#known(req)
    if (known !== undefined) return known.admitted ? known.pass : undefined
    if (isTooLate(res)) return undefined
    const { exchange, rule } = this.#begin(req, res, target)
    if (rule.timeoutMs !== undefined) exchange.limitTime(rule.timeoutMs)
    exchange.facts.isUpgrade = isUpgrade
    return this.#run(rule, exchange)
  }

  allow(rule: Rule<P>, name?: string): (req: IncomingMessage, res: ServerResponse) => Admitted<P> {
    const compiled = this.#policy.compileRoute(rule, name)
    this.#addedReadsContent ||= compiled.readsContent
    this.#addedTakesContent ||= compiled.takesContent > 0
    return (req, res) => {
      const exchange = this.#known(req)
      if (exchange === undefined || !exchange.admitted) {
        this.fail(req, res, new TypeError('The guard of the gate is not in front of this route.'))
        return undefined
      }
      exchange.enter(compiled)
      if (compiled.takesContent > 0) exchange.facts.incoming ??= this.#incoming(req, compiled)
      const stop = run(compiled.steps, exchange)
      return stop instanceof Promise ? stop.then((late) => settle(exchange, late)) : settle(exchange, stop)
    }
  }

  passOf(req: IncomingMessage): Pass<P> {
    const exchange = this.#known(req)
    if (exchange === undefined || !exchange.admitted) {
      throw new TypeError('The gate did not admit this request: put its guard in front of the handler.')
    }
    return exchange.pass
  }

  fail(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    const exchange = this.#exchangeOf(req, res)
    const status = exchange.statusFor(clientStatusOf(error))
    const refusal =
      status === undefined
        ? refuse('handler.failed', `The handler threw ${nameOf(error)}.`)
        : refuse('handler.rejected', `The handler rejected the request with ${nameOf(error)}.`)
    exchange.refuse(refusal, { status, error })
  }

  notFound(req: IncomingMessage, res: ServerResponse): void {
    this.#exchangeOf(req, res).refuse(
      refuse('handler.not-found', 'No route of the framework took the request.'),
    )
  }

  explain(asked: Asked<P>): Promise<Explanation> {
    return explain(this.#policy, asked)
  }

  routes(): readonly RouteDescription[] {
    return this.#policy.describe()
  }

  describe(): PolicyDescription {
    return this.#policy.describeInFull()
  }

  limit(name: string): PolicyLimit {
    const limit = this.#policy.limit(name)
    if (limit !== undefined) return limit
    const known = this.#policy.limitNames().join(', ')
    throw new TypeError(`The policy has no limit of that name. Known here: ${known === '' ? 'none' : known}.`)
  }

  openapi(document?: OpenApiDocument): OpenApiDocument {
    return openapi(this.#policy, document)
  }

  coverage(routes: readonly string[]): Coverage {
    return coverage(this.#policy, routes)
  }

  checkProxy(url: string, options?: { readonly timeout?: number }): Promise<readonly ProxyFinding[]> {
    return this.#probes.check(url, options)
  }

  attach<S extends HttpServer>(server: S, limits: ServerLimits = {}): S {
    // There never was a whole request: whatever a proxy said of its client is not known, and it is not its own client.
    const factsOf = (source: RequestSource): Facts =>
      new Facts(source, randomId(), this.#policy.trust, source.url, true)
    const attached: Attached = {
      refuseConnection: (source, refusal) => {
        const facts = factsOf(source)
        const { fallback } = this.#policy
        const code = tellRefusal(this.#events, facts, fallback.name, refusal)
        return rawProblem(problem(code, facts.id), fallback.plan, facts, refusal.fields)
      },
      refuseRequest: (req, res, refusal) => this.#exchangeOf(req, res).overrule(refusal),
      clientOf: (source) => this.#clientOf(source),
      startTimer: this.#policy.deadline.startTimer,
      warn: (source, { kind, reason }) => {
        const facts = factsOf(source)
        this.#events.warn(facts, { kind, rule: this.#policy.fallback.name, reason }, reason)
      },
    }
    this.#detach.push(attach(server, attached, readServerLimits(limits)))
    return server
  }

  /** The key of a client whose connection nothing was said on; of a proxy all clients come over its connections. */
  #clientOf(source: RequestSource): string | undefined {
    const { trust } = this.#policy
    const { peer, forwarding } = new Facts(source, '', trust)
    // Proxies that are told by their number are known by what they append, and nothing has come yet.
    const isProxy = forwarding.trusted || forwarding.problem?.kind === 'proxy.too-few-hops'
    if (peer === undefined || isProxy) return undefined
    return addressKey(peer, trust.ipv6Prefix)
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#events.flush()
      for (const release of this.#policy.releases) release()
      for (const detach of this.#detach) detach()
      await this.#policy.store.close()
    })()
    return this.#closing
  }

  #known(req: IncomingMessage): Exchange<P> | undefined {
    return (req as Keyed<P>)[this.#key]
  }

  /** The exchange of a request; one that never met the gate (an error before the guard) gets its fields all the same. */
  #exchangeOf(req: IncomingMessage, res: ServerResponse): Exchange<P> {
    return this.#known(req) ?? this.#begin(req, res).exchange
  }

  #begin(
    req: IncomingMessage,
    res: ServerResponse,
    target?: string,
  ): { exchange: Exchange<P>; rule: CompiledRule } {
    const { overriding } = this.#policy.request
    if (overriding !== undefined) overrideMethod(req, overriding)
    const facts = new Facts(req, randomId(), this.#policy.trust, target)
    const rule = this.#policy.ruleOf(facts)
    if (this.#probes.isUnderWay) this.#probes.note(req, facts)
    // After the probes: they look at what is taken off here.
    if (this.#policy.untrustedFields.isIn(req.rawHeaders))
      distrust(req, facts, rule, this.#policy, this.#events)
    if ((rule.readsContent || this.#addedReadsContent) && req.headers['idempotency-key'] !== undefined)
      facts.content = new HashedContent(req)
    if (rule.takesContent > 0) facts.incoming = this.#incoming(req, rule)
    const exchange = new Exchange<P>(facts, rule, res, this.#context)
    ;(req as Keyed<P>)[this.#key] = exchange
    this.#finish(res, exchange)
    return { exchange, rule }
  }

  #incoming(req: IncomingMessage, { takesContent }: Pick<CompiledRule, 'takesContent'>): ReadableContent {
    const keeps = takesContent > 1 || this.#addedTakesContent
    return new ReadableContent(req, this.#policy.deadline.startTimer, keeps)
  }

  #run(rule: Pick<CompiledRule, 'steps'>, exchange: Exchange<P>): Admitted<P> {
    const stop = run(rule.steps, exchange)
    return stop instanceof Promise ? stop.then((late) => conclude(exchange, late)) : conclude(exchange, stop)
  }
}

/** Ends the chain of the policy. */
function conclude<P extends Principal>(exchange: Exchange<P>, stop: Stop): Pass<P> | undefined {
  exchange.warnOfProxy()
  if (stop === undefined && !exchange.isOver) exchange.tellAllowed()
  return settle(exchange, stop)
}

/** Ends a chain: a request that got through an added rule was told of already. */
function settle<P extends Principal>(exchange: Exchange<P>, stop: Stop): Pass<P> | undefined {
  if (exchange.isOver) {
    exchange.release()
    return undefined
  }
  exchange.admitted = stop === undefined
  if (stop === undefined) {
    exchange.tellGranted()
    exchange.watch()
    return exchange.pass
  }
  exchange.answer(stop)
  return undefined
}
