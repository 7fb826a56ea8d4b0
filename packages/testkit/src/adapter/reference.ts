import type { RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Handler, JwtPrincipal } from '@gatehouse/core'
import type { Fixture } from './fixture.ts'

/** An error that a framework would answer with its own status. */
export class StatusError extends Error {
  readonly status: number
  readonly expose = true

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const json = (res: ServerResponse, body: unknown): void => {
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify(body))
}

/** The reference: the routes of the conformance cases on plain node:http. */
export function nodeHttp(gate: Fixture['gate']): RequestListener {
  const routeRule = gate.allow({ scopes: ['data:read'] })
  const routes: Readonly<Record<string, Handler<JwtPrincipal>>> = {
    '/open': (_req, res) => json(res, { ok: true }),
    '/limited': (_req, res) => json(res, { ok: true }),
    '/secure': (_req, res, pass) => json(res, { for: pass.principal.subject }),
    '/admin/x': (_req, res) => json(res, { ok: true }),
    '/forgotten': (_req, res) => json(res, { ok: true }),
    '/route-rule': async (req, res) => {
      if ((await routeRule(req, res)) !== undefined) json(res, { ok: true })
    },
    '/throws': (_req, res) => {
      res.setHeader('X-Leak', 'yes')
      throw new Error('secret detail')
    },
    '/throws-401': () => {
      throw new StatusError(401, 'secret detail')
    },
    '/rejects': () => Promise.reject(new Error('secret detail')),
    '/teapot': () => {
      throw new StatusError(418, 'secret detail')
    },
    '/write-head': (_req, res) => {
      res.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
      res.end('made')
    },
    '/empty': (_req, res) => {
      res.statusCode = 204
      res.end()
    },
    '/unchanged': (_req, res) => {
      res.statusCode = 304
      res.end()
    },
    '/late': () => undefined,
    '/keyed': (_req, res) => json(res, { ok: true }),
    '/noted': (_req, res, pass) => json(res, { content: pass.content }),
    '/stream': (_req, res) => {
      Readable.from(['a', 'b', 'c']).pipe(res)
    },
  }
  return gate.handler((req, res, pass) => {
    const handle = routes[pass.path]
    return handle === undefined ? gate.notFound(req, res) : handle(req, res, pass)
  })
}
