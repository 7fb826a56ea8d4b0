import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { type Form, formFromObject, parseForm } from '../lib/form.ts'
import { parseMediaType } from '../lib/media-type.ts'
import { type BytesRead, readBytes } from '../request/read-bytes.ts'

/** A form that was sent, or why there is none. */
export type FormRead =
  | { readonly type: 'form'; readonly form: Form }
  /** The body is no form in UTF-8, or a framework has taken it and left nothing. */
  | { readonly type: 'malformed' }
  | Exclude<BytesRead, { readonly type: 'whole' }>

const MALFORMED: FormRead = Object.freeze({ type: 'malformed' })
const TOO_LARGE: FormRead = Object.freeze({ type: 'too-large' })

/**
 * Reads the form in the body of a request; never rejects.
 *
 * Where the gate or a framework has read the body already, what it made of it is taken: an object, a text or bytes.
 * Otherwise {@link readBytes} reads it.
 *
 * @param limit the most bytes of a body
 * @param content what the gate has read; `req.body` when it has not
 */
export async function readForm(req: IncomingMessage, limit: number, content?: unknown): Promise<FormRead> {
  // RFC 6749 appendix B. A compressed form would be read as what it is not.
  if (!isFormType(req.headers['content-type']) || req.headers['content-encoding'] !== undefined)
    return MALFORMED
  // A parser that did not want this body may have left an empty object, with the body still to be read.
  if (req.readableDidRead || req.readableEnded)
    return formOf(content ?? (req as { body?: unknown }).body, limit)
  const read = await readBytes(req, limit)
  return read.type === 'whole' ? formOf(read.bytes, limit) : read
}

function isFormType(contentType = ''): boolean {
  return parseMediaType(contentType)?.essence === 'application/x-www-form-urlencoded'
}

function formOf(body: unknown, limit: number): FormRead {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    if (body.length > limit) return TOO_LARGE
    // Decoding would replace what is no UTF-8: another password than the one that was sent.
    if (typeof body !== 'string' && !isUtf8(body)) return MALFORMED
    const form = parseForm(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
    return form === undefined ? MALFORMED : { type: 'form', form }
  }
  const form = typeof body === 'object' && body !== null ? formFromObject(body) : undefined
  return form === undefined ? MALFORMED : { type: 'form', form }
}
