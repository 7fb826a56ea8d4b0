import type { Records } from '../../contract/store.ts'
import type { Duration } from '../../lib/duration.ts'
import type { Secret } from '../../lib/secret.ts'
import {
  at,
  optional,
  type OptionReader,
  type OptionReaders,
  type Place,
  report,
  required,
} from '../../options/read.ts'
import { distinctList, duration, having, oneOf, options } from '../../options/readers.ts'
import { readSecret, SECRET_INSTEAD } from '../../options/secret.ts'
import type { JwtAlgorithm } from '../jwt/algorithms.ts'

/** A signature algorithm of DPoP proofs: one with a key pair. */
export type DpopAlgorithm = Exclude<JwtAlgorithm, 'HS256' | 'HS384' | 'HS512'>

/** Options of {@link dpop}. */
export interface DpopOptions {
  /**
   * The algorithms that proofs may be signed with; challenges name them.
   *
   * @default ['ES256', 'PS256', 'Ed25519', 'EdDSA'] - those of FAPI 2.0
   */
  readonly algorithms?: readonly DpopAlgorithm[]
  /**
   * How long after its `iat` a proof is good: 1 second to 10 minutes. For as long it is remembered.
   *
   * @default '60s'
   */
  readonly maxAge?: Duration
  /**
   * By how much the clock of a client may be fast: at most two minutes.
   *
   * @default '30s'
   */
  readonly clockSkew?: Duration
  /**
   * Demands a nonce of this server in every proof, so that none can be made in advance.
   *
   * @default absent, none is demanded
   */
  readonly nonce?: DpopNonceOptions
  /**
   * What becomes of tokens that come as `Authorization: Bearer`: all are refused, or those that are bound to nothing
   * are taken, while clients are moved to DPoP. A bound one never is.
   *
   * @default 'refuse'
   */
  readonly bearer?: 'refuse' | 'unbound'
  /**
   * Where used proofs are remembered: one that all instances share, or each would take a proof once.
   *
   * @default the `store` of the policy
   */
  readonly store?: Pick<Records, 'add'>
}

/** How nonces are made: alike by all instances that have the secret, and by nobody else. */
export interface DpopNonceOptions {
  /**
   * At least 32 bytes, random, the same for all instances. Of a list the first makes nonces and the others are taken,
   * too: to change the secret, put the new one in front and remove the old one after a lifetime.
   */
  readonly secret: DpopNonceSecret | readonly DpopNonceSecret[]
  /**
   * How long a nonce is good, 10 seconds to 1 hour. After half of it responses give a new one.
   *
   * @default '5m'
   */
  readonly lifetime?: Duration
}

/** A secret as bytes, or as base64url: `randomBytes(32).toString('base64url')`. */
export type DpopNonceSecret = string | Uint8Array | Secret

/** What can sign a proof; an HMAC cannot: whoever checks it could have made it. */
const ALGORITHM = oneOf<DpopAlgorithm>(
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'Ed25519',
  'EdDSA',
)

const DEFAULT_ALGORITHMS: readonly string[] = ['ES256', 'PS256', 'Ed25519', 'EdDSA']

const MAX_SECRETS = 4

/** {@link DpopOptions} as they were read. */
export interface DpopRead {
  readonly algorithms: readonly string[]
  readonly maxAge: number
  readonly clockSkew: number
  readonly nonce: { readonly secret: readonly Secret[] | undefined; readonly lifetime: number } | undefined
  readonly bearer: 'refuse' | 'unbound'
  readonly store: Pick<Records, 'add'> | undefined
}

/** The readers of {@link DpopOptions}. */
export const READERS: { readonly [K in keyof DpopRead]: OptionReader<DpopRead[K]> } = {
  algorithms: optional(
    distinctList(ALGORITHM, { min: 1, example: "algorithms, such as ['ES256']" }),
    DEFAULT_ALGORITHMS,
  ),
  maxAge: optional(duration('1s', '10m'), 60_000),
  clockSkew: optional(duration('0s', '120s'), 30_000),
  nonce: optional(
    options({
      secret: required(readSecrets, SECRET_INSTEAD),
      lifetime: optional(duration('10s', '1h'), 300_000),
    } satisfies OptionReaders<DpopNonceOptions>),
  ),
  bearer: optional(oneOf('refuse', 'unbound'), 'refuse'),
  store: optional(having<Pick<Records, 'add'>>('a store', 'memoryStore()', 'add')),
}

function readSecrets(value: unknown, place: Place): readonly Secret[] | undefined {
  const isList = Array.isArray(value)
  const given: readonly unknown[] = isList ? value : [value]
  if (given.length === 0 || given.length > MAX_SECRETS) {
    return report(place, 'out_of_range', 'does not have 1 to 4 secrets.', SECRET_INSTEAD)
  }
  const secrets = given.map((one, index) => readSecret(one, isList ? at(place, index) : place))
  const sound = secrets.filter((one) => one !== undefined)
  return sound.length === secrets.length ? sound : undefined
}
