/**
 * Gatehouse for Hono 4 on Node: the whole policy in front of the app, and rules on its routes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, ErrorHandler, MiddlewareHandler, NotFoundHandler } from 'hono'
import type { Gate, Pass, Principal, Rule } from '@gatehouse/core'

/** What `@hono/node-server` binds to `c.env`. What comes from node:http2 has the same members. */
export interface Bindings {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * What a guarded app has in its context, for the types of Hono: `c.var.pass` with the caller of the policy, and in `c.env`
 * the request and the response of Node.
 *
 * @example
 * const app = new Hono<GateEnv<typeof gate>>()
 */
export interface GateEnv<G extends { readonly passOf: (req: IncomingMessage) => unknown }> {
  Bindings: Bindings
  Variables: { readonly pass: ReturnType<G['passOf']> }
}

/** What {@link fallback} uses of an app. */
export interface App {
  readonly onError: (handler: ErrorHandler) => unknown
  readonly notFound: (handler: NotFoundHandler) => unknown
}

/**
 * Puts the gate in front of all that comes after it. It runs the whole policy, so a route that nobody gave a rule is
 * guarded, too; use it first. What it has read of the content `c.req.json()` and `c.req.parseBody()` find again. An app that
 * is not served by `@hono/node-server` fails.
 *
 * @example
 * app.use(guard(gate))
 */
export function guard<P extends Principal>(gate: Gate<P>): MiddlewareHandler<GateEnv<Gate<P>>> {
  const judged = Symbol('gatehouse.judged')
  return async (c, next) => {
    const { req, res } = nodeOf(c)
    const admitted = gate.admit(req, res)
    const pass = admitted instanceof Promise ? await admitted : admitted
    if (pass === undefined) return answered(res)
    const { method, raw } = c.req
    // Asked again about a request, the gate gives the pass that it gave: good for what it looked at, and for nothing else.
    const first = ((req as { [judged]?: string })[judged] ??= raw.url)
    if (method !== req.method || raw.url !== first) {
      return failed(gate, c, new TypeError('The app was given another request than the one the gate judged.'))
    }
    hand(c, req, pass)
    try {
      await next()
    } catch (error) {
      // Hono hands an Error to the app, and lets go by what is none.
      c.res = failed(gate, c, error)
    }
    if (c.finalized) watch(gate, c)
    return undefined
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
export function allow<P extends Principal>(
  gate: Gate<P>,
  rule: Rule<P>,
  name?: string,
): MiddlewareHandler<GateEnv<Gate<P>>> {
  const admit = gate.allow(rule, name)
  return async (c, next) => {
    const { req, res } = nodeOf(c)
    const admitted = admit(req, res)
    const pass = admitted instanceof Promise ? await admitted : admitted
    if (pass === undefined) return answered(res)
    hand(c, req, pass)
    return next()
  }
}

/**
 * The pass of a request, where `c.var.pass` is out of reach of the types.
 *
 * @throws TypeError when {@link guard} is not in front of the handler
 */
export function passOf<P extends Principal>(gate: Gate<P>, c: Context): Pass<P> {
  return gate.passOf(nodeOf(c).req)
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
  app.notFound((c) => {
    const { req, res } = nodeOf(c)
    gate.notFound(req, res)
    return answered(res)
  })
}

/** The request and the response of Node behind a context. */
function nodeOf({ env }: Context): { readonly req: IncomingMessage; readonly res: ServerResponse } {
  const { incoming, outgoing } = (env ?? {}) as Partial<Bindings>
  // An upgrade has no response: node-server hands the app a request that nothing can be refused of.
  if (incoming === undefined || outgoing === undefined) {
    throw new TypeError(
      'A gate guards requests of Node: serve the app with @hono/node-server, without its WebSockets.',
    )
  }
  return { req: incoming, res: outgoing }
}

function failed<P extends Principal>(gate: Gate<P>, c: Context, error: unknown): Response {
  const { req, res } = nodeOf(c)
  gate.fail(req, res, error)
  return answered(res)
}

/**
 * What an app gives where the gate has answered. It is made anew each time, as middlewares write into it; and node-server
 * forgets what it means when one of them copies it, or Hono does for HEAD, so the response takes no more.
 */
function answered(res: ServerResponse): Response {
  const same = (): ServerResponse => res
  Object.assign(res, { writeHead: same, flushHeaders: same, write: () => true, end: same })
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
}

/** Hands on the pass, and the content that the gate has read in the place where node-server looks for what was read. */
function hand(c: Context, req: IncomingMessage, pass: Pass): void {
  c.set('pass', pass)
  const { content } = pass
  if (content === undefined && !req.readableDidRead) return
  let bytes: Buffer | undefined
  const get = (): Buffer => (bytes ??= Buffer.from(written(content, req.headers['content-type'])))
  Object.defineProperty(req, 'rawBody', { configurable: true, get })
}

function written(content: unknown, type = ''): string {
  if (content === undefined) return ''
  const isForm = type.toLowerCase().startsWith('application/x-www-form-urlencoded')
  return isForm ? new URLSearchParams(content as Record<string, string>).toString() : JSON.stringify(content)
}

/** Sees to it that no word of a stream that fails is sent: node-server would send its message. */
function watch<P extends Principal>(gate: Gate<P>, c: Context): void {
  const given = c.res
  const reader = streamOf(given)?.getReader()
  if (reader === undefined) return
  const body = new ReadableStream<unknown>(
    {
      pull: (controller) =>
        reader.read().then(
          ({ done, value }) => (done ? controller.close() : controller.enqueue(value)),
          (error: unknown) => {
            failed(gate, c, error)
            controller.close()
          },
        ),
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  // Not put together with the one that is there.
  c.res = undefined
  c.res = new Response(body as ReadableStream<Uint8Array>, given)
}

/** The stream that a response is made of. Of what node-server sends fast it is not asked: asking makes it slow. */
function streamOf(response: Response): ReadableStream<unknown> | undefined {
  const fast = Object.getOwnPropertySymbols(response).find(({ description }) => description === 'cache')
  if (fast === undefined) return response.body ?? undefined
  const body = (response as unknown as Record<symbol, readonly unknown[]>)[fast]?.[1]
  return body instanceof ReadableStream ? body : undefined
}
