import type { Adjustment, Algorithm, Charge, Clock, Outcome, Quota, Store } from '@gatehouse/core'

/*
 * The contract of a store, told once more and as plainly as it can be: rational numbers, a map of slices, nothing
 * removed, nothing fast. How long to wait is not computed but looked for: the first millisecond at which there is room.
 * It shares no code with any store, so that they do not share a mistake.
 */

/** One way of counting. A state never changes; `S` is what is known of a key. */
interface Model<S> {
  readonly fresh: (quota: Quota, now: number) => S
  /** The state as it is at `now`, under a quota that may have changed. */
  readonly at: (state: S, quota: Quota, now: number) => S
  /** Whole units left, of a state as it is at `now`; less than nothing when a quota shrank. */
  readonly room: (state: S, quota: Quota, now: number) => number
  /** Whether nothing is spent. */
  readonly whole: (state: S, now: number) => boolean
  /** With so many units more spent, or fewer; what is given back is worth no more than `withinMs`. */
  readonly spend: (state: S, quota: Quota, units: number, now: number, withinMs?: number) => S
}

/** When the limit is whole again, in milliseconds: `ticks / perMs`. */
interface Arrival {
  readonly ticks: bigint
  readonly perMs: bigint
  /** `perMs` without what it has in common with the window. */
  readonly reduced: bigint
}

const gcra: Model<Arrival> = {
  fresh: (quota, now) => arrival(quota, BigInt(now) * BigInt(quota.limit)),
  at(state, quota, now) {
    const [limit, window] = [BigInt(quota.limit), BigInt(quota.windowMs)]
    const next = arrival(quota, 0n)
    // What is owed is kept to the fraction where the new quota counts in the same fractions; else in whole milliseconds.
    const ticks =
      next.reduced === state.reduced
        ? (state.ticks * limit) / state.perMs
        : ceiling(state.ticks, state.perMs) * limit
    const present = BigInt(now) * limit
    return arrival(quota, between(present, ticks, present + window * limit))
  },
  room({ ticks }, { limit, windowMs }, now) {
    const capacity = BigInt(limit) * BigInt(windowMs)
    return Number((capacity - (ticks - BigInt(now) * BigInt(limit))) / BigInt(windowMs))
  },
  whole: ({ ticks, perMs }, now) => ticks <= BigInt(now) * perMs,
  spend({ ticks }, quota, units, now, withinMs = quota.windowMs) {
    const present = BigInt(now) * BigInt(quota.limit)
    const most = present + BigInt(quota.limit) * BigInt(quota.windowMs)
    const least = -BigInt(withinMs) * BigInt(quota.limit)
    const change = BigInt(units) * BigInt(quota.windowMs)
    return arrival(quota, between(present, ticks + (change < least ? least : change), most))
  },
}

function arrival({ limit, windowMs }: Quota, ticks: bigint): Arrival {
  return { ticks, perMs: BigInt(limit), reduced: BigInt(limit) / common(BigInt(limit), BigInt(windowMs)) }
}

/** What was spent, by the number of the slice of time in which it was. */
interface Slices {
  readonly widthMs: number
  readonly spent: ReadonlyMap<number, number>
}

const slidingWindow: Model<Slices> = {
  fresh: (quota) => ({ widthMs: widthOf(quota), spent: new Map() }),
  at(state, quota, now) {
    const current = Math.floor(now / state.widthMs)
    const counted = new Map([...state.spent].filter(([slice]) => slice > current - 17))
    if (state.widthMs === widthOf(quota)) return { widthMs: state.widthMs, spent: counted }
    const all = Math.min(total(counted), quota.limit)
    const fresh = slidingWindow.fresh(quota, now)
    return all === 0 ? fresh : slidingWindow.spend(fresh, quota, all, now)
  },
  room: ({ spent }, { limit }) => limit - total(spent),
  whole: ({ spent }) => total(spent) === 0,
  spend({ widthMs, spent }, { limit }, asked, now, withinMs) {
    const units = asked < 0 && withinMs === 0 ? 0 : asked
    const current = Math.floor(now / widthMs)
    const next = new Map(spent)
    const added = Math.min(units, Math.max(limit - total(spent), 0))
    if (added > 0) next.set(current, (next.get(current) ?? 0) + added)
    // What is given back comes off the oldest.
    let back = Math.max(-units, 0)
    for (const [slice, count] of [...next].sort(([a], [b]) => a - b)) {
      const given = Math.min(back, count)
      next.set(slice, count - given)
      back -= given
    }
    return { widthMs, spent: next }
  },
}

function widthOf({ windowMs }: Quota): number {
  return Math.ceil(windowMs / 16)
}

