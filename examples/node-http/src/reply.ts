import { type ServerResponse, STATUS_CODES } from 'node:http'

/** A request that a handler cannot serve: its sender is told why. */
export class Rejection extends Error {
  override readonly name = 'Rejection'
  readonly status: number
  readonly fields: Readonly<Record<string, string>>

  constructor(status: number, detail: string, fields: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.fields = fields
  }
}

/** Answers with JSON. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  fields: Readonly<Record<string, string>> = {},
): void {
  send(res, status, JSON.stringify(body), { 'Content-Type': 'application/json', ...fields })
}

/** Answers with a problem in the form of the gate's own (RFC 9457), and with the reason. */
export function sendRejection(res: ServerResponse, { status, message, fields }: Rejection): void {
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail: message }
  sendJson(res, status, problem, { ...fields, 'Content-Type': 'application/problem+json' })
}

/** Answers with bytes or a text; node:http leaves them out of the answer to a HEAD. */
export function send(
  res: ServerResponse,
  status: number,
  body: string | Buffer,
  fields: Readonly<Record<string, string>>,
): void {
  res.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...fields })
  res.end(body)
}
