import { Mistakes } from '../contract/mistakes.ts'
import type { SchemeContext } from '../contract/scheme.ts'
import type { Duration } from '../lib/duration.ts'
import {
  at,
  isPlainObject,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  type Reader,
  readOptions,
  report,
} from '../options/read.ts'
import { duration, list, oneOf, text } from '../options/readers.ts'
import { ALGORITHMS, type JwtAlgorithm } from './jwt/algorithms.ts'
import { keyLoader, type KeySource } from './jwt/key-source.ts'
import type { Keyring } from './jwt/keyring.ts'
import { createRemoteKeyring } from './jwt/remote-keyring.ts'
import { createFetcher } from './remote/fetch-json.ts'
import { readRemoteUrl, REMOTE_READERS, type RemoteOptions, type UrlRules } from './remote/options.ts'

/** Options of {@link remoteKeys}. */
export interface RemoteKeysOptions extends RemoteOptions {
  /**
   * The URL of the key set (`jwks_uri`), https, whatever host it is on.
   *
   * @default what the metadata of the issuer name: OpenID Connect Discovery 1.0, or else RFC 8414
   */
  readonly url?: string
  /**
   * The algorithms that are accepted, of key pairs alone. A key of the set that does not name its algorithm is for the
   * first of these that its type fits, so that an issuer that signs by PS256 with such keys needs `['PS256']`.
   *
   * @default ['RS256', 'ES256', 'PS256', 'Ed25519', 'EdDSA']
   */
  readonly algorithms?: readonly JwtAlgorithm[]
  /**
   * The least time between two fetches that tokens with an unknown `kid` may cause: 1 second to 1 hour. So long a key
   * may be new before its tokens are accepted.
   *
   * @default '30s'
   */
  readonly cooldown?: Duration
  /**
   * How long keys are used before they are fetched again: 1 minute to 1 day. A `Cache-Control: max-age` of the answer
   * shortens it, to no less than one minute. So long a key that the issuer has withdrawn may still be good.
   *
   * @default '10m'
   */
  readonly maxAge?: Duration
  /**
   * How long after that the last keys are used while newer ones cannot be fetched: 0 to 30 days. Then requests are
   * answered with 503 (`dependency_unavailable`), since nobody knows whether their tokens are good.
   *
   * @default '1d'
   */
  readonly maxStale?: Duration
}

/** Keys that an issuer publishes: a description that the gate compiles. Made by {@link remoteKeys}. */
export interface RemoteKeys {
  /** Tells it apart from keys that are written out. */
  readonly type: 'remote-keys'
  /** As they were given: they are read when the gate is compiled. */
  readonly options: RemoteKeysOptions
}

/**
 * The keys of an issuer, fetched from its key set (JWKS) when they are needed, and kept.
 *
 * Only the configured URL is asked, or the metadata of the issuer and the URL that they name; never anything that a
 * token names. An answer must be JSON over https, small, in time, without a redirect, from a public address. Symmetric
 * and private keys, or two keys of one name, refuse the whole set.
 *
 * Keys are renewed ahead of time without a request waiting for it. A failing server is asked again after 1 second, then
 * 2, 4, up to 5 minutes, and the last keys are used for `maxStale`; the log tells so (`dependency.failed`). Tokens with
 * an unknown `kid` cause one fetch per `cooldown`, however many there are. A token without `kid` is refused when more
 * than eight keys could be meant.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option at once
 * @example
 * authenticate: jwt({
 *   issuer: 'https://id.example.com',
 *   audience: 'https://api.example.com',
 *   keys: remoteKeys({ url: 'https://id.example.com/keys', algorithms: ['ES256'] }),
 * })
 * @see RFC 7517 §5, RFC 8414, RFC 8725 §3.10, OpenID Connect Discovery 1.0
 */
export function remoteKeys(options: RemoteKeysOptions = {}): RemoteKeys {
  return Object.freeze({ type: 'remote-keys', options })
}

