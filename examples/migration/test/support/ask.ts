import { request } from 'node:http'
import type { Ask } from './requests.ts'

/** What came back, without what is different in every answer. */
export interface Answer {
  readonly status: number
  readonly body: string
  /** By the name in lower case. */
  readonly fields: ReadonlyMap<string, string>
}

/** What the connection has, or what follows from the body. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
])

/** Seconds go up to the next minute, so that a slow machine answers alike. */
const minute = (seconds: string): string => String(Math.ceil(Number(seconds) / 60) * 60)

/** What is different in every answer, and what is written in its place. */
const MASKS: Readonly<Record<string, (value: string) => string>> = {
  etag: () => 'W/"..."',
  'retry-after': minute,
  ratelimit: (value) => value.replace(/(?<=\bt=)\d+/, minute),
  'ratelimit-policy': (value) => value.replace(/(?<=\bpk=:)[^:]+/, '...'),
  // The seconds that are left, or the time of a clock.
  'x-ratelimit-reset': (value) => (Number(value) > 1e9 ? '<seconds since 1970>' : minute(value)),
}

/** Sends a request of the table to a server of this machine, as the load balancer of the examples would pass it on. */
export async function ask(port: number, asked: Ask, client: string, token: string): Promise<Answer> {
  for (let left = (asked.times ?? 1) - 1; left > 0; left -= 1) await send(port, asked, client, token)
  return send(port, asked, client, token)
}

function send(port: number, asked: Ask, client: string, token: string): Promise<Answer> {
  const { method = 'GET', path } = asked
  const headers = {
    Host: 'api.example.com',
    'X-Forwarded-For': client,
    'X-Forwarded-Proto': 'https',
    ...(token !== '' && { Authorization: `Bearer ${token}` }),
    ...asked.fields,
  }
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => (body += piece))
      answer.on('error', reject)
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: shortened(body), fields: masked(answer.rawHeaders) })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

function masked(raw: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    if (LEFT_OUT.has(name)) continue
    const value = MASKS[name]?.(raw[at + 1] ?? '') ?? raw[at + 1] ?? ''
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return fields
}

/** What every problem of the gate has. */
const PROBLEM =
  /^\{"type":"(?:urn:gatehouse:problem:\w+|https:[^"]+)","title":"[^"]+","status":\d+,"code":"(\w+)","requestId":"[^"]+"/

/** A problem of the gate by its code; all else on one line, without the time that is left. */
function shortened(body: string): string {
  const [, code] = PROBLEM.exec(body) ?? []
  if (code !== undefined) return `problem ${code}`
  return body
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/(?<=retry in )[^".]+/, '...')
    .trim()
}
