/**
 * Gatehouse for Hono 4 on Node: the whole policy in front of the app, and rules on its routes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, ErrorHandler, MiddlewareHandler, NotFoundHandler } from 'hono'
import type { Gate, Pass, Principal, Rule } from '@gatehouse/core'

/**
 * What a guarded app has in its context, for the types of Hono: `c.var.pass` with the caller of the policy, and in `c.env`
 * the request and the response of Node. What comes from node:http2 has the same members.
 *
 * @example
 * const app = new Hono<GateEnv<typeof gate>>()
 */
export interface GateEnv<G extends { readonly passOf: (req: IncomingMessage) => unknown }> {
  /** What `c.env` has, from @hono/node-server: the request that the gate judges, and where it writes what it refuses. */
  Bindings: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }
  /** What `c.var` has after {@link guard}: who calls, from where, under which rule. */
  Variables: { readonly pass: ReturnType<G['passOf']> }
}

/** A middleware of Hono; what comes after it finds the pass in `c.var.pass`. */
export type Middleware<P extends Principal> = MiddlewareHandler<GateEnv<Gate<P>>>

/** What {@link fallback} uses of an app. */
export interface App {
  /** Sets who answers what a handler threw. */
  readonly onError: (handler: ErrorHandler) => unknown
  /** Sets who answers what no route took. */
  readonly notFound: (handler: NotFoundHandler) => unknown
}

/**
 * Puts the gate in front of all that comes after it. It runs the whole policy, so a route that nobody gave a rule is
 * guarded, too; use it first. What it has read of the content `c.req.json()` and `c.req.parseBody()` find again. An app that
 * is served by anything but `@hono/node-server` lets nobody in.
 *
 * A pass is good for the request that came in. One that the app makes of it (another method, another path) and sends itself
 * fails: nothing of it was judged. What is thrown and is no Error, Hono takes to nobody, so it ends here.
 *
 * @example
 * app.use(guard(gate))
 */
export function guard<P extends Principal>(gate: Gate<P>): Middleware<P> {
  const judged = Symbol('gatehouse.judged')
  return async (c, next) => {
    const { incoming, outgoing } = nodeOf(c)
    const pass = await gate.admit(incoming, outgoing)
    if (pass === undefined) return answer(c)
    const first = ((incoming as { [judged]?: string })[judged] ??= c.req.url)
    if (c.req.method !== incoming.method || c.req.url !== first)
      return failed(gate, c, new TypeError('The app was given another request than the one the gate judged.'))
    hand(c, incoming, pass)
    try {
      await next()
      // For what is no response node-server would send its own error.
      if (!(c.res instanceof Response && c.res.status > 199)) throw new TypeError('That is no response.')
    } catch (error) {
      c.res = failed(gate, c, error)
    }
    return watch(gate, c)
  }
}

/**
 * Adds a rule to one route, tied to the framework's own routing: it runs after {@link guard}, and it narrows what the
 * policy allows and never opens.
 *
 * @param name how events and limits call the rule: the route, say
 * @throws ConfigError when the rule asks for nothing, or tries to open the route
 * @example
 * app.get('/secure-data', allow(gate, { scopes: ['data:read'] }), (c) => c.json({ for: c.var.pass.principal.subject }))
 */
export function allow<P extends Principal>(gate: Gate<P>, rule: Rule<P>, name?: string): Middleware<P> {
  const admit = gate.allow(rule, name)
  return async (c, next) => {
    const { incoming, outgoing } = nodeOf(c)
    const pass = await admit(incoming, outgoing)
    if (pass === undefined) return answer(c)
    hand(c, incoming, pass)
    return next()
  }
}

/**
 * The pass of a request, where the types of a route do not know of `c.var.pass`.
 *
 * @throws TypeError when {@link guard} is not in front of the handler
 */
export function passOf<P extends Principal>(gate: Gate<P>, c: Context): Pass<P> {
  return gate.passOf(nodeOf(c).incoming)
}

/**
 * Answers what no route took, and what a handler threw, with the gate's problems. Without it Hono answers with texts of its
 * own, among them the message of an `HTTPException`. One that was made with a response is answered with that.
 *
 * @example
 * fallback(gate, app)
 */
export function fallback<P extends Principal>(gate: Gate<P>, app: App): void {
  app.onError((error, c) => {
    if (!('getResponse' in error && 'res' in error && error.res !== undefined)) return failed(gate, c, error)
    const given = error.getResponse()
    return c.newResponse(given.body, given)
  })
  app.notFound((c) => answer(c, (req, res) => gate.notFound(req, res)))
}

/** The request and the response of Node. Of an upgrade there is none: node-server would have nobody refused. */
function nodeOf({ env }: Context): GateEnv<Gate>['Bindings'] {
  const { incoming, outgoing } = (env ?? {}) as Partial<GateEnv<Gate>['Bindings']>
  if (incoming !== undefined && outgoing !== undefined) return { incoming, outgoing }
  throw new TypeError('The gate guards requests of Node: serve the app with @hono/node-server, no upgrades.')
}

function failed<P extends Principal>(gate: Gate<P>, c: Context, error: unknown): Response {
  return answer(c, (req, res) => gate.fail(req, res, error))
}

/**
 * What an app gives where the gate has answered. It is made anew each time, as middlewares write into it. Where one copies
 * it, or Hono does for HEAD, node-server forgets what it means: so the response takes no more.
 */
function answer(c: Context, write?: (req: IncomingMessage, res: ServerResponse) => void): Response {
  const { incoming, outgoing: out } = nodeOf(c)
  write?.(incoming, out)
  Object.assign(out, { writeHead: () => out, flushHeaders: () => out, write: () => true, end: () => out })
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
}

/** Hands on the pass, and the content that the gate has read: in `rawBody` node-server looks for what others have read. */
function hand(c: Context, incoming: IncomingMessage, pass: Pass): void {
  c.set('pass', pass)
  if (pass.content === undefined) return
  let bytes: Buffer | undefined
  const get = (): Buffer => (bytes ??= Buffer.from(written(pass.content, incoming.headers['content-type'])))
  Object.defineProperty(incoming, 'rawBody', { configurable: true, get })
}

function written(content: unknown, type = ''): string {
  const isForm = type.toLowerCase().startsWith('application/x-www-form-urlencoded')
  return isForm ? new URLSearchParams(content as Record<string, string>).toString() : JSON.stringify(content)
}

/**
 * Sees to it that no word of a stream that fails is sent, as node-server would its message, and that it is told. The response
 * takes the place of the one that is there, which Hono would otherwise put together with it.
 */
function watch<P extends Principal>(gate: Gate<P>, c: Context): void {
  const reader = c.finalized ? streamOf(c.res)?.getReader() : undefined
  if (reader === undefined) return
  const fail = (error: unknown) => ({ done: true, value: failed(gate, c, error) })
  const body = new ReadableStream(
    {
      async pull(to) {
        const { done, value } = await reader.read().catch(fail)
        return done ? to.close() : to.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  // Empty in between: Hono would put the two of them together.
  ;[c.res, c.res] = [undefined, new Response(body, c.res)]
}

/** The stream that a response is made of. What node-server sends fast it sends slowly once it was asked for its body. */
function streamOf(res: Response): ReadableStream | undefined {
  const fast = Object.getOwnPropertySymbols(res).find(({ description }) => description === 'cache')
  const body = fast === undefined ? res.body : (res as unknown as Record<symbol, unknown[]>)[fast]?.[1]
  return body instanceof ReadableStream ? body : undefined
}
