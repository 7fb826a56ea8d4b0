import {
  type Charged,
  type OnEnd,
  PASS,
  type Passed,
  type Refusal,
  refuse,
  type Verdict,
  type Warning,
  withError,
} from '../../contract/check.ts'
import { type Guard, NO_GUARD } from '../../contract/guard.ts'
import type { RequestFacts } from '../../contract/request.ts'
import type { Charge, Counters, Outcome } from '../../contract/store.ts'
import type { Clock } from '../../lib/clock.ts'
import { goOn, isPromiseLike } from '../../lib/promise.ts'
import { NEVER } from '../../limiting/gcra.ts'
import { wholeSeconds } from '../../limiting/fields.ts'
import type { StoreLine } from '../../limiting/store-line.ts'
import { strike } from './ban.ts'
import type { FieldWriter, Reported } from './field-modes.ts'
import { type Limit, violatedBy } from './limit.ts'
import { giveBack, tabOf } from './settle.ts'

/** What limits are counted with. */
export interface Counting {
  /** The way to the store. */
  readonly line: StoreLine
  /** Whether the store is the one that a gate makes itself: what that gives need not be looked at. */
  readonly isBuiltIn: boolean
  /** What counts in its place while it fails, for limits that say so. */
  readonly local: Counters
  readonly clock: Clock
  /** Whether the store is given up on before a check is. */
  readonly isBounded: boolean
  /** Writes the fields of a response, for limits that all apply. */
  readonly fields: (limits: readonly Limit[]) => FieldWriter
}

const STORE_ILL_FORMED: Refusal = Object.freeze(
  refuse('dependency.failed', 'the store of the limits gave no outcome for each charge'),
)

/** What a request is charged, and by which limits: one charge each, in the same order. */
interface Claims {
  readonly charges: readonly Charge[]
  readonly applied: readonly Limit[]
}

/**
 * A check that decides some limits in one call of the store. It answers at once when the store does.
 *
 * Where nobody knows what the store would have said, each limit says what becomes of the request; where a function of the
 * policy fails, it is refused.
 */
