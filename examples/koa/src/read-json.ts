import type { Context } from 'koa'

const MAX_BYTES = 16 * 1024

/** Reads a small JSON body; the gate answers for what is thrown, with its status. */
export async function readJson(ctx: Context): Promise<unknown> {
  if (ctx.is('application/json') !== 'application/json') ctx.throw(415)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) break
    chunks.push(chunk)
  }
  if (size > MAX_BYTES) {
    // What is left of it goes by unread: a client that is still sending would wait for ever otherwise.
    ctx.req.resume()
    ctx.throw(413)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return ctx.throw(400)
  }
}
