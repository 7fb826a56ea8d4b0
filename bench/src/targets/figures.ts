import type { AdaptersResults } from '../adapters/run.ts'
import type { GateResults } from '../gate/run.ts'
import { type ScenarioName, SCENARIOS } from '../gate/scenarios.ts'
import type { MicroReport } from '../micro/report.ts'
import type { RowFacts } from '../micro/row.ts'
import { factsOf, lineFor } from '../micro/rows.ts'
import { lineOf } from '../nodes.ts'
import { type NodeRun, type Sample, type Summary, toAllowedOf } from '../statistics.ts'
import type { Figure, ResultsOf, Target } from './target.ts'

/** What has to be, and what would be better. */
export interface Bounds {
  readonly must: number
  readonly aim: number
}

/**
 * A ratio to the floor: of its own scenario or, where something else is answered instead, of the answer that is allowed.
 *
 * Trap: a refusal is shorter than what it refuses, and so is the floor that writes the bytes of it. Beside that floor nobody
 * sees what it saves to refuse.
 */
export function scenario(
  name: ScenarioName,
  what: string,
  bounds: Bounds,
  more: Pick<Target, 'why' | 'profile'>,
): Target {
  const { isInstead: toAllowed = false, redis = false } = SCENARIOS[name]
  return {
    what,
    unit: 'of the floor',
    ...bounds,
    lowerIsBetter: false,
    figures: (resultsOf) =>
      gateFigures(resultsOf, (run) => {
        const own = summaryOf(run.summaries, name, 'gatehouse')
        if (own === undefined) return undefined
        const toOwnFloor = own.ratios.cpu.median
        if (redis) return { value: toOwnFloor, ...nearestIn(run, name) }
        if (!toAllowed) return { value: toOwnFloor }
        const nearest = nearestOf(name, run)
        return (
          own.toAllowed && {
            value: own.toAllowed.median,
            toOwnFloor,
            ...(nearest !== undefined && { nearest }),
          }
        )
      }),
    ...(toAllowed && { nearest: OF_TEXT }),
    ...(redis && { nearest: OF_REDIS }),
    ...more,
  }
}

const OF_TEXT =
  '`floor-text`, which writes the bytes of this answer from one text that was made before, and checks nothing'
const OF_REDIS = '`gatehouse-lease`, the same policy, of whose limits a hundredth is taken ahead'

/** An app behind the adapter of a framework, beside the same app with no middleware. */
export function adapter(framework: string, what: string, why: string, profile?: string): Target {
  return {
    what,
    unit: 'of the bare app',
    must: 0.85,
    aim: 0.92,
    lowerIsBetter: false,
    figures: (resultsOf) => {
      const results = resultsOf('adapters') as AdaptersResults | undefined
      return (results?.runs ?? []).flatMap(({ node, summaries }) => {
        const own = summaryOf(summaries, framework, 'gate')
        return own === undefined ? [] : { node: lineOf(node), value: own.ratios.cpu.median }
      })
    },
    ...(profile !== undefined && { profile }),
    why,
  }
}

/** A row of the part `micro`, which knows its bounds itself. */
export function row(
  name: string,
  what: string,
  why: string,
  more: Pick<Target, 'profile' | 'pieces'> = {},
): Target {
  const { unit, bound }: RowFacts = factsOf(name)
  if (bound === undefined) throw new RangeError(`nothing was set out to be reached by ${name}`)
  return {
    what,
    unit,
    ...bound,
    lowerIsBetter: true,
    figures: (resultsOf) =>
      ((resultsOf('micro') as MicroReport | undefined)?.summaries ?? [])
        .filter((summary) => summary.row === name)
        .map(({ node, own }) => ({ node: lineFor(name, node), value: own.median })),
    ...more,
    why,
  }
}

/** The p99 of `sustained`, beside that of the floor. */
export function sustained(what: string, bounds: Bounds, why: string, profile: string): Target {
  return {
    what,
    unit: 'times that of the floor',
    ...bounds,
    lowerIsBetter: true,
    figures: (resultsOf) =>
      gateFigures(resultsOf, ({ summaries }) => {
        const own = summaryOf(summaries, 'sustained', 'gatehouse')
        return own === undefined ? undefined : { value: own.ratios.p99.median }
      }),
    profile,
    why,
  }
}

function gateFigures(
  resultsOf: ResultsOf,
  figure: (run: NodeRun) => Omit<Figure, 'node'> | undefined,
): readonly Figure[] {
  const results = resultsOf('gate') as GateResults | undefined
  return (results?.runs ?? []).flatMap((run) => {
    const found = figure(run)
    return found === undefined ? [] : { node: lineOf(run.node), ...found }
  })
}

/** `floor-text` beside the floor of `allowed`, in the rounds that the gate has as well. */
function nearestOf(name: ScenarioName, { samples }: NodeRun): number | undefined {
  const of = (stack: string): readonly Sample[] =>
    samples.filter((sample) => sample.scenario === name && sample.stack === stack)
  const rounds = new Set(of('gatehouse').map(({ round }) => round))
  const own = of('floor-text').filter(({ round }) => rounds.has(round))
  return toAllowedOf(own, samples, 'floor')?.median
}

/** The gate that seldom asks Redis, beside the floor of the same rounds. */
function nearestIn({ summaries }: NodeRun, name: ScenarioName): Pick<Figure, 'nearest'> {
  const found = summaryOf(summaries, name, 'gatehouse-lease')
  return found === undefined ? {} : { nearest: found.ratios.cpu.median }
}

function summaryOf(summaries: readonly Summary[], name: string, stack: string): Summary | undefined {
  return summaries.find((summary) => summary.scenario === name && summary.stack === stack)
}
