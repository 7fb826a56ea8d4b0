import type { ServerResponse } from 'node:http'
import type { CapturedResponse, Fields } from '../contract/check.ts'

type Door<R> = (this: ServerResponse, ...args: unknown[]) => R

/** The three doors through which a handler's response leaves. */
interface Doors {
  writeHead: Door<ServerResponse>
  write: Door<boolean>
  end: Door<ServerResponse>
}

/** Fields of one connection or one moment, and the secrets of one response: they are no part of what is sent again. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'idempotency-replayed',
  'keep-alive',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Copies a response while its handler writes it, to hand it on when it is complete. Fields are taken before the finisher
 * adds those of the gate: whoever sends the response again has them added anew.
 *
 * @param maxBytes of more content nothing is copied
 * @returns stops it, so that nothing is handed on
 */
export function captureResponse(
  res: ServerResponse,
  maxBytes: number,
  done: (response: CapturedResponse) => void,
): () => void {
  const doors = res as unknown as Doors
  const { writeHead, write, end } = doors
  let chunks: Buffer[] | undefined = []
  let bytes = 0
  let isOver = false
  /** Whether a door is open already: what goes through another one on its way is the same bytes. */
  let isWithin = false
  let head: Pick<CapturedResponse, 'status' | 'fields'> | undefined

  /** Goes through a door; another one on the way hands on what is kept by this one. */
  function through<R>(go: () => R): R {
    isWithin = true
    try {
      return go()
    } finally {
      isWithin = false
    }
  }

  function keep(chunk: unknown, encoding: unknown): void {
    if (chunks === undefined || (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))) return
    // A copy: whoever wrote it may go on to use its memory.
    const copy =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
        : Buffer.from(chunk)
    bytes += copy.byteLength
    if (bytes > maxBytes) chunks = undefined
    else chunks.push(copy)
  }

  doors.writeHead = function (...args) {
    const taken = isOver || this.headersSent ? head : headOf(this, args)
    const result = writeHead.apply(this, args)
    head = taken
    return result
  }
  doors.write = function (...args) {
    if (isWithin) return write.apply(this, args)
    const written = through(() => write.apply(this, args))
    // What was thrown is no part of the response; what a client that has gone did not get, is.
    if (!isOver) keep(args[0], args[1])
    return written
  }
  doors.end = function (...args) {
    if (isWithin) return end.apply(this, args)
    const wasEnded = this.writableEnded
    const result = through(() => end.apply(this, args))
    if (isOver || wasEnded) return result
    keep(args[0], args[1])
    isOver = true
    // Without a client node:http writes no header section.
    const { status, fields } = head ?? headOf(this, [this.statusCode])
    done({ status, fields, body: chunks && Buffer.concat(chunks) })
    chunks = undefined
    return result
  }
  return () => {
    isOver = true
    chunks = undefined
  }
}

/** Status and fields of a response, as they are about to be written: those that were set, and then those handed over. */
function headOf(
  res: ServerResponse,
  [status, reason, given]: readonly unknown[],
): Pick<CapturedResponse, 'status' | 'fields'> {
  const section = new Map<string, Field>()
  // Not in the types of a response: names as they were written. Over HTTP/2 there are none but those in lower case.
  const { getRawHeaderNames } = res as unknown as { readonly getRawHeaderNames?: () => readonly string[] }
  for (const name of getRawHeaderNames?.call(res) ?? res.getHeaderNames()) {
    replace(section, name, res.getHeader(name))
  }
  handOver(section, typeof reason === 'string' ? given : (reason ?? given))
  const closed = (section.get('connection')?.values ?? []).flatMap((text) => text.toLowerCase().split(','))
  const hops = new Set(closed.map((name) => name.trim()))
  const fields: string[] = []
  for (const [lower, { name, values }] of section) {
    if (LEFT_OUT.has(lower) || hops.has(lower)) continue
    for (const value of values) fields.push(name, value)
  }
  return { status: Number(status) | 0, fields: fields satisfies Fields }
}

interface Field {
  readonly name: string
  readonly values: readonly string[]
}

/** Adds what was handed to `writeHead`: an object, a flat list, or a list of pairs. It replaces what was set. */
function handOver(section: Map<string, Field>, given: unknown): void {
  if (typeof given !== 'object' || given === null) return
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) replace(section, name, value)
    return
  }
  const list = (Array.isArray(given[0]) ? given.flat() : given) as readonly unknown[]
  const added = new Map<string, Field>()
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = String(list[i])
    const before = added.get(name.toLowerCase())?.values ?? []
    added.set(name.toLowerCase(), { name, values: [...before, ...textsOf(list[i + 1])] })
  }
  for (const [lower, field] of added) section.set(lower, field)
}

function replace(section: Map<string, Field>, name: string, value: unknown): void {
  section.set(name.toLowerCase(), { name, values: textsOf(value) })
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(String)
}
