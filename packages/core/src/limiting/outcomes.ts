import type { Charge, Outcome, Quota } from '../contract/store.ts'
import type { Reading } from './meter.ts'

/** What a charge gets, by what is spent, by its wait for that, and by how long its key is blocked. */
export function outcomeOf(reading: Reading, waitMs: number, blockedMs: number): Outcome {
  const { meter } = reading.quota
  const resetMs = meter.resetMs(reading)
  if (blockedMs === 0) {
    return { allowed: waitMs === 0, remaining: meter.remaining(reading), resetMs, retryAfterMs: waitMs }
  }
  return {
    allowed: false,
    remaining: 0,
    resetMs: Math.max(resetMs, blockedMs),
    retryAfterMs: Math.max(waitMs, blockedMs),
    blocked: true,
  }
}

/** What a new key gets while every key near it is one that may not be forgotten. */
export function withoutRoom(roomMs: number): Outcome {
  return { allowed: false, remaining: 0, resetMs: roomMs, retryAfterMs: roomMs, noRoom: true }
}

/** What the first `count` charges of a call cost on the key of `charge`, all together. */
export function costOn(charges: readonly Charge[], charge: Charge, count: number): number {
  if (charges.length === 1) return charge.cost
  let cost = 0
  for (let i = 0; i < count; i++) {
    const other = charges[i]
    if (other === undefined || other.key !== charge.key) continue
    checkSame(other.quota, charge.quota)
    cost += other.cost
  }
  return cost
}

/**
 * Holds a call to one quota for each of its keys.
 *
 * @throws TypeError when they differ
 */
export function checkSame(one: Quota, other: Quota): void {
  if (
    one.limit !== other.limit ||
    one.windowMs !== other.windowMs ||
    (one.algorithm ?? 'gcra') !== (other.algorithm ?? 'gcra')
  ) {
    throw new TypeError('One key has two quotas in one call')
  }
}
