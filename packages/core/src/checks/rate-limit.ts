import type { Guard } from '../contract/guard.ts'
import type { Store } from '../contract/store.ts'
import type { LimitRegistry } from '../limiting/registry.ts'
import { at, type Place, report } from '../options/read.ts'
import { limitGuard } from './rate-limit/guard.ts'
import { compileLimit, type Limit } from './rate-limit/limit.ts'
import { type PlacedLimit, readLimits } from './rate-limit/options.ts'

export type { RateLimit } from './rate-limit/options.ts'

/** The value of one `rateLimit` option. */
export interface RateLimitEntry {
  readonly place: Place
  /** As it was written; `undefined` when it was not. */
  readonly value: unknown
  /** `policy`, or the name of the rule that has it. The entry of the policy comes first. */
  readonly scope: string
}

/** What the limits of all rules of a policy share. */
export interface RateLimitContext {
  readonly store: Pick<Store, 'take'>
  readonly registry: LimitRegistry
}

/** The two checks that limits compile to (RL-18). */
export interface RateLimitGuards {
  /** Limits by client and by route: before authentication. */
  readonly client: Guard
  /** Limits by principal and by a function of the policy: after it. */
  readonly caller: Guard
}

/**
 * Compiles the limits of one rule: its own, and those of the policy unless it is exempt.
 *
 * Each of the two checks decides all its limits in one call of the store, all or nothing. What a request has counted
 * in the first stays counted when the second refuses it.
 */
export function compileRateLimits(
  entries: readonly RateLimitEntry[],
  context: RateLimitContext,
): RateLimitGuards {
  const rule = entries.find((entry) => entry.scope !== 'policy')
  const exempt = rule?.value === 'exempt'
  const limits: Limit[] = []
  for (const entry of entries) {
    const ofPolicy = entry.scope === 'policy'
    if (entry.value === undefined || (exempt && !ofPolicy)) continue
    const read = ofPolicy
      ? readPolicyLimits(entry, context.registry)
      : readRuleLimits(entry, context.registry)
    // Exempt by declaration only (RL-19): what a rule does not say, the policy's limits still count.
    if (ofPolicy && exempt) continue
    const route = ofPolicy ? (rule?.scope ?? '') : ''
    for (const { limit } of read) limits.push(compileLimit(limit, route, context.registry.secret))
  }
  return {
    client: limitGuard(
      'client-limits',
      limits.filter((limit) => !limit.afterAuthentication),
      context.store,
    ),
    caller: limitGuard(
      'caller-limits',
      limits.filter((limit) => limit.afterAuthentication),
      context.store,
    ),
  }
}

function readPolicyLimits(entry: RateLimitEntry, registry: LimitRegistry): readonly PlacedLimit[] {
  return registry.policyLimits(entry.value, () => {
    const read = readLimits(entry.place, entry.value, 'default')
    for (const { limit } of read) registry.take(limit, 'policy')
    return read
  })
}

function readRuleLimits(entry: RateLimitEntry, registry: LimitRegistry): readonly PlacedLimit[] {
  const read = readLimits(entry.place, entry.value, entry.scope)
  for (const { place, limit } of read) {
    const trouble = registry.take(limit, 'rule')
    if (trouble === 'is-policy') {
      const says = `is "${limit.name}", the name of a limit that the policy has for every route.`
      report(at(place, 'name'), 'duplicate_value', says, 'Write another name.')
    } else if (trouble === 'differs') {
      const says = `is "${limit.name}", which another rule gives to another limit, window or "by".`
      report(
        at(place, 'name'),
        'contradiction',
        says,
        'Say the same in both to share one counter, or write another name.',
      )
    }
  }
  return read
}
