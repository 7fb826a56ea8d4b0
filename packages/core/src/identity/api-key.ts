import {
  bad,
  type BadCredentials,
  type ChallengeParams,
  type CompiledScheme,
  NO_CREDENTIALS,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { isVisibleAscii, quotedString } from '../lib/chars.ts'
import {
  optional,
  type OptionReaders,
  type Place,
  type Reader,
  readOptions,
  report,
  required,
} from '../options/read.ts'
import { callback, fieldValue, textThat, token } from '../options/readers.ts'
import { isApiKeyPrefix, parseApiKey } from './api-key-format.ts'
import { type ApiKeyLookup, type ApiKeyPrincipal, findByCallback, findInList } from './api-key-lookup.ts'
import { type ApiKeyRecord, readRecords } from './api-key-records.ts'

export type { ApiKeyLookup, ApiKeyPrincipal } from './api-key-lookup.ts'
export type { ApiKeyRecord } from './api-key-records.ts'

/** Options of {@link apiKey}. */
export interface ApiKeyOptions<Name extends string = 'apiKey'> {
  /** The keys, or a function that finds one. */
  readonly keys: readonly ApiKeyRecord[] | ApiKeyLookup
  /**
   * The request field that carries the key. A query never does: queries end up in logs (ASVS 14.2.1).
   *
   * @default 'X-API-Key'
   */
  readonly header?: string
  /**
   * The prefix of keys that `generateApiKey` made. Once it is given, what has another prefix or a wrong checksum is
   * refused as malformed and never looked up (KEY-01).
   */
  readonly prefix?: string
  /**
   * What the key is for, in the challenge.
   *
   * @default 'api'
   */
  readonly realm?: string
  /**
   * The name of the scheme and of `principal.scheme`, to tell two kinds of keys apart in `anyOf`.
   *
   * @default 'apiKey'
   */
  readonly name?: Name
}

/** Longer keys are no keys: the bound keeps hashing cheap. */
const MAX_LENGTH = 512

/** Fields with a grammar and a meaning of their own: a key in one of them would be taken for something else. */
const TAKEN: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'host'])

const MALFORMED: BadCredentials = bad(
  'credentials.malformed',
  'the key is empty, too long, or not of its form',
)
const REPEATED: BadCredentials = bad('credentials.repeated', 'the field of the key occurs more than once')

/**
 * Authenticates callers by a key in a header.
 *
 * Keys are kept as digests and found by digest, so no comparison of secrets can be timed (AUT-09). A key that is
 * unknown, expired or revoked gets one and the same answer; the log tells them apart.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and record at once
 * @example
 * authenticate: apiKey({ keys: [{ id: 'k1', hash: KEY_HASH, subject: 'billing', scopes: ['data:read'] }] })
 * @example
 * authenticate: apiKey({ prefix: 'acme_live', keys: (presented) => db.keys.findOne({ hash: hashApiKey(presented) }) })
 * @see OWASP ASVS 11.5.1, 13.2.1, 14.2.1
 */
export function apiKey<const Name extends string = 'apiKey'>(
  options: ApiKeyOptions<Name>,
): Scheme<ApiKeyPrincipal<Name>> {
  return { name: nameOf(options), compile: (context) => compile(context, options) }
}

interface Read {
  readonly keys: readonly ApiKeyRecord[] | ApiKeyLookup | undefined
  readonly header: string
  readonly prefix: string | undefined
  readonly realm: string
}

const READERS = {
  keys: required<readonly ApiKeyRecord[] | ApiKeyLookup>(
    readKeys,
    'Write a list of keys, or a function that finds one.',
  ),
  header: optional<string>(readHeader, 'X-API-Key'),
  prefix: optional(textThat(isApiKeyPrefix, 'a prefix of generated keys', "a prefix, such as 'acme_live'")),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
  name: optional(token('a name', "a short name, such as 'partnerKey'")),
} satisfies OptionReaders<ApiKeyOptions>

function compile<Name extends string>(
  context: SchemeContext,
  options: ApiKeyOptions<Name>,
): CompiledScheme<ApiKeyPrincipal<Name>> {
  const name = nameOf(options)
  const { keys, header, prefix, realm }: Read = readOptions(context, options, READERS) ?? {
    keys: undefined,
    header: 'X-API-Key',
    prefix: undefined,
    realm: 'api',
  }
  const field = header.toLowerCase()
  const now = (): number => context.clock.now()
  const find =
    typeof keys === 'function' ? findByCallback(keys, name, now) : findInList(keys ?? [], name, now)
  const challenge = `ApiKey realm=${quotedString(realm)}, header=${quotedString(header)}`

  return {
    name,
    fields: [field],
    identify(request) {
      const presented = request.headers[field]
      if (presented === undefined) return NO_CREDENTIALS
      if (request.count(field) > 1) return REPEATED
      if (typeof presented !== 'string' || !isKey(presented, prefix)) return MALFORMED
      return find(presented, request)
    },
    challenges: (params) => [challenge + paramsOf(params)],
  }
}

/** Whether the text can be a key at all: what cannot is never hashed, nor looked up. */
function isKey(presented: string, prefix: string | undefined): boolean {
  if (presented.length > MAX_LENGTH || !isVisibleAscii(presented)) return false
  return prefix === undefined || parseApiKey(presented)?.prefix === prefix
}

/** An API key is no token: what RFC 6750 §3.1 says about the request is said here too, what it says about tokens not. */
function paramsOf(params: ChallengeParams): string {
  let text = ''
  for (const [name, value] of params) {
    if (value !== 'invalid_token') text += `, ${name}=${quotedString(value)}`
  }
  return text
}

function nameOf<Name extends string>(options: ApiKeyOptions<Name>): Name {
  // The default of the type parameter is the default of the option; a wrong one is reported when it is compiled.
  const name: unknown = (options as ApiKeyOptions<Name> | undefined)?.name
  return (typeof name === 'string' ? name : 'apiKey') as Name
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

function readKeys(value: unknown, place: Place): readonly ApiKeyRecord[] | ApiKeyLookup | undefined {
  const read: Reader<readonly ApiKeyRecord[] | ApiKeyLookup> =
    typeof value === 'function' ? callback<ApiKeyLookup>('(presented) => a record or nothing') : readRecords
  return read(value, place)
}
