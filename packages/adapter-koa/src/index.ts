/**
 * Gatehouse for Koa 3 and 2: the whole policy in front of the app, and rules on its routes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gate, Pass, Principal, Rule } from '@gatehouse/core'

/** What this adapter uses of a Koa context, so that it fits the types of every Koa. */
export interface KoaContext {
  /** The request of Node, which the gate judges. */
  readonly req: IncomingMessage
  /** The response of Node, to which the gate writes what it refuses. */
  readonly res: ServerResponse
  /** Koa's own request: its `body` is set to the content where the gate has read it. */
  readonly request: object
  /** The request-target that came in: a mounted app sees a shorter `url`, and the policy judges the whole. */
  readonly originalUrl: string
  /** Whether content can still be sent: not to a HEAD over HTTP/2. */
  readonly writable: boolean
  /** Where what a handler threw is told, as the event `error`: Koa prints it, unless somebody listens. */
  readonly app: { readonly emit: (event: string, ...args: unknown[]) => unknown }
  /** What Koa calls with an error of the request; the guard puts its own in place. */
  onerror: (error: unknown) => void
  /** Set to `false` once the gate has answered, so that Koa does not. */
  respond?: boolean | undefined
  /** 404 until something was found: with no `body` either, the gate answers that there is nothing. */
  status: number
  /** What the handler answers; `undefined` or `null` as long as nothing does. */
  body: unknown
}

/** A middleware of Koa. */
export type Middleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>

/**
 * Puts the gate in front of all that comes after it. It runs the whole policy, so a route that nobody gave a rule is
 * guarded, too; it also answers what no route took, and what a handler threw, with the gate's problems. Use it first. What
 * it has read of the content is in `ctx.request.body`.
 *
 * @example
 * app.use(guard(gate))
 */
export function guard<P extends Principal>(gate: Gate<P>): Middleware {
  const failed = Symbol('gatehouse.failed')
  function fail(ctx: KoaContext & { [failed]?: true }, error: unknown): void {
    // Koa 3 tells of one failed stream twice: at the end of the pipeline, and of the response.
    if (ctx[failed] === true) return
    ctx[failed] = true
    leave(ctx)
    gate.fail(ctx.req, ctx.res, error)
    // Koa's own listener throws for what is no Error, which nobody would catch here.
    const told =
      error instanceof Error ? error : new Error('Something else than an Error was thrown.', { cause: error })
    ctx.app.emit('error', told, ctx)
  }
  // One function for all contexts: with one for each, V8 kept what belonged to it until the next full collection.
  function onerror(this: KoaContext, error: unknown): void {
    if (error !== null && error !== undefined) fail(this, error)
  }
  return async (ctx, next) => {
    const admitted = gate.admit(ctx.req, ctx.res, ctx.originalUrl)
    const pass = admitted instanceof Promise ? await admitted : admitted
    if (pass === undefined) return leave(ctx)
    hand(ctx, pass)
    // Koa hands a body stream that fails to this, after the handler is done, and would answer with the error's own
    // words. It also calls it without an error for each response that is finished.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a context is no event target
    ctx.onerror = onerror
    try {
      await next()
    } catch (error) {
      fail(ctx, error)
      return
    }
    if (ctx.respond !== false && ctx.status === 404 && (ctx.body === undefined || ctx.body === null)) {
      leave(ctx)
      gate.notFound(ctx.req, ctx.res)
    } else if (ctx.respond !== false && !ctx.writable && !ctx.res.headersSent) {
      // To a HEAD over HTTP/2, whose stream takes no content: Koa 2 would wait for ever, Koa 3 does the same as this.
      ctx.res.end()
    }
  }
}

/**
 * Adds a rule to one route, tied to the framework's own routing: it runs after {@link guard}, and it narrows what the
 * policy allows and never opens.
 *
 * @param name how events and limits call the rule: the route, say
 * @throws ConfigError when the rule asks for nothing, or tries to open the route
 * @example
 * router.get('/secure-data', allow(gate, { scopes: ['data:read'] }), (ctx) => {
 *   ctx.body = { for: passOf(gate, ctx).principal.subject }
 * })
 */
export function allow<P extends Principal>(gate: Gate<P>, rule: Rule<P>, name?: string): Middleware {
  const admit = gate.allow(rule, name)
  return async (ctx, next) => {
    const admitted = admit(ctx.req, ctx.res)
    const pass = admitted instanceof Promise ? await admitted : admitted
    if (pass === undefined) return leave(ctx)
    hand(ctx, pass)
    await next()
  }
}

/**
 * The pass of a request: who calls, from where, under which rule.
 *
 * @throws TypeError when {@link guard} is not in front of the handler
 */
export function passOf<P extends Principal>(gate: Gate<P>, ctx: Pick<KoaContext, 'req'>): Pass<P> {
  return gate.passOf(ctx.req)
}

/** The gate has written the response: Koa must not write another. */
function leave(ctx: KoaContext): void {
  ctx.respond = false
}

/** Hands on the content that the gate has read, as a body parser does: those that come after it leave it alone. */
function hand(ctx: KoaContext, { content }: Pass): void {
  if (content !== undefined) Object.assign(ctx.request, { body: content })
}
