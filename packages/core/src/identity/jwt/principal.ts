import { withError } from '../../contract/check.ts'
import { withCaller } from '../../contract/known-caller.ts'
import { type Authenticated, bad, type BadCredentials } from '../../contract/scheme.ts'
import type { StoreCall } from '../../contract/store.ts'
import type { Clock } from '../../lib/clock.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import { isToken68, MALFORMED_BEARER } from '../bearer.ts'
import type { Revocations, Revoked } from '../revocations.ts'
import type { CompiledTokens, TokenPrincipal, TokenVerdict } from '../tokens.ts'
import { type Access, freezeDeep, grantsOf } from './access.ts'
import type { RegisteredClaims } from './claims.ts'
import { Doorkeeper, fingerprintOf } from './doorkeeper.ts'
import type { IssuerRules } from './issuers.ts'
import type { Members } from './json-part.ts'
import { badOf } from './rejection.ts'
import { type Cacheable, digestOf, TokenCache } from './token-cache.ts'
import { compileVerifier, type TokenResult } from './verify.ts'

/**
 * The bearer of a verified token.
 *
 * @typeParam Claims the claims that your issuer adds. The registered ones have been checked; these are your word:
 * name in `requiredClaims` what must be there, and check its form before you trust it.
 */
export interface JwtPrincipal<Claims extends object = Record<string, unknown>> extends TokenPrincipal {
  readonly scheme: 'jwt'
  /** The `iss` of the token. */
  readonly issuer: string
  /** Every claim of the token, as it was signed. */
  readonly claims: Readonly<Claims & RegisteredClaims>
}

/** How tokens are verified, besides the rules of their issuers. */
export interface VerifyRules {
  readonly maxTokenLength: number
  readonly maxCachedTokens: number
  readonly revocations: Revocations | undefined
}

/** A token that was verified, and what it said. */
interface Verified<Claims extends object> {
  readonly rules: IssuerRules
  /** Of the keys that verified it. */
  readonly generation: number
  readonly found: Authenticated<JwtPrincipal<Claims>>
}

/** One that is remembered: another token may have its fingerprint, and the digest says whose it is. */
interface Remembered<Claims extends object> extends Verified<Claims>, Cacheable {
  readonly digest: string
}

type Verdict<Claims extends object> = TokenVerdict<JwtPrincipal<Claims>>

const REVOKED: Readonly<Record<NonNullable<Revoked>, BadCredentials>> = {
  token: Object.freeze(bad('token.revoked', 'the token was revoked')),
  subject: Object.freeze(bad('token.revoked', 'the tokens of the subject were revoked after it was issued')),
  'lives-too-long': Object.freeze(
    bad('token.claim-malformed', 'the token lives longer than revocations are remembered, or has no "iat"'),
  ),
}
const UNKNOWN: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the store of the revocations threw or rejected'),
)

/**
 * Compiles how a token becomes a caller: from the cache, or by its signature and claims; and then, each time, by what
 * was revoked.
 */
export function compileVerify<Claims extends object>(
  issuers: readonly IssuerRules[],
  { maxTokenLength, maxCachedTokens, revocations }: VerifyRules,
  clock: Clock,
): CompiledTokens<JwtPrincipal<Claims>>['verify'] {
  const verify = compileVerifier(issuers, maxTokenLength, clock)
  const cache = new TokenCache<number, Remembered<Claims>>(maxCachedTokens)
  const doorkeeper = new Doorkeeper(maxCachedTokens)

  /** What is known of a token, when it is that token and its keys are the same still. */
  function recall(token: string): Verified<Claims> | undefined {
    // What is longer is never hashed.
    if (maxCachedTokens === 0 || token.length > maxTokenLength) return undefined
    const known = cache.get(fingerprintOf(token), clock.now())
    if (known === undefined || known.generation !== known.rules.keyring.generation()) return undefined
    return known.digest === digestOf(token) ? known : undefined
  }

  /** While there is room at once, and then when it comes again: tokens that come once fill half of each generation at most. */
  function remember(token: string, verified: Verified<Claims>): Verified<Claims> {
    const fingerprint = fingerprintOf(token)
    if (!cache.hasRoom && !doorkeeper.knows(fingerprint)) return verified
    const { rules, generation, found } = verified
    const { nbf, iat, exp } = found.principal.claims
    const known: Remembered<Claims> = {
      rules,
      generation,
      found: withCaller(found),
      digest: digestOf(token),
      from: Math.max(nbf ?? -Infinity, iat ?? -Infinity) * 1000 - rules.clockSkew,
      until: exp * 1000 + rules.clockSkew,
    }
    cache.set(fingerprint, known)
    return known
  }

  function conclude(
    token: string,
    result: TokenResult<IssuerRules>,
    call: StoreCall,
  ): Verdict<Claims> | Promise<Verdict<Claims>> {
    if (!result.ok) return badOf(result)
    const { claims, rules, generation } = result
    const access = rules.accessOf(claims)
    if (!access.ok) return badOf(access)
    const verified: Verified<Claims> = {
      rules,
      generation,
      found: Object.freeze({ type: 'authenticated', principal: principalOf<Claims>(claims, access) }),
    }
    return accept(maxCachedTokens > 0 ? remember(token, verified) : verified, call)
  }

  /** What changes while a token lives: its keys may be stale, and it may be revoked. */
  function accept(
    { rules, found }: Verified<Claims>,
    call: StoreCall,
  ): Verdict<Claims> | Promise<Verdict<Claims>> {
    const warning = rules.keyring.warning()
    const verdict = warning === undefined ? found : { ...found, warning }
    if (revocations === undefined) return verdict
    const { claims } = found.principal
    const { iss, sub, jti, iat, exp } = claims
    try {
      const revoked = revocations.find({ issuer: iss, subject: sub, jti, iat, exp }, call)
      if (!isPromiseLike(revoked)) return revoked === undefined ? verdict : REVOKED[revoked]
      return revoked.then(
        (late) => (late === undefined ? verdict : REVOKED[late]),
        (error: unknown) => withError(UNKNOWN, error),
      )
    } catch (error) {
      return withError(UNKNOWN, error)
    }
  }

  return (token, request) => {
    const known = recall(token)
    if (known !== undefined) return accept(known, request)
    if (!isToken68(token, 0)) return MALFORMED_BEARER
    const result = verify(token)
    return isPromiseLike(result)
      ? result.then((late) => conclude(token, late, request))
      : conclude(token, result, request)
  }
}

/** One object for every request that brings the token, so nothing of it can be changed. */
function principalOf<Claims extends object>(
  claims: Members & RegisteredClaims,
  access: Access,
): JwtPrincipal<Claims> {
  return Object.freeze({
    scheme: 'jwt',
    subject: claims.sub,
    issuer: claims.iss,
    ...grantsOf(claims, access),
    // The verifier has checked the registered claims; the others are what the caller of jwt() says they are.
    claims: freezeDeep(claims) as Claims & RegisteredClaims,
  })
}
