import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { Page } from 'playwright-core'
import type { Policy } from '../../src/chain/policy.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { launch } from '../support/browser.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type Running, start } from '../support/http.ts'

/** An API behind a gate, pages of other sites, and a browser with a cookie of the API. */
export interface Sites {
  /** `http://api.localhost:...`, or https: every name below localhost is this machine, and a site of its own. */
  readonly api: string
  /** Where pages are: of a stranger, of a friend, of a sibling of the API. */
  readonly evil: string
  readonly app: string
  readonly sibling: string
  /** A page of the API's own host over http, on another port. */
  readonly plain: string
  /** A page of an origin, in a browser that is known to the API. */
  readonly open: (origin: string) => Promise<Page>
  /** What became of the request for a path: `allowed`, or the kind of its refusal; and what the browser said. */
  readonly decided: (path: string) => Promise<{ readonly what: string; readonly said: IncomingHttpHeaders }>
  readonly close: () => Promise<void>
}

const PAGE = '<!doctype html><title>a page</title><link rel="icon" href="data:,"><p>a page'

/** Starts an API, pages beside it, and a browser. */
export async function startSites(
  scheme: 'http' | 'https',
  policyOf: (app: string) => Partial<Policy>,
): Promise<Sites> {
  const certificate = scheme === 'https' ? await makeCertificate() : undefined
  const serve = (listener: RequestListener): Promise<Running> =>
    start(certificate === undefined ? listener : createServer(certificate, listener))
  const listeners: RequestListener[] = []
  const server = await serve((req, res) => listeners[0]?.(req, res))
  const api = `${scheme}://api.localhost:${server.port}`
  const answer: RequestListener = (req, res) => {
    // A page that sends on whatever is sent to it, method and all.
    if (req.url?.startsWith('/on') === true) return void res.writeHead(307, { Location: api + req.url }).end()
    res.setHeader('Content-Type', 'text/html')
    return res.end(PAGE)
  }
  const pages = await serve(answer)
  const plain = await start(answer)
  const at = (name: string): string => `${scheme}://${name}.localhost:${pages.port}`
  const said = new Map<string, IncomingHttpHeaders>()
  const told = new Map<string, string>()
  const waiting = new Map<string, (what: string) => void>()
  const gate = gatehouse({
    hosts: [`api.localhost:${server.port}`],
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    headers: 'page',
    ...policyOf(at('app')),
  })
  gate.events.on('event', ({ path, kind, outcome }: SecurityEvent) => {
    if (outcome === 'answered') return
    const what = outcome === 'allowed' ? outcome : kind
    told.set(path, what)
    waiting.get(path)?.(what)
  })
  const handle = gate.handler((_req, res) => {
    res.setHeader('Set-Cookie', 'session=1; Path=/; Secure; HttpOnly; SameSite=None')
    res.setHeader('Content-Type', 'text/html')
    res.end(PAGE)
  })
  listeners.push((req, res) => {
    said.set(req.url ?? '', req.headers)
    handle(req, res)
  })
  const upgrade = gate.upgrade((req, socket) => {
    // RFC 6455 §4.2.2
    const accept = createHash('sha1')
      .update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    // What nobody reads never ends.
    socket
      .resume()
      .end(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
  })
  server.server.on('upgrade', (req, socket, head) => {
    said.set(req.url ?? '', req.headers)
    upgrade(req, socket, head)
  })
  // A WebSocket does not ask its context which certificates it may ignore.
  const browser = await launch(['--ignore-certificate-errors'])
  return {
    api,
    evil: at('evil'),
    app: at('app'),
    sibling: at('blog.api'),
    plain: `http://api.localhost:${plain.port}`,
    async open(origin) {
      const page = await (await browser.newContext()).newPage()
      page.setDefaultTimeout(15_000)
      await page.goto(`${api}/`)
      if (origin !== api) await page.goto(`${origin}/`)
      return page
    },
    decided: async (path) => ({
      what: told.get(path) ?? (await new Promise<string>((resolve) => waiting.set(path, resolve))),
      said: said.get(path) ?? {},
    }),
    async close() {
      await browser.close()
      await pages.close()
      await plain.close()
      await server.close()
    },
  }
}
