import type { Outcome } from '@gatehouse/core'
import { measure } from 'mitata'
import { LIMIT, WINDOW_MS } from '../limiter/sides/decider.ts'
import { keyOf, picks } from '../limiter/keys.ts'
import type { Row, Rows } from './row.ts'

/*
 * Rows of single calls: mitata calls them in batches, and the time of a batch is that of the processor.
 */

const KEYS = 1_000_000

export const CALLS: Rows = {
  'limiter decision': {
    ...decisionAt(KEYS),
    what: 'GCRA in memory, one of a million live keys',
    bound: { must: 150, aim: 90 },
  },
}

/** What a decision takes where so many keys are alive. */
export function decisionAt(keys: number): Row {
  return {
    group: 'limiter',
    what: `a decision at ${keys} keys`,
    unit: 'ns',
    prepare: (core) => {
      const store = core.memoryStore({ maxKeys: Math.max(100, keys) })
      const quota = { limit: LIMIT, windowMs: WINDOW_MS, algorithm: 'gcra' } as const
      const decide = (key: string): boolean => {
        const [outcome] = store.take([{ key, quota, cost: 1 }]) as readonly Outcome[]
        return outcome?.allowed === true
      }
      for (let client = 0; client < keys; client++) decide(keyOf(client))
      const picked = picks(1 << 20, keys, 1)
      let next = 0
      // A new text each time, made before the time is taken: a request brings one, which nobody has hashed yet.
      const key = (): string => keyOf(picked[next++ & (picked.length - 1)] ?? 0)
      return (ms) =>
        nanosOf(ms, function* () {
          yield { 0: key, bench: decide }
        })
    },
  }
}

/**
 * What each call takes, in nanoseconds of processor time: whoever else uses the machine is not in it, and threads that
 * collect garbage are.
 */
export async function nanosOf(ms: number, bench: () => Generator): Promise<number> {
  const options = { now: cpuNanos, min_cpu_time: ms * 1e6, gc: false }
  const { avg } = await measure(bench as Parameters<typeof measure>[0], options)
  return avg
}

function cpuNanos(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}
