/**
 * Gatehouse for Express 5 and 4: the whole policy in front of the app, and rules on its routes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gate, Pass, Principal, Rule } from '@gatehouse/core'

type Next = (error?: unknown) => void
type ExpressRequest = IncomingMessage & { readonly originalUrl?: string; body?: unknown; _body?: boolean }

/** A middleware of Express, in the words of node:http, so that it fits the types of every Express. */
export type Middleware = (req: ExpressRequest, res: ServerResponse, next: Next) => void

/** An error handler of Express. */
export type ErrorMiddleware = (error: unknown, req: ExpressRequest, res: ServerResponse, next: Next) => void

/** What {@link serverOptions} uses of an app: the prototypes of its requests and responses. */
export interface App {
  /** What its requests inherit from. */
  readonly request: object
  /** What its responses inherit from. */
  readonly response: object
}

/** Who makes the requests and responses of a server, as `createServer` of node:http and node:https takes it. */
export interface ServerClasses {
  /** Makes its requests. */
  readonly IncomingMessage: typeof IncomingMessage
  /** Makes its responses. */
  readonly ServerResponse: typeof ServerResponse
}

/**
 * Makes the requests and responses of a server what Express would make of each of them: with the prototypes of the app from
 * the start. Express then has no prototype to swap, and they stay as fast as node:http made them.
 *
 * V8 shares nothing that is learnt of an object between objects whose prototype was swapped: each property that is added
 * later makes a hidden class for one request alone, and it stays until the next full collection. Without this, that takes more
 * time than Express, the gate and node:http together.
 *
 * @example
 * gate.attach(createServer(serverOptions(app), app)).listen(3000)
 */
export function serverOptions(app: App): ServerClasses {
  // An import would load all that the module has a name for: on Node 22 and later the whole of undici.
  const http = process.getBuiltinModule('node:http')
  return {
    IncomingMessage: born(http.IncomingMessage, app.request),
    ServerResponse: born(http.ServerResponse, app.response),
  }
}

/**
 * Puts the gate in front of all that comes after it. It runs the whole policy, so a route that nobody gave a rule is
 * guarded, too; mount it first. What it has read of the content is in `req.body`.
 *
 * @example
 * app.use(guard(gate))
 */
export function guard<P extends Principal>(gate: Gate<P>): Middleware {
  return (req, res, next) => goOn(gate.admit(req, res, req.originalUrl), req, next)
}

/**
 * Adds a rule to one route, tied to the framework's own routing: it runs after {@link guard}, and it narrows what the
 * policy allows and never opens.
 *
 * @param name how events and limits call the rule: the route, say
 * @throws ConfigError when the rule asks for nothing, or tries to open the route
 * @example
 * app.get('/secure-data', allow(gate, { scopes: ['data:read'] }), (req, res) => {
 *   res.json({ for: passOf(gate, req).principal.subject })
 * })
 */
export function allow<P extends Principal>(gate: Gate<P>, rule: Rule<P>, name?: string): Middleware {
  const admit = gate.allow(rule, name)
  return (req, res, next) => goOn(admit(req, res), req, next)
}

/**
 * The pass of a request: who calls, from where, under which rule.
 *
 * @throws TypeError when {@link guard} is not in front of the handler
 */
export function passOf<P extends Principal>(gate: Gate<P>, req: IncomingMessage): Pass<P> {
  return gate.passOf(req)
}

/**
 * Answers what no route took, and what a handler threw, with the gate's problems: mount it last. Without it Express
 * answers with pages of its own, which show the stack of an error outside production.
 *
 * @example
 * app.use(fallback(gate))
 */
export function fallback<P extends Principal>(gate: Gate<P>): [Middleware, ErrorMiddleware] {
  return [
    (req, res) => gate.notFound(req, res),
    // Express knows an error handler by its four parameters.
    (error, req, res, _next) => gate.fail(req, res, error),
  ]
}

function goOn(admitted: ReturnType<Gate['admit']>, req: ExpressRequest, next: Next): void {
  const go = (pass: Pass | undefined): void => {
    if (pass === undefined) return
    hand(req, pass)
    next()
  }
  if (admitted instanceof Promise) admitted.then(go, next)
  else go(admitted)
}

/** What a class of node:http makes, with another prototype. */
function born<C extends typeof IncomingMessage | typeof ServerResponse>(base: C, prototype: object): C {
  function Born(this: object, ...args: unknown[]): void {
    // They are functions: `Reflect.construct` would make a hidden class for each object, and `extends` a prototype of its own.
    Reflect.apply(base, this, args)
  }
  Born.prototype = prototype
  // V8 looks along this chain for how many properties an object will have.
  return Object.setPrototypeOf(Born, base) as C
}

/** Hands on the content that the gate has read, as a body parser does: those that come after it leave it alone. */
function hand(req: ExpressRequest, { content }: Pass): void {
  if (content === undefined) return
  req.body = content
  req._body = true
}
