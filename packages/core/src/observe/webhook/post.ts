import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type Sent, sent } from '../delivery.ts'

/** What is sent. */
export interface Post {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly content: string
  readonly signal: AbortSignal
  /** The wall clock, for a `Retry-After` that names a date. */
  readonly now: () => number
}

/** Said aloud, so that no variable of the environment (NODE_TLS_REJECT_UNAUTHORIZED) unsays it. */
const TLS = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const

/** What a receiver means that is no success and may be one later: RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * Posts once. Nothing of the answer is read but its status and `Retry-After`, and no redirect is followed: it would lead
 * from the URL that was configured to one that nobody has looked at. No reason names the URL.
 */
export function post({ url, headers, content, signal, now }: Post): Promise<Sent> {
  return new Promise((resolve) => {
    const settle = (outcome: Sent): void => {
      resolve(outcome)
      request.destroy()
    }
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = send(url, {
      method: 'POST',
      headers: {
        'User-Agent': 'gatehouse',
        ...headers,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(content),
      },
      // A connection of its own, that is gone with it.
      agent: false,
      signal,
      insecureHTTPParser: false,
      maxHeaderSize: 16_384,
      ...TLS,
    })
    request.on('error', () => settle({ type: 'later', reason: 'the connection failed' }))
    request.on('socket', (socket) => {
      socket.unref()
      // The next address of a name is tried over a handle of its own.
      socket.once('connect', () => socket.unref())
    })
    request.on('response', (response) => settle(outcomeOf(response, now)))
    request.end(content)
  })
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage, now: () => number): Sent {
  if (statusCode >= 200 && statusCode < 300) return sent()
  const reason = `the receiver answered ${statusCode}`
  if (statusCode < 500 && !LATER.has(statusCode)) return { type: 'refused', reason }
  return { type: 'later', reason, afterMs: retryAfterMs(headers['retry-after'], now) }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
export function retryAfterMs(value: string | undefined, now: () => number): number | undefined {
  if (value === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1_000
  const date = /^[A-Za-z]{3}, [0-9A-Za-z :]{15,24} GMT$/.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(date) ? undefined : Math.max(date - now(), 0)
}
