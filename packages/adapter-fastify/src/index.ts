/**
 * Gatehouse for Fastify 5: the whole policy in front of every hook and route, and rules in the config of routes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Gate, Pass, Principal, Rule } from '@gatehouse/core'
import type { FastifyPluginCallback } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks beside the policy: it narrows what the policy allows and never opens. */
    readonly gate?: Rule
  }
}

/**
 * What this adapter uses of a request of Fastify, so that it fits those of every server and type provider.
 *
 * @prop raw The request of Node, which the gate judges: an IncomingMessage, or its like of node:http2.
 * @prop body Set to the content where the gate has read it; else left to the parsers of Fastify.
 */
export type AnyRequest = { readonly raw: object; body: unknown }

/**
 * What this adapter uses of a reply of Fastify.
 *
 * @prop raw The response of Node, to which the gate writes what it refuses.
 * @prop hijack Takes the reply from Fastify, which then sends nothing.
 */
export type AnyReply = { readonly raw: object; readonly hijack: () => unknown }

/** An `onRequest` hook of Fastify. */
export type Hook = (request: AnyRequest, reply: AnyReply, next: (error?: Error) => void) => void

/** What Fastify has in the option `frameworkErrors`. */
export type FrameworkErrors = (error: Error, request: AnyRequest, reply: AnyReply) => void

/**
 * A plugin of Fastify that does not encapsulate; its `routes` are those of the app, in the words of `gate.coverage`:
 * `GET /orders/:id`. They are complete once the app is ready.
 */
export type Guard = FastifyPluginCallback & { readonly routes: readonly string[] }

const FIRST = 'guard is not first: `await app.register(guard(gate))` on the app itself, before all else.'
const notFirst = (): TypeError => new TypeError(FIRST)

/** Judged as a mere GET, a page of any site could open a socket with the cookies of its user. */
const UPGRADE = 'An upgrade came to a route: answer it with gate.upgrade.'

