import { hash } from 'node:crypto'
import { authorityOf, queryParameter } from './message-target.ts'
import { decodeBase64 } from './base64url.ts'
import { trimOws } from './chars.ts'

/*
 * HTTP Message Signatures (RFC 9421) and digests of content (RFC 9530), as far as a verifier needs them.
 */

/** A request, or the response to one, as it was sent. */
export interface SignedMessage {
  /** The method of a request. */
  readonly method?: string | undefined
  /** The whole target URI of a request, from the scheme to the query, as it was sent: nothing in it is normalized. */
  readonly url?: string | undefined
  /** The status of a response. */
  readonly status?: number | undefined
  /** The fields, with names in lower case, as node:http has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** One signature of a message, as its fields say it. */
export interface MessageSignature {
  /** What it covers, as it is written there: `"@method"`, `"content-digest"`, `"@query-param";name="id"`. */
  readonly components: readonly string[]
  /** The parameters, as they were written. */
  readonly parameters: ReadonlyMap<string, string>
  /** The value of `@signature-params`. */
  readonly text: string
  readonly signature: Buffer
}

/** Longer fields, and more signatures, are nobody's. */
const MOST = { field: 8_192, signatures: 4, components: 64 } as const

// RFC 9651 §3, §4.2, in the one spelling that §4.1 gives: what is signed is a serialization.
const KEY = '[a-z*][a-z0-9_.*-]*'
const STRING = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"`
const BARE = String.raw`(?:${STRING}|-?\d{1,15}|:[A-Za-z0-9+/]*={0,2}:|\?0|[A-Za-z*][\w!#$%&'*+.^${'`'}|~:/-]*)`
const PARAMETERS = `(?:;${KEY}(?:=${BARE})?)*`
const ITEM = `${STRING}${PARAMETERS}`
const LIST = String.raw`\((?:${ITEM}(?: ${ITEM})*)?\)`

/** A member of each of the fields: a list with parameters, or bytes. */
const MEMBERS = {
  input: new RegExp(`(${KEY})=(${LIST}${PARAMETERS})`, 'y'),
  bytes: new RegExp(`(${KEY})=:([A-Za-z0-9+/]*={0,2}):(?:${PARAMETERS})`, 'y'),
} as const

const COMMA = /[ \t]*,[ \t]*/y
const COMPONENT = new RegExp(ITEM, 'y')
const PARAMETER = new RegExp(`;(${KEY})(?:=(${BARE}))?`, 'y')

/** What each match of an expression gives, from one place on; the expressions are sticky. */
function* matches(expression: RegExp, text: string, from = 0): Generator<RegExpExecArray, number> {
  let at = from
  for (;;) {
    expression.lastIndex = at
    const match = expression.exec(text)
    if (match === null) return at
    yield match
    at += match[0].length
  }
}

/** The members of a dictionary; nothing when it is malformed, or says one twice. */
function readDictionary(text: string, member: RegExp): ReadonlyMap<string, string> | undefined {
  if (text.length > MOST.field) return undefined
  const found = new Map<string, string>()
  let at = 0
  for (;;) {
    member.lastIndex = at
    const [whole, name, value] = member.exec(text) ?? []
    if (whole === undefined || name === undefined || value === undefined || found.has(name)) return undefined
    found.set(name, value)
    at += whole.length
    if (at === text.length) return found
    COMMA.lastIndex = at
    const [comma] = COMMA.exec(text) ?? []
    if (comma === undefined) return undefined
    at += comma.length
  }
}

/** A field as one text: its lines joined, each without white space around it (RFC 9421 §2.1). */
export function fieldText({ headers }: SignedMessage, name: string): string | undefined {
  const given = Object.hasOwn(headers, name) ? headers[name] : undefined
  if (given === undefined) return undefined
  return (typeof given === 'string' ? [given] : given).map(trimOws).join(', ')
}

/** The signatures of a message, by their labels; nothing when a field is missing or malformed. */
export function readSignatures(message: SignedMessage): ReadonlyMap<string, MessageSignature> | undefined {
  const inputs = readDictionary(fieldText(message, 'signature-input') ?? '', MEMBERS.input)
  const signatures = readDictionary(fieldText(message, 'signature') ?? '', MEMBERS.bytes)
  if (inputs === undefined || signatures === undefined || inputs.size > MOST.signatures) return undefined
  const found = new Map<string, MessageSignature>()
  for (const [label, text] of inputs) {
    const signature = decodeBase64(signatures.get(label) ?? '')
    const read = signature === undefined || signature.length === 0 ? undefined : readInput(text, signature)
    if (read === undefined) return undefined
    found.set(label, read)
  }
  return found
}

function readInput(text: string, signature: Buffer): MessageSignature | undefined {
  const components: string[] = []
  let at = 1
  while (text[at] !== ')') {
    COMPONENT.lastIndex = at
    const [component = ''] = COMPONENT.exec(text) ?? []
    components.push(component)
    at += component.length
    if (text[at] === ' ') at++
  }
  const parameters = readParameters(text, at + 1)
  // RFC 9421 §2.5: each component occurs once.
  const isClear = new Set(components).size === components.length && components.length <= MOST.components
  return parameters && isClear ? { components, parameters, text, signature } : undefined
}

function readParameters(text: string, from: number): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  for (const [, name = '', value = '?1'] of matches(PARAMETER, text, from)) {
    if (found.has(name)) return undefined
    found.set(name, value)
  }
  return found
}