function total(spent: ReadonlyMap<number, number>): number {
  let sum = 0
  for (const units of spent.values()) sum += units
  return sum
}

/** A window that is under way, or none. */
type Window = { readonly endMs: number; readonly used: number } | undefined

const fixedWindow: Model<Window> = {
  fresh: () => undefined,
  at: (window, { limit, windowMs }, now) =>
    window === undefined || now >= window.endMs
      ? undefined
      : { endMs: Math.min(window.endMs, now + windowMs), used: Math.min(window.used, limit) },
  room: (window, { limit }) => limit - (window?.used ?? 0),
  whole: (window) => window === undefined,
  spend(window, { limit, windowMs }, asked, now, withinMs) {
    const units = asked < 0 && withinMs === 0 ? 0 : asked
    const used = Math.min(Math.max((window?.used ?? 0) + units, 0), limit)
    return used === 0 ? undefined : { endMs: window?.endMs ?? now + windowMs, used }
  },
}

/** What one key has spent: a model and its state, closed over. */
interface Counter {
  readonly at: (quota: Quota, now: number) => Counter
  readonly room: number
  readonly whole: boolean
  readonly spend: (units: number, withinMs?: number) => Counter
}

function counter<S>(model: Model<S>, state: S, quota: Quota, now: number): Counter {
  return {
    at: (next, then) => counter(model, model.at(state, next, then), next, then),
    room: model.room(state, quota, now),
    whole: model.whole(state, now),
    spend: (units, withinMs) => counter(model, model.spend(state, quota, units, now, withinMs), quota, now),
  }
}

const FRESH: Readonly<Record<Algorithm, (quota: Quota, now: number) => Counter>> = {
  gcra: (quota, now) => counter(gcra, gcra.fresh(quota, now), quota, now),
  'sliding-window': (quota, now) => counter(slidingWindow, slidingWindow.fresh(quota, now), quota, now),
  'fixed-window': (quota, now) => counter(fixedWindow, undefined, quota, now),
}

/** A store that answers at once. */
export interface ReferenceStore extends Store {
  readonly take: (charges: readonly Charge[]) => readonly Outcome[]
  readonly peek: (charges: readonly Charge[]) => readonly Outcome[]
  readonly adjust: (adjustments: readonly Adjustment[]) => readonly Outcome[]
  readonly block: (keys: readonly string[], ms: number) => void
  readonly reset: (keys: readonly string[]) => void
  readonly add: (key: string, value: string, ttlMs: number) => boolean
  readonly read: (keys: readonly string[]) => readonly (string | undefined)[]
  readonly write: (key: string, value: string, ttlMs: number) => void
  readonly remove: (key: string) => boolean
  readonly close: () => void
}

/**
 * A store that is obviously right, slow, and never forgets: what other stores are compared with.
 *
 * When its clock goes back, time stands still for that moment and goes on from there.
 *
 * @example
 * const clock = movableClock()
 * assert.deepEqual(await mine.take(charges), referenceStore(clock).take(charges))
 */
