import { bad, type BadCredentials } from '../../contract/scheme.ts'
import type { Clock } from '../../lib/clock.ts'
import { sha256 } from '../../lib/digest.ts'
import type { DpopProof } from './proof.ts'
import { normaliseHtu } from './uri.ts'

const OTHER_METHOD = refusal('proof.mismatch', 'the DPoP proof was made for another method')
const OTHER_URI = refusal('proof.mismatch', 'the DPoP proof was made for another URI')
const OTHER_TOKEN = refusal('proof.mismatch', 'the DPoP proof was made for another token')
const TOO_OLD = refusal('proof.expired', 'the DPoP proof was made too long ago')
const TOO_NEW = refusal('proof.expired', 'the DPoP proof was made in the future')

function refusal(kind: BadCredentials['kind'], reason: string): BadCredentials {
  return Object.freeze(bad(kind, reason))
}

/** What a proof must have been made for. */
export interface ProofTarget {
  readonly method: string
  /** As `externalUri` spells it. */
  readonly uri: string
  readonly token: string
}

/** How long proofs are good. */
export interface ProofWindow {
  /** Compares a proof with what it came with: checks 8, 9, 11 and 12 of RFC 9449 §4.3, as far as they need no key. */
  readonly findProblem: (proof: DpopProof, target: ProofTarget) => BadCredentials | undefined
  /** For how many milliseconds from now the proof could be taken somewhere. */
  readonly remaining: (proof: DpopProof) => number
}

/** Compiles the comparison of a proof with its request, its token and the time. */
export function compileRules(maxAge: number, clockSkew: number, clock: Clock): ProofWindow {
  return {
    findProblem(proof, { method, uri, token }) {
      // RFC 9110 §9.1: methods are case-sensitive.
      if (proof.htm !== method) return OTHER_METHOD
      if (normaliseHtu(proof.htu) !== uri) return OTHER_URI
      if (proof.ath !== sha256(token).toString('base64url')) return OTHER_TOKEN
      const age = clock.now() - proof.iat * 1000
      if (age >= maxAge) return TOO_OLD
      return age < -clockSkew ? TOO_NEW : undefined
    },
    // The clock of another instance may be slow: the skew on top.
    remaining: (proof) => Math.max(1, Math.ceil(proof.iat * 1000 + maxAge + clockSkew - clock.now())),
  }
}
