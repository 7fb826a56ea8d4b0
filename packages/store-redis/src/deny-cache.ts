import type { Charge, Outcome, Quota } from '@gatehouse/core'
import { isSame } from './quotas.ts'

/** What the server said of a charge in a call that was refused. */
interface Known {
  readonly quota: Quota
  readonly cost: number
  readonly outcome: Outcome
  /** When it was asked, and when it was answered, by the clock of this process. */
  readonly askedMs: number
  readonly toldMs: number
}

/**
 * Remembers who was refused, so that a flood of refused requests ends in this process.
 *
 * A key that refused one unit is empty, or blocked: until its wait is over the server refuses every charge on it, whoever
 * asks. The wait begins when the server was asked, which is never later than when it decided, so nothing is refused here
 * that would be allowed there; unless another process resets the key, or gives something back to it. That is noticed
 * after `maxMs`, since nothing is remembered for longer.
 *
 * A call is refused here when one of its charges is, and the others are known from another refused call: their numbers
 * are those of then. Charges of more than one unit wait for longer than is known here, and are asked about.
 */
export class DenyCache {
  readonly #maxKeys: number
  readonly #maxMs: number
  readonly #now: () => number
  readonly #byKey = new Map<string, Known>()

  /** @param now milliseconds that do not go back */
  constructor(maxKeys: number, maxMs: number, now: () => number) {
    this.#maxKeys = maxKeys
    this.#maxMs = maxMs
    this.#now = now
  }

  /** The outcomes of a call that is refused, or nothing: then the server is asked. */
  refusalOf(charges: readonly Charge[]): readonly Outcome[] | undefined {
    if (this.#byKey.size === 0) return undefined
    const now = this.#now()
    const all: Outcome[] = []
    let refused = false
    for (const charge of charges) {
      const known = this.#knownOf(charge, now)
      if (known === undefined || hasAnother(charges, charge)) return undefined
      refused ||= !known.outcome.allowed
      all.push(told(known, now))
    }
    return refused ? all : undefined
  }

  /** Notes what the server said of a call. */
  note(charges: readonly Charge[], outcomes: readonly Outcome[], askedMs: number): void {
    if (outcomes.every(({ allowed }) => allowed)) {
      // What is known of these keys is known no longer.
      if (this.#byKey.size > 0) for (const { key } of charges) this.#byKey.delete(key)
      return
    }
    const toldMs = this.#now()
    for (const [index, charge] of charges.entries()) {
      const outcome = outcomes[index]
      this.#byKey.delete(charge.key)
      if (outcome === undefined || hasAnother(charges, charge)) continue
      if (!outcome.allowed && charge.cost > 1) continue
      if (this.#byKey.size >= this.#maxKeys) this.#forgetOldest()
      const { quota, cost } = charge
      this.#byKey.set(charge.key, { quota: { ...quota }, cost, outcome, askedMs, toldMs })
    }
  }

  /** Forgets a key whose counter was changed. */
  forget(key: string): void {
    this.#byKey.delete(key)
  }

  #knownOf({ key, quota, cost }: Charge, now: number): Known | undefined {
    const known = this.#byKey.get(key)
    if (known === undefined || known.cost !== cost || !isSame(known.quota, quota)) return undefined
    const { outcome, askedMs } = known
    const lastsMs = outcome.allowed ? this.#maxMs : Math.min(outcome.retryAfterMs, this.#maxMs)
    if (now >= askedMs && now < askedMs + lastsMs) return known
    this.#byKey.delete(key)
    return undefined
  }

  #forgetOldest(): void {
    for (const key of this.#byKey.keys()) {
      this.#byKey.delete(key)
      return
    }
  }
}

/** The outcome as it is now: rounded up, so that whoever comes back then does not come too early. */
function told({ outcome, toldMs }: Known, now: number): Outcome {
  const left = (ms: number): number => Math.max(Math.ceil(toldMs + ms - now), 0)
  const retryAfterMs = outcome.allowed ? 0 : left(outcome.retryAfterMs)
  return { ...outcome, resetMs: left(outcome.resetMs), retryAfterMs }
}

function hasAnother(charges: readonly Charge[], charge: Charge): boolean {
  return charges.length > 1 && charges.some((other) => other !== charge && other.key === charge.key)
}
