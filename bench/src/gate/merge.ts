import { mergeStacks } from '../merge-stacks.ts'
import { datedOf } from '../merge.ts'
import type { Kept } from '../part.ts'
import { type GatePlan, type GateResults, roundsOf } from './run.ts'
import { SCENARIO_NAMES } from './scenarios.ts'
import { STACK_NAMES } from './stacks.ts'

type KeptGate = Kept<GatePlan, GateResults>

/** Puts what was measured now beside what was kept: stack by stack in each scenario, on each line of Node. */
export function mergeGate(earlier: KeptGate, now: KeptGate): KeptGate {
  const names = { scenarios: SCENARIO_NAMES, stacks: STACK_NAMES, floor: 'floor' } as const
  const { runs, taken, lines, scenarios, stacks } = mergeStacks(
    datedOf(earlier, roundsOf),
    datedOf(now, roundsOf),
    names,
  )
  return {
    machine: now.machine,
    plan: { ...now.plan, scenarios, stacks, ...lines },
    results: {
      runs,
      leftOut: [...new Set([...stillLeftOut(earlier.results, now.results), ...now.results.leftOut])],
      taken,
    },
  }
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
