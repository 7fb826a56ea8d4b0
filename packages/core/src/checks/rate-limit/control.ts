import type { Charged } from '../../contract/check.ts'
import type { LimitControl, LimitState, PolicyLimit, RequestLimit } from '../../contract/limits.ts'
import type { Counters, Outcome, Quota } from '../../contract/store.ts'
import type { Clock } from '../../lib/clock.ts'
import { parseDuration } from '../../lib/duration.ts'
import { isPositiveInteger } from '../../limiting/gcra.ts'
import { banningKey, bansKey, strikesKey } from './ban.ts'
import type { Keys } from './key.ts'
import { settleTab, tabOf } from './settle.ts'

/** A limit as an application is handed it. */
export interface NamedLimit {
  readonly name: string
  readonly quota: Quota
  readonly keys: Pick<Keys, 'ofCounted'>
}

/** One limit of a policy, for keys by name. */
export function policyLimit({ name, quota, keys }: NamedLimit, counters: Counters): PolicyLimit {
  return {
    of(...who) {
      const key = keys.ofCounted(who)
      if (key === undefined)
        throw new TypeError(
          `The limit ${name} does not count by that: give one value for each word of its "by".`,
        )
      return limitControl(counters, key, quota)
    },
  }
}

/** One limit that a request was charged by. */
export function requestLimit(charged: Charged, index: number, clock: Clock): RequestLimit {
  const tab = tabOf(charged, index)
  if (tab === undefined) throw new TypeError('The request was not charged by that')
  const { key, quota } = tab.charge
  const control = limitControl(tab.counters, key, quota)
  return {
    ...control,
    async settle(units) {
      if (!Number.isSafeInteger(units) || units < 0)
        throw new RangeError('What a request has cost is an integer that is not negative.')
      const adjusted = await settleTab(tab, units, clock)
      return adjusted === undefined ? control.peek() : stateOf(quota, adjusted)
    },
  }
}

/** A limit that has not counted a request: there is nothing to settle, and nothing is taken or given. */
export function uncountedLimit({ limit }: Quota): RequestLimit {
  const state: LimitState = { limit, remaining: limit, resetMs: 0, retryAfterMs: 0, blocked: false }
  const look = (): Promise<LimitState> => Promise.resolve(state)
  const nothing = (): Promise<void> => Promise.resolve()
  return { peek: look, penalize: look, reward: look, settle: look, reset: nothing, block: nothing }
}

function limitControl(counters: Counters, key: string, quota: Quota): LimitControl {
  const adjust = async (units: number, by: 1 | -1): Promise<LimitState> => {
    if (!isPositiveInteger(units)) throw new RangeError('Units are a positive integer.')
    return stateOf(quota, await counters.adjust([{ key, quota, units: by * units }]))
  }
  return {
    peek: async () => stateOf(quota, await counters.peek([{ key, quota, cost: 1 }])),
    penalize: (units = 1) => adjust(units, 1),
    reward: (units = 1) => adjust(units, -1),
    reset: async () => counters.reset([key, strikesKey(key), banningKey(key), bansKey(key)]),
    async block(duration) {
      const ms = parseDuration(duration)
      if (ms === undefined) throw new RangeError("A block lasts for a duration, such as '10m'.")
      await counters.block([key], ms)
    },
  }
}

function stateOf({ limit }: Quota, [outcome]: readonly Outcome[]): LimitState {
  if (outcome === undefined) throw new TypeError('The store gave no outcome')
  const { remaining, resetMs, retryAfterMs, blocked = false } = outcome
  return { limit, remaining, resetMs, retryAfterMs, blocked }
}
