import type { Clock } from '../../lib/clock.ts'
import { type ClaimRules, compileClaims, type RegisteredClaims } from './claims.ts'
import { member, type Members, readJsonPart } from './json-part.ts'
import { compileHeaderReader, compileSignatureCheck, type JwsRules, type ParsedJws, parseJws } from './jws.ts'
import { type Rejection, rejection } from './rejection.ts'

/** Everything that a token of one issuer is measured by. */
export interface VerifierRules extends JwsRules, ClaimRules {}

/** A token that is accepted. */
export interface VerifiedToken<R extends VerifierRules = VerifierRules> {
  readonly ok: true
  readonly claims: Members & RegisteredClaims
  /** The rules of its issuer. */
  readonly rules: R
  /** Of the keys before any of them was tried: whoever remembers the token looks whether they are the same still. */
  readonly generation: number
}

/** What becomes of a token. */
export type TokenResult<R extends VerifierRules = VerifierRules> = VerifiedToken<R> | Rejection

/** Verifies a token: at once, unless keys have to be fetched. Never throws. */
export type Verifier<R extends VerifierRules = VerifierRules> = (
  token: string,
) => TokenResult<R> | Promise<TokenResult<R>>

const BAD_CLAIMS = rejection(
  'token.malformed',
  'the claims of the token are not a JSON object with distinct names',
)
const NO_ISSUER = rejection('token.claim-malformed', 'the token has no "iss" that is a text')
const UNKNOWN_ISSUER = rejection('token.wrong-issuer', 'the token comes from no issuer of the policy')

/**
 * Compiles the verifier of one or several issuers: the signature first, then the claims (JWT-15).
 *
 * Where there are several, the `iss` of the token chooses whose keys its signature is checked with, and nothing else:
 * a token that names an issuer has to be signed by a key of that issuer (JWT-10, RFC 8725 §3.8).
 */
export function compileVerifier<R extends VerifierRules>(
  issuers: readonly R[],
  maxTokenLength: number,
  clock: Clock,
): Verifier<R> {
  const compiled = new Map(issuers.map((rules) => [rules.issuer, compileIssuer(rules, clock)]))
  const only = compiled.size === 1 ? [...compiled.values()][0] : undefined
  const readHeader = compileHeaderReader()

  return (token) => {
    const jws = parseJws(token, maxTokenLength, readHeader)
    if (!jws.ok) return jws
    if (only !== undefined) return only(jws)
    const claims = readJsonPart(jws.payload)
    if (claims === undefined) return BAD_CLAIMS
    const iss = member(claims, 'iss')
    if (typeof iss !== 'string') return NO_ISSUER
    const verify = compiled.get(iss)
    return verify === undefined ? UNKNOWN_ISSUER : verify(jws)
  }
}

function compileIssuer<R extends VerifierRules>(
  rules: R,
  clock: Clock,
): (jws: ParsedJws) => TokenResult<R> | Promise<TokenResult<R>> {
  const findSignatureProblem = compileSignatureCheck(rules)
  const findClaimProblem = compileClaims(rules, clock)

  function conclude(
    { header, payload }: ParsedJws,
    wrong: Rejection | undefined,
    generation: number,
  ): TokenResult<R> {
    if (wrong !== undefined) return wrong
    const claims = readJsonPart(payload)
    if (claims === undefined) return BAD_CLAIMS
    const problem = findClaimProblem(header, claims)
    // The rules have looked at every registered claim.
    return problem ?? { ok: true, claims: claims as Members & RegisteredClaims, rules, generation }
  }

  return (jws) => {
    // Asked afterwards, it could be that of keys which were fetched, or given up, since (JWT-21).
    const generation = rules.keyring.generation()
    const wrong = findSignatureProblem(jws)
    return wrong instanceof Promise
      ? wrong.then((late) => conclude(jws, late, generation))
      : conclude(jws, wrong, generation)
  }
}
