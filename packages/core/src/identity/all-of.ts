import type { Fields } from '../contract/check.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  type Authenticated,
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { compileMembers, describeAll, merged, type PrincipalOf } from './combined.ts'

/** The principals of schemes, in their order. */
export type PrincipalsOf<S extends readonly Scheme[]> = { readonly [K in keyof S]: PrincipalOf<S[K]> }

/**
 * A caller whom several schemes vouch for. Who it is and what it may do is what the first scheme says; what the others
 * found stands in {@link AllOfPrincipal.principals}.
 */
export interface AllOfPrincipal<Principals = readonly Principal[]> extends Principal {
  readonly scheme: 'allOf'
  /** What each scheme found, in the order of the schemes. */
  readonly principals: Principals
}

const MISSING: BadCredentials = Object.freeze(
  bad('credentials.missing', 'the request has credentials for some of the schemes, and not for all of them'),
)
const NOBODY: BadCredentials = Object.freeze(
  bad('dependency.failed', 'one of the schemes authenticated nobody'),
)

/**
 * Accepts callers who have good credentials of every one of several schemes: a certificate and a key, say.
 *
 * - The first scheme says who is calling: subject, issuer, scopes, roles and permissions are those that it found. The
 *   others only have to agree that the request may come in; rules and limits ask nothing of what they found, and a
 *   handler finds it in `principals`.
 * - The schemes are asked in their order, up to the first that refuses: its refusal is the answer.
 * - A request without any credentials has none. One with some and not all is a 401, and is not told whether those that
 *   it has are good: without the certificate nobody tries keys out.
 * - A refusal carries the challenge of every scheme.
 *
 * @throws ConfigError from `gatehouse()` when there are fewer than two schemes, two of one name, or two that read the
 * Authorization field, of which a request has one
 * @example
 * authenticate: allOf(apiKey({ keys }), mutualTls({ ca }))
 * // const [key, certificate] = pass.principal.principals
 * @see RFC 9110 §11.6.1
 */
export function allOf<const S extends readonly Scheme[]>(
  ...schemes: S
): Scheme<AllOfPrincipal<PrincipalsOf<S>>> {
  return {
    name: 'allOf',
    // Each scheme gives its own principal, in their order; the compiler cannot follow that.
    compile: (context) => compile(context, schemes) as CompiledScheme<AllOfPrincipal<PrincipalsOf<S>>>,
  }
}

function compile(context: SchemeContext, schemes: readonly Scheme[]): CompiledScheme<AllOfPrincipal> {
  const compiled = compileMembers(context, schemes, 'allOf')
  return {
    name: 'allOf',
    ...merged(compiled),
    identify: identifyBy(compiled),
    describe: () => describeAll(compiled),
  }
}

type Found = Identification<AllOfPrincipal>

/** What is known while one scheme after the other is asked. */
interface Progress {
  readonly found: Authenticated<Principal>[]
  /** Whether a scheme had nothing. */
  missing: boolean
}

function identifyBy(schemes: readonly CompiledScheme[]): CompiledScheme<AllOfPrincipal>['identify'] {
  /** From the first scheme that waits on. */
  async function settle(
    from: number,
    pending: PromiseLike<Identification<Principal>>,
    progress: Progress,
    request: RequestFacts,
  ): Promise<Found> {
    for (let i = from; ; i++) {
      const scheme = schemes[i]
      if (scheme === undefined) return conclude(progress)
      // oxlint-disable-next-line no-await-in-loop -- one that refuses must keep the next from being asked
      const end = step(progress, await (i === from ? pending : scheme.identify(request)))
      if (end !== undefined) return end
    }
  }

  return (request) => {
    const progress: Progress = { found: [], missing: false }
    for (let i = 0; i < schemes.length; i++) {
      const scheme = schemes[i]
      if (scheme === undefined) break
      const result = scheme.identify(request)
      if (isPromiseLike(result)) return settle(i, result, progress, request)
      const end = step(progress, result)
      if (end !== undefined) return end
    }
    return conclude(progress)
  }
}

/** Takes in what the next scheme found; gives the answer when it is one already. */
function step(progress: Progress, result: Identification<Principal>): Found | undefined {
  const { found } = progress
  switch (result.type) {
    case 'none':
      progress.missing = true
      return found.length === 0 ? undefined : withFields(MISSING, found)
    case 'bad':
      return progress.missing ? MISSING : withFields(result, found)
    case 'authenticated':
      if (!isSomebody(result.principal)) return NOBODY
      if (progress.missing) return MISSING
      found.push(result)
      return undefined
    default:
      // A scheme of somebody's own: the check refuses what is none of the three.
      return result
  }
}

function conclude({ found, missing }: Progress): Found {
  const [first] = found
  if (missing || first === undefined) return NO_CREDENTIALS
  const { subject, issuer, scopes, roles, permissions, acr, authTime } = first.principal
  const fields = fieldsOf(found)
  const warning = found.find((one) => one.warning !== undefined)?.warning
  return {
    type: 'authenticated',
    principal: {
      scheme: 'allOf',
      subject,
      issuer,
      scopes,
      roles,
      ...(permissions !== undefined && { permissions }),
      ...(acr !== undefined && { acr }),
      ...(authTime !== undefined && { authTime }),
      principals: Object.freeze(found.map((one) => one.principal)),
    },
    ...(fields !== undefined && { fields }),
    ...(warning !== undefined && { warning }),
  }
}

/** A refusal with the fields of those that accepted before: what they renew is sent even so. */
function withFields(refused: BadCredentials, accepted: readonly Authenticated<Principal>[]): BadCredentials {
  const fields = fieldsOf(accepted)
  return fields === undefined ? refused : { ...refused, fields: [...fields, ...(refused.fields ?? [])] }
}

function fieldsOf(found: readonly Authenticated<Principal>[]): Fields | undefined {
  return found.some((one) => one.fields !== undefined) ? found.flatMap((one) => one.fields ?? []) : undefined
}

/** The check looks at the principal that it gets; what the other schemes vouch for would pass it unseen. */
function isSomebody(principal: unknown): boolean {
  if (typeof principal !== 'object' || principal === null) return false
  const { scheme, subject } = principal as Partial<Record<keyof Principal, unknown>>
  return typeof scheme === 'string' && typeof subject === 'string' && subject !== ''
}
