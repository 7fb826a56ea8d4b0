import type { RequestListener, ServerResponse } from 'node:http'
import type { Handler, JwtPrincipal, Pass } from '@gatehouse/core'
import type { Fixture } from './fixture.ts'
import type { Witness } from './witness.ts'

/** An error that a framework would answer with its own status. */
export class StatusError extends Error {
  /** What a framework would answer with; a gate does so with 4xx alone, and leaves out the message. */
  readonly status: number
  /** Tells frameworks that a client may read the message: so the suite sees that behind a gate none does. */
  readonly expose = true

  /** Makes the error of a status; the message is what a client may read. */
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
export function nodeHttp(gate: Fixture['gate'], witness: Witness): RequestListener {
  const routeRule = gate.allow({ scopes: ['data:read'] })
  const ok: Handler<JwtPrincipal> = (_req, res) => json(res, { ok: true })
  const stream: Handler<JwtPrincipal> = (req, res, pass) => {
    const made = witness.stream(pass)
    made.on('error', (error) => gate.fail(req, res, error)).pipe(res)
  }
  const routes: Readonly<Record<string, Handler<JwtPrincipal>>> = {
    '/open': ok,
    '/limited': ok,
    '/secure': (_req, res, pass) => json(res, { for: pass.principal.subject }),
    '/admin/x': ok,
    '/forgotten': ok,
    '/route-rule': ok,
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
    '/waiting': (_req, _res, pass) => witness.wait(pass),
    '/keyed': ok,
    '/needed': ok,
    '/office': ok,
    '/partner': ok,
    '/shed': ok,
    '/noted': (_req, res, pass) => json(res, { content: pass.content }),
    '/stream': stream,
    '/stream/broken': stream,
    '/stream/failed': stream,
    '/stream/endless': stream,
  }
  return gate.handler((req, res, pass) => {
    const handle = routes[pass.path]
    if (handle === undefined) return gate.notFound(req, res)
    const go = (admitted: Pass<JwtPrincipal> | undefined): unknown => {
      if (admitted === undefined) return undefined
      witness.ran(admitted)
      return handle(req, res, admitted)
    }
    const admitted = pass.path === '/route-rule' ? routeRule(req, res) : pass
    return admitted instanceof Promise ? admitted.then(go) : go(admitted)
  })
}
