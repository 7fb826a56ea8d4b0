import { type Refusal, refuse } from '../../contract/check.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { isFieldValue, isNamed } from '../../lib/chars.ts'
import { MAX_FIELD_LINES } from '../../request/facts.ts'
import { namesMethod, OVERRIDE_FIELDS } from '../../request/method-override.ts'
import { CLOSE, malformed, OVERRIDDEN } from './refusals.ts'

/** A field that is looked at on the one pass over the field lines. */
interface Watched {
  readonly name: string
  /** What is noted of the first line of it; 0 when it may be repeated. */
  readonly bit: number
  /** The refusal of a second line; of a value that is not the method, where it may be repeated. */
  readonly refusal: Refusal
}

const CONTENT_LENGTH: Watched = {
  name: 'content-length',
  bit: 1,
  refusal: malformed('there is more than one Content-Length', CLOSE),
}
const TRANSFER_ENCODING: Watched = {
  name: 'transfer-encoding',
  bit: 2,
  refusal: malformed('there is more than one Transfer-Encoding', CLOSE),
}
/** Fields with one value (RFC 9110 §5.3): of two, one reader takes the first and another the last, or both as one. */
const SINGLETONS: readonly Watched[] = [
  'Authorization',
  'Content-Type',
  'Origin',
  'DPoP',
  'Idempotency-Key',
  // What a browser says of a request it sends for a page (Fetch Metadata, CORS): a page cannot set it, so two are forged.
  'Sec-Fetch-Site',
  'Sec-Fetch-Mode',
  'Sec-Fetch-Dest',
  'Access-Control-Request-Method',
].map((name, index) => ({
  name: name.toLowerCase(),
  bit: 4 << index,
  refusal: Object.freeze(refuse('request.field-repeated', `there is more than one ${name} field`)),
}))
const OVERRIDES: readonly Watched[] = OVERRIDE_FIELDS.map((name) => ({ name, bit: 0, refusal: OVERRIDDEN }))

/** By the length of the name, and then by {@link slotOf}: most field lines are passed over with one look. */
const WATCHED: readonly (readonly (Watched | undefined)[] | undefined)[] = byLength([
  CONTENT_LENGTH,
  TRANSFER_ENCODING,
  ...SINGLETONS,
  ...OVERRIDES,
])

const TOO_MANY: Refusal = Object.freeze(
  refuse('connection.fields-too-large', `there are more than ${MAX_FIELD_LINES} field lines`, CLOSE),
)
const TWO_LENGTHS: Refusal = malformed('Content-Length came together with Transfer-Encoding', CLOSE)
const OTHER_CODING: Refusal = malformed('the Transfer-Encoding is not chunked, and chunked alone', CLOSE)
const OLD_CODING: Refusal = malformed('Transfer-Encoding came with an HTTP before 1.1', CLOSE)
const CONTROL: Refusal = malformed('a field value holds a control character', CLOSE)

/** Looks at the field lines of a request, once. */
export function fieldsRefusal(request: RequestFacts): Refusal | undefined {
  const { rawHeaders } = request
  if (rawHeaders.length > 2 * MAX_FIELD_LINES) return TOO_MANY
  let seen = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const watched = watchedOf(name)
    if (watched === undefined) continue
    const isRefused =
      watched.bit === 0 ? !namesMethod(rawHeaders[i + 1] ?? '', request.method) : (seen & watched.bit) !== 0
    if (isRefused) return watched.refusal
    seen |= watched.bit
  }
  if (request.lenient === true && !hasCleanValues(rawHeaders)) return CONTROL
  return (seen & TRANSFER_ENCODING.bit) === 0 ? undefined : codingRefusal(request, seen)
}

/** node:http refuses some of this, too, unless it was told to be lenient; an adapter may stand on another parser. */
function codingRefusal(request: RequestFacts, seen: number): Refusal | undefined {
  if ((seen & CONTENT_LENGTH.bit) !== 0) return TWO_LENGTHS
  // RFC 9112 §6.1: such a message is to be treated as if its framing were faulty. node:http reads it as chunked.
  if (request.httpVersion !== '1.1') return OLD_CODING
  // RFC 9112 §6.1, §6.3: without a final chunked there is no telling where the content ends, and no other coding is
  // undone here: a handler would be given what it did not ask for.
  return request.headers['transfer-encoding']?.toLowerCase() === 'chunked' ? undefined : OTHER_CODING
}

function hasCleanValues(rawHeaders: readonly string[]): boolean {
  for (let i = 1; i < rawHeaders.length; i += 2) {
    if (!isFieldValue(rawHeaders[i] ?? '')) return false
  }
  return true
}

function watchedOf(name: string): Watched | undefined {
  const watched = WATCHED[name.length]?.[slotOf(name)]
  return watched !== undefined && isNamed(name, watched.name) ? watched : undefined
}

/** Two letters, folded: what no two watched names of one length share. */
function slotOf(name: string): number {
  return (name.charCodeAt(0) & 0x1f) + (name.charCodeAt(name.length - 4) & 0x1f)
}

function byLength(all: readonly Watched[]): readonly (readonly (Watched | undefined)[] | undefined)[] {
  const table: (Watched | undefined)[][] = []
  for (const one of all) {
    const slots = (table[one.name.length] ??= [])
    const slot = slotOf(one.name)
    if (slots[slot] !== undefined) throw new TypeError(`Two watched names have the slot of ${one.name}.`)
    slots[slot] = one
  }
  // Without holes, which would be looked for in the prototype.
  return Array.from(table, (slots) => slots && Array.from(slots))
}
