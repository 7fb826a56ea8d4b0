import type { Records } from '../contract/store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import type { Duration } from '../lib/duration.ts'
import {
  fieldText,
  fitsContentDigest,
  type MessageSignature,
  readSignatures,
  signatureBase,
  type SignedMessage,
  stringOf,
} from '../lib/message-signature.ts'
import { at, optional, type OptionReaders, type Reader, report, required } from '../options/read.ts'
import { duration, having, list, text, textThat } from '../options/readers.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import type { JwtAlgorithm } from './jwt/algorithms.ts'
import { compileKeys, type JwtKey } from './jwt/keys.ts'
import { type CompiledKey, fitsSignature } from './jwt/signature.ts'

export type { SignedMessage } from '../lib/message-signature.ts'

/** Options of {@link messageVerifier}. */
export interface MessageVerifierOptions {
  /** The keys, each with its `kid`, by which messages choose it, and its one algorithm: HS256, RS256, PS512, ES256, ES384 or Ed25519. */
  readonly keys: JwtKey | readonly JwtKey[]
  /**
   * What a signature must cover, besides the `Content-Digest` of content: derived components and fields, such as `'@authority'`,
   * `'content-type'`, `'@query-param;name="id"'`.
   *
   * @default the method and the whole target: `@method` and `@target-uri`
   */
  readonly components?: readonly string[]
  /** The application that signatures must be for; others are passed over. */
  readonly tag?: string
  /**
   * How much older or newer than now a signature may be: 1 second to an hour.
   *
   * @default '5m'
   */
  readonly tolerance?: Duration
  /** Where nonces are remembered, so that no message is believed twice: each signature then needs a `nonce`. */
  readonly store?: Pick<Records, 'add'>
  /** @default the clock of this process */
  readonly clock?: Clock
}

/** Why a message is not to be believed. */
export type MessageProblem =
  /** A field is missing or not of its form, or covers what the message does not have. */
  | 'malformed'
  /** It names no key that is known. */
  | 'unknown-key'
  /** It names another algorithm than that of its key. */
  | 'wrong-algorithm'
  /** It does not cover what it must. */
  | 'uncovered'
  /** It was not made just now, or has expired. */
  | 'out-of-time'
  | 'bad-signature'
  /** The content is not that of its digest. */
  | 'bad-digest'
  /** It came before. */
  | 'replayed'

/** What became of a message. */
export type MessageVerdict =
  | {
      /** It is of the holder of the key, as far as its signature covers it. */
      readonly ok: true
      /** Whose key it was signed with: the `kid` of one of the options. */
      readonly kid: string
    }
  | {
      /** It is nobody's word: refuse it, and use nothing of it. */
      readonly ok: false
      /** Why, for the log; the sender is better told nothing of it. */
      readonly problem: MessageProblem
    }

/** Verifies HTTP messages. */
export interface MessageVerifier {
  /**
   * Verifies one message. Rejects when the store does: nobody knows whether it came before, so answer 503.
   *
   * @param content the content as it came, byte for byte; empty where there is none
   */
  readonly verify: (message: SignedMessage, content: string | Uint8Array) => Promise<MessageVerdict>
}

/** RFC 9421 §6.2.2: what the algorithms are called there. None is ever taken from a message. */
const NAMES: { readonly [A in JwtAlgorithm]?: string } = {
  HS256: 'hmac-sha256',
  RS256: 'rsa-v1_5-sha256',
  PS512: 'rsa-pss-sha512',
  ES256: 'ecdsa-p256-sha256',
  ES384: 'ecdsa-p384-sha384',
  Ed25519: 'ed25519',
}

const DIGEST = '"content-digest"'

const readKeys: Reader<readonly CompiledKey[]> = (value, place) => {
  const keys = compileKeys(place, value, 'verify')
  for (const [index, { alg, kid }] of keys.entries()) {
    const where = Array.isArray(value) ? at(place, index) : place
    if (kid === undefined)
      report(at(where, 'kid'), 'missing_option', 'is missing.', 'Write the keyid of its signatures.')
    if (NAMES[alg] === undefined) {
      const instead = `Write one of ${Object.keys(NAMES).join(', ')}.`
      report(at(where, 'alg'), 'contradiction', 'is no algorithm of signatures of messages.', instead)
    }
  }
  return keys
}

/** As a signature writes it: its name in quotes, its parameters after. */
const readComponent: Reader<string> = (value, place) => {
  const fits = (name: string): boolean =>
    /^@?[a-z0-9_-]+(?:;[a-z]+(?:="[\x20\x21\x23-\x5b\x5d-\x7e]*")?)*$/.test(name)
  const name = textThat(fits, 'a component', "'@method' or 'content-type'")(value, place)
  return name?.replace(/^[^;]+/, '"$&"')
}

