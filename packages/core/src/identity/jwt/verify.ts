import type { Clock } from '../../lib/clock.ts'
import { type ClaimRules, compileClaims, type RegisteredClaims } from './claims.ts'
import { type Members, readJsonPart } from './json-part.ts'
import { compileJws, type JwsRules } from './jws.ts'
import { type Rejection, rejection } from './rejection.ts'

/** A token that is accepted. */
export interface VerifiedToken {
  readonly ok: true
  readonly header: Members
  readonly claims: Members & RegisteredClaims
}

/** Everything that a token is measured by. */
export interface VerifierRules extends JwsRules, ClaimRules {}

/** Verifies a token; never throws. */
export type Verifier = (token: string) => VerifiedToken | Rejection

const BAD_CLAIMS = rejection(
  'token.malformed',
  'the claims of the token are not a JSON object with distinct names',
)

/** Compiles the verifier: the signature first, then the claims (JWT-15). */
export function compileVerifier(rules: VerifierRules, clock: Clock): Verifier {
  const verifyJws = compileJws(rules)
  const findClaimProblem = compileClaims(rules, clock)

  return (token) => {
    const jws = verifyJws(token)
    if (!jws.ok) return jws
    const claims = readJsonPart(jws.payload)
    if (claims === undefined) return BAD_CLAIMS
    const problem = findClaimProblem(jws.header, claims)
    // The rules have looked at every registered claim.
    return problem ?? { ok: true, header: jws.header, claims: claims as Members & RegisteredClaims }
  }
}
