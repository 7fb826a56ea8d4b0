import type { Fields } from '../contract/check.ts'
import type { SchemeDescription } from '../contract/description.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  bad,
  type BadCredentials,
  type ChallengeParams,
  type CompiledScheme,
  type Identification,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { quotedString } from '../lib/chars.ts'
import type { Clock } from '../lib/clock.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { at, readOptions } from '../options/read.ts'
import { bearerChallenge, QUERY_FIELDS } from './bearer.ts'
import { withParams } from './challenge.ts'
import { confirmationOf } from './dpop/confirmation.ts'
import { presentedToken } from './dpop/credentials.ts'
import { compileNonces } from './dpop/nonce.ts'
import { type DpopOptions, type DpopRead, READERS } from './dpop/options.ts'
import { type DpopProof, findSignatureProblem, readProof } from './dpop/proof.ts'
import { compileReplay } from './dpop/replay.ts'
import { compileRules } from './dpop/rules.ts'
import { externalUri } from './dpop/uri.ts'
import {
  type CompiledTokens,
  readTokenScheme,
  type TokenPrincipal,
  type TokenScheme,
  type TokenVerdict,
  unbound,
} from './tokens.ts'

export type { DpopAlgorithm, DpopNonceOptions, DpopNonceSecret, DpopOptions } from './dpop/options.ts'

const UNREADABLE = refusal('dependency.failed', 'the options of dpop cannot be used')
const AS_BEARER = refusal('token.unbound', 'the token came as a bearer token, and the policy wants DPoP')
const NOT_BOUND = refusal(
  'token.unbound',
  'the token came with a DPoP proof, and is not bound to a key alone',
)
const OTHER_KEY = refusal('token.unbound', 'the token is bound to another key than that of the DPoP proof')
const NO_PROOF = refusal('proof.malformed', 'the request has no DPoP proof')
const TWO_PROOFS = refusal('proof.malformed', 'the request has more than one DPoP field')
const NO_URI = refusal('proof.mismatch', 'the request names no resource that a DPoP proof could be for')

function refusal(kind: BadCredentials['kind'], reason: string): BadCredentials {
  return Object.freeze(bad(kind, reason))
}

/**
 * Takes access tokens from those alone who prove to hold the key that the token is bound to: a token that was stolen
 * opens nothing.
 *
 * A request has `Authorization: DPoP <token>` and one field `DPoP`, a proof that the key of the token's `cnf.jkt`
 * signed for this method, this URI and this token, a moment ago. Each proof is good once. The client hears
 * `invalid_dpop_proof` of a proof, `invalid_token` of a token and `use_dpop_nonce` of a nonce; the log knows more.
 *
 * The URI is that of the request-target, with the scheme and host that the policy's `proxy` setting believes. Behind a
 * proxy that changes paths no proof fits.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option of both at once
 * @example
 * authenticate: dpop(jwt({ issuer, audience }), { nonce: { secret: process.env.DPOP_NONCE_SECRET } })
 * @see RFC 9449
 */
export function dpop<P extends TokenPrincipal>(tokens: TokenScheme<P>, options: DpopOptions = {}): Scheme<P> {
  return { name: 'dpop', compile: (context) => compile(context, tokens, options) }
}

function compile<P extends TokenPrincipal>(
  context: SchemeContext,
  tokens: TokenScheme<P>,
  options: DpopOptions,
): CompiledScheme<P> {
  const compiled = readTokenScheme(tokens, context) && tokens.compileTokens(context)
  const read = readOptions(at(context, 'dpop'), options, READERS)
  const realm = compiled?.realm ?? 'api'
  const withBearer = read?.bearer === 'unbound'
  const dpopChallenge = `DPoP realm=${quotedString(realm)}, algs=${quotedString((read?.algorithms ?? []).join(' '))}`
  return {
    name: 'dpop',
    fields: ['authorization', 'dpop'],
    ...(compiled?.queryToo === true && { queryFields: QUERY_FIELDS }),
    // Without `unbound` a bearer token is refused here, and by no other scheme taken (DPP-16).
    authSchemes: ['dpop', 'bearer'],
    identify:
      compiled === undefined || read === undefined
        ? () => UNREADABLE
        : compileIdentify(compiled, read, read.store ?? context.store, context.clock),
    challenges(params) {
      const challenge = withParams(dpopChallenge, params)
      return withBearer ? [challenge, bearerChallenge(realm, params.filter(isForBearer))] : [challenge]
    },
    describe: () => describe(withBearer ? compiled?.describe() : undefined),
  }
}

