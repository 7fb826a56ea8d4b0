import type { SideSummary } from './limiter/statistics.ts'
import type { Spread, Summary } from './statistics.ts'

/** Stacks by scenario, as a page can hold them. */
export function stacksAsMarkdown(summaries: readonly Summary[]): string {
  const beside = summaries.some(({ besideMicros }) => besideMicros !== undefined)
  // A refusal is shorter than what it refuses: beside its own bytes alone nobody sees what it saves.
  const others = summaries.some(
    ({ scenario, toAllowed }) => scenario !== 'allowed' && toAllowed !== undefined,
  )
  return asMarkdown(
    [
      'Scenario',
      'Stack',
      'CPU µs/request',
      'Ratio',
      ...(others ? ['To the floor of `allowed`'] : []),
      'Requests/s',
      'p50 ms',
      'p99 ms',
      'Memory MB',
      ...(beside ? ['Redis µs/request'] : []),
    ],
    summaries.map(
      ({ scenario, stack, cpuMicros, ratios, toAllowed, perSecond, p50, p99, rssBytes, besideMicros }) => [
        scenario,
        stack,
        middle(cpuMicros, 1),
        whole(ratios.cpu, 2),
        ...(others ? [middle(toAllowed, 2)] : []),
        middle(perSecond, 0),
        middle(p50, 1),
        middle(p99, 1),
        (rssBytes.median / 1e6).toFixed(0),
        ...(beside ? [middle(besideMicros, 1)] : []),
      ],
    ),
  )
}

/** Limiters in memory, as a page can hold them. */
export function sidesAsMarkdown(summaries: readonly SideSummary[]): string {
  return asMarkdown(
    ['Limiter', 'CPU ns/decision', 'ns/decision', 'Resident bytes/key', 'Heap bytes/key'],
    summaries.map(({ side, cpuNanos, wallNanos, heapBytes, rssBytes }) => [
      side,
      whole(cpuNanos, 0),
      middle(wallNanos, 0),
      whole(rssBytes, 0),
      middle(heapBytes, 0),
    ]),
  )
}

function middle(spread: Spread | undefined, digits: number): string {
  return spread === undefined ? '' : spread.median.toFixed(digits)
}

/** The middle, and how far the rounds lie apart, where they do. */
export function whole(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return ''
  const { median, min, max } = spread
  const rounds = `${min.toFixed(digits)} to ${max.toFixed(digits)}`
  return min === max ? median.toFixed(digits) : `${median.toFixed(digits)} (${rounds})`
}

/** A cell for each line of Node; what is the same on each is told once, on the first. */
export function cellsByLine(
  lines: readonly string[],
  cells: readonly { readonly node: string; readonly cell: string }[],
): readonly string[] {
  const onEach = cells.find(({ node }) => node === '')?.cell
  return lines.map((line, index) => {
    if (onEach === undefined) return cells.find(({ node }) => node === line)?.cell ?? ''
    return index > 0 ? '' : lines.length > 1 ? `${onEach} on each` : onEach
  })
}

/** A table, padded as prettier would. */
export function asMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), text.length),
  )
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('')
}
