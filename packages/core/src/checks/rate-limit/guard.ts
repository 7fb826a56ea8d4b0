import { PASS, passWith, type Refusal, refuse, type Verdict } from '../../contract/check.ts'
import { type Guard, NO_GUARD } from '../../contract/guard.ts'
import type { RequestFacts } from '../../contract/request.ts'
import type { Charge, Outcome, Store } from '../../contract/store.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import { BETWEEN, limitItem, partitionParameter, wholeSeconds } from '../../limiting/fields.ts'
import type { Limit } from './limit.ts'

const STORE_FAILED: Refusal = Object.freeze(
  refuse('dependency.failed', 'the store of the limits threw or rejected'),
)
const STORE_ILL_FORMED: Refusal = Object.freeze(
  refuse('dependency.failed', 'the store of the limits gave no outcome for each charge'),
)

/** What a request is charged, and by which limits: one charge each, in the same order. */
interface Claims {
  readonly charges: Charge[]
  readonly applied: Limit[]
}

/**
 * A check that decides some limits in one call of the store. It answers at once when the store does.
 *
 * Where nobody knows what the store would have said, or what a function of the policy meant, the request is refused.
 */
export function limitGuard(name: string, limits: readonly Limit[], store: Pick<Store, 'take'>): Guard {
  if (limits.length === 0) return NO_GUARD
  // What most responses say of the policy, made once: every limit applies, and no partition is told.
  const constant = limits.some((limit) => limit.secret !== undefined)
    ? undefined
    : limits.map((limit) => limit.policyItem).join(BETWEEN)

  function judge(claims: Claims, taken: readonly Outcome[]): Verdict {
    const { applied, charges } = claims
    if (!Array.isArray(taken) || taken.length !== charges.length || !taken.every(isOutcome)) {
      return STORE_ILL_FORMED
    }
    const every = applied.length === limits.length
    return verdictOf(claims, taken, every && constant !== undefined ? constant : policyText(claims))
  }

  async function settle(claims: Claims, pending: PromiseLike<readonly Outcome[]>): Promise<Verdict> {
    try {
      return judge(claims, await pending)
    } catch {
      return STORE_FAILED
    }
  }

  function decide(request: RequestFacts): Verdict | Promise<Verdict> {
    const claims: Claims = { charges: [], applied: [] }
    for (const limit of limits) {
      const refusal = claim(limit, request, claims)
      if (refusal !== undefined) return refusal
    }
    if (claims.charges.length === 0) return PASS
    try {
      const taken = store.take(claims.charges)
      return isPromiseLike(taken) ? settle(claims, taken) : judge(claims, taken)
    } catch {
      return STORE_FAILED
    }
  }

  return { check: { name, decide }, response: undefined }
}

/** Adds the charge of one limit, unless the request is exempt from it; a refusal when there can be none. */
function claim(limit: Limit, request: RequestFacts, claims: Claims): Refusal | undefined {
  let key: string | undefined
  try {
    key = limit.keyOf(request)
  } catch {
    return limit.keyFailed
  }
  if (key === undefined) {
    if (limit.whenUnknown === 'refuse') return limit.unknown
    if (limit.whenUnknown === 'exempt') return undefined
    key = limit.sharedKey
  }
  try {
    claims.charges.push({ key, quota: limit.quota, cost: limit.costOf(request) })
  } catch {
    return limit.costFailed
  }
  claims.applied.push(limit)
  return undefined
}

/** A pass or a refusal; either tells of all limits, not only of one that was exceeded (RL-25). */
function verdictOf({ applied, charges }: Claims, taken: readonly Outcome[], policy: string): Verdict {
  let left = ''
  let retryAfter = 0
  let violated: string[] | undefined
  for (let i = 0; i < applied.length; i++) {
    const limit = applied[i]
    const outcome = taken[i]
    if (limit === undefined || outcome === undefined) return STORE_ILL_FORMED
    const seconds = effectiveSeconds(limit, outcome)
    if (!outcome.allowed) {
      violated ??= []
      violated.push(limit.name)
      retryAfter = Math.max(retryAfter, seconds)
    }
    if (i > 0) left += BETWEEN
    left += limitItem(limit.item, Math.min(outcome.remaining, limit.quota.limit), seconds)
    left += partitionOf(limit, charges[i])
  }
  if (violated === undefined) return passWith(['RateLimit-Policy', policy, 'RateLimit', left])
  return refuse(
    'limit.exceeded',
    `exceeded: ${violated.join(', ')}`,
    ['Retry-After', String(retryAfter), 'RateLimit-Policy', policy, 'RateLimit', left],
    { 'violated-policies': violated },
  )
}

/**
 * The effective window of a limit: until it is whole, or until the refused request would be let through. The latter
 * is then `Retry-After`, too, which must not end before the effective window does (draft §6).
 */
function effectiveSeconds(limit: Limit, outcome: Outcome): number {
  const ms = outcome.allowed ? outcome.resetMs : Math.max(1, outcome.retryAfterMs)
  // Only a request that costs more than the limit has a longer wait, and it is one without end.
  return wholeSeconds(Math.min(ms, limit.quota.windowMs))
}

function policyText(claims: Claims): string {
  return claims.applied
    .map((limit, index) => limit.policyItem + partitionOf(limit, claims.charges[index]))
    .join(BETWEEN)
}

function partitionOf(limit: Limit, charge: Charge | undefined): string {
  return limit.secret === undefined || charge === undefined
    ? ''
    : partitionParameter(limit.secret, charge.key)
}

/** A store of somebody's own can give anything, whatever its type says. */
function isOutcome(value: Outcome): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof value.allowed === 'boolean' &&
    isCount(value.remaining) &&
    isCount(value.resetMs) &&
    isCount(value.retryAfterMs)
  )
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
