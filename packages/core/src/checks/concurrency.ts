import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { Clock } from '../lib/clock.ts'
import type { Permits } from '../limiting/permits.ts'
import type { LimitRegistry } from '../limiting/registry.ts'
import { at, type Place, report } from '../options/read.ts'
import { compileConcurrency, type Concurrency, concurrencyGuard } from './concurrency/guard.ts'
import { type ConcurrencyRead, readConcurrency } from './concurrency/read.ts'
import type { KeyContext } from './rate-limit/key.ts'
import { type Placed, refuseTenants } from './rate-limit/read-parts.ts'

export type { AdaptiveConcurrency, ConcurrencyLimit } from './concurrency/options.ts'

/** The value of one `concurrency` option. */
export interface ConcurrencyEntry {
  readonly place: Place
  /** As it was written; `undefined` when it was not. */
  readonly value: unknown
  /** `policy`, or the name of the rule that has it. The entry of the policy comes first. */
  readonly scope: string
}

/** What the limits of all rules of a policy share. */
export interface ConcurrencyContext extends Pick<KeyContext, 'clientPrefix' | 'tenant'> {
  readonly permits: Permits
  readonly clock: Clock
  readonly concurrencyRegistry: LimitRegistry<Concurrency>
}

/** The two checks that limits compile to. */
export interface ConcurrencyGuards {
  /** Limits by client, by route and of the server: before authentication. */
  readonly client: Guard
  /** Limits by all else: after it. */
  readonly caller: Guard
}

/**
 * Compiles the limits of one rule: its own, and those of the policy unless it is exempt.
 *
 * @param critical whether the rule stands above the limits of the policy that are of the whole server (REQ-15)
 */
export function compileConcurrencyLimits(
  entries: readonly ConcurrencyEntry[],
  context: ConcurrencyContext,
  critical = false,
): ConcurrencyGuards {
  if (entries.every(({ value }) => value === undefined)) return NO_LIMITS
  const { concurrencyRegistry: registry, permits, clock, clientPrefix, tenant } = context
  const rule = entries.find((entry) => entry.scope !== 'policy')
  const exempt = rule?.value === 'exempt'
  const limits: Concurrency[] = []
  for (const entry of entries) {
    const ofPolicy = entry.scope === 'policy'
    if (entry.value === undefined || (exempt && !ofPolicy)) continue
    const read = ofPolicy ? readPolicyLimits(entry, context) : readRuleLimits(entry, context)
    // Exempt by declaration only (RL-19): what a rule does not say, the policy's limits still count.
    if (ofPolicy && exempt) continue
    const route = ofPolicy ? (rule?.scope ?? '') : ''
    for (const { limit } of read) {
      const compile = (): Concurrency =>
        compileConcurrency(limit, { permits, clock, clientPrefix, tenant, route })
      const compiled = registry.compile(limit, compile)
      // One adaptive limit for all the rules that have it, and not one for each.
      const shared = typeof limit.most === 'number' ? compiled : (registry.named(limit.name) ?? compiled)
      if (!(ofPolicy && critical && shared.ofServer)) limits.push(shared)
    }
  }
  const [before, after] = [false, true].map((late) =>
    limits.filter((limit) => limit.afterAuthentication === late),
  )
  return {
    client: concurrencyGuard('client-concurrency', before ?? []),
    caller: concurrencyGuard('caller-concurrency', after ?? []),
  }
}

const NO_LIMITS: ConcurrencyGuards = Object.freeze({ client: NO_GUARD, caller: NO_GUARD })

function readPolicyLimits(
  entry: ConcurrencyEntry,
  context: ConcurrencyContext,
): readonly Placed<ConcurrencyRead>[] {
  const { concurrencyRegistry: registry } = context
  return registry.once(entry.value, () => {
    const read = readKnown(entry, 'default', context)
    for (const { limit } of read) registry.take(countedOf(limit), 'policy')
    return read
  })
}

function readRuleLimits(
  entry: ConcurrencyEntry,
  context: ConcurrencyContext,
): readonly Placed<ConcurrencyRead>[] {
  const { concurrencyRegistry: registry } = context
  const read = readKnown(entry, entry.scope, context)
  for (const { place, limit } of read) {
    const trouble = registry.take(countedOf(limit), 'rule')
    if (trouble === 'is-policy') {
      const says = `is "${limit.name}", the name of a limit that the policy has for every route.`
      report(at(place, 'name'), 'duplicate_value', says, 'Write another name.')
    } else if (trouble === 'differs') {
      const says = `is "${limit.name}", which another rule gives to another limit or "by".`
      const instead = 'Say the same in both to share their permits, or write another name.'
      report(at(place, 'name'), 'contradiction', says, instead)
    }
  }
  return read
}

/** What makes two limits of one name the same. */
function countedOf({
  name,
  most,
  by,
  ipv6Prefix,
}: ConcurrencyRead): Parameters<LimitRegistry<Concurrency>['take']>[0] {
  const [limit, grow] = typeof most === 'number' ? [most, 'fixed'] : [most.max, most.min]
  return { name, quota: { limit, windowMs: 0 }, by: [...by, grow], normalize: undefined, ipv6Prefix }
}

function readKnown(
  { place, value }: ConcurrencyEntry,
  name: string,
  { tenant }: ConcurrencyContext,
): readonly Placed<ConcurrencyRead>[] {
  const read = readConcurrency(place, value, name)
  if (tenant === undefined) refuseTenants(read)
  return read
}
