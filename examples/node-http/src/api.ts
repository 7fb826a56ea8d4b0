import type { Gate, Handler, SecurityEvent, Sessions } from '@gatehouse/core'
import type { Dashboard } from '@gatehouse/dashboard'
import { Notes } from './notes.ts'
import { docsAssets, openApiDocument } from './docs.ts'
import { assets, page } from './page.ts'
import type { DemoPrincipal } from './policy.ts'
import { Rejection, send, sendJson, sendRejection } from './reply.ts'

/** What the handlers work with. */
export interface Parts {
  readonly gate: Gate<DemoPrincipal>
  readonly issueToken: Handler<DemoPrincipal>
  /** The last security events, newest first. */
  readonly recentEvents: () => readonly SecurityEvent[]
  readonly sessions: Sessions
  readonly board: Dashboard
}

/** The handlers of a path, by method. */
type Methods = Readonly<Record<string, Handler<DemoPrincipal>>>

/** The API itself. Nothing here looks at tokens, origins or limits: whoever gets here has passed the gate. */
export function api({ gate, issueToken, recentEvents, sessions, board }: Parts): Handler<DemoPrincipal> {
  const notes = new Notes()
  const written = page()
  const html = { 'Content-Type': 'text/html; charset=utf-8' }
  const routes = new Map<string, Methods>([
    ['/', { GET: (_req, res, { nonce }) => send(res, 200, written(nonce), html) }],
    ['/health', { GET: (_req, res) => sendJson(res, 200, { status: 'ok' }) }],
    ['/token', { POST: issueToken }],
    [
      '/secure-data',
      {
        GET: (_req, res, { principal }) =>
          sendJson(res, 200, { data: 'Secure data', for: principal.subject, scopes: principal.scopes }),
      },
    ],
    [
      '/notes',
      {
        GET: (_req, res) => sendJson(res, 200, { notes: notes.list() }),
        POST: (_req, res, { content, principal }) =>
          sendJson(res, 201, notes.add(noteOf(content), principal.subject)),
      },
    ],
    ['/admin/events', { GET: (_req, res) => sendJson(res, 200, { events: recentEvents() }) }],
  ])
  // A link carries no token: who has one and may look at the dashboard gets a cookie that a browser sends along.
  const enter: Handler<DemoPrincipal> = async (req, res, { principal }) => {
    await sessions.start(req, res, { subject: principal.subject, roles: principal.roles })
    res.writeHead(204).end()
  }
  const leave: Handler<DemoPrincipal> = async (req, res) => {
    await sessions.end(req, res)
    res.writeHead(204).end()
  }
  routes.set('/dashboard', { POST: enter, DELETE: leave })
  // The rule lets everybody come as far as here, since who opens the page by its address has no session yet.
  const look: Handler<DemoPrincipal> = (req, res, pass) => {
    if (!pass.authenticated) {
      res.writeHead(303, { Location: '/', 'Cache-Control': 'no-store', 'Content-Length': 0 }).end()
      return
    }
    if (!pass.principal.roles.includes('admin'))
      throw new Rejection(403, 'The dashboard is for the role admin.')
    board.handler(req, res, pass)
  }
  routes.set('/gatehouse/', { GET: look })
  const document = openApiDocument(gate)
  routes.set('/openapi.json', { GET: (_req, res) => sendJson(res, 200, document) })
  for (const { path, type, body } of [...assets(), ...docsAssets()]) {
    const fields = { 'Content-Type': type, 'Cache-Control': 'no-cache' }
    routes.set(path, { GET: (_req, res) => send(res, 200, body, fields) })
  }

  return async (req, res, pass) => {
    const [path = ''] = (req.url ?? '').split('?', 1)
    if (pass.rule === '/gatehouse/*') return board.handler(req, res, pass)
    const methods = routes.get(path)
    if (methods === undefined) return gate.notFound(req, res)
    try {
      await pick(methods, req.method ?? '')(req, res, pass)
    } catch (error) {
      // Anything else is the gate's to answer: with a 500 that says nothing of it.
      if (!(error instanceof Rejection)) throw error
      pass.tell('refused', 'handler.rejected', `${error.status}: ${error.message}`)
      sendRejection(res, error)
    }
  }
}

function pick(methods: Methods, method: string): Handler<DemoPrincipal> {
  // RFC 9110 §9.3.2: HEAD is GET without the content.
  const handle = methods[method === 'HEAD' ? 'GET' : method]
  if (handle !== undefined) return handle
  const allowed = Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]))
  throw new Rejection(405, `This takes ${allowed.join(', ')}.`, { Allow: allowed.join(', ') })
}

function noteOf(content: unknown): string {
  const { text } = content as { readonly text?: unknown }
  if (typeof text === 'string' && text.trim() !== '' && text.length <= Notes.MAX_LENGTH) return text
  throw new Rejection(422, `A note is { "text": "..." } with 1 to ${Notes.MAX_LENGTH} characters.`)
}
