import type { Adjustment, Charge, Outcome, Quota } from '../../src/contract/store.ts'
import {
  aheadOf,
  earlyAt,
  NEVER,
  type Rate,
  rateOf,
  remainingAt,
  resetAt,
  waitFor,
} from '../../src/limiting/gcra.ts'

/*
 * The counters of a store as one would write them down: a map, and new objects for everything. It has no bound and is
 * slow; what the memory store says is held to what it says.
 */

/** Counters without a bound, at a time that is told with every call and never goes back. */
export class NaiveCounters {
  readonly #spent = new Map<string, { readonly spent: Spent; readonly wholeAt: number }>()
  readonly #blocked = new Map<string, number>()

  take(charges: readonly Charge[], now: number): readonly Outcome[] {
    return this.#decide(charges, now, true)
  }

  peek(charges: readonly Charge[], now: number): readonly Outcome[] {
    return this.#decide(charges, now, false)
  }

  adjust(adjustments: readonly Adjustment[], now: number): readonly Outcome[] {
    return adjustments.map(({ key, quota, units, withinMs }) => {
      const spent = this.#of(key, quota, now).with(units, withinMs)
      this.#keep(key, quota, spent, now)
      return outcomeOf(spent, spent.waitFor(1), this.#blockedMs(key, now))
    })
  }

  block(keys: readonly string[], ms: number, now: number): void {
    for (const key of keys) this.#blocked.set(key, now + ms)
  }

  reset(keys: readonly string[]): void {
    for (const key of keys) {
      for (const algorithm of ['gcra', 'sliding-window', 'fixed-window'])
        this.#spent.delete(`${algorithm} ${key}`)
      this.#blocked.delete(key)
    }
  }

  #decide(charges: readonly Charge[], now: number, taking: boolean): readonly Outcome[] {
    const costs = (key: string, count: number): number =>
      charges.slice(0, count).reduce((sum, charge) => sum + (charge.key === key ? charge.cost : 0), 0)
    const claims = charges.map(({ key, quota }, index) => {
      const spent = this.#of(key, quota, now)
      const waitMs = spent.waitFor(costs(key, index + 1))
      return { key, quota, spent, waitMs, blockedMs: this.#blockedMs(key, now) }
    })
    const allowed = claims.every(({ waitMs, blockedMs }) => waitMs === 0 && blockedMs === 0)
    return claims.map(({ key, quota, spent, waitMs, blockedMs }) => {
      if (!allowed || !taking) return outcomeOf(spent, waitMs, blockedMs)
      const after = spent.with(costs(key, charges.length))
      this.#keep(key, quota, after, now)
      return outcomeOf(after, 0, 0)
    })
  }

  #of(key: string, quota: Quota, now: number): Spent {
    const kept = this.#spent.get(`${quota.algorithm ?? 'gcra'} ${key}`)
    return kept === undefined || kept.wholeAt <= now ? nothingSpent(quota, now) : kept.spent.at(quota, now)
  }

  #keep(key: string, quota: Quota, spent: Spent, now: number): void {
    this.#spent.set(`${quota.algorithm ?? 'gcra'} ${key}`, { spent, wholeAt: now + spent.resetMs })
  }

  #blockedMs(key: string, now: number): number {
    return Math.max((this.#blocked.get(key) ?? 0) - now, 0)
  }
}

function outcomeOf(spent: Spent, waitMs: number, blockedMs: number): Outcome {
  const { remaining, resetMs } = spent
  if (blockedMs === 0) return { allowed: waitMs === 0, remaining, resetMs, retryAfterMs: waitMs }
  return {
    allowed: false,
    remaining: 0,
    resetMs: Math.max(resetMs, blockedMs),
    retryAfterMs: Math.max(waitMs, blockedMs),
    blocked: true,
  }
}

/** What a key has spent at one moment, by the algorithm of its quota. */
interface Spent {
  /** Whole units left. */
  readonly remaining: number
  /** Milliseconds until nothing is spent any more. */
  readonly resetMs: number
  /** Milliseconds until there is room for a cost; `NEVER` for more than the limit. */
  readonly waitFor: (cost: number) => number
  /** With so many units more, or fewer: nothing to the limit. */
  readonly with: (units: number, withinMs?: number) => Spent
  /** The same key by the same algorithm, at another moment and perhaps under another quota. */
  readonly at: (quota: Quota, now: number) => Spent
}

/** A key that has spent nothing. */
function nothingSpent(quota: Quota, now: number): Spent {
  const { algorithm = 'gcra' } = quota
  if (algorithm === 'gcra') return byGcra(rateOf(quota), 0, now)
  if (algorithm === 'fixed-window') return byWindow(quota, windowAt(quota, now, 0, now), now)
  return bySlices(quota, freshSlices(quota, now), now)
}

function byGcra(rate: Rate, ahead: number, now: number): Spent {
  const resetMs = resetAt(rate, ahead)
  return {
    remaining: remainingAt(rate, ahead),
    resetMs,
    waitFor: (cost) => waitFor(rate, ahead, cost),
    with(units, withinMs = rate.windowMs) {
      const most = Math.min(withinMs, rate.windowMs) * rate.unitsPerMs
      const bounded = Math.min(Math.max(units, -rate.limit), rate.limit)
      const change = Math.max(bounded * rate.interval, -most)
      return byGcra(rate, Math.min(Math.max(ahead + change, 0), rate.capacity), now)
    },
    at(quota, then) {
      const next = rateOf(quota)
      // The remainder is in units of the rate that it was counted with; without it, time is rounded up.
      const early = next.unitsPerMs === rate.unitsPerMs ? earlyAt(rate, ahead, resetMs) : 0
      return byGcra(next, aheadOf(next, now + resetMs, early, then), then)
    },
  }
}

