import type { Warning } from '../../contract/check.ts'
import type { Counters, Outcome, Quota } from '../../contract/store.ts'
import { goOn } from '../../lib/promise.ts'
import type { BanRead } from './read.ts'

/*
 * A ban counts the refusals of a key by a limit, and blocks the key when there are too many. How often a key was banned
 * is counted, too, and each time it is banned for longer. All of these are counters of the store, so that every process
 * knows.
 */

/** What counts the refusals of a key. Keys of limits begin with a number, so these meet none of them. */
export function strikesKey(key: string): string {
  return `strikes:${key}`
}

/** What counts the bans of a key. */
export function bansKey(key: string): string {
  return `bans:${key}`
}

/** What is taken by the one that bans a key: of refusals that come together, each finds that there were too many. */
export function banningKey(key: string): string {
  return `banning:${key}`
}

/** For so long at most it is taken: after that a ban that the store did not keep is tried again. */
const LONGEST_BANNING = 10_000

/** Counts a refusal; says so when it led to a ban. */
export function strike(
  counters: Counters,
  ban: BanRead,
  { name, key }: { readonly name: string; readonly key: string },
): Warning | undefined | Promise<Warning | undefined> {
  const quota: Quota = { limit: ban.after, windowMs: ban.withinMs, algorithm: 'fixed-window' }
  return goOn(takeOne(counters, strikesKey(key), quota), (struck) =>
    // Strikes that found no room were not counted: they are no reason for a ban.
    struck.noRoom === true || (struck.allowed && struck.remaining > 0)
      ? undefined
      : banOnce(counters, ban, { name, key }),
  )
}

/**
 * Bans a key unless it is being banned. It is left to one caller for no longer than the shortest ban, so never when the
 * key could be banned again.
 */
function banOnce(
  counters: Counters,
  ban: BanRead,
  { name, key }: { readonly name: string; readonly key: string },
): Warning | undefined | Promise<Warning | undefined> {
  const windowMs = Math.min(LONGEST_BANNING, ...ban.forMs)
  const quota: Quota = { limit: 1, windowMs, algorithm: 'fixed-window' }
  return goOn(takeOne(counters, banningKey(key), quota), ({ allowed }) =>
    allowed ? block(counters, ban, { name, key }) : undefined,
  )
}

function block(
  counters: Counters,
  ban: BanRead,
  { name, key }: { readonly name: string; readonly key: string },
): Warning | Promise<Warning> {
  const quota: Quota = {
    limit: ban.forMs.length,
    windowMs: ban.forgetMs,
    algorithm: 'sliding-window',
  }
  return goOn(takeOne(counters, bansKey(key), quota), ({ allowed, remaining, noRoom }) => {
    const last = ban.forMs.length - 1
    // Bans that cannot be counted are each the first.
    const place = noRoom === true ? 0 : allowed ? last - remaining : last
    const ms = ban.forMs[place] ?? 0
    return goOn(counters.block([key], ms) as undefined | Promise<void>, () =>
      goOn(counters.reset([strikesKey(key)]) as undefined | Promise<void>, () => ({
        kind: 'limit.banned' as const,
        reason: `A key of the limit ${name} exceeded it too often: it is banned for ${ms / 1000} seconds.`,
        every: true as const,
      })),
    )
  })
}

function takeOne(counters: Counters, key: string, quota: Quota): Outcome | Promise<Outcome> {
  return goOn(counters.take([{ key, quota, cost: 1 }]), ([outcome]) => {
    if (outcome === undefined) throw new TypeError('The store gave no outcome')
    return outcome
  })
}
