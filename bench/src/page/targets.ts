import { asMarkdown, cellsByLine } from '../markdown.ts'
import { amountOf, type MicroReport } from '../micro/report.ts'
import { lineFor } from '../micro/rows.ts'
import { lineOf } from '../nodes.ts'
import { headingOf } from '../profile/report.ts'
import type { ProfileResults } from '../profile/run.ts'
import { microsOf, type ProfileSummary, summariseProfile } from '../profile/summary.ts'
import { KINDS, type Kind } from '../profile/places.ts'
import { TARGETS } from '../targets/table.ts'
import { type Figure, type ResultsOf, type Target, type Verdict, verdictOf } from '../targets/target.ts'

const HEAD = `## What we aim at

Ratios are of processor time, to the floor: a bare node:http handler that gets the same requests and writes the very bytes of the
answer, some fourteen fields and the JSON. A refusal and a preflight have another answer, shorter or longer: they are judged
by the floor of \`allowed\`, since that is what they spare, and the ratio to the floor that writes their own bytes stands beside it in
brackets. An app behind an adapter is judged by the same app with no middleware. A row is reached where it is on each line of Node
that was measured.
`

const VERDICTS: Readonly<Record<Verdict, string>> = {
  aim: 'aim reached',
  must: 'reached',
  missed: '**not reached**',
  'not measured': 'not measured',
}

/** What was set out to be reached and what is, and why not where it is not. */
export function targetsAsMarkdown(
  resultsOf: ResultsOf,
  targets: readonly Target[] = TARGETS,
): readonly string[] {
  const rows = targets.map((target) => ({ target, figures: target.figures(resultsOf) }))
  const nodes = [...new Set(rows.flatMap(({ figures }) => figures.map(({ node }) => node)))]
    .filter((node) => node !== '')
    .toSorted()
  const table = asMarkdown(
    ['What', 'Must', 'Aim', ...nodes.map((node) => `Node ${node}`), 'Verdict'],
    rows.map(({ target, figures }) => [
      target.what,
      `${target.must} ${target.unit}`,
      String(target.aim),
      ...cellsByLine(
        nodes,
        figures.map((figure) => ({ node: figure.node, cell: cellOf(figure) })),
      ),
      VERDICTS[verdictOf(target, figures)],
    ]),
  )
  const profiles = profilesOf(resultsOf)
  const missed = rows
    .filter(({ target, figures }) => verdictOf(target, figures) === 'missed')
    .map(({ target, figures }) => `- ${reasonOf(target, figures, profiles)}${piecesOf(target, resultsOf)}\n`)
  return [
    HEAD,
    table,
    ...(missed.length === 0
      ? []
      : [`What is not reached, why, and what is the nearest:\n\n${missed.join('')}`]),
  ]
}

function cellOf({ value, toOwnFloor }: Figure): string {
  return toOwnFloor === undefined ? short(value) : `${short(value)} (${short(toOwnFloor)})`
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}

/** Where the time of a scenario goes on a line of Node, and what the part of the page on it is called. */
interface Profile extends ProfileSummary {
  readonly line: string
  readonly heading: string
}

function profilesOf(resultsOf: ResultsOf): readonly Profile[] {
  const { runs = [] } = (resultsOf('profile') as ProfileResults | undefined) ?? {}
  return runs.flatMap(({ node, samples }, index) =>
    summariseProfile(samples).map((summary) => ({
      ...summary,
      line: lineOf(node),
      heading: headingOf(summary.scenario, index > 0 ? node : undefined),
    })),
  )
}

/** That of the line on which it is furthest from what must be, where that was looked into; else of the first that was. */
function profileOf(
  { profile, lowerIsBetter }: Target,
  figures: readonly Figure[],
  profiles: readonly Profile[],
): Profile | undefined {
  const own = profiles.filter(({ scenario }) => scenario === profile)
  const [furthest] = figures.toSorted((a, b) => (lowerIsBetter ? b.value - a.value : a.value - b.value))
  return own.find(({ line }) => line === furthest?.node) ?? own[0]
}

/** A sentence that is known, what the nearest is, and where the time goes if that was looked into. */
function reasonOf(target: Target, figures: readonly Figure[], profiles: readonly Profile[]): string {
  const { what, why, nearest: stack, lowerIsBetter } = target
  const said = `${what}: ${why}${stack === undefined ? '' : ` ${nearestOf(target, stack, figures)}`}`
  const found = profileOf(target, figures, profiles)
  if (found === undefined) return said
  const link = `[${found.heading}](#${anchorOf(found.heading)})`
  // Microseconds beside a floor say nothing of what is no ratio to it.
  if (lowerIsBetter) return `${said} ${link}.`
  const { gate, floor, line } = found
  const differences = KINDS.map((kind) => [kind, microsOf(gate, kind) - microsOf(floor, kind)] as const)
    .filter(([, micros]) => Math.abs(micros) >= 0.1)
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, micros]) => `${wordOf(kind)} ${micros < 0 ? '-' : '+'}${Math.abs(micros).toFixed(1)}`)
  const beside = `${said} Beside the floor that writes the same bytes it takes on Node ${line}, in µs: ${differences.join(', ')}`
  // What was measured is nearer to the truth than what is reckoned.
  if (stack !== undefined) return `${beside}: ${link}.`
  const nearest = floor.cpuMicros / (gate.cpuMicros - microsOf(gate, 'gate'))
  return `${beside}. Were all functions of the gate to take nothing, it would be ${nearest.toFixed(2)}: ${link}.`
}

/** What could be reached at all, as it was measured. */
function nearestOf({ must }: Target, stack: string, figures: readonly Figure[]): string {
  const said = `The nearest that can be is ${stack}`
  const lines = figures
    .toSorted((a, b) => Number(a.node) - Number(b.node))
    .flatMap(({ node, nearest }) =>
      nearest === undefined
        ? []
        : `${short(nearest)} on Node ${node}${nearest < must ? ', less than must be' : ''}`,
    )
  return lines.length === 0
    ? `${said}.`
    : `${said}: beside the same floor of the same rounds it is ${lines.join('; ')}.`
}

/** What it is made of, as it was measured on the first line of Node. */
function piecesOf({ pieces = [] }: Target, resultsOf: ResultsOf): string {
  const { summaries = [] } = (resultsOf('micro') as MicroReport | undefined) ?? {}
  const first = summaries.find(({ node }) => node !== '')?.node ?? ''
  const measured = pieces.flatMap(
    (piece) =>
      summaries.find(({ row, node }) => row === piece && lineFor(row, node) === lineFor(row, first)) ?? [],
  )
  if (measured.length === 0) return ''
  return ` Measured beside it: ${measured.map((each) => `${each.row} ${amountOf(each)}`).join('; ')}.`
}

const WORDS: Readonly<Partial<Record<Kind, string>>> = {
  socket: 'writing to sockets',
  rest: 'what is not JavaScript',
  gc: 'garbage collection',
  'node, else': 'the rest of Node',
  framework: 'the framework',
  'Redis client': 'ioredis',
  gate: 'the gate itself',
}

function wordOf(kind: Kind): string {
  return WORDS[kind] ?? kind
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
