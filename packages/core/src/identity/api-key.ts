import {
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Identification,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { isVisibleAscii, quotedString } from '../lib/chars.ts'
import type { Duration } from '../lib/duration.ts'
import { isPromiseLike } from '../lib/promise.ts'
import {
  at,
  optional,
  type OptionReaders,
  type Place,
  type Reader,
  readOptions,
  report,
  required,
} from '../options/read.ts'
import { callback, duration, fieldValue, textThat, token } from '../options/readers.ts'
import { isApiKeyPrefix, parseApiKey } from './api-key-format.ts'
import { type ApiKeyLookup, type ApiKeyPrincipal, findByCallback, findInList } from './api-key-lookup.ts'
import { type ApiKeyPlacement, PLACEMENT_READERS, placementOf } from './api-key-placement.ts'
import { type ApiKeyRecord, readRecords } from './api-key-records.ts'
import { type OnApiKeyUse, teller } from './api-key-use.ts'
import { withRequestParams } from './challenge.ts'

export type { ApiKeyLookup, ApiKeyPrincipal } from './api-key-lookup.ts'
export type { ApiKeyPlacement } from './api-key-placement.ts'
export type { ApiKeyRecord } from './api-key-records.ts'
export type { OnApiKeyUse, UsedApiKey } from './api-key-use.ts'

/** Options of {@link apiKey}. */
export interface ApiKeyOptions<Name extends string = 'apiKey'> extends ApiKeyPlacement {
  /** The keys, or a function that finds one. */
  readonly keys: readonly ApiKeyRecord[] | ApiKeyLookup
  /**
   * The prefix of keys that `generateApiKey` made. Once it is given, what has another prefix or a wrong checksum is
   * refused as malformed and never looked up (KEY-01).
   */
  readonly prefix?: string
  /**
   * For how long a good key that a function found is taken as found, without asking again: so long, and no longer, a
   * key that was revoked may go on to work. At most an hour. The function must then go by the key alone, whatever the
   * request.
   *
   * @default 0: it is asked for every request
   */
  readonly maxCacheAge?: Duration
  /**
   * Told of keys that are used, once a minute and key at most, after the request: to see which of them nobody uses any
   * more. Should it throw or reject, no request is the worse for it.
   */
  readonly onUse?: OnApiKeyUse
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

const MALFORMED: BadCredentials = bad(
  'credentials.malformed',
  'the key is empty, too long, or not of its form',
)

/**
 * Authenticates callers by a key: in a header, unless the options name another place.
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

const READERS = {
  ...PLACEMENT_READERS,
  keys: required<readonly ApiKeyRecord[] | ApiKeyLookup>(
    readKeys,
    'Write a list of keys, or a function that finds one.',
  ),
  prefix: optional(textThat(isApiKeyPrefix, 'a prefix of generated keys', "a prefix, such as 'acme_live'")),
  maxCacheAge: optional(duration('0s', '1h'), 0),
  onUse: optional(callback<OnApiKeyUse>('({ id, subject }, at) => { ... }')),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
  name: optional(token('a name', "a short name, such as 'partnerKey'")),
} satisfies OptionReaders<ApiKeyOptions>

function compile<Name extends string>(
  context: SchemeContext,
  options: ApiKeyOptions<Name>,
): CompiledScheme<ApiKeyPrincipal<Name>> {
  const { clock } = context
  const name = nameOf(options)
  const read = readOptions(context, options, READERS)
  const { keys = [], prefix, maxCacheAge = 0, onUse } = read ?? {}
  const placed = placementOf(context, read ?? {})
  if (maxCacheAge > 0 && typeof keys !== 'function') {
    report(
      at(context, 'maxCacheAge'),
      'contradiction',
      'is given, and the keys are a list: nothing is looked up.',
      'Leave it out.',
    )
  }
  const find =
    typeof keys === 'function'
      ? findByCallback(keys, name, clock, maxCacheAge)
      : findInList(keys, name, clock)
  const tell = onUse === undefined ? undefined : teller<ApiKeyPrincipal<Name>>(onUse, clock)
  const told: Told<Name> = (found) => (found.type === 'authenticated' && tell ? tell(found) : found)
  const challenge = `ApiKey realm=${quotedString(read?.realm ?? 'api')}, ${placed.challenge}`

  return {
    name,
    fields: placed.fields,
    ...(placed.queryFields !== undefined && { queryFields: placed.queryFields }),
    identify(request) {
      const presented = placed.read(request)
      if (typeof presented !== 'string') return presented
      if (!isKey(presented, prefix)) return MALFORMED
      const found = find(presented, request)
      return isPromiseLike(found) ? found.then(told) : told(found)
    },
    challenges: (params) => [withRequestParams(challenge, params)],
    describe: () => ({
      securitySchemes: { [name]: { type: 'apiKey', in: placed.in, name: placed.name } },
      alternatives: [[name]],
    }),
  }
}

/** Tells of a key that was used. */
type Told<Name extends string> = (
  found: Identification<ApiKeyPrincipal<Name>>,
) => Identification<ApiKeyPrincipal<Name>>

/** Whether the text can be a key at all: what cannot is never hashed, nor looked up. */
function isKey(presented: string, prefix: string | undefined): boolean {
  if (presented.length > MAX_LENGTH || !isVisibleAscii(presented)) return false
  return prefix === undefined || parseApiKey(presented)?.prefix === prefix
}

function nameOf<Name extends string>(options: ApiKeyOptions<Name>): Name {
  // The default of the type parameter is the default of the option; a wrong one is reported when it is compiled.
  const name: unknown = (options as ApiKeyOptions<Name> | undefined)?.name
  return (typeof name === 'string' ? name : 'apiKey') as Name
}

function readKeys(value: unknown, place: Place): readonly ApiKeyRecord[] | ApiKeyLookup | undefined {
  const read: Reader<readonly ApiKeyRecord[] | ApiKeyLookup> =
    typeof value === 'function' ? callback<ApiKeyLookup>('(presented) => a record or nothing') : readRecords
  return read(value, place)
}
