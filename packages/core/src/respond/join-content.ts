import { ServerResponse } from '../lib/http.ts'

/** What a response of node:http has besides what is documented; where it has it otherwise, content is written as always. */
interface Undocumented {
  /** The header section as text, once it is decided. */
  _header?: string | null
  /** Whether it was handed to the connection. */
  readonly _headerSent?: boolean
  /** Whether there may be content: not where HEAD was asked, nor with a 204 or 304. */
  readonly _hasBody?: boolean
  /** What the header section says of the length, where nobody set it. */
  _contentLength?: number | null
}

type End = (this: ServerResponse, chunk?: unknown, encoding?: unknown, callback?: unknown) => ServerResponse
type Response = ServerResponse & Undocumented

/** Longer content is not copied. */
const MAX_LENGTH = 65_536

// Called with their response as `this`.
/* oxlint-disable typescript/unbound-method */
const end = ServerResponse.prototype.end
const write = ServerResponse.prototype.write
/* oxlint-enable typescript/unbound-method */
const nodeEnd = end as End
/** Both are inherited, unless somebody has put his own in their place: an agent that looks at what is sent, say. */
const isNodes =
  !Object.hasOwn(ServerResponse.prototype, 'end') && !Object.hasOwn(ServerResponse.prototype, 'write')

/**
 * Has a response hand its header section and its content to the connection as one text, where it ends with all of its content.
 *
 * node:http hands over several buffers: a content that is a buffer by itself and, before Node 24, an empty text behind either. As one
 * text they cost no more than a response without content. The bytes are the same.
 *
 * It is for responses that nobody else writes to: what somebody put in the place of `write` or `end` before is left alone.
 */
export function joinContent(res: ServerResponse): void {
  if (isNodes && res.end === end && res.write === write) res.end = endWhole as ServerResponse['end']
}

function endWhole(this: Response, chunk?: unknown, encoding?: unknown, callback?: unknown): ServerResponse {
  const text = isFree(this) ? textOf(chunk, encoding) : undefined
  if (text === undefined) return nodeEnd.call(this, chunk, encoding, callback)
  const isText = typeof chunk === 'string'
  if (typeof this._header !== 'string') {
    this._contentLength = isText ? Buffer.byteLength(text) : text.length
    this.writeHead(this.statusCode)
  }
  const header = isToFollow(this) ? this._header : undefined
  if (typeof header !== 'string') return nodeEnd.call(this, chunk, encoding, callback)
  const whole = header + text
  // By itself a header section is written as latin1, and with a text as UTF-8. Of a character beyond latin1 a part would be left,
  // which may be the end of a line: `Content-Disposition` can have such characters, which node:http decodes itself.
  if (!isAscii(isText ? whole : header)) return nodeEnd.call(this, chunk, encoding, callback)
  this._header = whole
  const hear = typeof encoding === 'function' ? encoding : callback
  // Anything else in its place would be taken for content.
  return nodeEnd.call(this, typeof hear === 'function' ? hear : undefined)
}

/** Whether nobody has ended it, and nobody but node:http minds what is written to it. */
function isFree(res: Response): boolean {
  return !res.writableEnded && !res.destroyed && !res.strictContentLength && res.write === write
}

/** Whether content can stand behind the header section as it is. */
function isToFollow({ _headerSent, _hasBody, chunkedEncoding }: Response): boolean {
  return _headerSent === false && _hasBody === true && !chunkedEncoding
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

/** Content as text: of a buffer, the characters that have the codes of its bytes. `undefined` for what is left to node:http. */
function textOf(chunk: unknown, encoding: unknown): string | undefined {
  if (typeof chunk === 'string') return chunk.length <= MAX_LENGTH && isUtf8(encoding) ? chunk : undefined
  return Buffer.isBuffer(chunk) && chunk.length <= MAX_LENGTH ? chunk.toString('latin1') : undefined
}

function isUtf8(encoding: unknown): boolean {
  return (
    encoding === undefined ||
    encoding === null ||
    encoding === 'utf8' ||
    encoding === 'utf-8' ||
    typeof encoding === 'function'
  )
}
