import { describe, test } from 'node:test'
import type { Charge, Store } from '@gatehouse/core'
import { type Bench, type Check, benchOf } from './checks/bench.ts'
import { argumentChecks } from './checks/arguments.ts'
import { clockChecks } from './checks/clock.ts'
import { concurrencyChecks } from './checks/concurrency.ts'
import { countingChecks } from './checks/counting.ts'
import { expiryChecks } from './checks/expiry.ts'
import { keyChecks } from './checks/keys.ts'
import { recordChecks } from './checks/records.ts'
import { traceChecks } from './checks/traces.ts'
import { type MovableClock, movableClock } from './movable-clock.ts'

/** A part of a store whose time a test can move. */
export type ClockedPart = 'counters' | 'blocks' | 'records'

/** Something that a store keeps, and in how many milliseconds it is gone; `undefined` when it stays for ever. */
export interface Expiry {
  /** As the store itself calls it: for the message of a failure. */
  readonly key: string
  /** How many milliseconds are left; `undefined` when it stays for ever, which the suite does not allow. */
  readonly ttlMs: number | undefined
}

/** Options for {@link storeConformance}. */
export interface StoreConformanceOptions {
  /** Stands in every title. */
  readonly name: string
  /**
   * Makes a store that knows nothing yet: on a server that is shared, under a prefix of its own. The suite closes it;
   * what the store did not open itself is closed by whoever opened it.
   *
   * The clock stands at 0 while the store is made, so that a store that counts from when it was made and one that counts
   * from the epoch count alike. The parts that are named by `follows` read it, and it does not matter which reading.
   */
  readonly make: (clock: MovableClock) => Store | Promise<Store>
  /**
   * The parts of the store that read the clock given to `make`. They are compared with {@link referenceStore} to the
   * millisecond, over random traces; the others get the tests that need no clock, and a few short waits. Quotas of the
   * traces last a minute or more, so that what a server removes by its own clock does not come in between.
   *
   * @default [] the whole store is on real time
   */
  readonly follows?: readonly ClockedPart[]
  /**
   * Whether, when its clock goes back, time stands still for that moment and goes on from there, as in `memoryStore`.
   * Then the traces on such a clock are compared as well; otherwise the suite only looks that nothing is granted and
   * nobody locked (RL-06).
   *
   * @default false
   */
  readonly standsStill?: boolean
  /** All that a store keeps at this moment. With it the suite looks that everything expires (RL-26). */
  readonly expiries?: (store: Store) => readonly Expiry[] | Promise<readonly Expiry[]>
  /**
   * How many random traces of each algorithm are compared with the reference, and held to the definitions; each is some
   * twenty calls. With 60 the suite makes some ten thousand calls.
   *
   * @default 60
   */
  readonly traces?: number
}

/** One thing that a store must do. */
export interface StoreCheck {
  /** Begins with the requirement, and ends with the name of the store. */
  readonly title: string
  /** Makes a store, and rejects when it does something else. */
  readonly run: () => Promise<void>
}

/**
 * Registers the tests that every store passes, with `node:test`.
 *
 * @example
 * storeConformance({
 *   name: 'memory',
 *   make: (clock) => memoryStore({ clock }),
 *   follows: ['counters', 'blocks', 'records'],
 *   standsStill: true,
 * })
 */
export function storeConformance(options: StoreConformanceOptions): void {
  describe(`the contract of a store: ${options.name}`, () => {
    for (const { title, run } of storeChecks(options)) test(title, run)
  })
}

/**
 * The same tests as plain functions, for another runner, or to see one fail.
 *
 * @example
 * for (const { title, run } of storeChecks({ name: 'mine', make: () => mine() })) it(title, run)
 */
export function storeChecks(options: StoreConformanceOptions): readonly StoreCheck[] {
  const { name, follows = [] } = options
  const checks: readonly Check[] = [
    ...countingChecks,
    ...concurrencyChecks,
    ...keyChecks,
    ...recordChecks,
    ...argumentChecks,
    ...clockChecks(options),
    ...traceChecks(options),
    ...expiryChecks(options),
  ]
  return checks
    .filter(({ on }) => on === undefined || on.every((part) => follows.includes(part)))
    .filter(({ off }) => off === undefined || off.some((part) => !follows.includes(part)))
    .map(({ title, run }) => ({
      title: `${title} (${name})`,
      run: () => onFreshStore(options, run),
    }))
}

/**
 * Asks for the same charge many times at once: how many were allowed. One process of a test that runs several calls it,
 * tells its number, and the numbers add up to the limit.
 *
 * @example
 * process.send(await admitted(store, { key: 'shared', quota: { limit: 50, windowMs: 3_600_000 }, cost: 1 }, 200))
 */
export async function admitted(store: Store, charge: Charge, times: number): Promise<number> {
  const calls = await Promise.all(Array.from({ length: times }, async () => store.take([charge])))
  return calls.filter(([outcome]) => outcome?.allowed === true).length
}

/** When the clock is handed to the checks: a time at which stores really run. */
const NOW = Date.UTC(2026, 0, 1)

async function onFreshStore(
  { make, expiries }: StoreConformanceOptions,
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  const clock = movableClock()
  const store = await make(clock)
  try {
    clock.advance(NOW)
    await run(benchOf(store, clock, expiries))
  } finally {
    await store.close()
  }
}
