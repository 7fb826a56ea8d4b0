import { decodeBase64url } from '../../lib/base64url.ts'
import { member, type Members, readJsonPart } from './json-part.ts'
import type { Candidates, Keyring } from './keyring.ts'
import { type Rejection, rejection } from './rejection.ts'
import { fitsSignature } from './signature.ts'
import { compileTypeRule } from './token-type.ts'

/** A JWS in compact form, taken apart: nothing of it may be believed yet. */
export interface ParsedJws {
  readonly ok: true
  readonly header: Members
  readonly payload: Buffer
  readonly signature: Buffer
  /** What is signed: the first two parts, as they came. */
  readonly signed: string
}

/** What a JWS must be before anybody reads its payload. */
export interface JwsRules {
  readonly keyring: Keyring
  /** The only `typ`; `undefined` for those of access tokens. */
  readonly typ: string | undefined
}

const TOO_LONG = rejection('token.malformed', 'the token is longer than the policy allows')
const NOT_COMPACT = rejection('token.malformed', 'the token does not have three parts')
const NOT_BASE64URL = rejection('token.malformed', 'a part of the token is not canonical base64url')
const BAD_HEADER = rejection(
  'token.malformed',
  'the header of the token is not a JSON object with distinct names',
)
const NO_ALGORITHM = rejection('token.malformed', 'the header of the token names no algorithm')
const WRONG_ALGORITHM = rejection('token.wrong-algorithm', 'no key is for the algorithm of the token')
const CRITICAL = rejection(
  'token.malformed',
  'the header of the token asks for an extension that is not supported',
)
const OWN_KEY = rejection('token.unknown-key', 'the token brings a key of its own')
const WRONG_TYPE = rejection('token.wrong-type', 'the type of the token is not that of an access token')
const BAD_KEY_ID = rejection('token.malformed', 'the "kid" of the token is not a text')
const UNKNOWN_KEY = rejection('token.unknown-key', 'no key has the "kid" of the token')
const BAD_SIGNATURE = rejection('token.bad-signature', 'the signature does not fit the token')

/** Whether to believe a key that comes with a token is never a question (JWT-05, RFC 8725 §3.10). */
const OWN_KEY_MEMBERS = ['jwk', 'jku', 'x5u', 'x5c'] as const

/** The first part of a token, read. */
interface HeaderRead {
  readonly ok: true
  readonly header: Members
}

/** Reads the first part of a token. */
type HeaderReader = (part: string) => HeaderRead | Rejection

function readHeader(part: string): HeaderRead | Rejection {
  const bytes = decodeBase64url(part)
  if (bytes === undefined) return NOT_BASE64URL
  const header = readJsonPart(bytes)
  return header === undefined ? BAD_HEADER : { ok: true, header }
}

/** Compiles a reader that knows the header it read last by its text: an issuer writes the same one into all its tokens. */
export function compileHeaderReader(): HeaderReader {
  let text: string | undefined
  let last: HeaderRead | undefined
  return (part) => {
    if (last !== undefined && part === text) return last
    const read = readHeader(part)
    if (read.ok) {
      last = read
      // A copy: the part is a slice, with which the whole token would stay in memory.
      text = Buffer.from(part, 'latin1').toString('latin1')
    }
    return read
  }
}

/** Takes a token apart: linear in its bounded length. Never throws. */
export function parseJws(
  token: string,
  maxTokenLength: number,
  read: HeaderReader = readHeader,
): ParsedJws | Rejection {
  if (token.length > maxTokenLength) return TOO_LONG
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 0 || second < 0 || token.includes('.', second + 1)) return NOT_COMPACT
  const payload = decodeBase64url(token.slice(first + 1, second))
  const signature = decodeBase64url(token.slice(second + 1))
  if (payload === undefined || signature === undefined) return NOT_BASE64URL
  const head = read(token.slice(0, first))
  return head.ok
    ? { ok: true, header: head.header, payload, signature, signed: token.slice(0, second) }
    : head
}

/** Checks a signature: `undefined` when it fits. At once, unless keys have to be fetched. */
export type SignatureCheck = (jws: ParsedJws) => Rejection | undefined | Promise<Rejection | undefined>

/** Compiles the check of a signature: it reads nothing of the payload (JWT-15), and it never throws. */
export function compileSignatureCheck(rules: JwsRules): SignatureCheck {
  const { keyring } = rules
  const isRightType = compileTypeRule(rules.typ)

  return (jws) => {
    const { header } = jws
    const alg = member(header, 'alg')
    if (typeof alg !== 'string') return NO_ALGORITHM
    const kid = member(header, 'kid')
    // RFC 7515 §4.1.4: the value MUST be a string.
    if (kid !== undefined && typeof kid !== 'string') return BAD_KEY_ID
    // Whatever can be refused without a key is, before somebody's token makes us fetch one.
    const problem = findHeaderProblem(header, isRightType)
    if (problem !== undefined) return problem
    const keys = keyring.candidates(alg, kid)
    return keys instanceof Promise ? keys.then((late) => check(jws, late)) : check(jws, keys)
  }
}

function findHeaderProblem(header: Members, isRightType: (typ: unknown) => boolean): Rejection | undefined {
  // RFC 7515 §4.1.11: no extension is supported, so every `crit`, the empty one too, is refused. RFC 7797 §6: a
  // recipient that knows no `b64` would check a signature over other bytes.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return CRITICAL
  for (const name of OWN_KEY_MEMBERS) if (Object.hasOwn(header, name)) return OWN_KEY
  return isRightType(member(header, 'typ')) ? undefined : WRONG_TYPE
}

function check({ signed, signature }: ParsedJws, keys: Candidates): Rejection | undefined {
  if (keys === undefined) return WRONG_ALGORITHM
  if ('ok' in keys) return keys
  if (keys.length === 0) return UNKNOWN_KEY
  for (const key of keys) if (fitsSignature(key, signed, signature)) return undefined
  return BAD_SIGNATURE
}
