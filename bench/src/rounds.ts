import { load } from './load.ts'
import type { Stack } from './stack-process.ts'
import type { Answer } from './stacks/answer.ts'
import type { Sample } from './statistics.ts'
import type { Workload } from './workload.ts'

/** For how long each stack is measured. */
export interface Timing {
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/** Where the rounds are: for those who wait. */
export interface Watcher {
  /** Something begins. */
  readonly begins: (what: string) => void
  /** Something was measured: where, and what came of it. */
  readonly measured: (where: string, what: string) => void
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
      await warmUp(stack, { workload, seconds: timing.warmUpSeconds, signal })
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

/** So many requests that the compiler should have made of them what it will. */
const WARM = 10_000
const MAX_WARM_UPS = 12

/** Loads a stack until it is warm: on a machine that is busy some seconds are not enough, and then the slow stay slow. */
export async function warmUp({ port }: Stack, how: How, enough: number = WARM): Promise<void> {
  let requests = 0
  for (let time = 0; time < MAX_WARM_UPS && requests < enough; time++) {
    requests += (await load({ port, ...how })).requests
  }
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
