import assert from 'node:assert/strict'
import { compileRateLimits, type RateLimitGuards } from '../../src/checks/rate-limit.ts'
import { type NamedLimit, policyLimit } from '../../src/checks/rate-limit/control.ts'
import { fieldsOfLines } from '../../src/lib/field-lines.ts'
import { fieldWriter, type RateLimitFields } from '../../src/checks/rate-limit/field-modes.ts'
import type { Limit } from '../../src/checks/rate-limit/limit.ts'
import type { Fields, Passed, Refusal, Verdict } from '../../src/contract/check.ts'
import type { Guard } from '../../src/contract/guard.ts'
import type { PolicyLimit } from '../../src/contract/limits.ts'
import type { Mistake } from '../../src/contract/mistakes.ts'
import type { Principal } from '../../src/contract/principal.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import type { Store } from '../../src/contract/store.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { startTimer, type StartTimer } from '../../src/lib/timer.ts'
import { LimitRegistry } from '../../src/limiting/registry.ts'
import { StoreLine } from '../../src/limiting/store-line.ts'
import { at } from '../../src/options/read.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { mistakesAt, place } from './compile.ts'

/** The limits of one policy: what its rules are compiled to, on one store and one clock that stands still. */
export interface TestLimits {
  readonly clock: MovableClock
  /** The guards of a rule; of one that says nothing of limits unless `value` is given. */
  readonly rule: (name?: string, value?: unknown) => RateLimitGuards
  readonly mistakes: () => readonly Mistake[]
  /** A limit by its name. */
  readonly limit: (name: string) => PolicyLimit
}

/** What a test changes about the limits of a policy. */
export interface LimitSettings {
  readonly store?: Pick<Store, 'take'> & Partial<Store>
  readonly fields?: readonly RateLimitFields[]
  readonly tenant?: (principal: Principal) => string | undefined
  readonly startTimer?: StartTimer
}

/** Compiles the limits of a policy as the gate does. */
export function limitsOf(policy?: unknown, settings: LimitSettings = {}): TestLimits {
  const clock = movableClock()
  const store = (settings.store ?? memoryStore({ clock })) as Store
  const registry = new LimitRegistry<NamedLimit>()
  const line = new StoreLine(store, {
    deadlineMs: 500,
    clock,
    startTimer: settings.startTimer ?? startTimer,
  })
  const context = {
    counting: {
      line,
      isBuiltIn: settings.store === undefined,
      local: memoryStore({ clock }),
      isBounded: false,
      clock,
      fields: (limits: readonly Limit[]) => fieldWriter(settings.fields ?? ['draft-11'], limits, clock),
    },
    registry,
    tenant: settings.tenant,
    clientPrefix: 64,
  }
  const root = place('')
  return {
    clock,
    rule: (name = 'default', value) =>
      compileRateLimits(
        [
          { place: at(root, 'rateLimit'), value: policy, scope: 'policy' },
          { place: at(at(at(root, 'routes'), name), 'rateLimit'), value, scope: name },
        ],
        context,
      ),
    mistakes: () => mistakesAt(root),
    limit(name) {
      const limit = registry.named(name)
      assert.ok(limit !== undefined, `there is a limit ${name}`)
      return policyLimit(limit, line)
    },
  }
}

/** What a guard decides at once. */
export function decide(guard: Guard, request: RequestFacts): Verdict {
  assert.ok(guard.check !== undefined, 'the guard has a check')
  const verdict = guard.check.decide(request)
  assert.ok(!(verdict instanceof Promise), 'the verdict comes at once')
  return verdict
}

/** The same, where it must be a pass. */
export function pass(guard: Guard, request: RequestFacts): Passed {
  const verdict = decide(guard, request)
  assert.equal(verdict.type, 'pass')
  return verdict
}

/** The same, where it must be a refusal. */
export function refusal(guard: Guard, request: RequestFacts): Refusal {
  const verdict = decide(guard, request)
  assert.equal(verdict.type, 'refusal')
  return verdict
}

/** All fields of a verdict, those that it has as lines too. */
export function fieldsOf(verdict: Verdict): Fields {
  const lines = verdict.type === 'answer' ? '' : (verdict.lines ?? '')
  return [...fieldsOfLines(lines), ...(verdict.fields ?? [])]
}

/** The value of a field of a verdict. */
export function field(verdict: Verdict, name: string): string | undefined {
  const fields = fieldsOf(verdict)
  const index = fields.findIndex((text, i) => i % 2 === 0 && text === name)
  return index < 0 ? undefined : fields[index + 1]
}

/** A caller. */
export function caller(subject: string, issuer?: string): Principal {
  return { scheme: 'test', subject, issuer, scopes: [], roles: [] }
}
