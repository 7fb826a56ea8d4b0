import { asMarkdown } from '../markdown.ts'
import type { Plot } from '../page/plot.ts'
import { takenAsMarkdown } from '../page/taken.ts'
import { formatTable } from '../report.ts'
import { KIND_WORDS, kindOf, KINDS, type Kind, type Place } from './places.ts'
import type { ProfileResults } from './run.ts'
import { microsOf, type ProfileSummary, type Side, summariseProfile } from './summary.ts'

/** So many functions of the gate are told by name. */
const HEAVIEST = 10

const LEGEND = `Microseconds of processor time of a request: that of the process while nobody looks, by the shares of its main thread that V8
sees while it looks. What is built in counts as of whoever called it; what the kernel does where a stream is written is told by
itself. The time in which the event loop waits is taken off.
`

/** The results as people read them. */
export function formatProfile({ runs, leftOut }: ProfileResults): string {
  const tables = runs.flatMap(({ node, samples }) => [
    ...(runs.length > 1 ? [`\nNode ${node}`] : []),
    ...summariseProfile(samples).flatMap((summary) => {
      const { head, rows } = placesOf(summary)
      return [formatTable(head, rows), formatTable(['the heaviest of the gate', 'µs'], functionsOf(summary))]
    }),
  ])
  return [...tables, ...leftOut.map((what) => `left out: ${what}`), LEGEND].join('\n')
}

/** The tables as a page can hold them. */
export function profileAsMarkdown({ runs, leftOut, taken }: ProfileResults): readonly string[] {
  return [
    LEGEND,
    ...runs.flatMap(({ node, samples }, index) =>
      summariseProfile(samples).flatMap((summary) => {
        const { head, rows } = placesOf(summary)
        return [
          `### ${headingOf(summary.scenario, index > 0 ? node : undefined)}\n`,
          asMarkdown(head, rows),
          asMarkdown(['The heaviest of the gate', 'µs'], functionsOf(summary)),
        ]
      }),
    ),
    ...takenAsMarkdown(runs, taken, (samples) => [
      [...new Set(samples.map(({ scenario }) => scenario))].join(', '),
    ]),
    ...leftOut.map((what) => `Left out: ${what}.\n`),
  ]
}

/**
 * What the part of the page on a scenario is called, and so linked to.
 *
 * @param node named for all but the first that was looked at
 */
export function headingOf(scenario: string, node?: string): string {
  return `Where the time of ${scenario} goes${node === undefined ? '' : ` on Node ${node}`}`
}

/** A picture of all scenarios: of each the floor and the gate. */
export function profilePlots({ runs }: ProfileResults): readonly Plot[] {
  const [first] = runs
  if (first === undefined) return []
  const summaries = summariseProfile(first.samples)
  const barOf = (scenario: string, side: Side) => ({
    name: `${scenario}, ${side.stack}`,
    values: KINDS.map((kind) => microsOf(side, kind)),
  })
  return [
    {
      name: 'profile',
      title: 'profile: where the time of a request goes',
      unit: 'µs of processor time of a request: lower is better',
      form: {
        type: 'stacked',
        segments: KINDS,
        bars: summaries.flatMap(({ scenario, floor, gate }) => [
          barOf(scenario, floor),
          barOf(scenario, gate),
        ]),
      },
    },
  ]
}

/** By kind, and of the gate by place; the whole at the end. */
function placesOf({ scenario, floor, gate }: ProfileSummary): {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
} {
  const row = (name: string, [own, other]: readonly [number, number]): readonly string[] => [
    name,
    own.toFixed(2),
    other.toFixed(2),
    signed(other - own),
  ]
  const rows = KINDS.flatMap((kind) => {
    const both = [microsOf(floor, kind), microsOf(gate, kind)] as const
    return both[0] + both[1] === 0 ? [] : [row(KIND_WORDS[kind], both), ...placesWithin(kind, gate)]
  })
  const whole = [floor.cpuMicros, gate.cpuMicros] as const
  return {
    head: [`${scenario}, µs of a request`, floor.stack, gate.stack, 'difference'],
    rows: [...rows, row('all of it', whole)],
  }
}

function placesWithin(kind: Kind, { places }: Side): readonly (readonly string[])[] {
  if (kind !== 'gate') return []
  return [...places]
    .filter(([place]) => kindOf(place) === 'gate')
    .map(([place, micros]) => [`of it ${wordsOf(place)}`, '', micros.toFixed(2), ''])
}

function wordsOf(place: Place): string {
  return place.slice('gate: '.length)
}

function functionsOf({ gate: { functions } }: ProfileSummary): readonly (readonly string[])[] {
  return functions.slice(0, HEAVIEST).map(([name, micros]) => [name, micros.toFixed(2)])
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(2)}`
}
