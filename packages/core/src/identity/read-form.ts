import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { type Form, formFromObject, parseForm } from '../lib/form.ts'

/** A form that was sent, or why there is none. */
export type FormRead =
  | { readonly type: 'form'; readonly form: Form }
  /** The body is no form in UTF-8, or a framework has taken it and left nothing. */
  | { readonly type: 'malformed' }
  | { readonly type: 'too-large' }
  /** The client went away; nobody is left to answer. */
  | { readonly type: 'aborted' }

/** The bytes of a body, or why there are none. */
export type BytesRead =
  Exclude<FormRead, { type: 'form' | 'malformed' }> | { readonly type: 'bytes'; readonly bytes: Buffer }

const MALFORMED: FormRead = Object.freeze({ type: 'malformed' })
const TOO_LARGE = Object.freeze({ type: 'too-large' as const })
const ABORTED = Object.freeze({ type: 'aborted' as const })

/**
 * Reads the form in the body of a request; never rejects.
 *
 * Stops listening at the first byte beyond the limit: the caller answers and closes the connection. Where the gate or a
 * framework has read the body already, what it made of it is taken: an object, a text or bytes.
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
  return read.type === 'bytes' ? formOf(read.bytes, limit) : read
}

function isFormType(contentType: string | undefined): boolean {
  const [type = ''] = (contentType ?? '').split(';', 1)
  return type.trim().toLowerCase() === 'application/x-www-form-urlencoded'
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

/** Reads the body of a request that nobody has read; never rejects. */
export function readBytes(req: IncomingMessage, limit: number): Promise<BytesRead> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0

    function settle(result: BytesRead): void {
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      // Somebody must hear an error that comes later, or it would end the process.
      req.on('error', () => undefined)
      resolve(result)
    }
    function onData(chunk: Buffer): void {
      length += chunk.length
      if (length <= limit) return void chunks.push(chunk)
      req.pause()
      settle(TOO_LARGE)
    }
    function onEnd(): void {
      settle({ type: 'bytes', bytes: Buffer.concat(chunks) })
    }
    function onClose(): void {
      settle(ABORTED)
    }

    if (Number(req.headers['content-length'] ?? 0) > limit) return settle(TOO_LARGE)
    if (req.destroyed) return settle(ABORTED)
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}
