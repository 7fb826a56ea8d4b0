import type { Rounds } from '../comparison.ts'
import { asMarkdown, whole } from '../markdown.ts'
import type { Plot } from '../page/plot.ts'
import { chosen, part, type Part } from '../part.ts'
import { cell, formatTable } from '../report.ts'
import { type Spread, spreadOf } from '../statistics.ts'
import { GROWTHS } from './rows.ts'
import { type GrowthPlan, type GrowthResults, measureGrowth, NAMES, OVER_SOCKETS, sizesOf } from './run.ts'

const FULL = { rounds: 3, warmUpMs: 800, ms: 400, seconds: 2, most: 10_000_000 }
const QUICK = { rounds: 1, warmUpMs: 400, ms: 200, seconds: 1, most: 100_000 }

const TITLES: Readonly<Record<string, { readonly title: string }>> = { ...GROWTHS, ...OVER_SOCKETS }

const LEGEND = `Processor time of a request, of a decision or of a policy that is compiled, as one thing grows and all else stays. In-process,
over sockets for connections and processes: there a request takes the network, too, and a bare server stands beside it.
`

export const growthPart: Part = part({
  name: 'growth',
  about: 'what it costs as the work grows: routes, keys, origins, roles, connections, processes',
  when: { full: true, quick: false },
  axes: { growth: NAMES },
  plan: (asked): GrowthPlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...(asked.rounds !== undefined && { rounds: asked.rounds }),
    ...(asked.seconds !== undefined && { seconds: asked.seconds, ms: asked.seconds * 1000 }),
    ...(asked.keys !== undefined && { most: asked.keys }),
    growths: chosen(NAMES, asked),
  }),
  outline: ({ growths, most, rounds }) =>
    `${growths.join(', ')} up to ${most.toLocaleString('en-US')}; ${rounds} rounds`,
  seconds: ({ growths, most, rounds, warmUpMs, ms, seconds }) =>
    rounds *
    sizesOf(growths, most)
      .map(({ growth, size }) =>
        growth in OVER_SOCKETS
          ? 2 * (seconds + 2) + (size / 1e4) * 4
          : 0.2 + (warmUpMs + ms) / 1000 + (size / 1e6) * 1,
      )
      .reduce((sum, each) => sum + each, 0),
  measure: measureGrowth,
  format: (results) =>
    [
      ...tablesOf(results).map(({ head, rows }) =>
        formatTable(
          head,
          rows.map(({ size, cells }) => [size, ...cells.map((each) => cell(each, digitsOf(each)))]),
        ),
      ),
      ...results.skipped.map((why) => `left out: ${why}`),
      LEGEND,
    ].join('\n'),
  markdown: (results) => [
    ...tablesOf(results).map(({ head, rows }) =>
      asMarkdown(
        head,
        rows.map(({ size, cells }) => [size, ...cells.map((each) => whole(each, digitsOf(each)))]),
      ),
    ),
    ...results.skipped.map((why) => `Left out: ${why}.\n`),
  ],
  plots,
  rounds: ({ samples }): readonly Rounds[] =>
    seriesOf(samples).map(({ growth, size, name, values }) => ({
      name: `${growth} ${size}, ${name}`,
      unit: '',
      values,
      lowerIsBetter: !name.includes('requests/s'),
    })),
})

interface Series {
  readonly growth: string
  readonly size: number
  readonly name: string
  readonly values: readonly number[]
}

/** Each number of each size, round by round. */
function seriesOf(samples: GrowthResults['samples']): readonly Series[] {
  const series = new Map<string, Series & { readonly values: number[] }>()
  for (const { growth, size, name, value } of samples) {
    const key = `${growth} ${size} ${name}`
    const known = series.get(key) ?? { growth, size, name, values: [] }
    known.values.push(value)
    series.set(key, known)
  }
  return [...series.values()].toSorted((a, b) => a.size - b.size)
}

function tablesOf({ samples }: GrowthResults): readonly {
  readonly head: readonly string[]
  readonly rows: readonly { readonly size: string; readonly cells: readonly (Spread | undefined)[] }[]
}[] {
  const all = seriesOf(samples)
  return NAMES.flatMap((growth) => {
    const own = all.filter((each) => each.growth === growth)
    if (own.length === 0) return []
    const names = [...new Set(own.map(({ name }) => name))].toSorted()
    const rows = [...new Set(own.map(({ size }) => size))].map((size) => ({
      size: size.toLocaleString('en-US'),
      cells: names.map((name) => {
        const found = own.find((each) => each.size === size && each.name === name)
        return found === undefined ? undefined : spreadOf(found.values)
      }),
    }))
    return [{ head: [TITLES[growth]?.title ?? growth, ...names], rows }]
  })
}

/** A line for each number; times of different units cannot stand in one picture, and each name says its own. */
function plots({ samples }: GrowthResults): readonly Plot[] {
  const all = seriesOf(samples)
  return NAMES.flatMap((growth): readonly Plot[] => {
    const own = all.filter((each) => each.growth === growth && !each.name.includes('requests/s'))
    const names = [...new Set(own.map(({ name }) => name))].toSorted()
    if (names.length === 0) return []
    const { title = growth } = TITLES[growth] ?? {}
    const lines = names.map((name) => ({
      name,
      points: own
        .filter((each) => each.name === name)
        .map(({ size, values }) => [size, spreadOf(values).median] as const),
    }))
    const unit = `processor time: ${names.join(', ')}`
    return [
      {
        name: `growth-${growth}`,
        title: `growth: ${title}`,
        unit,
        form: { type: 'lines', of: title, lines },
      },
    ]
  })
}

function digitsOf(spread: Spread | undefined): number {
  return spread === undefined || spread.median >= 100 ? 0 : 2
}
