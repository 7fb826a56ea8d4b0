import type { AccessContext } from '../checks/authorize.ts'
import { compileIdempotency } from '../checks/idempotency.ts'
import type { Guard } from '../contract/guard.ts'
import { CALLER_PARTS } from '../options/access-rule.ts'
import { at, type Place, report } from '../options/read.ts'
import type { RuleRead } from './read-policy.ts'
import type { Shared } from './shared.ts'

/** What the parts of one rule are compiled with. */
export function accessContext(shared: Shared, own: Pick<AccessContext, 'deny' | 'params'>): AccessContext {
  const { roles, scheme, read } = shared
  return { roles, scheme, clock: read.clock, tenant: read.tenant, ...own }
}

/** Compiles what a rule says of idempotency keys. */
export function idempotencyFor(place: Place, name: string, rule: RuleRead, { records, read }: Shared): Guard {
  return compileIdempotency(at(place, 'idempotency'), rule.idempotency, {
    route: name,
    store: records,
    clock: read.clock,
    tenant: read.tenant,
    shadow: read.shadow.has('idempotency'),
  })
}

/** In a policy that authenticates nobody every route is open: a rule says so itself, and asks for no caller (AZ-01). */
export function openRule(place: Place, rule: RuleRead): void {
  for (const part of ['optional', ...CALLER_PARTS] as const) {
    if (rule[part] === undefined) continue
    report(
      at(place, part),
      'contradiction',
      'asks for a caller, and the policy authenticates nobody.',
      'Give the policy an "authenticate", or leave this out.',
    )
  }
  const open = at(place, 'public')
  if (rule.public === undefined && !open.mistakes.has(open.path)) {
    report(
      open,
      'missing_option',
      'is missing: the route is open, and does not say so.',
      "Write public: 'why'.",
    )
  }
}
