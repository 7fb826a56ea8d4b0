import { load } from './load.ts'
import type { Stack } from './stack-process.ts'
import type { Answer } from './stacks/answer.ts'
import type { Usage } from './stacks/serve.ts'
import type { Sample } from './statistics.ts'
import type { Workload } from './workload.ts'

/** For how long each stack is measured. */
export interface Timing {
  readonly rounds: number
  readonly seconds: number
}

/** The rounds of a plan, in words. */
export function roundsOf({ rounds, seconds }: Timing): string {
  return `${rounds} rounds of ${seconds} s`
}

/** Where the rounds are: for those who wait. */
export interface Watcher {
  /** Something begins. */
  readonly begins: (what: string) => void
  /** Something was measured: where, and what came of it. */
  readonly measured: (where: string, what: string) => void
  /** What a part has so far that can stand by itself: whoever breaks off keeps it. */
  readonly soFar?: (plan: object, results: object) => void
}

/** The stacks to measure; the floor must be among them. */
export interface Field {
  readonly stacks: readonly Stack[]
  readonly workloads: readonly Workload[]
  /** What the floor answers to each workload, by name. */
  readonly answers: Readonly<Record<string, Answer>>
  /** Processor time in microseconds, so far, of a process that the stacks ask: of a shared store. */
  readonly besideMicros?: () => Promise<number>
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
  field: Field,
  timing: Timing,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  for (const workload of field.workloads) {
    const { name } = workload
    const answer = field.answers[name]
    for (const stack of field.stacks) {
      watcher.begins(`${name}: warming up ${stack.name}`)
      if (stack.name === 'floor' && answer !== undefined) await stack.answerWith(answer)
      await warmUp(stack, { workload, signal })
    }
    for (let round = 1; round <= timing.rounds; round++) {
      for (const stack of shuffled(field.stacks)) {
        watcher.begins(`${name}: round ${round} of ${timing.rounds}, ${stack.name}`)
        const sample = await measureOne(stack, round, field, { workload, seconds: timing.seconds, signal })
        samples.push(sample)
        watcher.measured(`${name}: round ${round}`, told(sample))
      }
    }
  }
  return samples
}

/** How a stack is loaded. */
export interface How {
  readonly workload: Workload
  readonly seconds: number
  readonly signal: AbortSignal
}

/** So many requests at least: before them the compiler has not made up its mind. */
const WARM = 10_000
/** For how long a stack is loaded before it is looked at again, and at most in all. */
const SLICE_SECONDS = 0.3
const MAX_WARM_SECONDS = 12
/** A slice that takes so much of the best one before it has brought nothing that could be told from noise. */
const STEADY = 0.97

/** About how long that takes a stack of middling speed: for those who tell how long all of it will take. */
export const WARM_UP_SECONDS = 2.5

/**
 * Loads a stack until it is warm: until it has answered enough, and its requests get no cheaper. A fixed time would be too
 * much for the fast and too little for the slow, and on a busy machine for all. What is sent once is sent once.
 */
export async function warmUp(
  stack: Stack,
  { workload, signal }: Omit<How, 'seconds'>,
  enough: number = WARM,
): Promise<void> {
  if (workload.once === true) {
    await load({ port: stack.port, workload, seconds: MAX_WARM_SECONDS, signal })
    return
  }
  const costs: number[] = []
  let sent = 0
  let before = await stack.usage()
  const end = performance.now() + MAX_WARM_SECONDS * 1000
  while (performance.now() < end && (sent < enough || !isSteady(costs))) {
    const { requests } = await load({ port: stack.port, workload, seconds: SLICE_SECONDS, signal })
    const after = await stack.usage()
    costs.push((microsOf(after) - microsOf(before)) / requests)
    sent += requests
    before = after
  }
}

/** Whether the last two slices were no cheaper than the best before them, but for noise. */
export function isSteady(costs: readonly number[]): boolean {
  const earlier = costs.slice(0, -2)
  return earlier.length > 0 && Math.min(...costs.slice(-2)) >= Math.min(...earlier) * STEADY
}

function microsOf({ userMicros, systemMicros }: Usage): number {
  return userMicros + systemMicros
}

/** What came of a round, in a few words. */
export function told({ stack, perSecond, cpuMicros }: Sample): string {
  return `${stack}: ${Math.round(perSecond)} req/s, ${cpuMicros.toFixed(1)} µs of processor each`
}

/** Loads a stack for a round, and takes what that cost its process. */
export async function measureOne(
  stack: Stack,
  round: number,
  { besideMicros }: Pick<Field, 'besideMicros'>,
  how: How,
): Promise<Sample> {
  const besideBefore = await besideMicros?.()
  const before = await stack.usage()
  const { requests, seconds, p50, p99 } = await load({ port: stack.port, ...how })
  const after = await stack.usage()
  const besideAfter = await besideMicros?.()
  if (after.events !== undefined && after.events - (before.events ?? 0) < requests) {
    throw new Error(`${stack.name} told fewer events than it answered requests`)
  }
  const userMicros = (after.userMicros - before.userMicros) / requests
  const systemMicros = (after.systemMicros - before.systemMicros) / requests
  return {
    scenario: how.workload.name,
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
    rssBytes: after.rssBytes,
    besideMicros:
      besideBefore === undefined || besideAfter === undefined
        ? undefined
        : (besideAfter - besideBefore) / requests,
  }
}

/** Fisher and Yates. */
export function shuffled<T>(values: readonly T[], random: () => number = Math.random): readonly T[] {
  const left = [...values]
  const order: T[] = []
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1))
  return order
}
