import {
  type Fields,
  PASS,
  passAs,
  type Refusal,
  refuse,
  type Verdict,
  withError,
} from '../contract/check.ts'
import { type Code, CODES } from '../contract/codes.ts'
import type { Guard } from '../contract/guard.ts'
import { type Kind, KINDS } from '../contract/kinds.ts'
import { callerOf } from '../contract/known-caller.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import type {
  Authenticated,
  BadCredentials,
  ChallengeParams,
  CompiledScheme,
  Identification,
} from '../contract/scheme.ts'
import { isTextList } from '../lib/access-names.ts'
import { isFieldValue, isToken } from '../lib/chars.ts'
import { isPromiseLike } from '../lib/promise.ts'

/**
 * What a challenge says is wrong, by the code that the client sees (RFC 6750 §3.1).
 *
 * Codes that are not here get a challenge without `error`: a request without credentials "SHOULD NOT" be told of
 * one (AUT-02), and for a wrong password or key RFC 6750 has no word. There is no `error_description`: the code
 * says all that a client may know (AUT-07).
 */
const ERRORS: Partial<Readonly<Record<Code, string>>> = {
  invalid_request: 'invalid_request',
  invalid_token: 'invalid_token',
  // RFC 9449 §7.1, §9.
  invalid_dpop_proof: 'invalid_dpop_proof',
  use_dpop_nonce: 'use_dpop_nonce',
}

const WRONG_SCHEME = 'no scheme of the policy knows the Authorization field'

/** No challenge helps while a dependency is down; a client is told to come back, not to log in again. */
const FAILED: Refusal = Object.freeze(
  refuse('dependency.failed', 'the authentication scheme threw or rejected'),
)
const ILL_FORMED: Refusal = Object.freeze(
  refuse('dependency.failed', 'the authentication scheme gave nothing that is an identification'),
)

/**
 * Compiles the check that asks a scheme who is calling.
 *
 * Whatever the scheme does, the request goes on only with a well-formed principal: a scheme that throws, rejects or
 * gives something else is a 503, never an anonymous caller (AUT-10, AUT-15). Every method is asked, OPTIONS too: a
 * real preflight has been answered before (AUT-12).
 *
 * @param needed whether a request must have credentials; bad ones are refused either way (AUT-10)
 */
export function compileAuthenticate(
  scheme: CompiledScheme,
  needed: 'required' | 'optional' = 'required',
): Guard {
  const challenges = challengesByKind(scheme)
  const challenge = challenger(scheme, [])
  const missing = missingCredentials(scheme)

  function judge(found: Identification<Principal>, request: RequestFacts): Verdict {
    // A scheme of somebody's own can give anything, whatever its type says.
    if (typeof found !== 'object' || found === null) return ILL_FORMED
    switch (found.type) {
      case 'none':
        if (request.headers.authorization !== undefined) {
          return refuse('credentials.wrong-scheme', WRONG_SCHEME, challenge())
        }
        return needed === 'optional' ? PASS : missing()
      case 'authenticated':
        return passed(found)
      case 'bad':
        return challenges.has(found.kind) && typeof found.reason === 'string' && isFields(found.fields)
          ? refused(
              found,
              refuse(found.kind, found.reason, both(challenges.get(found.kind)?.(), found.fields)),
            )
          : ILL_FORMED
      default:
        return ILL_FORMED
    }
  }

  async function settle(
    pending: PromiseLike<Identification<Principal>>,
    request: RequestFacts,
  ): Promise<Verdict> {
    try {
      return judge(await pending, request)
    } catch (error) {
      return withError(FAILED, error)
    }
  }

  function decide(request: RequestFacts): Verdict | Promise<Verdict> {
    try {
      const found = scheme.identify(request)
      return isPromiseLike(found) ? settle(found, request) : judge(found, request)
    } catch (error) {
      return withError(FAILED, error)
    }
  }

  return { check: { name: 'authenticate', decide }, response: undefined }
}

/** What a look-up threw, and the account that was tried, go with the refusal. */
function refused({ error, account }: BadCredentials, refusal: Refusal): Refusal {
  const named = typeof account === 'string' ? { ...refusal, account } : refusal
  return error === undefined ? named : withError(named, error)
}

/** The 401 for a request that nobody vouches for: the same wherever it is found (AZ-02). */
export function missingCredentials(scheme: CompiledScheme): () => Refusal {
  const known = MISSING.get(scheme)
  if (known !== undefined) return known
  const challenge = challenger(scheme, [])
  const make = (): Refusal => refuse('credentials.missing', 'the request has no credentials', challenge())
  if (scheme.fresh === true) return make
  const made = Object.freeze(make())
  const give = (): Refusal => made
  MISSING.set(scheme, give)
  return give
}

