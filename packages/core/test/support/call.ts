import { type IncomingHttpHeaders, request } from 'node:http'
import { request as tlsRequest } from 'node:https'

/** A request as a test writes it. */
export interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer | URLSearchParams
  /** A bearer token. */
  readonly token?: string
  /** Sends the body in chunks, without saying how long it is. */
  readonly chunked?: boolean
}

/** A response as a test reads it. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body, where it is a JSON object; else an empty one. */
  readonly json: Readonly<Record<string, unknown>>
}

/** Calls a URL on a connection of its own; any certificate will do. */
export function call(url: string, { method, headers, body, token, chunked }: Call = {}): Promise<Answer> {
  const isForm = body instanceof URLSearchParams
  const bytes = isForm ? body.toString() : body
  const fields: Record<string, string> = {
    ...(isForm ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(bytes === undefined || chunked === true
      ? {}
      : { 'Content-Length': String(Buffer.byteLength(bytes)) }),
    ...headers,
  }
  const options = {
    method: method ?? (bytes === undefined ? 'GET' : 'POST'),
    headers: fields,
    agent: false as const,
    rejectUnauthorized: false,
  }
  return new Promise((resolve, reject) => {
    const req = (url.startsWith('https:') ? tlsRequest : request)(url, options, (res) => {
      let text = ''
      res.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      res.on('error', reject)
      res.on('end', () => {
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: objectOf(text) })
      })
    })
    req.on('error', reject)
    if (bytes !== undefined) req.write(bytes)
    req.end()
  })
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
