import { shuffled, type Watcher } from '../rounds.ts'
import { SideProcess, type SideName } from './side-process.ts'
import type { DecisionSample, MemorySample } from './statistics.ts'
import { verifySide } from './verify-sides.ts'

/** How much of the limiters in memory is measured. */
export interface InMemoryPlan {
  /** How many keys are alive. */
  readonly keys: number
  /** Decisions in a round. */
  readonly decisions: number
  readonly rounds: number
  /** Processes that are filled, one after the other, for each side. */
  readonly fills: number
  /** The Node that limiters run on, where it is another than the bench's. */
  readonly node?: string
}

/** Keys that are looked at, whether they are alive. */
const SAMPLE = 1000

/**
 * What a key takes: each side fills a process of its own, and ends. Round by round, in an order of chance.
 *
 * Traps: what is resident is more than what is of use, by how far the heap grew on the way and what of it node gave
 * back, and is never twice the same; but it is all there is. The numbers of node have all of an array buffer, and so
 * of a limiter that counts in large ones also what it has reserved and not written, which takes no memory yet.
 */
export async function measureMemory(
  sides: readonly SideName[],
  { keys, fills, node }: InMemoryPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = []
  for (let round = 1; round <= fills; round++) {
    for (const name of shuffled(sides)) {
      watcher.begins(`memory: fill ${round} of ${fills}, ${name}`)
      const sample = await withSides([name], { node, signal }, async ([side]) => fillOne(side, round, keys))
      samples.push(sample)
      watcher.measured(
        `memory: fill ${round}`,
        `${name}: ${Math.round(sample.rssBytes)} resident bytes for each key`,
      )
    }
  }
  return samples
}

async function fillOne(side: SideProcess | undefined, round: number, keys: number): Promise<MemorySample> {
  if (side === undefined) throw new Error('there is no side to fill')
  const { before, after } = await fill(side, keys)
  return {
    side: side.name,
    round,
    rssBytes: (after.rss - before.rss) / keys,
    heapBytes: (after.heap - before.heap) / keys,
  }
}

/**
 * What a decision takes: all sides are filled first, and then decide in rounds, one at a time and in an order of chance.
 *
 * Traps: processor time is of the whole process, so threads that collect garbage count as well; it is the number to
 * trust where others use the machine. Every key is picked by chance of all, so most are in no cache of the processor,
 * as in a real flood; who asks for few keys again and again is faster.
 */
export async function measureDecisions(
  sides: readonly SideName[],
  { keys, decisions, rounds, node }: InMemoryPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<readonly DecisionSample[]> {
  return withSides(sides, { node, signal }, async (processes) => {
    for (const side of processes) {
      watcher.begins(`decisions: filling ${side.name}`)
      await fill(side, keys)
      await decide(side, { keys, count: Math.ceil(decisions / 4), seed: rounds + 1 })
    }
    const samples: DecisionSample[] = []
    for (let round = 1; round <= rounds; round++) {
      for (const side of shuffled(processes)) {
        watcher.begins(`decisions: round ${round} of ${rounds}, ${side.name}`)
        const { cpuNanos, wallNanos } = await decide(side, { keys, count: decisions, seed: round })
        samples.push({ side: side.name, round, cpuNanos, wallNanos })
        watcher.measured(
          `decisions: round ${round}`,
          `${side.name}: ${Math.round(cpuNanos)} ns of processor each`,
        )
      }
    }
    for (const side of processes) await seeAlive(side, keys)
    return samples
  })
}

/** Starts sides that have been seen to limit, and ends them whatever happens. */
async function withSides<T>(
  names: readonly SideName[],
  { node, signal }: { readonly node: string | undefined; readonly signal: AbortSignal },
  use: (sides: readonly SideProcess[]) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const sides: SideProcess[] = []
  const endAll = (): Promise<unknown> => Promise.all(sides.map((side) => side.end()))
  // Nobody waits for a million keys after Ctrl-C: whoever is asked has ended, and says so.
  const stop = (): void => void endAll()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (const name of names) {
      const side = new SideProcess(name, node)
      sides.push(side)
      await side.ready()
      await verifySide(side)
    }
    return await use(sides)
  } finally {
    signal.removeEventListener('abort', stop)
    await endAll()
  }
}

async function fill(
  side: SideProcess,
  keys: number,
): Promise<Awaited<ReturnType<typeof side.ask<'filled'>>>> {
  const filled = await side.ask({ type: 'fill', keys }, 'filled')
  await seeAlive(side, keys)
  return filled
}

async function seeAlive(side: SideProcess, keys: number): Promise<void> {
  if (side.name === 'nobody') return
  const { dead } = await side.ask({ type: 'look', keys, sample: SAMPLE }, 'looked')
  if (dead > 0) throw new Error(`${side.name}: ${dead} of ${SAMPLE} keys were forgotten`)
}

async function decide(
  side: SideProcess,
  how: { readonly keys: number; readonly count: number; readonly seed: number },
): Promise<{ readonly cpuNanos: number; readonly wallNanos: number }> {
  const decided = await side.ask({ type: 'decide', ...how }, 'decided')
  if (decided.refused > 0) throw new Error(`${side.name} refused ${decided.refused} of ${how.count} requests`)
  return decided
}
