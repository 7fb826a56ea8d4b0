import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AbstractHttpAdapter } from '@nestjs/core'
import type { Gate, Pass } from '@gatehouse/core'
import { failFiles } from './handlers.ts'
import { GATE, type Met, type NestRequest, type NestResponse } from './request.ts'

type Next = (error?: unknown) => unknown
type Hook = (request: NestRequest, response: NestResponse, next: Next) => unknown

/** What is used of Fastify. */
interface Fastify {
  readonly server: { readonly removeAllListeners: (event: string) => unknown }
  readonly routing: (req: IncomingMessage, res: ServerResponse) => void
  readonly addHook: (name: 'preValidation', hook: Hook) => unknown
}

/** The one of its options that answers before there is a hook: for what it cannot route. */
interface FastifyOptions {
  frameworkErrors?: (error: Error, request: NestRequest, response: NestResponse) => unknown
}

const fronted = new WeakSet<AbstractHttpAdapter>()

/** What tells Fastify that it has content to read. */
const NO_CONTENT = { 'content-type': undefined, 'content-length': undefined, 'transfer-encoding': undefined }

/**
 * Puts the gate in front of all that an adapter of Nest serves: before parsers, middleware, files, and routes that are not
 * of controllers. The hook that both adapters have for it comes first, whenever it is set. Called again, it does nothing.
 */
export function putInFront(gate: Gate, adapter: AbstractHttpAdapter): void {
  if (fronted.has(adapter)) return
  const type = adapter.getType()
  if (type !== 'express' && type !== 'fastify')
    throw new TypeError(`Gatehouse stands in front of Express and of Fastify in Nest, and not of ${type}.`)
  if (typeof adapter.setOnRequestHook !== 'function')
    throw new TypeError('Gatehouse needs Nest 11.1.6 or newer, of its platform, too.')
  fronted.add(adapter)
  let { onRequestHook: behind } = adapter as { readonly onRequestHook?: Hook }
  const front = type === 'fastify' ? beforeFastify(gate, adapter.getInstance()) : beforeExpress(gate)
  adapter.setOnRequestHook((request: NestRequest, response: NestResponse, next: Next) =>
    front(request, response, (error) =>
      error === undefined && behind !== undefined ? behind(request, response, next) : next(error),
    ),
  )
  // There is room for one hook: whoever sets another has it behind the gate, and not in its place.
  adapter.setOnRequestHook = (hook: unknown) => {
    behind = hook as Hook
  }
  if (type === 'express') failFiles(gate, adapter)
}

function beforeExpress(gate: Gate): Hook {
  return (request, res, next) => {
    const req = request as Met
    req[GATE] = gate
    goOn(gate.admit(req, res as ServerResponse, req.originalUrl), next, (pass) => {
      // As a body parser does: those that come after it leave it alone.
      if (pass?.content !== undefined) Object.assign(req, { body: pass.content, _body: true })
      if (pass !== undefined) next()
    })
  }
}

function beforeFastify(gate: Gate, fastify: Fastify): Hook {
  // It would answer malformed bytes itself, before a server that is attached could.
  fastify.server.removeAllListeners('clientError')
  answerUnroutable(gate, fastify)
  fastify.addHook('preValidation', (request, _response, next) => {
    if (gate.passOf(request.raw as Met).content !== undefined) request.headers = undefined
    next()
  })
  return (request, response, next) => {
    const [req, res] = [request.raw as Met, response.raw as ServerResponse]
    const { method } = req
    req[GATE] = gate
    goOn(gate.admit(req, res), next, (pass) => {
      if (pass !== undefined && req.method === method) {
        // Without a type and a length there is nothing to parse; handlers see both again.
        if (pass.content !== undefined) Object.assign(request, { body: pass.content, headers: NO_CONTENT })
        next()
        return
      }
      response.hijack?.()
      if (pass === undefined) return
      // The method was overridden: the route was taken for another than the rules were asked about.
      if (req.originalUrl !== undefined) req.url = req.originalUrl
      fastify.routing(req, res)
    })
  }
}

/** Fastify answers by itself, and without a hook, for a path that it cannot decode or a parameter that is too long. */
function answerUnroutable(gate: Gate, fastify: object): void {
  const symbol = Object.getOwnPropertySymbols(fastify).find((each) => each.description === 'fastify.options')
  const options = symbol && (fastify as Record<symbol, FastifyOptions>)[symbol]
  // Of a Fastify that keeps them elsewhere, such answers are its own, as they are without a gate.
  if (options === undefined) return
  const { frameworkErrors: own } = options
  options.frameworkErrors = (error, request, response) => {
    const [req, res] = [request.raw as Met, response.raw as ServerResponse]
    const fail = (thrown: unknown): void => gate.fail(req, res, thrown)
    req[GATE] = gate
    goOn(gate.admit(req, res), fail, (pass) => {
      if (pass === undefined) return
      if (own === undefined) fail(error)
      else own(error, request, response)
    })
  }
}

function goOn(admitted: ReturnType<Gate['admit']>, fail: Next, go: (pass: Pass | undefined) => void): void {
  if (admitted instanceof Promise) admitted.then(go, fail)
  else go(admitted)
}
