import type { Algorithm, Quota } from '../contract/store.ts'
import { fixedWindowMeter } from './fixed-window.ts'
import { gcraMeter } from './gcra-meter.ts'
import { isPositiveInteger, type Rate, rateOf } from './gcra.ts'
import { type KnownQuota, type Meter, SLICES } from './meter.ts'
import { MAX_ID } from './shard.ts'
import type { SliceRows } from './slice-rows.ts'
import { slidingWindowMeter } from './sliding-window.ts'

/** What is spent of a limit is kept in 32 bits. */
const MAX_LIMIT: number = 2 ** 32 - 1

/** The time at which a key is whole is kept in 48 bits, of which a window may take half: 4,460 years. */
export const MAX_WAIT: number = 2 ** 47

/** Quotas that are found at once; a gate has one for each of its limits. */
const RECENT = 64

/** As long as there are no more, none is forgotten. */
const FEW = 1_024

/** Any three numbers that differ. */
const MASKS: Readonly<Record<Algorithm, number>> = {
  gcra: 0,
  'sliding-window': 0x5bd1e995,
  'fixed-window': 0x2f0b4c47,
}

/** What the counters of every algorithm are known by. */
export const ALL_MASKS: readonly number[] = Object.values(MASKS)

/** The quotas of a store, by value: few, in all that is expected, and no more than 65,535. */
export class Quotas {
  readonly #meters: Readonly<Record<Algorithm, Meter>>
  readonly #recent: (KnownQuota | undefined)[] = Array.from({ length: RECENT }, () => undefined)
  readonly #byText = new Map<string, KnownQuota>()
  readonly #byId: (KnownQuota | undefined)[] = [undefined]
  readonly #freeIds: number[] = []
  #cursor = 1

  constructor(rows: SliceRows) {
    this.#meters = {
      gcra: gcraMeter,
      'sliding-window': slidingWindowMeter(rows),
      'fixed-window': fixedWindowMeter,
    }
  }

  /**
   * A quota as it is known.
   *
   * @throws RangeError for one that cannot be counted, or when counters name too many others
   */
  of({ limit, windowMs, algorithm = 'gcra' }: Quota): KnownQuota {
    const recent = this.#recent[(limit ^ windowMs) & (RECENT - 1)]
    if (recent?.limit === limit && recent.windowMs === windowMs && recent.algorithm === algorithm)
      return recent
    const text = `${algorithm} ${limit} ${windowMs}`
    const known = this.#byText.get(text) ?? this.#add(text, { limit, windowMs, algorithm })
    this.#recent[(limit ^ windowMs) & (RECENT - 1)] = known
    return known
  }

  /** The quota that a counter names. */
  at(id: number): KnownQuota {
    const known = this.#byId[id]
    if (known === undefined) throw new RangeError('A counter names a quota that is known')
    return known
  }

  /** Forgets quotas that no counter names, where there are many, looking at a few, round and round. */
  sweep(visits: number): void {
    if (this.#byText.size <= FEW) return
    for (let i = 0; i < visits; i++) {
      if (this.#cursor >= this.#byId.length) this.#cursor = 1
      const known = this.#byId[this.#cursor++]
      if (known?.uses === 0) this.#forget(known)
    }
  }

  #add(text: string, quota: Required<Quota>): KnownQuota {
    const { limit, windowMs, algorithm } = quota
    const meter = Object.hasOwn(this.#meters, algorithm) ? this.#meters[algorithm] : undefined
    if (meter === undefined) throw new RangeError('There is no such algorithm')
    const rate = algorithm === 'gcra' ? rateOf(quota) : withoutRate(quota)
    if (limit > MAX_LIMIT || windowMs > MAX_WAIT)
      throw new RangeError('The limit or the window of a quota is too large for this store')
    const id = this.#freeIds.pop() ?? this.#byId.length
    if (id > MAX_ID) throw new RangeError('The store counts by too many quotas at once')
    const sliceMs = Math.ceil(windowMs / SLICES)
    const known: KnownQuota = { ...rate, algorithm, id, meter, mask: MASKS[algorithm], sliceMs, uses: 0 }
    this.#byText.set(text, known)
    this.#byId[id] = known
    return known
  }

  #forget({ id, limit, windowMs, algorithm }: KnownQuota): void {
    this.#byText.delete(`${algorithm} ${limit} ${windowMs}`)
    this.#byId[id] = undefined
    this.#freeIds.push(id)
    const place = (limit ^ windowMs) & (RECENT - 1)
    if (this.#recent[place]?.id === id) this.#recent[place] = undefined
  }
}

function withoutRate({ limit, windowMs }: Quota): Rate {
  if (!isPositiveInteger(limit) || !isPositiveInteger(windowMs)) {
    throw new RangeError('The limit and the window of a quota are positive integers')
  }
  return { limit, windowMs, unitsPerMs: 1, interval: 1, capacity: 1 }
}
