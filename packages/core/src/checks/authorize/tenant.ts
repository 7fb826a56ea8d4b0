import { PASS, type Verdict, withError } from '../../contract/check.ts'
import type { Principal } from '../../contract/principal.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { escapeForLog } from '../../lib/chars.ts'
import type { AccessRule } from '../../options/access-rule.ts'
import { dropPromise } from './ask.ts'
import type { Deny, Part } from './part.ts'

/** Says which tenant a caller belongs to; `undefined` when none. */
export type TenantOf = (principal: Principal) => string | undefined

/**
 * The tenant of the caller and that of the request: one and the same, compared exactly. Where either is missing nothing
 * is the same, so it is a refusal (AZ-09, ASVS 8.4.1).
 */
export function tenantPart(tenant: NonNullable<AccessRule['tenant']>, tenantOf: TenantOf, deny: Deny): Part {
  const mismatch = (reason: string): Verdict => deny('authorization.tenant-mismatch', reason)
  const noneOfCaller = mismatch('the caller belongs to no tenant')
  const noneOfRequest = mismatch('the request names no tenant')
  const failed = deny('authorization.failed', 'a tenant function of the policy threw')
  const named = typeof tenant === 'string' ? tenant : undefined
  const ofRequest =
    typeof tenant === 'string'
      ? ({ params }: RequestFacts): unknown => (Object.hasOwn(params, tenant) ? params[tenant] : undefined)
      : tenant
  return {
    name: 'tenant',
    asks:
      named === undefined
        ? "that the caller's tenant is the one of the request"
        : `that the caller's tenant is the "${named}" of the path`,
    calls: true,
    decide(principal: Principal, request: RequestFacts) {
      try {
        const own = textOf(tenantOf(principal))
        if (own === undefined) return noneOfCaller
        const other = textOf(ofRequest(request))
        if (other === undefined) return noneOfRequest
        if (own === other) return PASS
        return mismatch(
          `the caller belongs to "${escapeForLog(own, 64)}", the request names "${escapeForLog(other, 64)}"`,
        )
      } catch (error) {
        return withError(failed, error)
      }
    },
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  // A promise is nobody's tenant: both functions have to answer at once.
  dropPromise(value)
  return undefined
}
