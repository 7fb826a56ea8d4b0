import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hasContent, type RequestContent } from '../contract/request.ts'

type Push = (chunk: unknown, encoding?: BufferEncoding) => boolean

/** Somebody who waits for the digest, and how much content is too much for them. */
interface Waiting {
  readonly maxBytes: number
  readonly resolve: (digest: string | undefined) => void
}

/**
 * Hashes the content of a request while node:http hands it to the stream that handlers read: the bytes as they came,
 * whether anybody reads them or not, and none of them is kept.
 *
 * It has to be there before the first byte. node:http tells of a request as soon as it has its header section, so a gate
 * that is asked then has missed nothing; for one that is asked later, after something that waits, the content is not whole.
 */
export class HashedContent implements RequestContent {
  readonly #req: IncomingMessage
  readonly #hash = createHash('sha256')
  #bytes = 0
  #state: 'coming' | 'whole' | 'missed' | 'cut' = 'coming'
  #digest: string | undefined = undefined
  #waiting: readonly Waiting[] = []

  constructor(req: IncomingMessage) {
    this.#req = req
    if (req.complete || req.destroyed || req.readableDidRead || req.readableLength > 0) {
      this.#end(hasContent(req) ? 'missed' : 'whole')
      return
    }
    const stream = req as unknown as { push: Push }
    const { push } = stream
    stream.push = (chunk, encoding) => {
      this.#hear(chunk)
      return push.call(req, chunk, encoding)
    }
    req.once('close', () => this.#end('cut'))
  }

  digest(maxBytes: number): string | undefined | Promise<string | undefined> {
    if (this.#state !== 'coming') return this.#bytes > maxBytes ? undefined : this.#digest
    if (this.#bytes > maxBytes) return undefined
    // Nobody has begun to read it: then it would never end.
    if (this.#req.readableFlowing === null) this.#req.resume()
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { maxBytes, resolve }]
    })
  }

  #hear(chunk: unknown): void {
    if (this.#state !== 'coming') return
    if (chunk === null) {
      // What came after the answer to a request that nobody read was thrown away by node:http, before it came here.
      const { _dumped: isDumped } = this.#req as unknown as { readonly _dumped?: boolean }
      this.#end(isDumped === true ? 'missed' : 'whole')
      return
    }
    const bytes = chunk as Uint8Array
    this.#bytes += bytes.byteLength
    this.#hash.update(bytes)
    for (const { maxBytes, resolve } of this.#waiting) if (this.#bytes > maxBytes) resolve(undefined)
  }

  isCut(): boolean {
    return this.#state === 'cut'
  }

  #end(state: 'whole' | 'missed' | 'cut'): void {
    if (this.#state !== 'coming') return
    this.#state = state
    if (state === 'whole') this.#digest = this.#hash.digest('base64url')
    for (const { resolve } of this.#waiting) resolve(this.#digest)
    this.#waiting = []
  }
}
