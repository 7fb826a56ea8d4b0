import type { IncomingMessage } from 'node:http'
import type zlib from 'node:zlib'
import type { ZlibOptions } from 'node:zlib'
import type { Coding, ContentRead, IncomingContent, ReadLimits } from '../contract/request.ts'
import { utilModule, zlibModule } from '../lib/builtins.ts'
import type { StartTimer } from '../lib/timer.ts'
import { readBytes } from '../request/read-bytes.ts'

const TOO_LARGE = Object.freeze({ type: 'too-large' as const })
const TOO_DENSE = Object.freeze({ type: 'too-dense' as const })
const UNDECODABLE = Object.freeze({ type: 'undecodable' as const })

/** The content of a request of node:http, read by the gate. */
export class ReadableContent implements IncomingContent {
  readonly #req: IncomingMessage
  readonly #startTimer: StartTimer
  readonly #keeps: boolean
  #read = false
  #kept: Buffer | undefined = undefined
  bytes = 0

  /** @param keeps whether somebody else may ask for it again */
  constructor(req: IncomingMessage, startTimer: StartTimer, keeps: boolean) {
    this.#req = req
    this.#startTimer = startTimer
    this.#keeps = keeps
  }

  async read(limits: ReadLimits): Promise<ContentRead> {
    const kept = this.#kept
    if (kept !== undefined) return kept.length > limits.maxBytes ? TOO_LARGE : { type: 'whole', bytes: kept }
    const req = this.#req
    if (this.#read || req.readableDidRead || req.readableEnded || req.readableEncoding !== null) {
      throw new TypeError('The content was read before the gate: put the rule in front of the body parser.')
    }
    this.#read = true
    const sent = await readBytes(req, limits.maxBytes, {
      ms: limits.deadlineMs,
      startTimer: this.#startTimer,
    })
    const content =
      sent.type === 'whole' && limits.coding !== undefined && sent.bytes.length > 0
        ? await decode(sent.bytes, limits.coding, limits)
        : sent
    if (content.type === 'whole') this.bytes = content.bytes.length
    if (this.#keeps && content.type === 'whole') this.#kept = content.bytes
    return content
  }
}

/** What the decoders of node:zlib give when they are asked for their engine, too; missing from the types. */
interface Decoded {
  readonly buffer: Buffer
  /** How many bytes it has used of those it was given. */
  readonly engine: { readonly bytesWritten: number }
}
type Decoder = (bytes: Buffer, options: ZlibOptions & { readonly info: true }) => Promise<Decoded>

const DECODERS = {
  gzip: 'gunzip',
  deflate: 'inflate',
  br: 'brotliDecompress',
} as const satisfies Readonly<Record<Coding, keyof typeof zlib>>

function decoderOf(coding: Coding): Decoder {
  return utilModule().promisify(zlibModule()[DECODERS[coding]]) as unknown as Decoder
}

/** Undoes a content coding, up to what the limits let it come to: node:zlib stops at the first piece beyond it. */
async function decode(
  bytes: Buffer,
  coding: Coding,
  { maxBytes, maxRatio }: ReadLimits,
): Promise<ContentRead> {
  const dense = bytes.length * maxRatio
  try {
    const { buffer, engine } = await decoderOf(coding)(bytes, {
      maxOutputLength: Math.min(maxBytes, dense),
      info: true,
    })
    // What comes after the end of the coding is nothing that the coding says.
    return engine.bytesWritten === bytes.length ? { type: 'whole', bytes: buffer } : UNDECODABLE
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') return UNDECODABLE
    return dense < maxBytes ? TOO_DENSE : TOO_LARGE
  }
}