/** Gives the fields that challenge a client: made once, unless a challenge of the scheme is good only once. */
export function challenger(scheme: CompiledScheme, params: ChallengeParams): () => Fields {
  if (scheme.fresh === true) return () => challengeFields(scheme, params)
  const known = CHALLENGES.get(scheme) ?? new Map<string, () => Fields>()
  CHALLENGES.set(scheme, known)
  const key = JSON.stringify(params)
  const before = known.get(key)
  if (before !== undefined) return before
  const made = challengeFields(scheme, params)
  const give = (): Fields => made
  known.set(key, give)
  return give
}

/* What was made for a scheme: the rules of a policy ask for the same things, most of them. */
const MISSING = new WeakMap<CompiledScheme, () => Refusal>()
const CHALLENGES = new WeakMap<CompiledScheme, Map<string, () => Fields>>()

/**
 * The challenges of a scheme as fields: one `WWW-Authenticate` line for each, since a parser that meets several in
 * one line must tell the comma between challenges from the comma between parameters, and many cannot
 * (RFC 9110 §11.6.1). A server that joins the lines changes nothing of their meaning.
 */
export function challengeFields(scheme: CompiledScheme, params: ChallengeParams): Fields {
  const texts = new Set(scheme.challenges(params).filter(isChallenge))
  // RFC 9110 §15.5.2: a 401 MUST have a challenge, also when a scheme of somebody's own names none.
  if (texts.size === 0) texts.add(isToken(scheme.name) ? scheme.name : 'Unknown')
  return Object.freeze([...texts].flatMap((text) => ['WWW-Authenticate', text]))
}

function isChallenge(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && isFieldValue(text)
}

/** The fields of every refusal that a scheme can cause, once per code: kinds of one code look alike (AUT-08). */
function challengesByKind(scheme: CompiledScheme): ReadonlyMap<Kind, (() => Fields) | undefined> {
  const byCode = new Map<Code, (() => Fields) | undefined>()
  const byKind = new Map<Kind, (() => Fields) | undefined>()
  for (const [kind, { code }] of Object.entries(KINDS) as [Kind, { code: Code | undefined }][]) {
    if (code === undefined || !/^(?:credentials|token|proof|login|dependency)\./.test(kind)) continue
    if (!byCode.has(code)) byCode.set(code, challengerOf(scheme, code))
    byKind.set(kind, byCode.get(code))
  }
  return byKind
}

/** A client is challenged where credentials can help: not while a dependency is down, or for too many attempts. */
function challengerOf(scheme: CompiledScheme, code: Code): (() => Fields) | undefined {
  if (CODES[code].status >= 429) return undefined
  const error = ERRORS[code]
  return challenger(scheme, error === undefined ? [] : [['error', error]])
}

function passed(found: Authenticated<Principal>): Verdict {
  const { principal, fields, warning } = found
  const caller = callerOf(found)
  // Nothing of a principal that is remembered can change, so one look at it is enough.
  if (caller?.isSound !== true && !isPrincipal(principal)) return ILL_FORMED
  if (caller !== undefined) caller.isSound = true
  if (fields === undefined && warning === undefined) return passAs(principal, caller)
  return isFields(fields) ? { type: 'pass', fields, principal, caller, warning } : ILL_FORMED
}

function both(challenges: Fields | undefined, more: Fields | undefined): Fields | undefined {
  if (challenges === undefined || more === undefined) return challenges ?? more
  // A challenge that a scheme gives for this very refusal says more than its general one, and a client reads the first.
  const own = new Set(more.filter((_, i) => more[i - 1] === 'WWW-Authenticate').map(schemeOf))
  const general = challenges.filter((_, i) => !own.has(schemeOf(challenges[i - (i % 2) + 1] ?? '')))
  return [...general, ...more]
}

function schemeOf(challenge: string): string {
  return (challenge.split(' ', 1)[0] ?? '').toLowerCase()
}

/** Names and values in pairs, which can be written. */
function isFields(value: Fields | undefined): boolean {
  if (value === undefined) return true
  return isTextList(value) && value.length % 2 === 0 && value.every((text) => isFieldValue(text))
}

/** The last look at a principal: what is no list of texts here would be compared as something else later (AZ-04). */
function isPrincipal(value: Principal): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof value.scheme === 'string' &&
    typeof value.subject === 'string' &&
    value.subject !== '' &&
    (value.issuer === undefined || typeof value.issuer === 'string') &&
    isTextList(value.scopes) &&
    isTextList(value.roles) &&
    (value.permissions === undefined || isTextList(value.permissions)) &&
    (value.acr === undefined || typeof value.acr === 'string') &&
    (value.authTime === undefined || Number.isFinite(value.authTime))
  )
}
