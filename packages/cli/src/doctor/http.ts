import { lookup } from 'node:dns'
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect, isIP, type LookupFunction } from 'node:net'
import { shownUrl } from '../clean.ts'

/** One answer of the server that is probed. */
export interface Answer {
  /** Without its query: there may be a key in it. */
  readonly url: string
  readonly status: number
  /** Names in lower case, each with every value. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** No more than the first 64 KiB. */
  readonly body: string
}

/** What is sent. */
export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends one request; `undefined` when nothing came back in time. It never rejects. */
export type Send = (url: URL, ask?: Ask) => Promise<Answer | undefined>

/** How requests are sent. */
export interface SendOptions {
  readonly lookup: LookupFunction | undefined
  /** In milliseconds, for one request. */
  readonly timeout: number
  /** When nothing more is sent, in milliseconds of `Date.now`. */
  readonly until: number
  readonly signal?: AbortSignal
  /** Hears why nothing came back. */
  readonly onError?: (why: string) => void
}

const MAX_BODY = 65_536

/** Says who asks, in the log of whoever is asked. */
export const AGENT = 'gatehouse-doctor'

/**
 * A client that follows no redirect, keeps no cookie, and takes each answer as it comes. Certificates are judged apart, so
 * that a bad one does not hide all else; no secret is ever sent.
 */
export function sender(options: SendOptions): Send {
  return (url, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve) => {
      const left = options.until - Date.now()
      const fail = (why: string): void => {
        options.onError?.(why)
        resolve(undefined)
      }
      if (left <= 0) return fail('the time for all requests is over')
      const timeout = AbortSignal.timeout(Math.min(options.timeout, left))
      const send = url.protocol === 'https:' ? requestTls : requestPlain
      const req = send(url, {
        method,
        agent: false,
        signal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]),
        rejectUnauthorized: false,
        // What is too weak is to be seen, and told; nothing that is a secret is sent over it.
        ciphers: 'DEFAULT@SECLEVEL=0',
        ...(options.lookup !== undefined && { lookup: options.lookup }),
        // Node would else take it from the Host field, which is not always that of the URL.
        ...(isIP(bare(url.hostname)) === 0 && { servername: url.hostname }),
        headers: {
          'user-agent': AGENT,
          accept: 'application/json, */*;q=0.5',
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      })
      req.on('error', (error) =>
        fail(timeout.aborted ? `nothing came within ${options.timeout / 1000} seconds` : whyOf(error)),
      )
      // An upgrade that nobody asked for, and whatever else ends without an answer.
      req.on('close', () => fail('the connection was closed'))
      req.on('response', (res) => {
        const chunks: Buffer[] = []
        let size = 0
        const done = (): void => {
          const text = Buffer.concat(chunks).subarray(0, MAX_BODY).toString('utf8')
          const fields = Object.fromEntries(
            Object.entries(res.headersDistinct).map(([name, values]) => [name, values ?? []]),
          )
          resolve({ url: shownUrl(url), status: res.statusCode ?? 0, fields, body: text })
          req.destroy()
        }
        res.on('data', (chunk: Buffer) => {
          size += chunk.length
          chunks.push(chunk)
          if (size >= MAX_BODY) done()
        })
        res.on('end', done)
        res.on('error', done)
      })
      req.end(body)
    })
}

/** What an error of node says of a connection, for people. */
function whyOf(error: Error): string {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? `${code}: ${error.message}` : error.message
}

/** A host of a URL, without the brackets of IPv6. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** Finds a name where it is said to be, and every other as usual: what is probed need not be in the DNS yet. */
export function lookupOf(name: string, address: string): LookupFunction {
  return (hostname, options, callback) => {
    if (hostname.toLowerCase() !== name.toLowerCase()) return lookup(hostname, options, callback)
    const family = isIP(address)
    return options.all === true ? callback(null, [{ address, family }]) : callback(null, address, family)
  }
}

/** The values of a field, or nothing. */
export function fieldOf(answer: Answer | undefined, name: string): string | undefined {
  const values = answer?.fields[name.toLowerCase()]
  return values === undefined || values.length === 0 ? undefined : values.join(', ')
}

/** The media type of an answer, in lower case. */
export function typeOf(answer: Answer | undefined): string {
  return (fieldOf(answer, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Whether something answers on a port at all. */
export function isListening(
  host: string,
  port: number,
  { lookup: find, timeout }: Pick<SendOptions, 'lookup' | 'timeout'>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: bare(host), port, timeout, ...(find !== undefined && { lookup: find }) })
    const end = (answer: boolean) => (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false))
  })
}
