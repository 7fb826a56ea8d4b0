import { load } from './load.ts'
import type { StackProcess } from './stack-process.ts'
import type { Sample } from './statistics.ts'
import type { Answers } from './verify.ts'
import { type ScenarioName, tokensOfCallers } from './workload.ts'

/** What is measured, and for how long. */
export interface Plan {
  readonly scenarios: readonly ScenarioName[]
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/** Where the rounds are: for those who wait. */
export interface Watcher {
  /** Something begins. */
  readonly begins: (what: string) => void
  /** Something was measured. */
  readonly measured: (sample: Sample) => void
}

/** The stacks to measure; the floor must be among them. */
export interface Field {
  readonly stacks: readonly StackProcess[]
  readonly answers: Answers
}

/**
 * Measures the stacks in rounds: each round has all of them, one after the other, in an order of chance.
 *
 * Traps: on a machine with few cores everything else that runs is in the numbers, and it comes and goes. A stack that
 * had five rounds in a row could have the quiet minute all to itself; interleaved, a round is as noisy for one as for
 * the other, and the order of chance keeps anybody from always following the same neighbour. Only one stack works at a
 * time: the others are idle, and the client has a core.
 */
export async function measure(
  { stacks, answers }: Field,
  plan: Plan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const tokens = tokensOfCallers()
  for (const scenario of plan.scenarios) {
    for (const stack of stacks) {
      watcher.begins(`${scenario}: warming up ${stack.name}`)
      if (stack.name === 'floor') await stack.answerWith(answers[scenario])
      await load({ port: stack.port, scenario, tokens, seconds: plan.warmUpSeconds, signal })
    }
    for (let round = 1; round <= plan.rounds; round++) {
      for (const stack of shuffled(stacks)) {
        watcher.begins(`${scenario}: round ${round} of ${plan.rounds}, ${stack.name}`)
        const sample = await measureOne(stack, scenario, round, { tokens, seconds: plan.seconds, signal })
        samples.push(sample)
        watcher.measured(sample)
      }
    }
  }
  return samples
}

async function measureOne(
  stack: StackProcess,
  scenario: ScenarioName,
  round: number,
  how: { readonly tokens: readonly string[]; readonly seconds: number; readonly signal: AbortSignal },
): Promise<Sample> {
  const before = await stack.usage()
  const { requests, seconds, p50, p99 } = await load({ port: stack.port, scenario, ...how })
  const after = await stack.usage()
  if (after.events !== undefined && after.events - (before.events ?? 0) < requests) {
    throw new Error(`${stack.name} told fewer events than it answered requests`)
  }
  const userMicros = (after.userMicros - before.userMicros) / requests
  const systemMicros = (after.systemMicros - before.systemMicros) / requests
  return {
    scenario,
    round,
    stack: stack.name,
    requests,
    seconds,
    perSecond: requests / seconds,
    p50,
    p99,
    cpuMicros: userMicros + systemMicros,
    userMicros,
    systemMicros,
  }
}

/** Fisher and Yates. */
export function shuffled<T>(values: readonly T[], random: () => number = Math.random): readonly T[] {
  const left = [...values]
  const order: T[] = []
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1))
  return order
}
