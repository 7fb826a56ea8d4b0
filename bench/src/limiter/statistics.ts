import { type Spread, spreadOf } from '../statistics.ts'
import type { SideName } from './side-process.ts'

/** One side in one round of decisions. */
export interface DecisionSample {
  readonly side: SideName
  /** From 1. */
  readonly round: number
  /** Processor time of the process for each decision, in nanoseconds. */
  readonly cpuNanos: number
  /** Time that went by for each, in nanoseconds. */
  readonly wallNanos: number
}

/** One process that was filled with keys. */
export interface MemorySample {
  readonly side: SideName
  /** From 1. */
  readonly round: number
  /** By how much resident memory grew for each key. */
  readonly rssBytes: number
  /** By how much the heap and array buffers grew for each key, with what of them is reserved and not written. */
  readonly heapBytes: number
}

/** A limiter in memory, over all rounds; what was not measured is not there. */
export interface SideSummary {
  readonly side: SideName
  readonly cpuNanos: Spread | undefined
  readonly wallNanos: Spread | undefined
  readonly rssBytes: Spread | undefined
  readonly heapBytes: Spread | undefined
}

/** Sums up the rounds, in the order of `sides`; a side that was not measured has no row. */
export function summariseSides(
  sides: readonly SideName[],
  decisions: readonly DecisionSample[],
  memory: readonly MemorySample[],
): readonly SideSummary[] {
  return sides.flatMap((side) => {
    const decided = decisions.filter((sample) => sample.side === side)
    const filled = memory.filter((sample) => sample.side === side)
    if (decided.length === 0 && filled.length === 0) return []
    return {
      side,
      cpuNanos: spreadOfSome(decided.map(({ cpuNanos }) => cpuNanos)),
      wallNanos: spreadOfSome(decided.map(({ wallNanos }) => wallNanos)),
      rssBytes: spreadOfSome(filled.map(({ rssBytes }) => rssBytes)),
      heapBytes: spreadOfSome(filled.map(({ heapBytes }) => heapBytes)),
    }
  })
}

function spreadOfSome(values: readonly number[]): Spread | undefined {
  return values.length === 0 ? undefined : spreadOf(values)
}
