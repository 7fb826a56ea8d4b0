import { KEPT } from '../kept.ts'
import type { Second, Told, Update, View } from '../view.ts'

/** What the page knows after a message that told what has changed. */
export function merge(view: View, update: Update): View {
  const { seconds = [], refusals = [], ...parts } = update
  const now = parts.now ?? view.now
  const ids = new Set(refusals.map(({ id }) => id))
  const kept: readonly Told[] = view.refusals.filter(({ id }) => !ids.has(id))
  return {
    ...view,
    ...parts,
    seconds: mergeSeconds(view.seconds, seconds, now),
    refusals: [...refusals, ...kept].slice(0, KEPT.refusals),
  }
}

function mergeSeconds(old: readonly Second[], fresh: readonly Second[], now: number): readonly Second[] {
  const from = Math.floor(now / 1000) - KEPT.seconds
  const first = fresh[0]?.[0] ?? Infinity
  return [...old.filter(([at]) => at > from && at < first), ...fresh]
}

/** What the page shows of a stretch of time. */
export interface Stretch {
  readonly allowed: number
  readonly refused: number
  readonly wouldRefuse: number
  /** How many each check refused; the most first. */
  readonly byCheck: readonly (readonly [check: string, count: number])[]
}

/** Sums up the last `length` seconds. */
export function sum(view: View, length: number): Stretch {
  const from = Math.floor(view.now / 1000) - length
  const checks = new Map<string, number>()
  let allowed = 0
  let refused = 0
  let wouldRefuse = 0
  for (const [at, ok, answered, no, would, , byCheck] of view.seconds) {
    if (at <= from) continue
    allowed += ok + answered
    refused += no
    wouldRefuse += would
    for (const [check, count] of Object.entries(byCheck)) checks.set(check, (checks.get(check) ?? 0) + count)
  }
  return { allowed, refused, wouldRefuse, byCheck: [...checks].sort((a, b) => b[1] - a[1]) }
}

/** Not refused by a check of the table, but by the handler that all of them had let it on to. */
const BY_HANDLER = '(handler)'

/**
 * How many requests went on past the place of a check: those that were let in or answered, and those that a later check or
 * a handler refused.
 */
export function letOnBy(order: readonly string[], check: string): (second: Second) => number {
  const later = [...order.slice(order.indexOf(check) + 1), BY_HANDLER]
  return ([, allowed, answered, , , , byCheck]) =>
    later.reduce((all, name) => all + (byCheck[name] ?? 0), allowed + answered)
}

/** Columns of a chart: moments in seconds, then one column for each line. */
export type Columns = readonly (readonly number[])[]

/** Averages per second, in about 300 steps over the last `length` seconds. */
export function columnsOf(
  view: View,
  length: number,
  lines: readonly ((second: Second) => number)[],
): Columns {
  const step = Math.max(1, Math.round(length / 300))
  const last = Math.floor(view.now / 1000 / step)
  const first = last - Math.ceil(length / step) + 1
  const times = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
  const columns = lines.map(() => times.map(() => 0))
  for (const second of view.seconds) {
    const index = Math.floor(second[0] / step) - first
    if (index < 0 || index >= times.length) continue
    for (const [line, read] of lines.entries()) {
      const column = columns[line]
      if (column !== undefined) column[index] = (column[index] ?? 0) + read(second) / step
    }
  }
  return [times, ...columns]
}