export function referenceStore(clock: Clock): ReferenceStore {
  const counters = new Map<Algorithm, Map<string, Counter>>()
  const blocks = new Map<string, number>()
  const records = new Map<string, { readonly value: string; readonly until: number }>()

  let reading = clock.monotonic()
  let passed = reading
  const time = (): number => {
    const next = clock.monotonic()
    passed += Math.max(next - reading, 0)
    reading = next
    return Math.floor(passed)
  }

  const countersOf = ({ algorithm = 'gcra' }: Quota): Map<string, Counter> => {
    const found = counters.get(algorithm) ?? new Map<string, Counter>()
    counters.set(algorithm, found)
    return found
  }
  const counterOf = (key: string, quota: Quota, now: number): Counter =>
    (countersOf(quota).get(key) ?? FRESH[quota.algorithm ?? 'gcra'](quota, now)).at(quota, now)

  const outcome = (key: string, spent: Counter, quota: Quota, cost: number, now: number): Outcome => {
    const resetMs = spent.whole ? 0 : first(quota, (ms) => spent.at(quota, now + ms).whole)
    const waitMs =
      cost > quota.limit
        ? Number.MAX_SAFE_INTEGER
        : first(quota, (ms) => spent.at(quota, now + ms).room >= cost)
    const blockedMs = (blocks.get(key) ?? 0) - now
    if (blockedMs > 0) {
      return {
        allowed: false,
        remaining: 0,
        resetMs: Math.max(resetMs, blockedMs),
        retryAfterMs: Math.max(waitMs, blockedMs),
        blocked: true,
      }
    }
    return { allowed: waitMs === 0, remaining: Math.max(spent.room, 0), resetMs, retryAfterMs: waitMs }
  }

  const decide = (charges: readonly Charge[], taking: boolean): readonly Outcome[] => {
    for (const { quota, cost } of charges) {
      checkQuota(quota)
      if (!isPositive(cost)) throw new RangeError('A cost is a positive integer')
    }
    checkQuotas(charges)
    const now = time()
    // A charge is looked at together with those before it on its key.
    const verdicts = charges.map(({ key, quota }, index) =>
      outcome(key, counterOf(key, quota, now), quota, costOf(charges.slice(0, index + 1), key), now),
    )
    if (!taking || !verdicts.every(({ allowed }) => allowed)) return verdicts
    return charges
      .map(({ key, quota }) => {
        const after = counterOf(key, quota, now).spend(costOf(charges, key))
        const { remaining, resetMs } = outcome(key, after, quota, 1, now)
        return { key, quota, after, told: { allowed: true, remaining, resetMs, retryAfterMs: 0 } }
      })
      .map(({ key, quota, after, told }) => {
        countersOf(quota).set(key, after)
        return told
      })
  }

  const live = (key: string): string | undefined => {
    const record = records.get(key)
    return record !== undefined && record.until > time() ? record.value : undefined
  }
  const keep = (key: string, value: string, ttlMs: number): void => {
    records.set(key, { value, until: time() + ttlMs })
  }

  return {
    name: 'reference',
    take: (charges) => decide(charges, true),
    peek: (charges) => decide(charges, false),
    adjust(adjustments) {
      for (const { quota, units, withinMs } of adjustments) {
        checkQuota(quota)
        if (!Number.isSafeInteger(units) || units === 0)
          throw new RangeError('The units of an adjustment are an integer that is not 0')
        if (withinMs !== undefined && withinMs !== 0 && !isPositive(withinMs))
          throw new RangeError('The time of an adjustment is an integer that is not negative')
      }
      checkQuotas(adjustments)
      const now = time()
      return adjustments.map(({ key, quota, units, withinMs }) => {
        const after = counterOf(key, quota, now).spend(units, withinMs)
        countersOf(quota).set(key, after)
        return outcome(key, after, quota, 1, now)
      })
    },
    block(keys, ms) {
      if (!isPositive(ms)) throw new RangeError('A block lasts for a positive integer of milliseconds')
      const until = time() + ms
      for (const key of keys) blocks.set(key, until)
    },
    reset(keys) {
      for (const key of keys) {
        blocks.delete(key)
        for (const each of counters.values()) each.delete(key)
      }
    },
    add(key, value, ttlMs) {
      checkTtl(ttlMs)
      if (live(key) !== undefined) return false
      keep(key, value, ttlMs)
      return true
    },
    read: (keys) => keys.map((key) => live(key)),
    write(key, value, ttlMs) {
      checkTtl(ttlMs)
      keep(key, value, ttlMs)
    },
    remove(key) {
      const found = live(key) !== undefined
      records.delete(key)
      return found
    },
    close() {
      // Nothing is held.
    },
  }
}

/** The first millisecond from now at which something holds that goes on to hold: two windows are enough for all. */
function first({ windowMs }: Quota, holds: (ms: number) => boolean): number {
  let [low, high] = [0, 2 * windowMs + 32]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

function costOf(charges: readonly Charge[], key: string): number {
  return charges.filter((charge) => charge.key === key).reduce((sum, { cost }) => sum + cost, 0)
}

function checkQuota({ limit, windowMs, algorithm = 'gcra' }: Quota): void {
  if (!isPositive(limit) || !isPositive(windowMs))
    throw new RangeError('The limit and the window of a quota are positive integers')
  if (!Object.hasOwn(FRESH, algorithm)) throw new RangeError('There is no such algorithm')
}

function checkQuotas(calls: readonly { readonly key: string; readonly quota: Quota }[]): void {
  for (const { key, quota } of calls) {
    for (const other of calls) {
      if (other.key === key && textOf(other.quota) !== textOf(quota))
        throw new TypeError('One key has two quotas in one call')
    }
  }
}

function textOf({ limit, windowMs, algorithm = 'gcra' }: Quota): string {
  return `${limit} in ${windowMs} by ${algorithm}`
}

function checkTtl(ttlMs: number): void {
  if (!isPositive(ttlMs)) throw new RangeError('A record lasts for a positive integer of milliseconds')
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

function between(low: bigint, value: bigint, high: bigint): bigint {
  if (value < low) return low
  return value > high ? high : value
}

function ceiling(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}

function common(a: bigint, b: bigint): bigint {
  return b === 0n ? a : common(b, a % b)
}
