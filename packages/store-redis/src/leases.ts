import type { Adjustment, Charge, Outcome, Quota } from '@gatehouse/core'
import type { Ahead } from './counters.ts'
import type { Told } from './outcomes.ts'
import { isSame } from './quotas.ts'

/** Units of a key that this process has taken ahead. */
interface Lease {
  readonly quota: Quota
  /** When the key was asked about last: of a key that is asked about once, nothing is leased. */
  lastMs: number
  units: number
  /** Until when they may be spent, by the clock of this process. */
  untilMs: number
  /** What was left besides, and in how many milliseconds all of it is, as the server said; and when it said so. */
  others: number
  resetMs: number
  toldMs: number
  /** What is being asked for, if anything. */
  asking: Ahead | undefined
}

const NOTHING: Ahead = Object.freeze({ units: 0, holdMs: 0 })

/** Keys of which something is leased, or may be with the next call. */
const MAX_KEYS = 10_000

/**
 * Spends a part of a limit in this process that was taken from the server ahead.
 *
 * The server counts leased units as spent, and not before they are: by GCRA at the end of the lease; of a fixed window
 * none outlives the window, and of a sliding one none outlives the slice of time that it was counted in. So no time ever
 * holds more than without leases.
 */
export class Leases {
  readonly #share: number
  readonly #ms: number
  readonly #now: () => number
  readonly #byKey = new Map<string, Lease>()

  constructor(share: number, ms: number, now: () => number) {
    this.#share = share
    this.#ms = ms
    this.#now = now
  }

  /** Takes a call out of leases, when they have enough for all of it. */
  spend(charges: readonly Charge[]): readonly Outcome[] | undefined {
    const now = this.#now()
    const leases: Lease[] = []
    for (const { key, quota, cost } of charges) {
      const lease = this.#byKey.get(key)
      if (lease === undefined || lease.units < cost || now >= lease.untilMs) return undefined
      if (!isSame(lease.quota, quota) || leases.includes(lease)) return undefined
      leases.push(lease)
    }
    return leases.map((lease, index) => {
      lease.units -= charges[index]?.cost ?? 0
      lease.lastMs = now
      return outcomeOf(lease, now)
    })
  }

  /** What to take ahead with these charges. */
  wanted(charges: readonly Charge[]): readonly Ahead[] {
    const now = this.#now()
    const seen = new Set(charges.map(({ key }) => key))
    if (seen.size < charges.length) return charges.map(() => NOTHING)
    return charges.map(({ key, quota }) => {
      const units = Math.floor(quota.limit * this.#share)
      const lease = this.#byKey.get(key)
      if (lease === undefined || !isSame(lease.quota, quota)) {
        this.#begin(key, quota, now)
        return NOTHING
      }
      const busy = now - lease.lastMs <= this.#ms
      const left = lease.units > 0 && now < lease.untilMs
      lease.lastMs = now
      if (units === 0 || !busy || left || lease.asking !== undefined) return NOTHING
      lease.asking = { units, holdMs: holdMs(quota, this.#ms) }
      return lease.asking
    })
  }

  /** Keeps what was taken ahead. */
  keep(charges: readonly Charge[], asked: readonly Ahead[], told: readonly Told[], askedMs: number): void {
    for (const [index, { key, quota }] of charges.entries()) {
      const lease = this.#byKey.get(key)
      const said = told[index]
      // Not one that was begun anew meanwhile: what was taken for the one before it was forgotten with its counter.
      if (lease?.asking === undefined || lease.asking !== asked[index]) continue
      lease.asking = undefined
      if (said === undefined || said.granted === 0) continue
      lease.units = said.granted
      lease.untilMs = askedMs + lastsMs(quota, said, this.#ms)
      lease.others = said.outcome.remaining - said.granted
      lease.resetMs = said.outcome.resetMs
      lease.toldMs = this.#now()
    }
  }

  /**
   * Keeps what is leased of a key whose counter was adjusted, where all of it is counted still: when there was room for
   * what was added, and when a charge gave back what it had taken. Anything else may have taken it, or given it back.
   */
  adjusted({ key, units, withinMs }: Adjustment, outcome: Outcome | undefined): void {
    const lease = this.#byKey.get(key)
    if (lease === undefined) return
    if (outcome === undefined || (units > 0 ? !outcome.allowed : withinMs === undefined)) {
      this.forget(key)
      return
    }
    lease.others = outcome.remaining
    lease.resetMs = outcome.resetMs
    lease.toldMs = this.#now()
  }

  /** Forgets a key whose counter was changed: what is leased of it stays spent. */
  forget(key: string): void {
    this.#byKey.delete(key)
  }

  #begin(key: string, quota: Quota, now: number): void {
    this.#byKey.delete(key)
    for (const oldest of this.#byKey.size >= MAX_KEYS ? this.#byKey.keys() : []) {
      this.#byKey.delete(oldest)
      break
    }
    const nothing = { units: 0, untilMs: 0, others: 0, resetMs: 0, toldMs: 0, asking: undefined }
    this.#byKey.set(key, { quota: { ...quota }, lastMs: now, ...nothing })
  }
}

/** A sixteenth of a window: a slice of the sliding one. */
function sliceMs({ windowMs }: Quota): number {
  return Math.ceil(windowMs / 16)
}

/** A lease is short beside its window: by GCRA it costs an idle key what comes back meanwhile. */
function holdMs(quota: Quota, ms: number): number {
  return Math.min(ms, sliceMs(quota))
}

/** For how long leased units may be spent: none outlives what the server counted them in. */
function lastsMs(quota: Quota, { outcome, now }: Told, ms: number): number {
  const hold = holdMs(quota, ms)
  if (quota.algorithm === 'fixed-window') return Math.min(hold, outcome.resetMs)
  if (quota.algorithm !== 'sliding-window') return hold
  const width = sliceMs(quota)
  return Math.min(hold, width - (now % width))
}

function outcomeOf({ units, others, resetMs, toldMs }: Lease, now: number): Outcome {
  return {
    allowed: true,
    remaining: others + units,
    resetMs: Math.max(Math.ceil(toldMs + resetMs - now), 1),
    retryAfterMs: 0,
  }
}
