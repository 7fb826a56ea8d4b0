import { createHash, X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { BrowserContext, Page } from 'playwright-core'
import { launch } from './browser.ts'
import { makeCertificates } from './certificates.ts'

/** What came in at a host. */
export interface Arrival {
  readonly scheme: 'http' | 'https'
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
}

type UpgradeListener = (req: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Who answers for a host. */
interface Host {
  readonly listener: RequestListener
  readonly upgrade: UpgradeListener | undefined
}

/**
 * A small web on loopback, and a browser for which there is no other: every name is here, `http` and `https` on their
 * own ports, and the browser trusts the certificate as if it had been issued (it keeps no HSTS of one that it does not).
 */
export interface Web {
  /** Has a host answered by somebody; other hosts are blank pages. */
  readonly host: (name: string, listener: RequestListener, upgrade?: UpgradeListener) => void
  /** Has a document at a URL of a blank host. */
  readonly document: (url: string, html: string) => void
  /** What has come in at a host since this was asked last. */
  readonly arrived: (name: string) => readonly Arrival[]
  /** A browser without a memory: no cookies, no cache, no preflights. */
  readonly visitor: () => Promise<BrowserContext>
  /** A page of such a browser, at a URL. */
  readonly visit: (url: string, visitor?: BrowserContext) => Promise<Page>
  /** Closes every page, and with it what its browser knew. */
  readonly leave: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Makes one. */
export async function startWeb(): Promise<Web> {
  const { server: certified } = makeCertificates()
  const hosts = new Map<string, Host>()
  const documents = new Map<string, string>()
  const arrivals = new Map<string, Arrival[]>()
  // What was upgraded is no connection of the server's any more.
  const sockets = new Set<Duplex>()

  const hostOf = (req: IncomingMessage): string => req.headers.host ?? ''
  function note(scheme: 'http' | 'https', req: IncomingMessage): Host | undefined {
    const { method = '', url = '', headers } = req
    const before = arrivals.get(hostOf(req)) ?? []
    arrivals.set(hostOf(req), [...before, { scheme, method, url, headers }])
    return hosts.get(hostOf(req))
  }

  function serve(scheme: 'http' | 'https', server: Server): Promise<number> {
    server.on('connection', (socket: Duplex) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.on('request', (req: IncomingMessage, res) => {
      const host = note(scheme, req)
      if (host !== undefined) return host.listener(req, res)
      const html = documents.get(`${scheme}://${hostOf(req)}${req.url ?? ''}`) ?? ''
      res.setHeader('Content-Type', 'text/html; charset=utf-8')
      res.end(`<!doctype html><title>blank</title><link rel="icon" href="data:,">${html}`)
    })
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      const upgrade = note(scheme, req)?.upgrade
      if (upgrade === undefined) socket.destroy()
      else upgrade(req, socket, head)
    })
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    )
  }

  const servers = [createServer(), createTlsServer({ cert: certified.cert, key: certified.key })] as const
  const [http, https] = await Promise.all([serve('http', servers[0]), serve('https', servers[1])])
  async function stop(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    for (const server of servers) await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  const browser = await launch([
    `--host-resolver-rules=MAP *:80 127.0.0.1:${http},MAP *:443 127.0.0.1:${https}`,
    `--ignore-certificate-errors-spki-list=${publicKeyPin(certified.cert)}`,
  ]).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const visitor = (): Promise<BrowserContext> => browser.newContext()
  return {
    host: (name, listener, upgrade) => void hosts.set(name, { listener, upgrade }),
    document: (url, html) => void documents.set(url, html),
    arrived(name) {
      const since = arrivals.get(name) ?? []
      arrivals.delete(name)
      return since
    },
    visitor,
    async visit(url, one) {
      const page = await (one ?? (await visitor())).newPage()
      page.setDefaultTimeout(20_000)
      await page.goto(url)
      return page
    },
    async leave() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    async close() {
      await browser.close()
      await stop()
    },
  }
}

/** The SHA-256 of the public key of a certificate, as Chromium writes it. */
function publicKeyPin(cert: string): string {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64')
}

/** What a script of a page reads of a response; `failed` when the browser tells it nothing. */
export interface Read {
  readonly failed?: string
  readonly type: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a script writes: the members of a RequestInit that are text. */
export interface Init {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly credentials?: 'include' | 'omit' | 'same-origin'
  readonly mode?: 'cors' | 'no-cors'
  readonly cache?: 'default' | 'no-store'
}

/** The text of a script that fetches: what is compiled for these tests would look for its helpers in the page. */
export function fetching(url: string, init: Init = {}): string {
  return `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(
    async (r) => ({ type: r.type, status: r.status, headers: Object.fromEntries(r.headers), body: await r.text() }),
    (error) => ({ failed: String(error), type: '', status: 0, headers: {}, body: '' }))`
}

/** Has a script of a page fetch, and gives back what it reads. */
export async function read(page: Page, url: string, init?: Init): Promise<Read> {
  return await page.evaluate<Read>(fetching(url, init))
}
