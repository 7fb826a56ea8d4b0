import { type IncomingMessage, Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { type Place, type Received, type Sent, sendTo, start, writeTo } from './http.ts'

/** The API under test: a URL of it, a server, or a listener, which is served on a loopback port. */
export type Target = string | NetServer | ((req: IncomingMessage, res: ServerResponse) => unknown)

/** The API under test, to be asked. */
export interface Reached {
  /** Host and port, as a Host field has them. */
  readonly authority: string
  /** Sends a request, whose path goes on the wire as it is. */
  readonly send: (sent: Sent) => Promise<Received>
  /** Writes bytes (latin1), and gives all that comes until the connection ends. */
  readonly bytes: (bytes: string) => Promise<string>
}

/** Longer than any answer takes. A handler that got the request, and is stuck, has got it. */
const PATIENCE_MS = 20_000

/** Reaches the API when it is first asked for; `close` stops what was started here. */
export function reaching(target: Target): {
  readonly reach: () => Promise<Reached>
  readonly close: () => Promise<void>
} {
  let reached: Promise<{ readonly url: string; readonly close: () => Promise<void> }> | undefined
  return {
    async reach() {
      reached ??= open(target)
      return askedAt((await reached).url)
    },
    async close() {
      await (await reached)?.close()
      reached = undefined
    },
  }
}

async function open(target: Target): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const nothing = (): Promise<void> => Promise.resolve()
  if (typeof target === 'string') return { url: target, close: nothing }
  if (typeof target === 'function') {
    const { port, server, close } = await start((req, res) => void target(req, res))
    server.unref()
    return { url: `http://127.0.0.1:${port}`, close }
  }
  const was = target.listening
  if (!was) await new Promise<void>((resolve) => target.unref().listen(0, '127.0.0.1', resolve))
  const { port } = target.address() as AddressInfo
  const scheme = target instanceof Server || !('setSecureContext' in target) ? 'http' : 'https'
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    async close() {
      if (was) return
      if ('closeAllConnections' in target) (target as Server).closeAllConnections()
      await new Promise<void>((resolve) => target.close(() => resolve()))
    },
  }
}

function askedAt(url: string): Reached {
  const { protocol, hostname, port, host } = new URL(url)
  const secure = protocol === 'https:'
  // As URL writes an IPv6 address, and as a socket wants it.
  const name = hostname.replace(/^\[|\]$/g, '')
  // A server of a test has a certificate of its own making; one that is elsewhere has to prove who it is.
  const rejectUnauthorized = name !== 'localhost' && name !== '::1' && !name.startsWith('127.')
  const place: Place = {
    host: name,
    port: Number(port === '' ? (secure ? 443 : 80) : port),
    tls: secure ? { rejectUnauthorized } : undefined,
    patience: PATIENCE_MS,
  }
  return {
    authority: host,
    send({ fields = [], body, ...sent }) {
      const hasHost = fields.some((text, index) => index % 2 === 0 && text.toLowerCase() === 'host')
      const all = [...(hasHost ? [] : ['Host', host]), ...fields, 'Connection', 'close']
      // RFC 9110 §8.6: a method that means something by its content says that there is none.
      const content = body ?? (['GET', 'HEAD'].includes(sent.method ?? 'GET') ? undefined : '')
      return sendTo(place, { ...sent, fields: all, ...(content !== undefined && { body: content }) })
    },
    bytes: (bytes) => writeTo(place, bytes),
  }
}