export function limitGuard(name: string, limits: readonly Limit[], counting: Counting): Guard {
  if (limits.length === 0) return NO_GUARD
  const { line, isBuiltIn, local, clock } = counting
  const write = counting.fields(limits)
  const settles = limits.some((limit) => limit.counts !== undefined)
  const nothing = { limits: [], charges: [], outcomes: [], counters: local, atMs: 0, taken: false, tabs: [] }
  const uncounted: Passed = Object.freeze({ ...PASS, charged: { ...nothing, uncounted: limits } })

  function decide(request: RequestFacts): Verdict | Promise<Verdict> {
    const claims = claimsOf(request)
    if ('type' in claims) return claims
    if (claims.charges.length === 0) return uncounted
    // Before the call: what the store decides later comes back later, and no more is given back than is there.
    const atMs = clock.monotonic()
    let taken: readonly Outcome[] | Promise<readonly Outcome[]>
    try {
      taken = line.take(claims.charges)
    } catch (error) {
      return withoutStore(claims, atMs, error)
    }
    if (!isPromiseLike(taken)) return judge(claims, taken, line, atMs)
    return taken.then(
      (outcomes) => judge(claims, outcomes, line, atMs),
      (error: unknown) => withoutStore(claims, atMs, error),
    )
  }

  function claimsOf(request: RequestFacts): Claims | Refusal {
    const [only] = limits
    if (only !== undefined && limits.length === 1) {
      const charge = chargeOf(only, request)
      if (charge === undefined) return NO_CLAIMS
      return 'type' in charge ? charge : { charges: [charge], applied: limits }
    }
    const charges: Charge[] = []
    const applied: Limit[] = []
    for (const limit of limits) {
      const charge = chargeOf(limit, request)
      if (charge === undefined) continue
      if ('type' in charge) return charge
      charges.push(charge)
      applied.push(limit)
    }
    return { charges, applied }
  }

  function judge(
    claims: Claims,
    outcomes: readonly Outcome[],
    counters: Counters,
    atMs: number,
  ): Verdict | Promise<Verdict> {
    const { applied, charges } = claims
    if (!isBuiltIn && !areOutcomes(outcomes, charges.length)) return STORE_ILL_FORMED
    const reported = reportedOf(claims, outcomes)
    let violated: Limit[] | undefined
    let retryAfter = 0
    let isBlocked = false
    for (const { limit, outcome, seconds } of reported) {
      if (outcome.allowed) continue
      violated ??= []
      violated.push(limit)
      retryAfter = Math.max(retryAfter, seconds)
      isBlocked ||= outcome.blocked === true
    }
    const lines = write(reported)
    const taken = violated === undefined
    const charged: Charged = {
      limits: applied,
      charges,
      outcomes,
      counters,
      atMs,
      taken,
      uncounted: applied.length === limits.length ? NONE : limits.filter((limit) => !applied.includes(limit)),
      tabs: [],
    }
    if (violated === undefined) return passed(lines, charged)
    const refusal: Refusal = {
      type: 'refusal',
      kind: isBlocked ? 'limit.blocked' : 'limit.exceeded',
      reason: `${isBlocked ? 'blocked' : 'exceeded'}: ${violated.map((limit) => limit.name).join(', ')}`,
      fields: undefined,
      lines: `Retry-After: ${retryAfter}\r\n${lines}`,
      members: violated.length === 1 ? violated[0]?.violated : violatedBy(violated),
      charged,
    }
    // A ban first: a change of the store waits for whoever asks next.
    return goOn(strikeAll(counters, reported, refusal), (verdict) =>
      verdict.warning === undefined ? withWarning(verdict, line.takeChange()) : verdict,
    )
  }

  function passed(lines: string, charged: Charged): Passed {
    const warning = line.takeChange()
    const verdict: Passed = { type: 'pass', fields: undefined, lines, principal: undefined, warning, charged }
    return settles ? { ...verdict, onEnd: settlement(charged) } : verdict
  }

  /** Gives back, once the answer has been sent, what it turned out not to count. */
  function settlement(charged: Charged): OnEnd {
    return ({ status, complete }) => {
      // RL-20: a client that went away gets nothing back, whatever the answer would have been.
      if (!complete) return
      for (const [index, limit] of (charged.limits as readonly Limit[]).entries()) {
        const tab = limit.counts?.(status) === false ? tabOf(charged, index) : undefined
        if (tab !== undefined) giveBack(tab, clock)
      }
    }
  }

  /** Each limit does as it says: one that is closed refuses, one that is open is not counted, the others count here. */
  function withoutStore(
    { applied, charges }: Claims,
    atMs: number,
    error: unknown,
  ): Verdict | Promise<Verdict> {
    if (applied.some((limit) => limit.whenStoreFails === 'closed')) {
      const retryAfter = Math.max(wholeSeconds(line.restMs), 1)
      const refusal = refuse('dependency.failed', 'the store of the limits did not answer', [
        'Retry-After',
        String(retryAfter),
      ])
      return withWarning(withError(refusal, error), line.takeChange())
    }
    const isCounted = (_: unknown, index: number): boolean => applied[index]?.whenStoreFails !== 'open'
    const counted: Claims = { charges: charges.filter(isCounted), applied: applied.filter(isCounted) }
    if (counted.charges.length === 0) return { ...uncounted, warning: line.takeChange() ?? STANDS_IN }
    return goOn(judge(counted, local.take(counted.charges) as readonly Outcome[], local, atMs), (verdict) => {
      if (verdict.type === 'answer') return verdict
      return { ...verdict, warning: verdict.warning ?? line.takeChange() ?? STANDS_IN }
    })
  }

  // One call of the store has a deadline; a ban takes more of them, one after the other.
  const isBounded = counting.isBounded && limits.every((limit) => limit.ban === undefined)
  return { check: { name, decide, ...(isBounded && { hasDeadline: true }) }, response: undefined }
}

