import { createHash, type JsonWebKey } from 'node:crypto'
import type { RequestFacts } from '../../src/contract/request.ts'
import { authenticated, bad, type CompiledScheme, type Identification } from '../../src/contract/scheme.ts'
import { dpop, type DpopOptions } from '../../src/identity/dpop.ts'
import { jwkThumbprint } from '../../src/identity/jwk-thumbprint.ts'
import { ALGORITHMS, type JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { createSignature, keyInput } from '../../src/identity/jwt/signature.ts'
import {
  type CompiledTokens,
  type TokenPrincipal,
  type TokenScheme,
  tokenScheme,
} from '../../src/identity/tokens.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { facts, type FactsInit } from './facts.ts'
import { compiled } from './schemes.ts'
import { NOW, type Pair, pairFor, part } from './tokens.ts'

/** The public half of a pair, as a proof brings it. */
export function publicJwk(pair: Pair): JsonWebKey {
  return pair.publicKey.export({ format: 'jwk' })
}

/** The thumbprint of a pair, as a token names it. */
export function thumbprintOf(pair: Pair): string {
  return jwkThumbprint(publicJwk(pair)) ?? ''
}

/** The tokens of the tests, and what each says of its `cnf`. */
export function testTokens(
  confirmations: Readonly<Record<string, unknown>>,
  more: Partial<CompiledTokens> & { readonly late?: boolean } = {},
): TokenScheme {
  const { late = false, ...given } = more
  return tokenScheme('test', () => ({
    name: 'test',
    realm: 'api',
    queryToo: false,
    verify(token) {
      const verdict = Object.hasOwn(confirmations, token)
        ? authenticated<TokenPrincipal>(holder(confirmations[token]))
        : bad('token.malformed', 'nobody issued it')
      return late ? Promise.resolve(verdict) : verdict
    },
    describe: () => ({
      securitySchemes: { test: { type: 'http', scheme: 'bearer' } },
      alternatives: [['test']],
    }),
    ...given,
  }))
}

function holder(cnf: unknown): TokenPrincipal {
  const claims = cnf === undefined ? {} : { cnf }
  return { scheme: 'test', subject: 'alice', issuer: undefined, scopes: [], roles: [], claims }
}

/** The token that is bound to the ES256 pair of the tests. */
export const TOKEN = 'bound-token'
/** A token that is bound to nothing. */
export const FREE_TOKEN = 'free-token'

/** Both tokens. */
export function tokens(more: Parameters<typeof testTokens>[1] = {}): TokenScheme {
  return testTokens({ [TOKEN]: { jkt: thumbprintOf(pairFor('ES256')) }, [FREE_TOKEN]: undefined }, more)
}

/** What a test says about its proof; the rest is right for {@link request}. */
export interface ProofInit {
  readonly alg?: JwtAlgorithm
  readonly pair?: Pair
  /** Members of the header in place of those that are right; `undefined` takes one away. */
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly token?: string
}

let proofs = 0

/** The `ath` of a token. */
export function athOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A signed proof, with a `jti` of its own. */
export function proofOf(init: ProofInit = {}): string {
  const { alg = 'ES256', pair = pairFor(alg), token = TOKEN } = init
  proofs += 1
  const header = { typ: 'dpop+jwt', alg, jwk: publicJwk(pair), ...init.header }
  const claims = {
    jti: `proof-${proofs}`,
    htm: 'GET',
    htu: 'https://api.example.com/orders',
    iat: NOW,
    ath: athOf(token),
    ...init.claims,
  }
  return signedText(JSON.stringify(header), JSON.stringify(claims), alg, pair)
}

/** A header and a payload as they are, signed. */
export function signedText(
  header: string,
  payload: string,
  alg: JwtAlgorithm = 'ES256',
  pair: Pair = pairFor(alg),
): string {
  const signed = `${part(header)}.${part(payload)}`
  const algorithm = ALGORITHMS[alg]
  const key = { alg, algorithm, kid: undefined, key: pair.privateKey, signatureBytes: 0 }
  const signature = createSignature({ ...key, input: keyInput(algorithm, pair.privateKey) }, signed)
  return `${signed}.${signature.toString('base64url')}`
}

/** A request with a token and proofs. */
export function request(
  proof: string | readonly string[] | undefined = proofOf(),
  init: FactsInit & { readonly authorization?: string } = {},
): RequestFacts {
  const { authorization = `DPoP ${TOKEN}`, fields = [], ...given } = init
  const lines = typeof proof === 'string' ? [proof] : (proof ?? [])
  return facts({
    path: '/orders',
    target: '/orders',
    ...given,
    fields: [
      ['Host', 'api.example.com'],
      ['Authorization', authorization],
      ...lines.map((line) => ['DPoP', line] as const),
      ...fields,
    ],
  })
}

/** The scheme over both tokens. */
export function scheme(
  options: DpopOptions = {},
  clock: MovableClock = movableClock(),
  more: Parameters<typeof testTokens>[1] = {},
): CompiledScheme<TokenPrincipal> {
  return compiled(dpop(tokens(more), options), clock)
}

/** What the scheme finds, at once. */
export function found(
  ready: CompiledScheme<TokenPrincipal>,
  asked: RequestFacts,
): Identification<TokenPrincipal> {
  const result = ready.identify(asked)
  if (result instanceof Promise) throw new Error('identify gave a promise')
  return result
}
