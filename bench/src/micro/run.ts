import { BenchProcess } from '../bench-process.ts'
import { shuffled, type Watcher } from '../rounds.ts'
import { rowOf } from './rows.ts'
import type { SubjectAsked, SubjectTold } from './subject.ts'

/** How much is measured in-process. */
export interface MicroPlan {
  readonly rows: readonly string[]
  /** Each has a fresh process for every row. */
  readonly rounds: number
  readonly warmUpMs: number
  readonly ms: number
}

/** One row in one round. */
export interface MicroSample {
  readonly row: string
  /** From 1. */
  readonly round: number
  /** Nanoseconds of processor time for each. */
  readonly nanos: number
}

const REPLY_MS = 60_000

/**
 * Measures rows in rounds: each round has all of them, in an order of chance, and each is a process of its own.
 *
 * Trap: two processes that run the same differ, by where things came to lie in memory and by what the compiler made of
 * the first calls; one that is measured for longer says the same wrong thing again. So there are many processes, and the
 * middle of them.
 */
export async function measureMicro(
  { rows, rounds, warmUpMs, ms }: MicroPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<readonly MicroSample[]> {
  const samples: MicroSample[] = []
  const floors = rows.flatMap((row) => rowOf(row).over ?? [])
  const all = [...new Set([...floors, ...rows])]
  for (let round = 1; round <= rounds; round++) {
    for (const row of shuffled(all)) {
      watcher.begins(`micro: round ${round} of ${rounds}, ${row}`)
      const nanos = await measureRow({ row, warmUpMs, ms }, signal)
      samples.push({ row, round, nanos })
      watcher.measured(`micro: round ${round}`, `${row}: ${nanos.toFixed(0)} ns`)
    }
  }
  return samples
}

async function measureRow(asked: SubjectAsked, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  const subject = new BenchProcess<SubjectAsked, SubjectTold>(
    asked.row,
    new URL('./subject.ts', import.meta.url),
    { replyMs: REPLY_MS },
  )
  const stop = (): void => void subject.end()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await subject.reply()
    const told = await subject.ask(asked)
    if (told.type !== 'measured') {
      throw new Error(`${asked.row}: ${told.type === 'failed' ? told.message : told.type}`)
    }
    return told.value
  } finally {
    signal.removeEventListener('abort', stop)
    await subject.end()
  }
}
