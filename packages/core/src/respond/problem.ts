import type { ServerResponse } from 'node:http'
import { type Code, CODES } from '../contract/codes.ts'
import { STATUS_CODES } from '../lib/http.ts'
import { rememberedOfFrozen } from '../lib/remembered.ts'

/** A problem ready to be sent. */
export interface Problem {
  readonly status: number
  readonly code: Code
  readonly body: string
}

/** The types that draft-ietf-httpapi-ratelimit-headers-11 registers, by the code of the same problem here. */
const REGISTERED: Readonly<Partial<Record<Code, string>>> = {
  quota_exceeded: 'quota-exceeded',
  abnormal_usage: 'abnormal-usage-detected',
  reduced_capacity: 'temporary-reduced-capacity',
}

/**
 * The type of a problem: a stable identifier that is not meant to be fetched (RFC 9457 §3.1.1). Problems that IANA
 * knows have the type that is registered.
 */
export function problemType(code: Code): string {
  const registered = REGISTERED[code]
  return registered === undefined
    ? `urn:gatehouse:problem:${code}`
    : `https://iana.org/assignments/http-problem-types#${registered}`
}

/**
 * Builds a problem (RFC 9457 §3.1). Its texts are constant per code: nothing of the request, of an error or of a
 * secret can come in but through `members`, which checks fill with names from the policy.
 *
 * @param requestId of `randomId`, whose characters need no escape
 * @param status the status, where it is not the one of the code: a framework's own 4xx
 */
export function problem(
  code: Code,
  requestId: string,
  members?: Readonly<Record<string, unknown>>,
  status: number = CODES[code].status,
): Problem {
  const start = status === CODES[code].status ? STARTS[code] : startOf(code, status)
  // As JSON: whoever is refused should not cost more than who is let in, and all but the id is known beforehand.
  const rest = members === undefined ? '' : jsonOf(members)
  const body = rest === '' ? `${start}${requestId}"}` : `${start}${requestId}",${rest}}`
  return { status, code, body }
}

/** Members as JSON, without its braces. */
const jsonOf = rememberedOfFrozen((members: Readonly<Record<string, unknown>>) =>
  JSON.stringify(members).slice(1, -1),
)

/** What the problem of a code begins with, up to the id of its request. */
function startOf(code: Code, status: number): string {
  const own = CODES[code]
  const title = status === own.status ? own.title : (STATUS_CODES[status] ?? own.title)
  return `${JSON.stringify({ type: problemType(code), title, status, code }).slice(0, -1)},"requestId":"`
}

const STARTS = Object.fromEntries(
  Object.entries(CODES).map(([code, { status }]) => [code, startOf(code as Code, status)]),
) as Readonly<Record<Code, string>>

/** Writes a problem as the whole response: whatever was set before is dropped, the finisher adds what is due. */
export function sendProblem(res: ServerResponse, sent: Problem): void {
  for (const name of res.getHeaderNames()) res.removeHeader(name)
  // A phrase that the handler chose, valid or not, is not the gate's; HTTP/2 has none (RFC 9113 §8.3.2).
  if (res.req.httpVersionMajor < 2) res.statusMessage = STATUS_CODES[sent.status] ?? ''
  const length = String(Buffer.byteLength(sent.body))
  res.writeHead(sent.status, ['Content-Type', 'application/problem+json', 'Content-Length', length])
  res.end(sent.body)
}