/** A parameter that is a string, as text. */
export function stringOf(value: string | undefined): string | undefined {
  return value?.startsWith('"') === true ? value.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') : undefined
}

/**
 * What is signed (RFC 9421 §2.5); nothing when it covers what the message does not have, or what nobody here understands:
 * then nobody can say what was signed.
 */
export function signatureBase(
  message: SignedMessage,
  { components, text }: MessageSignature,
): string | undefined {
  const lines: string[] = []
  for (const component of components) {
    const value = componentOf(message, component)
    // Of ASCII alone; a line more would be another component.
    if (value === undefined || !/^[\t\x20-\x7e]*$/.test(value)) return undefined
    lines.push(`${component}: ${value}`)
  }
  return [...lines, `"@signature-params": ${text}`].join('\n')
}

const NAME = /^"([^"\\]*)"$/
const QUERY_PARAMETER = /^"@query-param";name="([^"\\]*)"$/
const URI = /^(https?):\/\/([^/?#]+)([^?#]*)(\?[^#]*)?$/

function componentOf(message: SignedMessage, component: string): string | undefined {
  const [, name] = NAME.exec(component) ?? []
  if (name !== undefined && !name.startsWith('@')) return fieldText(message, name)
  if (name === '@status') return message.status === undefined ? undefined : String(message.status)
  const { method, url = '' } = message
  if (name === '@method') return method
  const [, scheme, authority = '', path = '', query = ''] = URI.exec(url) ?? []
  if (scheme === undefined) return undefined
  switch (name) {
    case '@target-uri':
      return url
    case '@scheme':
      return scheme
    case '@authority':
      return authorityOf(scheme, authority)
    case '@request-target':
      return `${path === '' ? '/' : path}${query}`
    case '@path':
      return path === '' ? '/' : path
    case '@query':
      // RFC 9421 §2.2.7: without a query it is a question mark alone.
      return query === '' ? '?' : query
    default: {
      const [, parameter] = QUERY_PARAMETER.exec(component) ?? []
      return parameter === undefined ? undefined : queryParameter(query, parameter)
    }
  }
}

const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
])

/** Whether a `Content-Digest` has a digest that is known, and none that is known and wrong (RFC 9530 §2). */
export function fitsContentDigest(field: string, content: string | Uint8Array): boolean {
  const members = readDictionary(field, MEMBERS.bytes)
  let fits = false
  for (const [name, value] of members ?? []) {
    const algorithm = DIGESTS.get(name)
    if (algorithm === undefined) continue
    if (hash(algorithm, content, 'base64') !== value) return false
    fits = true
  }
  return fits
}
