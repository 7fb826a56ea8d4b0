import type { RequestFacts } from '../contract/request.ts'
import { bad, type BadCredentials, NO_CREDENTIALS, type NoCredentials } from '../contract/scheme.ts'
import { isAlphaCode, isDigitCode, quotedString } from '../lib/chars.ts'
import { findCookie } from '../lib/cookies.ts'
import { at, optional, type OptionReader, type Place, report } from '../options/read.ts'
import { textThat, token } from '../options/readers.ts'
import { decodeComponent, queryValues } from './api-key-query.ts'

/** Where a request carries its key: one of them at most is given. */
export interface ApiKeyPlacement {
  /**
   * The request field that carries the key.
   *
   * @default 'X-API-Key'
   */
  readonly header?: string
  /**
   * The cookie that carries the key. A browser sends it along with whatever other sites make it ask for: it needs
   * `SameSite` and the name prefix `__Host-`, and a policy without `dangerouslyCrossSite`.
   */
  readonly cookie?: string
  /**
   * The query parameter that carries the key. It will be in the logs of every proxy and in the history of every
   * browser (ASVS 14.2.1): for a client that can send no field alone, with a key that opens little.
   */
  readonly dangerouslyQueryParameter?: string
}

/** Where keys are, ready to be read. */
export interface Placed {
  readonly fields: readonly string[]
  readonly queryFields?: readonly string[]
  /** The parameter of the challenge that says where the key goes. */
  readonly challenge: string
  /** As OpenAPI names it. */
  readonly in: 'header' | 'cookie' | 'query'
  readonly name: string
  /** The text in the place of the key, whatever it is, or why there is none. */
  readonly read: (request: RequestFacts) => string | NoCredentials | BadCredentials
}

const REPEATED: BadCredentials = Object.freeze(
  bad('credentials.repeated', 'there is more than one key in the place for the key'),
)
const UNREADABLE: BadCredentials = Object.freeze(
  bad(
    'credentials.malformed',
    'what is in the place for the key is not of the form of a cookie or parameter',
  ),
)

/** Fields with a grammar and a meaning of their own: a key in one of them would be taken for something else. */
const TAKEN: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'host'])

/** The readers of the placement; which of them was given is for {@link placementOf}. */
export const PLACEMENT_READERS: {
  readonly [K in keyof ApiKeyPlacement]-?: OptionReader<string | undefined>
} = {
  header: optional<string>(readHeader),
  cookie: optional(token('the name of a cookie', "a cookie name, such as '__Host-key'")),
  dangerouslyQueryParameter: optional(
    textThat(isParameterName, 'the name of a parameter', "a parameter name, such as 'api_key'"),
  ),
}

/** What {@link PLACEMENT_READERS} give. */
type Read = { readonly [K in keyof ApiKeyPlacement]: ApiKeyPlacement[K] | undefined }

/** The one place where keys are looked for: with two, one part of the house could read the one, another the other. */
export function placementOf(place: Place, { header, cookie, dangerouslyQueryParameter }: Read): Placed {
  const given = Object.entries({ header, cookie, dangerouslyQueryParameter }).filter(
    ([, name]) => name !== undefined,
  )
  for (const [option] of given.slice(1)) {
    report(
      at(place, option),
      'contradiction',
      'is given besides another place for the key.',
      'Write one place; anyOf takes keys from several.',
    )
  }
  if (cookie !== undefined) return inCookie(cookie)
  if (dangerouslyQueryParameter !== undefined) return inQuery(dangerouslyQueryParameter)
  return inHeader(header ?? 'X-API-Key')
}

function inHeader(name: string): Placed {
  const field = name.toLowerCase()
  return {
    fields: [field],
    challenge: `header=${quotedString(name)}`,
    in: 'header',
    name,
    read(request) {
      const value = request.headers[field]
      if (value === undefined) return NO_CREDENTIALS
      return request.count(field) > 1 || typeof value !== 'string' ? REPEATED : value
    },
  }
}

function inCookie(name: string): Placed {
  return {
    fields: ['cookie'],
    challenge: `cookie=${quotedString(name)}`,
    in: 'cookie',
    name,
    read(request) {
      const field = request.headers.cookie
      if (field === undefined) return NO_CREDENTIALS
      const found = findCookie(field, name)
      if (found.type === 'found') return found.value
      return found.type === 'none' ? NO_CREDENTIALS : found.type === 'repeated' ? REPEATED : UNREADABLE
    },
  }
}

function inQuery(name: string): Placed {
  return {
    fields: [],
    queryFields: [name],
    challenge: `query=${quotedString(name)}`,
    in: 'query',
    name,
    read(request) {
      const [value, second] = queryValues(request.query, name)
      if (value === undefined) return NO_CREDENTIALS
      return second === undefined ? (decodeComponent(value) ?? UNREADABLE) : REPEATED
    },
  }
}

function readHeader(value: unknown, place: Place): string | undefined {
  const name = token('the name of a header', "a header name, such as 'X-API-Key'")(value, place)
  if (name === undefined || !TAKEN.has(name.toLowerCase())) return name
  return report(
    place,
    'contradiction',
    `is "${name}", which carries something else.`,
    "Write 'X-API-Key' or the like.",
  )
}

/** Characters that no client escapes (RFC 3986 §2.3), so that there is one spelling of the name that is usual. */
function isParameterName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isAlphaCode(code) && !isDigitCode(code) && !'-._~'.includes(text.charAt(i))) return false
  }
  return text.length > 0 && text.length <= 64
}
