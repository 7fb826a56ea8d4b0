import type { Outcome } from '@gatehouse/core'
import { measure } from 'mitata'
import { LIMIT, WINDOW_MS } from '../limiter/sides/decider.ts'
import { keyOf, picks } from '../limiter/keys.ts'
import type { Row, Rows } from './row.ts'

/*
 * Rows of single calls: mitata calls them in batches, and the time of a batch is that of the processor.
 */

const KEYS = 1_000_000

/** The table of the store: so many words of 32 bits an entry, and full to this when a million have come. */
const ENTRY_WORDS = 3
const FULL = 0.8

/** Not exported by what is shipped. */
const HASH = new URL('../../../packages/core/src/lib/half-sip-hash.ts', import.meta.url)

/** What is used of it. */
interface Hash {
  readonly HalfSipHash: new (seed: Buffer) => { readonly hash: (text: string) => void }
}

export const CALLS: Rows = {
  'limiter decision': {
    ...decisionAt(KEYS),
    what: 'GCRA in memory, one of a million live keys',
    bound: { must: 150, aim: 90 },
  },
  'decision on one key': {
    ...decisionAt(1),
    what: 'the same of a single key: all that it needs is in the caches of the processor',
  },
  'clock reading': {
    group: 'limiter',
    what: 'of it, what time it is',
    unit: 'ns',
    prepare:
      ({ systemClock }) =>
      (ms) =>
        nanosOf(ms, function* () {
          yield () => systemClock.monotonic()
        }),
  },
  'hash of a key': {
    group: 'limiter',
    what: 'of it, the hash of an address, whose secret no caller knows',
    unit: 'ns',
    prepare: async () => {
      const { HalfSipHash } = (await import(HASH.href)) as Hash
      const hash = new HalfSipHash(Buffer.alloc(16, 7))
      const key = keysBelow(KEYS)
      return (ms) =>
        nanosOf(ms, function* () {
          yield { 0: key, bench: (text: string) => hash.hash(text) }
        })
    },
  },
  'random read': {
    group: 'limiter',
    what: 'of it, to wait for memory: one word by chance of as many as a million keys take',
    unit: 'ns',
    prepare: () => {
      const words = circle(Math.ceil(KEYS / FULL) * ENTRY_WORDS)
      let at = 0
      return (ms) =>
        nanosOf(ms, function* () {
          yield () => (at = words[at] ?? 0)
        })
    },
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
      const key = keysBelow(keys)
      return (ms) =>
        nanosOf(ms, function* () {
          yield { 0: key, bench: decide }
        })
    },
  }
}

/** A new text each time, made before the time is taken: a request brings one, which nobody has hashed yet. */
function keysBelow(count: number): () => string {
  const picked = picks(1 << 20, count, 1)
  let next = 0
  return () => keyOf(picked[next++ & (picked.length - 1)] ?? 0)
}

/** Words of which each says where the next is, by chance, and the last where the first is: none can be read before it is told. */
function circle(count: number): Int32Array {
  const words = Int32Array.from({ length: count }, (_, index) => index)
  const picked = picks(count, 2 ** 32, 1)
  // Sattolo, "An algorithm to generate a random cyclic permutation", 1986.
  for (let last = count - 1; last > 0; last--) {
    const other = (picked[last] ?? 0) % last
    const word = words[last] ?? 0
    words[last] = words[other] ?? 0
    words[other] = word
  }
  return words
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
