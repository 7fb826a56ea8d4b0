import type { Core } from '../whole-policy.ts'
import { NANOS, type Unit } from './row.ts'
import { rowOf } from './rows.ts'

/* One process of the micro part: it measures rows of a core, each when it is asked to. */

/** What the bench asks: a row, and for how long to warm it up and to measure it. */
export interface SubjectAsked {
  readonly row: string
  readonly warmUpMs: number
  readonly ms: number
}

/** What a process tells: that it can be asked, and then one reply for each question. */
export type SubjectTold =
  | { readonly type: 'ready' }
  | { readonly type: 'measured'; readonly value: number }
  | { readonly type: 'failed'; readonly message: string }

// Whatever loads TypeScript turns source maps on; a stack trace that is written would then cost more.
process.setSourceMapsEnabled(false)
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())

const url = process.argv[2] ?? '@gatehouse/core'
const core = (await import(url)) as Core

process.on('message', ({ row, warmUpMs, ms }: SubjectAsked) => {
  measure(row, warmUpMs, ms).then(
    (value) => tell({ type: 'measured', value }),
    (error: unknown) =>
      tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
tell({ type: 'ready' })

/** What each takes, in the unit of the row. */
async function measure(name: string, warmUpMs: number, ms: number): Promise<number> {
  const { prepare, cold, unit } = rowOf(name)
  const measured = await prepare(core)
  if (cold !== true) await measured(warmUpMs)
  return (await measured(ms)) / nanosOf(unit)
}

function nanosOf(unit: Unit): number {
  if (unit in NANOS) return NANOS[unit as keyof typeof NANOS]
  throw new RangeError(`${unit} is no time`)
}

function tell(told: SubjectTold): void {
  if (process.send === undefined) throw new Error('It is forked by the bench: npm run bench')
  process.send(told)
}