/** A proof, and what it came with. */
interface Shown {
  readonly proof: DpopProof
  readonly uri: string
  readonly request: RequestFacts
}

function compileIdentify<P extends TokenPrincipal>(
  tokens: CompiledTokens<P>,
  read: DpopRead,
  store: Parameters<typeof compileReplay>[0],
  clock: Clock,
): CompiledScheme<P>['identify'] {
  const { bearer, clockSkew, maxAge, nonce } = read
  const algorithms: ReadonlySet<unknown> = new Set(read.algorithms)
  // The policy does not build; nothing is accepted in the meantime.
  if (nonce !== undefined && nonce.secret === undefined) return () => UNREADABLE
  const nonces = nonce?.secret && compileNonces(nonce.secret, nonce.lifetime, clock)
  const rules = compileRules(maxAge, clockSkew, clock)
  const use = compileReplay(store)

  /** What needs the token: whose key it is, then the one signature of the proof, then its one use. */
  function bind(
    verdict: TokenVerdict<P>,
    { proof, uri, request }: Shown,
    fields: Fields | undefined,
  ): Identification<P> | Promise<Identification<P>> {
    if (verdict.type !== 'authenticated') return verdict
    const bound = confirmationOf(verdict.principal, 'jkt')
    if (bound === undefined) return NOT_BOUND
    // From here on no key is imported but one that the issuer of the token has seen.
    if (bound !== proof.thumbprint) return OTHER_KEY
    const problem = findSignatureProblem(proof)
    if (problem !== undefined) return problem
    const good =
      fields === undefined ? verdict : { ...verdict, fields: [...(verdict.fields ?? []), ...fields] }
    const used = use(proof.jti, uri, proof.thumbprint, rules.remaining(proof), request)
    return isPromiseLike(used) ? used.then((late) => late ?? good) : (used ?? good)
  }

  function identifyBound(
    token: string,
    request: RequestFacts,
  ): Identification<P> | Promise<Identification<P>> {
    const field = request.headers['dpop']
    if (field === undefined) return NO_PROOF
    // Check 1 of RFC 9449 §4.3. node:http joins the lines of a field that it does not know.
    if (typeof field !== 'string' || request.count('dpop') !== 1) return TWO_PROOFS
    const proof = readProof(field, algorithms)
    if ('type' in proof) return proof
    const uri = externalUri(request)
    if (uri === undefined) return NO_URI
    const problem = rules.findProblem(proof, { method: request.method, uri, token })
    if (problem !== undefined) return problem
    const judged = nonces?.judge(proof.nonce)
    if (judged !== undefined && judged.type !== 'good') return judged
    const verdict = tokens.verify(token, request)
    return isPromiseLike(verdict)
      ? verdict.then((late) => bind(late, { proof, uri, request }, judged?.fields))
      : bind(verdict, { proof, uri, request }, judged?.fields)
  }

  return (request) => {
    const presented = presentedToken(request, tokens.queryToo)
    if (presented.type !== 'presented') return presented
    if (presented.as === 'dpop') return identifyBound(presented.token, request)
    if (bearer === 'refuse') return AS_BEARER
    const verdict = tokens.verify(presented.token, request)
    return isPromiseLike(verdict) ? verdict.then(unbound) : unbound(verdict)
  }
}

/** RFC 9449 §7.1 defines these errors for the scheme DPoP alone. */
function isForBearer([name, value]: ChallengeParams[number]): boolean {
  return name !== 'error' || (value !== 'invalid_dpop_proof' && value !== 'use_dpop_nonce')
}

function describe(bearer: SchemeDescription | undefined): SchemeDescription {
  return {
    securitySchemes: {
      ...bearer?.securitySchemes,
      dpop: {
        type: 'http',
        scheme: 'dpop',
        description:
          'An access token that is bound to a key, with a proof of that key in the field DPoP (RFC 9449).',
      },
    },
    alternatives: [['dpop'], ...(bearer?.alternatives ?? [])],
  }
}
