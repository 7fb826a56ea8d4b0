import { compileConcurrencyLimits, type ConcurrencyGuards } from '../../src/checks/concurrency.ts'
import type { Concurrency } from '../../src/checks/concurrency/guard.ts'
import type { ResponseEnd } from '../../src/contract/check.ts'
import type { Mistake } from '../../src/contract/mistakes.ts'
import type { Principal } from '../../src/contract/principal.ts'
import { Permits } from '../../src/limiting/permits.ts'
import { LimitRegistry } from '../../src/limiting/registry.ts'
import { at } from '../../src/options/read.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { mistakesAt, place } from './compile.ts'

/** The limits of concurrency of one policy, and the permits that are held. */
export interface TestConcurrency {
  readonly clock: MovableClock
  readonly permits: Permits
  readonly rule: (name?: string, value?: unknown, critical?: boolean) => ConcurrencyGuards
  readonly mistakes: () => readonly Mistake[]
}

/** Compiles them as the gate does. */
export function concurrencyOf(
  policy?: unknown,
  tenant?: (principal: Principal) => string | undefined,
): TestConcurrency {
  const clock = movableClock()
  const permits = new Permits()
  const context = {
    clock,
    permits,
    concurrencyRegistry: new LimitRegistry<Concurrency>(),
    tenant,
    clientPrefix: 64,
  }
  const root = place('')
  return {
    clock,
    permits,
    rule: (name = 'default', value, critical = false) =>
      compileConcurrencyLimits(
        [
          { place: at(root, 'concurrency'), value: policy, scope: 'policy' },
          { place: at(at(at(root, 'routes'), name), 'concurrency'), value, scope: name },
        ],
        context,
        critical,
      ),
    mistakes: () => mistakesAt(root),
  }
}

/** A response that was sent. */
export const SENT: ResponseEnd = { status: 200, complete: true, handled: true }
/** One whose client went away. */
export const ABORTED: ResponseEnd = { status: 0, complete: false, handled: true }
