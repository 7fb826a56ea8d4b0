import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { LimitRegistry } from '../limiting/registry.ts'
import { at, type Place, report } from '../options/read.ts'
import type { NamedLimit } from './rate-limit/control.ts'
import { type Counting, limitGuard } from './rate-limit/guard.ts'
import type { KeyContext } from './rate-limit/key.ts'
import { compileLimit, type Limit } from './rate-limit/limit.ts'
import { refuseTenants } from './rate-limit/read-parts.ts'
import { type PlacedLimit, readLimits } from './rate-limit/read.ts'

export type { RateLimitFields } from './rate-limit/field-modes.ts'
export type { CountedBy } from './rate-limit/key.ts'
export type { Ban, RateLimit } from './rate-limit/options.ts'

/** The value of one `rateLimit` option. */
export interface RateLimitEntry {
  readonly place: Place
  /** As it was written; `undefined` when it was not. */
  readonly value: unknown
  /** `policy`, or the name of the rule that has it. The entry of the policy comes first. */
  readonly scope: string
}

/** What the limits of all rules of a policy share. */
export interface RateLimitContext extends Pick<KeyContext, 'clientPrefix' | 'tenant'> {
  readonly counting: Counting
  readonly registry: LimitRegistry<NamedLimit>
}

/** The two checks that limits compile to (RL-18). */
export interface RateLimitGuards {
  /** Limits by client and by route: before authentication. */
  readonly client: Guard
  /** Limits by all else: after it. */
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
  const policy = entries.find((entry) => entry.scope === 'policy')
  if (rule?.value !== undefined) return guardsOf(entries, context)
  if (policy?.value === undefined) return NO_LIMITS
  const read = readPolicyLimits(policy, context)
  // Most rules say nothing of limits, and what the policy says is then the same for all of them.
  return read.some(({ limit }) => limit.by.includes('route'))
    ? guardsOf(entries, context)
    : context.registry.once(read, () => guardsOf(entries, context))
}

const NO_LIMITS: RateLimitGuards = Object.freeze({ client: NO_GUARD, caller: NO_GUARD })

function guardsOf(entries: readonly RateLimitEntry[], context: RateLimitContext): RateLimitGuards {
  const { registry, counting, clientPrefix, tenant } = context
  const rule = entries.find((entry) => entry.scope !== 'policy')
  const exempt = rule?.value === 'exempt'
  const limits: Limit[] = []
  for (const entry of entries) {
    const ofPolicy = entry.scope === 'policy'
    if (entry.value === undefined || (exempt && !ofPolicy)) continue
    const read = ofPolicy ? readPolicyLimits(entry, context) : readRuleLimits(entry, context)
    // Exempt by declaration only (RL-19): what a rule does not say, the policy's limits still count.
    if (ofPolicy && exempt) continue
    const route = ofPolicy ? (rule?.scope ?? '') : ''
    for (const { limit } of read) {
      const compile = (): Limit => compileLimit(limit, registry.secret, { route, clientPrefix, tenant })
      limits.push(registry.compile(limit, compile))
    }
  }
  const before = limits.filter((limit) => !limit.afterAuthentication)
  const after = limits.filter((limit) => limit.afterAuthentication)
  return {
    client: limitGuard('client-limits', before, counting),
    caller: limitGuard('caller-limits', after, counting),
  }
}

function readPolicyLimits(entry: RateLimitEntry, context: RateLimitContext): readonly PlacedLimit[] {
  const { registry } = context
  return registry.once(entry.value, () => {
    const read = readKnown(entry, 'default', context)
    for (const { limit } of read) registry.take(limit, 'policy')
    return read
  })
}

function readRuleLimits(entry: RateLimitEntry, context: RateLimitContext): readonly PlacedLimit[] {
  const { registry } = context
  const read = readKnown(entry, entry.scope, context)
  for (const { place, limit } of read) {
    const trouble = registry.take(limit, 'rule')
    if (trouble === 'is-policy') {
      const says = `is "${limit.name}", the name of a limit that the policy has for every route.`
      report(at(place, 'name'), 'duplicate_value', says, 'Write another name.')
    } else if (trouble === 'differs') {
      const says = `is "${limit.name}", which another rule gives to a limit that counts otherwise.`
      report(
        at(place, 'name'),
        'contradiction',
        says,
        'Say the same limit, window, algorithm, by, normalize and ipv6Prefix to share one counter, or write another name.',
      )
    }
  }
  return read
}

function readKnown(
  { place, value }: RateLimitEntry,
  name: string,
  { tenant }: RateLimitContext,
): readonly PlacedLimit[] {
  const read = readLimits(place, value, name)
  if (tenant === undefined) refuseTenants(read)
  return read
}
