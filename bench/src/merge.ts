import type { Machine } from './machine.ts'
import { lineOf } from './nodes.ts'
import type { Lines } from './outline.ts'
import type { Kept } from './part.ts'

/** One process in one round, or what came of it. */
export interface Round {
  /** From 1. */
  readonly round: number
}

/** What was measured on one Node. */
export interface RunOf<S extends Round> {
  /** `v22.1.0` for example; empty where it is the same on each. */
  readonly node: string
  readonly samples: readonly S[]
}

/** One of the runs that results were put together from. */
export interface Taken {
  /** Its rounds have these numbers. */
  readonly from: number
  readonly to: number
  readonly date: string
  readonly commit: string | undefined
  readonly loadBefore: number
  /** How many rounds of how long. */
  readonly rounds: string
}

/** What was measured by line of Node, and in which runs where it was put together from several. */
export interface Gathered<S extends Round> {
  readonly runs: readonly RunOf<S>[]
  readonly taken?: readonly Taken[]
}

/** The same, with what is to be told of the run where it is of one. */
export interface Dated<S extends Round> extends Gathered<S> {
  readonly machine: Machine
  /** How many rounds of how long. */
  readonly rounds: string
}

/** How what was measured is told apart. */
export interface Identity<S extends Round> {
  /** What is measured again takes the place of what has the same. */
  readonly idOf: (sample: S) => string
  /** What it is told beside, of the same round: floors. */
  readonly besideOf: (sample: S) => readonly string[]
}

/** What was put together. */
export interface Merged<S extends Round> extends Required<Gathered<S>> {
  readonly lines: Lines
}

/**
 * Puts what was measured now beside what was kept, on each line of Node. What was measured again takes the place of what was
 * there.
 *
 * What is told beside a floor is of one round, and so of one run: the rounds of each run have numbers of their own, and a
 * floor keeps those that others still stand beside.
 */
export function mergeRuns<S extends Round>(
  earlier: Dated<S>,
  now: Dated<S>,
  identity: Identity<S>,
): Merged<S> {
  const last = lastRound(earlier)
  const fresh = now.runs.map(({ node, samples }) => ({
    node,
    samples: samples.map((sample) => ({ ...sample, round: sample.round + last })),
  }))
  const others = earlier.runs.filter(({ node }) => fresh.every((run) => lineOf(run.node) !== lineOf(node)))
  const runs = byMost(
    [
      ...others,
      ...fresh.map(({ node, samples }) => {
        // Another version of the same line is another Node: nothing is put beside it.
        const same = earlier.runs.find((run) => run.node === node)
        return {
          node,
          samples: [...(same === undefined ? [] : remaining(same.samples, samples, identity)), ...samples],
        }
      }),
    ],
    identity,
  )
  const { date, commit, loadBefore } = now.machine
  const taken = [
    ...takenOf(earlier),
    { from: last + 1, to: last + lastRound(now), date, commit, loadBefore, rounds: now.rounds },
  ].filter(({ from, to }) =>
    runs.some(({ samples }) => samples.some(({ round }) => round >= from && round <= to)),
  )
  const nodes = runs.map(({ node }) => lineOf(node)).filter((line) => line !== '')
  return {
    runs,
    taken,
    lines: { nodes: nodes.toSorted(), times: taken.length },
  }
}

/** The Node on which most was measured first: the rest is told beside it. */
export function byMost<S extends Round>(
  runs: readonly RunOf<S>[],
  { idOf }: Pick<Identity<S>, 'idOf'>,
): readonly RunOf<S>[] {
  const most = ({ samples }: RunOf<S>): number => new Set(samples.map(idOf)).size
  return runs.toSorted((a, b) => most(b) - most(a) || Number(lineOf(a.node)) - Number(lineOf(b.node)))
}

/** Those of all names that something was measured of. */
export function namesIn<T extends string, S extends Round>(
  all: readonly T[],
  runs: readonly RunOf<S>[],
  nameOf: (sample: S) => string,
): readonly T[] {
  const names = new Set(runs.flatMap(({ samples }) => samples.map(nameOf)))
  return all.filter((name) => names.has(name))
}

/** What was kept, with what is to be told of its run. */
export function datedOf<Plan, S extends Round>(
  { machine, plan, results }: Kept<Plan, Gathered<S>>,
  roundsOf: (plan: Plan) => string,
): Dated<S> {
  return { ...results, machine, rounds: roundsOf(plan) }
}

function takenOf<S extends Round>({ machine, rounds, ...given }: Dated<S>): readonly Taken[] {
  const { date, commit, loadBefore } = machine
  return given.taken ?? [{ from: 1, to: lastRound(given), date, commit, loadBefore, rounds }]
}

function lastRound<S extends Round>({ runs }: Gathered<S>): number {
  return Math.max(0, ...runs.flatMap(({ samples }) => samples.map(({ round }) => round)))
}

/** What of an earlier run was not measured again, and what that stands beside. */
function remaining<S extends Round>(
  samples: readonly S[],
  now: readonly S[],
  { idOf, besideOf }: Identity<S>,
): readonly S[] {
  const again = new Set(now.map(idOf))
  const others = samples.filter((sample) => !again.has(idOf(sample)))
  const floors = new Set(others.flatMap((sample) => besideOf(sample).map((id) => `${id} ${sample.round}`)))
  return samples.filter((sample) => !again.has(idOf(sample)) || floors.has(`${idOf(sample)} ${sample.round}`))
}
