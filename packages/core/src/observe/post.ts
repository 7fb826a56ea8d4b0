import type { RequestOptions } from 'node:https'
import { httpModule, httpsModule } from '../lib/builtins.ts'
import { parseHttpDate } from '../lib/http-date.ts'
import { at, type Place, type Reader, report } from '../options/read.ts'
import type { Sent } from './delivery.ts'

/** A request to a receiver. */
export interface Posted {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
  /** PEM of the only authorities that are trusted; those of Node.js when absent. */
  readonly ca?: string | undefined
}

/** What a receiver answers with, as far as it matters. */
export interface PostAnswer {
  readonly status: number
  /** The field `Retry-After`. */
  readonly retryAfter?: string | undefined
  /** The field `Date`: what time it is there. */
  readonly date?: string | undefined
}

/** Sends, and gives the answer; rejects when there is none. */
export type Post = (posted: Posted) => Promise<PostAnswer>

/** Said aloud, so that no variable of the environment (NODE_TLS_REJECT_UNAUTHORIZED) unsays it. */
const TLS = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const

/**
 * Sends over a connection of its own, follows no redirect, and reads no more of the answer than its head. Nothing of it keeps
 * the process alive.
 */
export const post: Post = ({ url, headers, body, signal, ca }) =>
  new Promise((resolve, reject) => {
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body), 'User-Agent': 'gatehouse' },
      agent: false,
      signal,
      maxHeaderSize: 16_384,
      ...TLS,
      ...(ca !== undefined && { ca }),
    }
    const { request: send } = url.startsWith('https:') ? httpsModule() : httpModule()
    const request = send(url, options)
    request.on('socket', (socket) => {
      socket.unref()
      // The next address of a name is tried over a handle of its own.
      socket.once('connect', () => socket.unref())
    })
    request.on('error', reject)
    request.on('close', () => reject(new Error('the connection was closed')))
    request.on('response', ({ statusCode = 0, headers: { 'retry-after': retryAfter, date } }) => {
      resolve({ status: statusCode, retryAfter, date })
      request.destroy()
    })
    request.end(body)
  })

/**
 * What an answer means for the message.
 *
 * @param now the time here, for a receiver that does not say what time it is there
 */
export function sentBy(answer: PostAnswer, now: number = Date.now()): Sent {
  const { status } = answer
  if (status >= 200 && status < 300) return { type: 'sent' }
  const reason = `the answer was ${status}`
  // RFC 9110 §15.5.9, RFC 6585 §4. A redirect leads to an address that nobody has configured.
  const mayWork = status === 408 || status === 429 || status >= 500
  return mayWork
    ? { type: 'later', reason, afterMs: readRetryAfter(answer, now) }
    : { type: 'refused', reason }
}

/**
 * RFC 9110 §10.2.3: seconds, or a date. A date is by the clock of the receiver, and its answer says what that shows: two
 * clocks that differ make no other wait of it. Whoever waits has a bound of its own.
 */
function readRetryAfter({ retryAfter, date }: PostAnswer, now: number): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\d{1,12}$/.test(retryAfter)) return Number(retryAfter) * 1_000
  const until = parseHttpDate(retryAfter, now)
  const there = date === undefined ? undefined : parseHttpDate(date, now)
  return until === undefined ? undefined : Math.max(until - (there ?? now), 0)
}

/** Reads the URL of a receiver. No message shows it: whoever knows that of a chat may write there. */
export const readPostUrl: Reader<string> = (value, place) => {
  const instead = "Write its URL, such as 'https://hooks.example.com/gate'."
  if (typeof value !== 'string') return report(place, 'wrong_type', 'is not a URL.', instead)
  if (value === '') return report(place, 'malformed_value', 'is empty.', instead)
  if (!URL.canParse(value)) return report(place, 'malformed_value', 'is not an absolute URL.', instead)
  const { protocol, username, password, hash } = new URL(value)
  if (protocol !== 'https:' && protocol !== 'http:')
    return report(place, 'malformed_value', 'is not a URL of https.', instead)
  if (username !== '' || password !== '')
    return report(place, 'unsafe_value', 'has a user name or password.', 'Leave them out.')
  if (hash !== '')
    return report(place, 'malformed_value', 'has a fragment, which is never sent.', 'Leave it out.')
  return value
}

/** Reports a URL of http where that is not allowed. */
export function refuseHttp(
  {
    url,
    dangerouslyAllowHttp,
  }: { readonly url?: string | undefined; readonly dangerouslyAllowHttp: boolean },
  place: Place,
): void {
  if (url === undefined || dangerouslyAllowHttp || new URL(url).protocol === 'https:') return
  const message = 'is a URL of http: whoever is between could read and change what is told.'
  const instead = 'Write the https URL, or set dangerouslyAllowHttp for a test.'
  report(at(place, 'url'), 'unsafe_value', message, instead)
}
