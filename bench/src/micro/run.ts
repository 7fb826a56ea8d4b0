import { BenchProcess } from '../bench-process.ts'
import type { Taken } from '../merge.ts'
import { nodesOf } from '../nodes.ts'
import type { Lines } from '../outline.ts'
import { shuffled, type Watcher } from '../rounds.ts'
import { factsOf, lineFor, withFloors } from './rows.ts'
import type { SubjectAsked, SubjectTold } from './subject.ts'
import { built } from './variants.ts'
import { WEIGH } from './weigh.ts'

/** How much is measured in-process. */
export interface MicroPlan extends Lines {
  readonly rows: readonly string[]
  /** Each has a fresh process for every row. */
  readonly rounds: number
  readonly warmUpMs: number
  readonly ms: number
}

/** The rounds of a plan, in words. */
export function roundsOf({ rounds, ms }: MicroPlan): string {
  return `${rounds} rounds of ${ms / 1000} s`
}

/** One row in one round. */
export interface MicroSample {
  /** The line of Node; empty where it is the same on each. */
  readonly node: string
  readonly row: string
  /** From 1. */
  readonly round: number
  /** What each takes, in the unit of the row; nothing is taken off. */
  readonly value: number
}

/** Rows that were measured. */
export interface MicroResults {
  /** Lines and versions. */
  readonly nodes: Readonly<Record<string, string>>
  readonly samples: readonly MicroSample[]
  /** Where it was put together from several runs. */
  readonly taken?: readonly Taken[]
}

/** To fill a million keys on a busy machine takes its time. */
const REPLY_MS = 120_000

const SUBJECT = new URL('./subject.ts', import.meta.url)

/**
 * Measures rows in rounds: each round has all of them, in an order of chance, and each is a process of its own.
 *
 * Trap: two processes that run the same differ, by where things came to lie in memory and by what the compiler made of
 * the first calls; one that is measured for longer says the same wrong thing again. So there are many processes, and the
 * middle of them.
 */
export async function measureMicro(
  plan: MicroPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<MicroResults> {
  const { rows, nodes: lines, rounds, warmUpMs, ms } = plan
  const samples: MicroSample[] = []
  const nodes = await nodesOf(lines)
  const all = nodes.flatMap((node, index) =>
    withFloors(rows)
      .map((row) => ({ node, row, line: lineFor(row, node.line) }))
      .filter(({ line }) => line !== '' || index === 0),
  )
  const versions = Object.fromEntries(nodes.map(({ line, version }) => [line, version]))
  for (let round = 1; round <= rounds; round++) {
    for (const { node, row, line } of shuffled(all)) {
      watcher.begins(`micro: round ${round} of ${rounds}, ${row}`)
      signal.throwIfAborted()
      const weigh = WEIGH[row]
      const value = await (weigh === undefined
        ? withSubject({ node: node.path, core: built() }, signal, (ask) => ask({ row, warmUpMs, ms }))
        : weigh(node, signal))
      samples.push({ node: line, row, round, value })
      watcher.measured(
        `micro: round ${round}`,
        `${nodes.length > 1 && line !== '' ? `Node ${line}, ` : ''}${row}: ${value.toPrecision(4)} ${factsOf(row).unit}`,
      )
    }
    const soFar: MicroResults = { nodes: versions, samples: [...samples] }
    watcher.soFar?.({ ...plan, rounds: round }, soFar)
  }
  return { nodes: versions, samples }
}

/** Where a subject runs, and which core it has. */
export interface Where {
  readonly node: string
  readonly core: URL
  /** The file of the subject; it may have been built before. */
  readonly file?: URL
}

/** Starts a subject, and ends it whatever happens. */
export async function withSubject<T>(
  { node, core, file = SUBJECT }: Where,
  signal: AbortSignal,
  use: (ask: (asked: SubjectAsked) => Promise<number>) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const subject = new BenchProcess<SubjectAsked, SubjectTold>('subject', file, {
    args: [core.href],
    node,
    replyMs: REPLY_MS,
  })
  const stop = (): void => void subject.end()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await subject.reply()
    return await use(async (asked) => {
      const told = await subject.ask(asked)
      if (told.type === 'measured') return told.value
      throw new Error(`${asked.row}: ${told.type === 'failed' ? told.message : told.type}`)
    })
  } finally {
    signal.removeEventListener('abort', stop)
    await subject.end()
  }
}
