import type { IncomingMessage } from 'node:http'
import { Rejection } from './reply.ts'

const MAX_BYTES = 16 * 1024

/**
 * Reads a small JSON body.
 *
 * @throws Rejection with what is wrong with it
 */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  const [type = ''] = (req.headers['content-type'] ?? '').split(';', 1)
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new Rejection(415, 'The body has to be application/json.', { Accept: 'application/json' })
  }
  if (req.headers['content-encoding'] !== undefined) {
    throw new Rejection(415, 'The body must not be compressed.', { 'Accept-Encoding': 'identity' })
  }
  const bytes = await readBytes(req)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Rejection(400, 'The body is not JSON.')
  }
}

async function readBytes(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_BYTES) break
      chunks.push(chunk)
    }
  } catch {
    throw new Rejection(400, 'The body ended before it was whole.')
  }
  if (size > MAX_BYTES) {
    // What is left of it goes by unread: a client that is still sending would wait for ever otherwise.
    req.resume()
    throw new Rejection(413, `The body has more than ${MAX_BYTES} bytes.`)
  }
  return Buffer.concat(chunks)
}
