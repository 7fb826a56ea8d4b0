import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { compileMembers, describeAny, merged, type PrincipalOf, readsAuthorization } from './combined.ts'

export type { PrincipalOf } from './combined.ts'

const REPEATED: BadCredentials = bad(
  'credentials.repeated',
  'credentials of two schemes came with one request',
)

/**
 * Accepts callers of several schemes, one credential per request.
 *
 * - Every scheme is asked. One whose credential is present and not good refuses the request: there is no falling
 *   through to the next scheme, and none to an anonymous caller (AUT-14).
 * - Two credentials at once are refused, good or not: nobody could say who is calling (AUT-13).
 * - A refusal carries the challenge of every scheme.
 *
 * The schemes must read different credentials: two that both take `Authorization: Bearer` would each find every token,
 * so they do not build. One `jwt` can trust several issuers.
 *
 * @throws ConfigError from `gatehouse()` when there are fewer than two schemes, two of one name, or two that take the
 * same credentials
 * @example
 * authenticate: anyOf(jwt({ issuer, audience }), apiKey({ keys }))
 * // pass.principal is the one or the other: if (pass.principal.scheme === 'apiKey') pass.principal.keyId
 * @see RFC 9110 §11.6.1
 */
export function anyOf<const S extends readonly Scheme[]>(...schemes: S): Scheme<PrincipalOf<S[number]>> {
  // Each scheme gives its own principal, so together they give one of them; the compiler cannot follow that.
  return {
    name: 'anyOf',
    compile: (context) => compile(context, schemes) as CompiledScheme<PrincipalOf<S[number]>>,
  }
}

function compile(context: SchemeContext, schemes: readonly Scheme[]): CompiledScheme {
  const compiled = compileMembers(context, schemes, 'anyOf')
  return {
    name: 'anyOf',
    ...merged(compiled),
    identify: identifyBy(compiled),
    describe: () => describeAny(compiled),
  }
}

type Identify = CompiledScheme['identify']

function identifyBy(schemes: readonly CompiledScheme[]): Identify {
  const someReads = schemes.some(readsAuthorization)

  /** What the scheme `holder` found is the answer, unless an Authorization that nobody knew came along with it. */
  function conclude(
    holder: CompiledScheme | undefined,
    found: Identification<Principal>,
    request: RequestFacts,
  ): Identification<Principal> {
    if (holder === undefined || !someReads || readsAuthorization(holder)) return found
    // RFC 9110 §11.6.2: an Authorization field is a credential, whatever its scheme.
    return request.headers.authorization === undefined ? found : REPEATED
  }

  /** From the first scheme that waits on. */
  async function settle(
    from: number,
    pending: PromiseLike<Identification<Principal>>,
    earlier: CompiledScheme | undefined,
    earlierFound: Identification<Principal>,
    request: RequestFacts,
  ): Promise<Identification<Principal>> {
    let holder = earlier
    let found = earlierFound
    for (let i = from; ; i++) {
      const scheme = schemes[i]
      if (scheme === undefined) return conclude(holder, found, request)
      // oxlint-disable-next-line no-await-in-loop -- all at once would leave a second rejection unheard
      const result = await (i === from ? pending : scheme.identify(request))
      if (isNone(result)) continue
      if (holder !== undefined) return REPEATED
      holder = scheme
      found = result
    }
  }

  return (request) => {
    let holder: CompiledScheme | undefined
    let found: Identification<Principal> = NO_CREDENTIALS
    for (let i = 0; i < schemes.length; i++) {
      const scheme = schemes[i]
      if (scheme === undefined) break
      const result = scheme.identify(request)
      if (isPromiseLike(result)) return settle(i, result, holder, found, request)
      if (isNone(result)) continue
      if (holder !== undefined) return REPEATED
      holder = scheme
      found = result
    }
    return conclude(holder, found, request)
  }
}

/** Whatever is not plainly "nothing here" counts as a credential, an answer that is none of the three among them. */
function isNone(result: Identification<Principal> | undefined): boolean {
  return result?.type === 'none'
}
