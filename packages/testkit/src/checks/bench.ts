import assert from 'node:assert/strict'
import type { Adjustment, Algorithm, Charge, Outcome, Quota, Store } from '@gatehouse/core'
import type { MovableClock } from '../movable-clock.ts'

/** Something that a store must do. */
export interface Check {
  /** The requirement, or several, and what the store does. */
  readonly title: string
  /** The parts that must follow the clock; those of which one must not. */
  readonly on?: readonly ('counters' | 'blocks' | 'records')[]
  readonly off?: readonly ('counters' | 'blocks' | 'records')[]
  readonly run: (bench: Bench) => Promise<void>
}

/** A fresh store, and its answers as promises, whether it gave one or not. */
export interface Bench {
  readonly store: Store
  readonly clock: MovableClock
  readonly take: (...charges: readonly Charge[]) => Promise<readonly Outcome[]>
  readonly peek: (...charges: readonly Charge[]) => Promise<readonly Outcome[]>
  readonly adjust: (...adjustments: readonly Adjustment[]) => Promise<readonly Outcome[]>
  /** The outcome of one charge. */
  readonly one: (key: string, quota: Quota, cost?: number) => Promise<Outcome>
  /** Whole units that a key has left, without taking one; less by one when it is asked for one. */
  readonly left: (key: string, quota: Quota) => Promise<number>
  /** What the store keeps, and for how long. */
  readonly expiries: () => Promise<readonly { readonly key: string; readonly ttlMs: number | undefined }[]>
}

export const ALGORITHMS: readonly Algorithm[] = ['gcra', 'sliding-window', 'fixed-window']

/** An hour: nothing comes back while a test runs, on whatever clock. */
export const HOUR = 3_600_000

/** More units than any test has: what no key has room for, so that asking for it only looks. */
const MORE = 1_000_000_000

export function benchOf(
  store: Store,
  clock: MovableClock,
  expiries:
    ((store: Store) => ReturnType<Bench['expiries']> | Awaited<ReturnType<Bench['expiries']>>) | undefined,
): Bench {
  const take: Bench['take'] = async (...charges) => counted(await store.take(charges), charges.length)
  return {
    store,
    clock,
    take,
    peek: async (...charges) => counted(await store.peek(charges), charges.length),
    adjust: async (...adjustments) => counted(await store.adjust(adjustments), adjustments.length),
    one: async (key, quota, cost = 1) => only(await take({ key, quota, cost })),
    left: async (key, quota) => only(await store.peek([{ key, quota, cost: MORE }])).remaining,
    expiries: async () => (await expiries?.(store)) ?? [],
  }
}

/** The one outcome of a call of one charge. */
export function only(outcomes: readonly Outcome[]): Outcome {
  const [outcome, ...others] = outcomes
  assert.ok(outcome !== undefined && others.length === 0, `one outcome, and not ${outcomes.length}`)
  return outcome
}

function counted(outcomes: readonly Outcome[], count: number): readonly Outcome[] {
  assert.equal(outcomes.length, count, 'as many outcomes as were asked for')
  return outcomes
}

/** An outcome in one line, so that outcomes of stores are compared and read. */
export function line({ allowed, remaining, resetMs, retryAfterMs, blocked }: Outcome): string {
  const state = `${remaining} left, whole in ${resetMs}, again in ${retryAfterMs}`
  return `${allowed ? 'allowed' : 'refused'}, ${state}${blocked === true ? ', blocked' : ''}`
}

/** Looks that a call fails with an error of this kind: whether it throws or rejects. */
export async function fails(
  call: () => unknown,
  kind: typeof RangeError | typeof TypeError,
  name: string,
): Promise<void> {
  await assert.rejects(async () => call(), kind, name)
}

/** Lets real time pass: only for what a store does by a clock that cannot be moved. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
