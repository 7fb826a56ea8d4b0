import { lineOf } from '../nodes.ts'
import type { Kept } from '../part.ts'
import { type NodeRun, type Sample, summarise } from '../statistics.ts'
import { type GatePlan, type GateResults, roundsOf, type Taken } from './run.ts'
import { SCENARIO_NAMES } from './scenarios.ts'
import { STACK_NAMES } from './stacks.ts'

type KeptGate = Kept<GatePlan, GateResults>

/**
 * Puts what was measured now beside what was kept: scenario by scenario and stack by stack, on each line of Node. What was
 * measured again takes the place of what was there.
 *
 * A ratio is of one round, and so of one run: the rounds of each run have numbers of their own, and the floor keeps those
 * that others still stand beside.
 */
export function mergeGate(earlier: KeptGate, now: KeptGate): KeptGate {
  const last = lastRound(earlier.results)
  const fresh = now.results.runs.map((run) => ({
    ...run,
    samples: run.samples.map((sample) => ({ ...sample, round: sample.round + last })),
  }))
  const others = earlier.results.runs.filter((run) =>
    fresh.every(({ node }) => lineOf(node) !== lineOf(run.node)),
  )
  const runs = [
    ...others,
    ...fresh.map((run) => {
      // Another version of the same line is another Node: nothing is put beside it.
      const same = earlier.results.runs.find(({ node }) => node === run.node)
      return { ...run, samples: [...(same === undefined ? [] : remaining(same, run)), ...run.samples] }
    }),
  ].map(summed)
  const taken = [
    ...takenOf(earlier),
    { ...takenOf(now)[0], from: last + 1, to: last + lastRound(now.results) } as Taken,
  ].filter(({ from, to }) =>
    runs.some(({ samples }) => samples.some(({ round }) => round >= from && round <= to)),
  )
  return {
    machine: now.machine,
    plan: {
      ...now.plan,
      scenarios: SCENARIO_NAMES.filter((name) =>
        runs.some(({ samples }) => samples.some(({ scenario }) => scenario === name)),
      ),
      stacks: STACK_NAMES.filter((name) =>
        runs.some(({ samples }) => samples.some(({ stack }) => stack === name)),
      ),
      nodes: runs.length > 1 ? runs.map(({ node }) => lineOf(node)).toSorted() : now.plan.nodes,
      times: taken.length,
    },
    results: {
      // What has the most stacks is what the rest is told beside.
      runs: runs.toSorted(
        (a, b) => stacksIn(b) - stacksIn(a) || Number(lineOf(a.node)) - Number(lineOf(b.node)),
      ),
      leftOut: [...new Set([...stillLeftOut(earlier.results, now.results), ...now.results.leftOut])],
      taken,
    },
  }
}

function takenOf({ machine, plan, results }: KeptGate): readonly Taken[] {
  const { date, commit, loadBefore } = machine
  return (
    results.taken ?? [{ from: 1, to: lastRound(results), date, commit, loadBefore, rounds: roundsOf(plan) }]
  )
}

function lastRound({ runs }: GateResults): number {
  return Math.max(0, ...runs.flatMap(({ samples }) => samples.map(({ round }) => round)))
}

/** What of an earlier run was not measured again. */
function remaining({ samples }: NodeRun, now: NodeRun): readonly Sample[] {
  const again = new Set(now.samples.map(idOf))
  const others = samples.filter((sample) => sample.stack !== 'floor' && !again.has(idOf(sample)))
  const beside = new Set(others.map(({ scenario, round }) => `${scenario} ${round}`))
  return samples.filter(
    (sample) =>
      others.includes(sample) ||
      (sample.stack === 'floor' &&
        (!again.has(idOf(sample)) || beside.has(`${sample.scenario} ${sample.round}`))),
  )
}

function idOf({ scenario, stack }: Sample): string {
  return `${scenario} ${stack}`
}

function summed({ node, samples }: NodeRun): NodeRun {
  const inOrder = SCENARIO_NAMES.flatMap((name) => samples.filter(({ scenario }) => scenario === name))
  return { node, summaries: summarise(inOrder, STACK_NAMES), samples: inOrder }
}

function stacksIn({ samples }: NodeRun): number {
  return new Set(samples.map(({ stack }) => stack)).size
}

/** A sentence begins with a stack or a scenario, and may say in which scenario: what was measured since is left out no more. */
function stillLeftOut(earlier: GateResults, now: GateResults): readonly string[] {
  const measured = now.runs.flatMap(({ samples }) => samples)
  return earlier.leftOut.filter((sentence) => {
    const told = sentence.replace(/^a process of /, '')
    return !measured.some(({ scenario, stack }) =>
      [`${stack} in ${scenario}`, `${stack}, since`, `${scenario}, since`, `${scenario} on `].some((start) =>
        told.startsWith(start),
      ),
    )
  })
}
