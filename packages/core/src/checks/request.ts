import { METHODS } from 'node:http'
import { PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import type { Guard } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { parseAuthority } from '../lib/authority.ts'
import { isVisibleAscii } from '../lib/chars.ts'
import { type PathProblem, pathProblem, splitTarget } from '../lib/path.ts'
import { MAX_FIELD_LINES } from '../request/facts.ts'

const SLASH = 0x2f

/**
 * TRACE echoes what a script may not read, TRACK is its twin, and CONNECT asks for a proxy (ASVS 13.4.4); TRACK is
 * refused by not being in the list of node:http.
 */
const ACCEPTED: ReadonlySet<string> = new Set(
  METHODS.filter((name) => name !== 'TRACE' && name !== 'CONNECT'),
)

/** RFC 9110 §15.5.6: a 405 must say what is allowed. Constant: what a path allows is the router's to say. */
const ALLOW = ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] as const

/** RFC 9112 §6.3: after a message whose length can be read in two ways, nothing on the connection is what it seems. */
const CLOSE = ['Connection', 'close'] as const

const METHOD: Refusal = Object.freeze(
  refuse('request.method-refused', 'TRACE, CONNECT, or a method that node:http does not know', ALLOW),
)
const TARGET: Refusal = malformed('the request-target has none of the forms that its method may have')
const FOREIGN: Refusal = malformed('the request-target names another host than the Host field')
const QUERY: Refusal = malformed('the query holds a character that no URI may hold')
const TWO_LENGTHS: Refusal = malformed('Content-Length came together with Transfer-Encoding', CLOSE)
const OLD_CODING: Refusal = malformed('Transfer-Encoding came with HTTP/1.0', CLOSE)

const PATH_REASONS: Readonly<Record<PathProblem, string>> = {
  'encoded-slash': 'the path has an encoded slash',
  'encoded-backslash': 'the path has an encoded backslash',
  'encoded-nul': 'the path has an encoded NUL',
  backslash: 'the path has a backslash',
  'double-slash': 'the path has an empty segment',
  'dot-segment': 'the path has a dot segment, raw or encoded',
  'bad-percent': 'the path has percent-encoding that is not well-formed UTF-8',
  control: 'the path has a space or control character',
  'non-ascii': 'the path has a character outside ASCII',
  'encoded-control': 'the path has an encoded control character',
  fragment: 'the path has a fragment',
}

/** A field that is counted on the one pass over the field lines. */
interface Watched {
  readonly name: string
  readonly bit: number
  readonly repeated: Refusal
}

const CONTENT_LENGTH: Watched = {
  name: 'content-length',
  bit: 1,
  repeated: malformed('there is more than one Content-Length', CLOSE),
}
const TRANSFER_ENCODING: Watched = {
  name: 'transfer-encoding',
  bit: 2,
  repeated: malformed('there is more than one Transfer-Encoding', CLOSE),
}
/** Fields with one value (RFC 9110 §5.3): of two, one reader takes the first and another the last. */
const SINGLETONS: readonly Watched[] = [
  'Authorization',
  'Content-Type',
  'Origin',
  'DPoP',
  'Idempotency-Key',
].map((name, index) => ({
  name: name.toLowerCase(),
  bit: 4 << index,
  repeated: Object.freeze(refuse('request.field-repeated', `there is more than one ${name} field`)),
}))

/** By the length of the name, which no two of them share: most field lines are passed over with one look. */
const WATCHED: readonly (Watched | undefined)[] = byLength([CONTENT_LENGTH, TRANSFER_ENCODING, ...SINGLETONS])

const TOO_MANY: Refusal = Object.freeze(
  refuse('connection.fields-too-large', `there are more than ${MAX_FIELD_LINES} field lines`, CLOSE),
)

/**
 * Compiles the check of a request's shape, ahead of every rule: whatever two readers could take differently is
 * refused, so that no rule decides about another request than the handler answers.
 *
 * @see RFC 9112 §3.2 (request-target), §6 (length); RFC 9110 §5.3 (field order), §9.3.8 (TRACE)
 */
export function compileRequest(): Guard {
  return { check: { name: 'request', decide }, response: undefined }
}

function decide(request: RequestFacts): Verdict {
  if (!ACCEPTED.has(request.method)) return METHOD
  return targetRefusal(request) ?? fieldsRefusal(request) ?? PASS
}

function targetRefusal(request: RequestFacts): Refusal | undefined {
  if (request.target.charCodeAt(0) !== SLASH) {
    const refusal = unusualTargetRefusal(request)
    if (refusal !== undefined) return refusal
  }
  const problem = pathProblem(request.path)
  if (problem !== undefined) return refuse('request.path-ambiguous', PATH_REASONS[problem])
  if (request.query === '') return undefined
  // No request-target has a fragment (RFC 9112 §3.2).
  return isVisibleAscii(request.query) && !request.query.includes('#') ? undefined : QUERY
}

/** RFC 9112 §3.2: what is not in origin-form is in absolute-form, or the `*` of OPTIONS. */
function unusualTargetRefusal(request: RequestFacts): Refusal | undefined {
  if (request.target === '*') return request.method === 'OPTIONS' ? undefined : TARGET
  const authority = splitTarget(request.target)?.authority
  if (authority === undefined) return TARGET
  return namesHost(request, authority) ? undefined : FOREIGN
}

/**
 * Whether the authority of an absolute-form target is the one of `Host`.
 *
 * RFC 9112 §3.2.2 has a server ignore `Host` here; whatever stands behind this one may not, so a difference is refused.
 */
function namesHost(request: RequestFacts, authority: string): boolean {
  const target = parseAuthority(authority)
  const host = parseAuthority(request.headers.host ?? '')
  if (target === undefined || host === undefined || target.host !== host.host) return false
  const standard = request.target.slice(0, 6).toLowerCase() === 'https:' ? 443 : 80
  return (target.port ?? standard) === (host.port ?? standard)
}

function fieldsRefusal(request: RequestFacts): Refusal | undefined {
  const { rawHeaders } = request
  if (rawHeaders.length > 2 * MAX_FIELD_LINES) return TOO_MANY
  let seen = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const watched = WATCHED[name.length]
    if (watched === undefined || !isNamed(name, watched.name)) continue
    if ((seen & watched.bit) !== 0) return watched.repeated
    seen |= watched.bit
  }
  if ((seen & TRANSFER_ENCODING.bit) === 0) return undefined
  // node:http refuses this, too, unless it was told to be lenient; an adapter may stand on another parser.
  if ((seen & CONTENT_LENGTH.bit) !== 0) return TWO_LENGTHS
  // RFC 9112 §6.1: such a message is to be treated as if its framing were faulty. node:http reads it as chunked.
  return request.httpVersion === '1.0' ? OLD_CODING : undefined
}

/** Compares field names of the same length without regard to case; `toLowerCase` would allocate for each of them. */
function isNamed(name: string, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    // Setting one bit folds the case of a letter; the only other pair in a field name that it folds is none.
    if ((name.charCodeAt(i) | 0x20) !== lower.charCodeAt(i)) return false
  }
  return true
}

function byLength(all: readonly Watched[]): readonly (Watched | undefined)[] {
  const table: (Watched | undefined)[] = Array.from({
    length: 1 + Math.max(...all.map((one) => one.name.length)),
  })
  for (const one of all) {
    if (table[one.name.length] !== undefined)
      throw new TypeError(`Two watched names have the length of ${one.name}.`)
    table[one.name.length] = one
  }
  return table
}

function malformed(reason: string, fields?: readonly string[]): Refusal {
  return Object.freeze(refuse('request.malformed', reason, fields))
}