/** A route whose first hooks are not those of {@link guard}, as Fastify prints it. */
const LATE = /\((?:onRequest|preParsing)\) \["(?!gatehouse)/

/**
 * Puts the gate in front of everything: it runs the whole policy in the first `onRequest` hook, and then the rule that the
 * route has in `config.gate`. It also answers what no route took, and what a handler threw, with the gate's problems. What
 * it has read of the content is in `request.body`.
 *
 * Register it on the app itself, before every route and hook, and await it: what came before would not be guarded, and then
 * the app does not get ready. Its `routes` are those of the app, in the words of `gate.coverage`.
 *
 * @example
 * await app.register(guard(gate))
 * app.get('/secure-data', { config: { gate: { scopes: ['data:read'] } } }, (request) => {
 *   return { for: passOf(gate, request).principal.subject }
 * })
 */
export function guard<P extends Principal>(gate: Gate<P>): Guard {
  const routes: string[] = []
  const rules = new Map<unknown, Hook>()
  const admit = hookOf((req, res) => gate.admit(req, res))
  const plugin: FastifyPluginCallback = (app, _options, done) => {
    if (!Object.hasOwn(app, 'server') || app.printRoutes() !== '(empty tree)') return done(notFirst())
    app.addHook('onReady', (next) => {
      next(LATE.test(app.printRoutes({ includeHooks: true })) ? notFirst() : undefined)
    })
    app.addHook('onRoute', (route) => {
      const path = route.url.replace(/\((?:[^()]|\([^()]*\))*\)/g, '').replace(/[^/]*\*$/, '*')
      const names = [route.method].flat().map((method) => `${method} ${path}`)
      routes.push(...names)
      const rule = route.config?.gate
      if (rule !== undefined && !rules.has(rule)) rules.set(rule, allow(gate, rule, names.join(', ')))
      route.preParsing = [route.preParsing ?? []].flat().concat((request, _reply, payload, next) => {
        skipParsers(request.raw, passOf(gate, request))
        next(null, payload)
      })
    })
    app.addHook('onRequest', function gatehouseGuard(request, reply, next) {
      const { method } = request
      admit(request, reply, (error) => {
        const { gate: rule } = request.routeOptions.config
        const hook = rules.get(rule)
        if (error !== undefined) next(error)
        else if ((request.raw as { upgrade?: boolean }).upgrade === true) next(new TypeError(UPGRADE))
        else if (request.method !== method)
          // Fastify had chosen the route before the gate let a field change the method.
          app.routing(Object.assign(request.raw, { url: request.originalUrl }), reply.hijack().raw)
        else if (hook !== undefined) hook(request, reply, next)
        else next(rule === undefined ? undefined : new TypeError('A rule was added after its route.'))
      })
    })
    app.addHook('preParsing', function gatehouseEmpty(request, _reply, payload, next) {
      const pass = passOf(gate, request)
      if (request.is404) skipParsers(request.raw, pass)
      next(null, pass.content === undefined ? payload : Readable.from([]))
    })
    app.setErrorHandler<Error & { readonly code?: string }>((error, request, reply) => {
      // Over HTTP/2, a method that node:http does not know: Fastify has no hook for it, and the gate was not asked.
      if (error.code === 'FST_ERR_NOT_FOUND') fallback(gate)(error, request, reply)
      else gate.fail(request.raw, reply.hijack().raw, error)
      request.log[reply.statusCode < 500 ? 'info' : 'error']({ err: error }, 'The request failed.')
    })
    app.setNotFoundHandler((request, reply) => gate.notFound(request.raw, reply.hijack().raw))
    done()
  }
  return Object.assign(plugin, { routes, [Symbol.for('skip-override')]: true })
}

/**
 * Adds a rule to a route, or to all of a context, as an `onRequest` hook: it says what `config.gate` cannot, since it knows
 * who calls. It runs after {@link guard}, and it narrows what the policy allows and never opens.
 *
 * @param name how events and limits call the rule
 * @throws ConfigError when the rule asks for nothing, or tries to open the route
 * @example
 * app.register(async (admin) => {
 *   admin.addHook('onRequest', allow(gate, { roles: ['admin'] }))
 *   admin.get('/users', () => users)
 * })
 */
export function allow<P extends Principal>(gate: Gate<P>, rule: Rule<P>, name?: string): Hook {
  return hookOf(gate.allow(rule, name))
}

/**
 * The pass of a request: who calls, from where, under which rule.
 *
 * @throws TypeError when {@link guard} is not in front of the handler
 */
export function passOf<P extends Principal>(gate: Gate<P>, request: Pick<AnyRequest, 'raw'>): Pass<P> {
  return gate.passOf(request.raw as IncomingMessage)
}

/**
 * Answers what Fastify refuses before it has a route, with the gate's problems: a path that it cannot read. Without it
 * Fastify answers with objects of its own, past the policy.
 *
 * @example
 * const app = fastify({ frameworkErrors: fallback(gate) })
 */
export function fallback<P extends Principal>(gate: Gate<P>): FrameworkErrors {
  const admit = hookOf((req, res) => gate.admit(req, res))
  return (error, request, reply) => {
    reply.hijack()
    admit(request, reply, (other) =>
      gate.fail(request.raw as IncomingMessage, reply.raw as ServerResponse, other ?? error),
    )
  }
}

function hookOf(admit: ReturnType<Gate['allow']>): Hook {
  return (request, reply, next) => {
    const go = (pass: Pass | undefined): void => {
      if (pass === undefined) return void reply.hijack()
      if (pass.content !== undefined) request.body = pass.content
      next()
    }
    const admitted = admit(request.raw as IncomingMessage, reply.raw as ServerResponse)
    if (admitted instanceof Promise) admitted.then(go).catch(next)
    else go(admitted)
  }
}

/**
 * Fastify parses no content of a HEAD, and asks for the method once, right after the last hook of preParsing: what it hears
 * puts the method back.
 */
function skipParsers(raw: { method?: string | undefined }, { content }: Pass): void {
  const { method: value } = raw
  const get = (): string => Object.defineProperty(raw, 'method', { value, writable: true }) && 'HEAD'
  if (content !== undefined) Object.defineProperty(raw, 'method', { get, configurable: true })
}