/** Whether a value is what {@link remoteKeys} makes. */
export function isRemoteKeys(value: unknown): value is RemoteKeys {
  return isPlainObject(value) && Object.getOwnPropertyDescriptor(value, 'type')?.value === 'remote-keys'
}

const DEFAULT_ALGORITHMS: readonly JwtAlgorithm[] = ['RS256', 'ES256', 'PS256', 'Ed25519', 'EdDSA']

const ASYMMETRIC: readonly JwtAlgorithm[] = (Object.keys(ALGORITHMS) as JwtAlgorithm[]).filter(
  (alg) => ALGORITHMS[alg].kty !== 'oct',
)

const READERS = {
  ...REMOTE_READERS,
  url: optional(text('a URL', "the URL of the key set, such as 'https://id.example.com/keys'")),
  algorithms: optional(readAlgorithms, DEFAULT_ALGORITHMS),
  cooldown: optional(duration('1s', '1h'), 30_000),
  maxAge: optional(duration('1m', '1d'), 600_000),
  maxStale: optional(duration('0s', '30d'), 86_400_000),
} satisfies OptionReaders<RemoteKeysOptions>

/**
 * Compiles the keys of an issuer; `undefined`, after a report, when they cannot be used.
 *
 * @param value `undefined` for those that the metadata of the issuer name, with every default
 */
export function compileRemoteKeys(
  place: Place,
  value: RemoteKeys | undefined,
  issuer: string,
  context: SchemeContext,
): Keyring | undefined {
  const read = readOptions(place, value === undefined ? {} : value.options, READERS)
  if (read === undefined) return undefined
  const source = readSource(place, read, issuer)
  if (source === undefined) return undefined
  const { clock } = context
  const fetcher = createFetcher(read)
  context.onClose(() => fetcher.close())
  const load = keyLoader(source, read.algorithms, fetcher, clock, read.dangerouslyAllowHttp)
  const ring = createRemoteKeyring(read, clock, load)
  context.onKeySet?.({ issuer, ageMs: ring.ageMs })
  return ring
}

function readSource(place: Place, read: OptionsRead<typeof READERS>, issuer: string): KeySource | undefined {
  if (read.url !== undefined) {
    const jwksUri = readRemoteUrl(at(place, 'url'), read.url, read)
    return jwksUri === undefined ? undefined : { jwksUri }
  }
  return mayDiscover(issuer, read)
    ? { issuer }
    : report(
        place,
        'missing_option',
        'names no keys, and the issuer is no public https URL that could be asked for them.',
        "Write the keys, remoteKeys({ url: 'https://...' }), or what an issuer of your own network needs: allowPrivateAddresses.",
      )
}

/** RFC 8414 §2: an issuer that has metadata is a URL of https without query and fragment. */
function mayDiscover(issuer: string, rules: UrlRules): boolean {
  if (issuer.includes('?')) return false
  const nowhere = new Mistakes()
  return readRemoteUrl({ mistakes: nowhere, path: '' }, issuer, rules) !== undefined
}

function readAlgorithms(value: unknown, place: Place): readonly JwtAlgorithm[] | undefined {
  const read = list(asymmetric, { min: 1, example: "algorithms of key pairs, such as ['ES256']" })(
    value,
    place,
  )
  if (read !== undefined && new Set(read).size !== read.length) {
    report(place, 'duplicate_value', 'names an algorithm twice.', 'Leave one out.')
  }
  return read
}

const asymmetric: Reader<JwtAlgorithm> = (value, place) => {
  if (
    typeof value !== 'string' ||
    !Object.hasOwn(ALGORITHMS, value) ||
    ASYMMETRIC.includes(value as JwtAlgorithm)
  ) {
    return oneOf(...ASYMMETRIC)(value, place)
  }
  return report(
    place,
    'unsafe_value',
    'is an algorithm of shared secrets, which nobody may publish.',
    'Write the algorithm of a key pair, and secrets as { alg, key }.',
  )
}
