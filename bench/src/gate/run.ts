import { measure, type Timing, type Watcher } from '../rounds.ts'
import { type StackName, STACKS, startStack } from '../stack-process.ts'
import { type Sample, summarise, type Summary } from '../statistics.ts'
import { verify } from '../verify.ts'
import { type ScenarioName, tokensOfCallers, workloadOf } from '../workload.ts'

/** Measures whole gates, by scenario. */
export interface GatePlan extends Timing {
  readonly scenarios: readonly ScenarioName[]
  /** The stacks to measure; the floor is always one of them. */
  readonly stacks: readonly StackName[]
}

/** Starts the stacks, sees that they answer the same, measures them, and ends them whatever happens. */
export async function measureGate(
  plan: GatePlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<{ readonly summaries: readonly Summary[]; readonly samples: readonly Sample[] }> {
  const floor = startStack('floor')
  const gatehouse = startStack('gatehouse')
  const express = startStack('express')
  const all = [floor, gatehouse, express]
  try {
    await Promise.all(all.map((stack) => stack.listening()))
    const answers = await verify({ floor, gatehouse, express })
    signal.throwIfAborted()
    const names: readonly string[] = plan.stacks
    const stacks = all.filter(({ name }) => names.includes(name))
    const tokens = tokensOfCallers()
    const workloads = plan.scenarios.map((scenario) => workloadOf(scenario, tokens))
    const samples = await measure({ stacks, workloads, answers }, plan, watcher, signal)
    return { summaries: summarise(samples, STACKS), samples }
  } finally {
    await Promise.all(all.map((stack) => stack.end()))
  }
}