const READERS = {
  keys: required(readKeys, "Write { alg: 'Ed25519', key: ..., kid: '...' }."),
  components: optional(list(readComponent, { example: "a list such as ['@method', '@target-uri']" }), [
    '"@method"',
    '"@target-uri"',
  ]),
  tag: optional(text('the tag of an application', "'my-app'")),
  tolerance: optional(duration('1s', '1h'), 5 * 60_000),
  store: optional(having<Pick<Records, 'add'>>('a store', 'memoryStore()', 'add')),
  clock: optional(having<Clock>('a clock', 'systemClock', 'now', 'monotonic'), systemClock),
} satisfies OptionReaders<MessageVerifierOptions>

const problem = (name: MessageProblem): MessageVerdict => Object.freeze({ ok: false, problem: name })

const MALFORMED = problem('malformed')

/**
 * Verifies signatures of HTTP messages (RFC 9421), and the digest of the content that they cover (RFC 9530).
 *
 * A message is believed when one of its signatures covers what it must, was made just now, with a key that is known and by
 * the one algorithm of that key. What a signature does not cover, anybody may have changed.
 *
 * @throws ConfigError with every mistake in the options at once
 * @example
 * const { verify } = messageVerifier({ keys: { alg: 'Ed25519', key: pem, kid: 'partner-1' } })
 * const { method, headers } = req
 * const verdict = await verify({ method, url: `https://api.example.com${req.url}`, headers }, body)
 */
export function messageVerifier(options: MessageVerifierOptions): MessageVerifier {
  const read = readOrThrow('messageVerifier', options, READERS, ['keys'])
  const { keys, components, tag, tolerance, store, clock } = read

  /** Everything that needs no store. */
  function judge(
    message: SignedMessage,
    content: string | Uint8Array,
    signature: MessageSignature,
  ): MessageProblem | CompiledKey {
    const { parameters } = signature
    const kid = stringOf(parameters.get('keyid'))
    const key = keys.find((one) => one.kid === kid)
    if (key === undefined) return 'unknown-key'
    const alg = parameters.get('alg')
    if (alg !== undefined && stringOf(alg) !== NAMES[key.alg]) return 'wrong-algorithm'
    const covers = (name: string): boolean => signature.components.includes(name)
    if (!components.every(covers) || (content.length > 0 && !covers(DIGEST))) return 'uncovered'
    const now = clock.now()
    const created = timeOf(parameters.get('created'))
    const expires = timeOf(parameters.get('expires') ?? String(Number.MAX_SAFE_INTEGER))
    if (!(Math.abs(now - created) <= tolerance && now < expires)) return 'out-of-time'
    const base = signatureBase(message, signature)
    if (base === undefined) return 'malformed'
    if (!fitsSignature(key, base, signature.signature)) return 'bad-signature'
    if (!covers(DIGEST)) return key
    return fitsContentDigest(fieldText(message, 'content-digest') ?? '', content) ? key : 'bad-digest'
  }

  async function remember(kid: string, { parameters }: MessageSignature): Promise<MessageVerdict> {
    if (store === undefined) return { ok: true, kid }
    const nonce = parameters.get('nonce')
    if (nonce === undefined) return MALFORMED
    // Of any length; what was signed is what was written.
    const key = `message:${sha256(`${kid} ${nonce}`).toString('base64url')}`
    const age = clock.now() - timeOf(parameters.get('created'))
    // As long as the message could be sent again, and a second for clocks that read whole ones.
    const kept: unknown = await store.add(key, '1', Math.ceil(tolerance - age) + 1_000)
    return kept === true ? { ok: true, kid } : problem('replayed')
  }

  return {
    async verify(message, content) {
      const signatures = [...(readSignatures(message)?.values() ?? [])].filter(
        ({ parameters }) => tag === undefined || stringOf(parameters.get('tag')) === tag,
      )
      let verdict = MALFORMED
      for (const signature of signatures) {
        const found = judge(message, content, signature)
        if (typeof found === 'string') verdict = problem(found)
        else return remember(found.kid ?? '', signature)
      }
      return verdict
    },
  }
}

/** A time in seconds as milliseconds; no number for what is none. */
function timeOf(value: string | undefined): number {
  return value !== undefined && /^\d{1,16}$/.test(value) ? Number(value) * 1_000 : Number.NaN
}
