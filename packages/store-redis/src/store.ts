import {
  type Adjustment,
  type Charge,
  type Clock,
  type Outcome,
  type Store,
  systemClock,
} from '@gatehouse/core'
import { Batcher } from './batch.ts'
import { type Ahead, Counters } from './counters.ts'
import { DenyCache } from './deny-cache.ts'
import { Keys } from './keys.ts'
import { Leases } from './leases.ts'
import { type RedisStoreOptions, readSettings, type Settings } from './options.ts'
import type { Told } from './outcomes.ts'
import { checkQuotas, countedOf, isPositiveInteger } from './quotas.ts'
import { ServerRecords } from './records.ts'
import { Runner } from './runner.ts'

/** A store that always answers with a promise. */
export interface RedisStore extends Store {
  readonly take: (charges: readonly Charge[]) => Promise<readonly Outcome[]>
  readonly peek: (charges: readonly Charge[]) => Promise<readonly Outcome[]>
  readonly adjust: (adjustments: readonly Adjustment[]) => Promise<readonly Outcome[]>
  readonly block: (keys: readonly string[], ms: number) => Promise<void>
  readonly reset: (keys: readonly string[]) => Promise<void>
  readonly add: (key: string, value: string, ttlMs: number) => Promise<boolean>
  readonly read: (keys: readonly string[]) => Promise<readonly (string | undefined)[]>
  readonly write: (key: string, value: string, ttlMs: number) => Promise<void>
  readonly remove: (key: string) => Promise<boolean>
}

/**
 * Counts and remembers in Redis or Valkey, exactly, for all processes at once.
 *
 * All that is asked of the server in one turn of the event loop is one script, and so one round trip: each request is
 * decided after the one before it, and all its limits together, all or nothing. What is asked while a script is on its way
 * goes out with the next, two milliseconds later at most. Time is that of the server. Everything
 * that is kept expires, by the script that wrote it.
 *
 * What cannot be counted rejects with a RangeError, one key with two quotas in one call with a TypeError, and whatever
 * the client rejects with is handed on. When the client has lost its connection, every call rejects at once.
 *
 * @throws ConfigError listing every unusable option at once
 * @example
 * const client = new Redis({ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 250 })
 * const store = redisStore({ client }) // for the policy: gatehouse({ store, ... })
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  return new SharedStore(readSettings(options))
}

/** The longest block, 4,460 years, as in the memory of a process: its end is still an integer that the script counts exactly. */
const MAX_BLOCK: number = 2 ** 47

const NOTHING_AHEAD: readonly Ahead[] = Object.freeze([])

class SharedStore implements RedisStore {
  readonly name = 'redis'
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #records: ServerRecords
  readonly #refused: DenyCache | undefined
  readonly #leases: Leases | undefined

  constructor({ engine, prefix, spread, denyCache, lease, clock }: Settings) {
    const batcher = new Batcher(new Runner(engine), clock === undefined ? undefined : () => clock.now())
    const keys = new Keys(prefix, spread)
    this.#clock = clock ?? systemClock
    this.#counters = new Counters(batcher, keys)
    this.#records = new ServerRecords(batcher, keys)
    const now = (): number => this.#clock.monotonic()
    this.#refused = denyCache && new DenyCache(denyCache.maxKeys, denyCache.maxMs, now)
    this.#leases = lease && new Leases(lease.share, lease.ms, now)
  }

  take(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    // What throws in here rejects. One promise for each call, and no more, where nothing is leased.
    return new Promise((resolve, reject) => {
      if (charges.length === 0) {
        resolve([])
        return
      }
      checkCharges(charges)
      const refused = this.#refused
      const known = this.#leases?.spend(charges) ?? refused?.refusalOf(charges)
      if (known !== undefined) {
        resolve(known)
        return
      }
      const askedMs = this.#clock.monotonic()
      const answer = (outcomes: readonly Outcome[]): void => {
        refused?.note(charges, outcomes, askedMs)
        resolve(outcomes)
      }
      if (this.#leases !== undefined || !this.#counters.takeTogether(charges, answer, reject))
        resolve(this.#ask(charges))
    })
  }

  async peek(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    if (charges.length === 0) return []
    checkCharges(charges)
    return this.#counters.peek(charges)
  }

  async adjust(adjustments: readonly Adjustment[]): Promise<readonly Outcome[]> {
    if (adjustments.length === 0) return []
    for (const { quota, units, withinMs = 0 } of adjustments) {
      countedOf(quota)
      if (!Number.isSafeInteger(units) || units === 0)
        throw new RangeError('The units of an adjustment are an integer that is not 0')
      if (!Number.isSafeInteger(withinMs) || withinMs < 0)
        throw new RangeError('The time of an adjustment is an integer that is not negative')
    }
    checkQuotas(adjustments)
    let outcomes: readonly Outcome[] = []
    for (const { key } of adjustments) this.#refused?.forget(key)
    try {
      outcomes = await this.#counters.adjust(adjustments)
      return outcomes
    } finally {
      for (const { key } of adjustments) this.#refused?.forget(key)
      for (const [index, each] of adjustments.entries()) this.#leases?.adjusted(each, outcomes[index])
    }
  }

  async block(keys: readonly string[], ms: number): Promise<void> {
    if (!isPositiveInteger(ms)) throw new RangeError('A block lasts for a positive integer of milliseconds')
    await this.#changing(keys, () => this.#counters.block(keys, Math.min(ms, MAX_BLOCK)))
  }

  async reset(keys: readonly string[]): Promise<void> {
    await this.#changing(keys, () => this.#counters.reset(keys))
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    return this.#records.add(key, value, ttlMs)
  }

  async read(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    return this.#records.read(keys)
  }

  async write(key: string, value: string, ttlMs: number): Promise<void> {
    return this.#records.write(key, value, ttlMs)
  }

  async remove(key: string): Promise<boolean> {
    return this.#records.remove(key)
  }

  close(): void {
    // The client is the application's, and nothing else is held.
  }

  async #ask(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    const askedMs = this.#clock.monotonic()
    const ahead = this.#leases?.wanted(charges) ?? NOTHING_AHEAD
    let told: readonly Told[] = []
    try {
      told = await this.#counters.take(charges, ahead)
    } finally {
      this.#leases?.keep(charges, ahead, told, askedMs)
    }
    const outcomes = told.map(({ outcome }) => outcome)
    this.#refused?.note(charges, outcomes, askedMs)
    // What the server has no more of, this process may hold by now.
    return outcomes.every(({ allowed }) => allowed) ? outcomes : (this.#leases?.spend(charges) ?? outcomes)
  }

  /** Nothing is known any more of keys that are changed: neither while it is on its way, nor after. */
  async #changing<T>(keys: readonly string[], change: () => Promise<T>): Promise<T> {
    this.#forget(keys)
    try {
      return await change()
    } finally {
      this.#forget(keys)
    }
  }

  #forget(keys: readonly string[]): void {
    for (const key of keys) {
      this.#refused?.forget(key)
      this.#leases?.forget(key)
    }
  }
}

function checkCharges(charges: readonly Charge[]): void {
  for (const charge of charges) checkCharge(charge)
  checkQuotas(charges)
}

function checkCharge({ quota, cost }: Charge): void {
  countedOf(quota)
  if (!isPositiveInteger(cost)) throw new RangeError('A cost is a positive integer')
}