function byWindow(quota: Quota, at: Window, now: number): Spent {
  return {
    remaining: quota.limit - at.used,
    resetMs: windowReset(at, now),
    waitFor: (cost) => windowWait(quota, at, cost, now),
    with: (units, withinMs) => byWindow(quota, windowWith(quota, at, given(units, withinMs)), now),
    at: (next, then) => byWindow(next, windowAt(next, at.endMs, at.used, then), then),
  }
}

function bySlices(quota: Quota, at: Slices, now: number): Spent {
  return {
    remaining: Math.max(quota.limit - slicesUsed(at), 0),
    resetMs: slicesReset(at, now),
    waitFor: (cost) => slicesWait(quota, at, cost, now),
    with: (units, withinMs) => bySlices(quota, slicesWith(quota, at, given(units, withinMs)), now),
    at: (next, then) => bySlices(next, slicesAt(next, at, then), then),
  }
}

/** What is spent of a key, at one moment. */
interface Window {
  /** When the window ends; of a window that begins now, when none is under way. */
  readonly endMs: number
  /** 0 to the limit. */
  readonly used: number
}

function windowAt(quota: Quota, endMs: number, used: number, now: number): Window {
  const latest = now + quota.windowMs
  if (used === 0 || now >= endMs) return { endMs: latest, used: 0 }
  return { endMs: Math.min(endMs, latest), used: Math.min(used, quota.limit) }
}

function windowWait(quota: Quota, { endMs, used }: Window, cost: number, now: number): number {
  if (cost > quota.limit) return NEVER
  return used + cost <= quota.limit ? 0 : endMs - now
}

function windowReset({ endMs, used }: Window, now: number): number {
  return used === 0 ? 0 : endMs - now
}

function windowWith(quota: Quota, { endMs, used }: Window, units: number): Window {
  return { endMs, used: Math.min(Math.max(used + units, 0), quota.limit) }
}

/** How many slices a window is cut into. */
const SLICES = 16

/** Slices that count at once: those of a window, and the one that it has begun to leave. */
const COUNTED: number = SLICES + 1

/** What is spent of a key, at one moment: `spent[i]` in the slice that is `i` older than `newest`. */
interface Slices {
  /** Milliseconds in a slice: of another quota, another number. */
  readonly widthMs: number
  readonly newest: number
  readonly spent: readonly number[]
}

const NONE: readonly number[] = Object.freeze(Array.from({ length: COUNTED }, () => 0))

/** A key of which nothing is spent. */
function freshSlices(quota: Quota, now: number): Slices {
  const widthMs = sliceMs(quota)
  return { widthMs, newest: Math.floor(now / widthMs), spent: NONE }
}

/** Milliseconds in a slice. */
function sliceMs(quota: Quota): number {
  return Math.ceil(quota.windowMs / SLICES)
}

/**
 * The slices of a key as they are now. What was spent in slices of the future (the clock went back), and what is left of
 * slices of another width (the quota changed), was spent now: it grants nothing extra, and locks for no longer than what
 * is spent now (RL-06).
 */
function slicesAt(quota: Quota, slices: Slices, now: number): Slices {
  const current = shift(slices, now)
  const fresh = freshSlices(quota, now)
  return slices.widthMs === fresh.widthMs ? current : slicesWith(quota, fresh, slicesUsed(current))
}

function shift({ widthMs, newest, spent }: Slices, now: number): Slices {
  const current = Math.floor(now / widthMs)
  const shifted = Array.from({ length: COUNTED }, () => 0)
  for (const [age, units] of spent.entries()) {
    const place = Math.max(current - newest + age, 0)
    if (place < COUNTED) shifted[place] = (shifted[place] ?? 0) + units
  }
  return { widthMs, newest: current, spent: shifted }
}

/** What all slices hold. */
function slicesUsed({ spent }: Slices): number {
  return spent.reduce((sum, units) => sum + units, 0)
}

/** Milliseconds until slices have room for `cost`; 0 when they have now, {@link NEVER} when they never have. */
function slicesWait(quota: Quota, slices: Slices, cost: number, now: number): number {
  if (cost > quota.limit) return NEVER
  let used = slicesUsed(slices)
  if (used + cost <= quota.limit) return 0
  for (let age = COUNTED - 1; age > 0; age--) {
    used -= slices.spent[age] ?? 0
    if (used + cost <= quota.limit) return leavesAt(slices, age) - now
  }
  return leavesAt(slices, 0) - now
}

/** Milliseconds until nothing is spent any more. */
function slicesReset(slices: Slices, now: number): number {
  const age = slices.spent.findIndex((units) => units > 0)
  return age < 0 ? 0 : leavesAt(slices, age) - now
}

/**
 * Slices with `units` more spent, in the newest of them, or fewer, in the oldest: nothing to the limit in all.
 */
function slicesWith(quota: Quota, slices: Slices, units: number): Slices {
  const spent = [...slices.spent]
  if (units > 0) {
    spent[0] = (spent[0] ?? 0) + Math.min(units, Math.max(quota.limit - slicesUsed(slices), 0))
    return { ...slices, spent }
  }
  let back = -units
  for (let age = COUNTED - 1; age >= 0 && back > 0; age--) {
    const off = Math.min(back, spent[age] ?? 0)
    spent[age] = (spent[age] ?? 0) - off
    back -= off
  }
  return { ...slices, spent }
}

/** When the slice of this age counts no longer. */
function leavesAt({ widthMs, newest }: Slices, age: number): number {
  return (newest - age + COUNTED) * widthMs
}

function given(units: number, withinMs: number | undefined): number {
  return units < 0 && withinMs === 0 ? 0 : units
}