const NONE: readonly Limit[] = Object.freeze([])
const NO_CLAIMS: Claims = Object.freeze({ charges: [], applied: [] })

const STANDS_IN: Warning = Object.freeze({
  kind: 'dependency.failed',
  reason: 'The store of the limits did not answer: what the limits say of that was done.',
})

/** A list that is made with its one entry takes a fraction of what a list takes that grows. */
function reportedOf(claims: Claims, outcomes: readonly Outcome[]): readonly Reported[] {
  return claims.applied.length === 1
    ? [reportedAt(claims, outcomes, 0)]
    : claims.applied.map((_, i) => reportedAt(claims, outcomes, i))
}

/** There is one of each at every index. */
function reportedAt({ applied, charges }: Claims, outcomes: readonly Outcome[], i: number): Reported {
  const limit = applied[i] as Limit
  const outcome = outcomes[i] as Outcome
  return { limit, outcome, seconds: effectiveSeconds(limit, outcome), key: charges[i]?.key ?? '' }
}

/** Counts a refusal for each limit that bans; what was found out is told with it. */
function strikeAll(
  counters: Counters,
  reported: readonly Reported[],
  refusal: Refusal,
): Refusal | Promise<Refusal> {
  let result: Refusal | Promise<Refusal> = refusal
  for (const { limit, outcome, key } of reported) {
    const { ban, name } = limit
    // What is blocked is shut out already, and what found no room has exceeded nothing.
    if (ban === undefined || outcome.allowed || outcome.blocked === true || outcome.noRoom === true) continue
    result = goOn(result, (before) => {
      try {
        const struck = strike(counters, ban, { name, key })
        if (!(struck instanceof Promise)) return withWarning(before, struck)
        return struck.then(
          (warning) => withWarning(before, warning),
          () => before,
        )
      } catch {
        // The request is refused either way; a refusal that could not be counted is one fewer to be banned by.
        return before
      }
    })
  }
  return result
}

function withWarning(refusal: Refusal, warning: Warning | undefined): Refusal {
  return warning === undefined ? refusal : { ...refusal, warning }
}

/** The charge of one limit; nothing when the request is exempt from it, and a refusal when there can be none. */
function chargeOf(limit: Limit, request: RequestFacts): Charge | Refusal | undefined {
  let key: string | undefined
  try {
    key = limit.keys.ofRequest(request)
  } catch (error) {
    return withError(limit.keyFailed, error)
  }
  if (key === undefined) {
    if (limit.whenUnknown === 'refuse') return limit.unknown
    if (limit.whenUnknown === 'exempt') return undefined
    key = limit.sharedKey
  }
  try {
    return { key, quota: limit.quota, cost: limit.costOf(request) }
  } catch (error) {
    return withError(limit.costFailed, error)
  }
}

/**
 * The effective window of a limit: until it is whole, or until the refused request would be let through. The latter
 * is then `Retry-After`, too, which must not end before the effective window does (draft §6).
 */
function effectiveSeconds(limit: Limit, outcome: Outcome): number {
  const ms = outcome.allowed ? outcome.resetMs : Math.max(1, outcome.retryAfterMs)
  // A request that costs more than the limit has a wait without end: it is told of a window.
  return wholeSeconds(ms >= NEVER ? limit.quota.windowMs : ms)
}

/** A store of somebody's own can give anything, whatever its type says: a list with holes, too. */
function areOutcomes(
  outcomes: readonly (Outcome | undefined)[],
  count: number,
): outcomes is readonly Outcome[] {
  if (!Array.isArray(outcomes) || outcomes.length !== count) return false
  for (let i = 0; i < count; i++) if (!isOutcome(outcomes[i])) return false
  return true
}

function isOutcome(value: Outcome | null | undefined): boolean {
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
