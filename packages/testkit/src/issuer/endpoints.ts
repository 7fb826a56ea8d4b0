import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a fake issuer serves. */
export type IssuerEndpoint = 'metadata' | 'keys' | 'introspection' | 'revocation'

/**
 * How a fake issuer can fail: it does not answer until it is told to; answers 500; with half a document; with the page of somebody else; sends on
 * elsewhere; or answers with an empty object.
 */
export type Misbehaviour = 'hangs' | 'fails' | 'malformed' | 'page' | 'redirects' | 'empty'

/** What stands at each path. */
export const PATHS: Readonly<Record<string, IssuerEndpoint>> = {
  '/.well-known/openid-configuration': 'metadata',
  '/.well-known/oauth-authorization-server': 'metadata',
  '/jwks': 'keys',
  '/introspect': 'introspection',
  '/revoke': 'revocation',
}

const MISBEHAVIOURS: Readonly<Record<Exclude<Misbehaviour, 'hangs'>, (res: ServerResponse) => void>> = {
  fails: (res) =>
    void res.writeHead(500, { 'Content-Type': 'application/json' }).end('{"error":"server_error"}'),
  malformed: (res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).end('{"keys":[{"kty":'),
  page: (res) => void res.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Log in</h1>'),
  redirects: (res) => void res.writeHead(302, { Location: '/elsewhere' }).end(),
  empty: (res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).end('{}'),
}

/** Answers as somebody who fails. */
export function misbehave(res: ServerResponse, how: keyof typeof MISBEHAVIOURS): void {
  MISBEHAVIOURS[how](res)
}

/** Answers with a document that may be kept, as issuers publish their keys (RFC 9111 §5.2.2, RFC 9110 §8.8.3, §13.1.2). */
export function answerDocument(
  req: IncomingMessage,
  res: ServerResponse,
  document: unknown,
  maxAge: number,
): void {
  const body = JSON.stringify(document)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const fields = { 'Cache-Control': `public, max-age=${maxAge}`, ETag: etag }
  if (req.headers['if-none-match'] === etag) return void res.writeHead(304, fields).end()
  res.writeHead(200, { ...fields, 'Content-Type': 'application/json' }).end(body)
}

/** Answers with what nobody may keep (RFC 7662 §2.2). */
export function answerJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  res.end(JSON.stringify(value))
}

/** Reads a form, up to 64 KiB. */
export async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of req.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk
    if (text.length > 65_536) throw new RangeError('the form is too long')
  }
  return new URLSearchParams(text)
}

/** Whether a client proved who it is, by Basic or in the form (RFC 6749 §2.3.1). */
export function isClient(req: IncomingMessage, form: URLSearchParams, id: string, secret: string): boolean {
  const [, basic] = /^Basic (.+)$/i.exec(req.headers.authorization ?? '') ?? []
  const [givenId, givenSecret] =
    basic === undefined
      ? [form.get('client_id'), form.get('client_secret')]
      : Buffer.from(basic, 'base64').toString().split(':').map(formDecoded)
  return givenId === id && givenSecret === secret
}

/** Both parts are form-encoded before they are joined. */
function formDecoded(text: string): string | null {
  return new URLSearchParams(`text=${text}`).get('text')
}
