import { type Framework, verifyApps, withWarmApp } from '../adapters/run.ts'
import { SIDES } from '../adapters/stacks/side.ts'
import { thoseThatCan, withWarm } from '../gate/run.ts'
import { SCENARIOS, type ScenarioName } from '../gate/scenarios.ts'
import { verifyStacks } from '../gate/verify-stacks.ts'
import { World } from '../gate/world.ts'
import type { RunOf, Taken } from '../merge.ts'
import { type NodeBinary, nodesOf } from '../nodes.ts'
import type { Lines } from '../outline.ts'
import { measureOne, shuffled, type Timing, type Watcher } from '../rounds.ts'
import { type Stack, StackProcess } from '../stack-process.ts'
import type { Workload } from '../workload.ts'
import { coreSections, type Placer, placer } from './places.ts'
import { type Shares, sharesOf } from './sum.ts'

/** The scenarios of gates that are looked into. */
export const LOOKED_INTO = [
  'allowed',
  'rs256',
  'distinct-hs256',
  'distinct-rs256',
  '401',
  '403',
  '429',
  'preflight',
  'preflight-refused',
  'redis',
] as const
/** And the apps behind adapters. */
export const APPS = ['express', 'fastify'] as const

export type Scenario = (typeof LOOKED_INTO)[number] | (typeof APPS)[number]

/** All of them, in the order in which they are looked into. */
export const SCENARIOS_SEEN: readonly Scenario[] = [...LOOKED_INTO, ...APPS]

const STACKS = ['floor', 'gatehouse'] as const

/** Tells where the time of a request goes. */
export interface ProfilePlan extends Timing, Lines {
  readonly scenarios: readonly Scenario[]
  /** How many tokens are seen once: one part while the time is taken, one while it is looked where it goes. */
  readonly tokens: number
  /** How often V8 looks, in microseconds. */
  readonly intervalMicros: number
}

/** One process. */
export interface ProfileSample extends Shares {
  readonly scenario: string
  readonly stack: string
  /** Whether it is that which the other is compared to. */
  readonly isFloor: boolean
  readonly round: number
  /** Processor time of the process for a request, while nobody looked. */
  readonly cpuMicros: number
}

/** What was seen, and what was not looked at. */
export interface ProfileResults {
  readonly runs: readonly RunOf<ProfileSample>[]
  /** One sentence for each. */
  readonly leftOut: readonly string[]
  /** Where it was put together from several runs. */
  readonly taken?: readonly Taken[]
}

/** What a round needs to know. */
interface Course {
  readonly plan: ProfilePlan
  readonly node: NodeBinary
  readonly world: World
  readonly watcher: Watcher
  readonly signal: AbortSignal
  readonly placeOf: Placer
  readonly leave: (what: string) => void
}

/**
 * Looks where the processor time of a request goes, in each round with fresh processes.
 *
 * Trap: whoever is looked at is slower, here by a tenth to a third: there is a thread that looks, and it stops the other
 * each time. So the time of a request is taken from the same process while nobody looks, and only its shares while somebody
 * does.
 */
export async function measureProfile(
  plan: ProfilePlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<ProfileResults> {
  const world = new World()
  const leftOut: string[] = []
  const leave = (what: string): void => {
    leftOut.push(what)
    watcher.measured('left out', what)
  }
  try {
    const scenarios = await thoseThatCan(
      LOOKED_INTO.filter((name) => plan.scenarios.includes(name)),
      world,
      leave,
    )
    const apps = APPS.filter((name) => plan.scenarios.includes(name))
    const placeOf = placer(coreSections())
    const runs: RunOf<ProfileSample>[] = []
    for (const node of await nodesOf(plan.nodes)) {
      const course = { plan, node, world, watcher, signal, placeOf, leave }
      const samples = [...(await lookIntoGates(scenarios, course)), ...(await lookIntoApps(apps, course))]
      runs.push({ node: node.version, samples })
      watcher.soFar?.(plan, { runs: [...runs], leftOut: [...leftOut] } satisfies ProfileResults)
    }
    return { runs, leftOut }
  } finally {
    await world.end()
  }
}

async function lookIntoGates(
  names: readonly ScenarioName[],
  course: Course,
): Promise<readonly ProfileSample[]> {
  if (names.length === 0) return []
  const { plan, node, world, watcher, signal } = course
  watcher.begins(`${node.version}: seeing that every stack does its work`)
  const verified = await verifyStacks(names, STACKS, { world, node, signal })
  const samples: ProfileSample[] = []
  for (const name of names) {
    watcher.begins(`${name}: making tokens`)
    const scenario = SCENARIOS[name]
    const requests = scenario.send(await world.tokens(scenario, signal, plan.tokens))
    for (let round = 1; round <= plan.rounds; round++) {
      for (const stackName of shuffled(STACKS)) {
        watcher.begins(`profile: ${name}, round ${round} of ${plan.rounds}, ${stackName}`)
        const warming = { ...course, verified, requests, atStart: recorderOf(plan) }
        const seen = await orLeave(`${stackName} in round ${round} of ${name}`, course, async () =>
          withWarm(name, stackName, warming, async (stack, workload) =>
            look(stack, { ...course, round, workload, isFloor: stackName === 'floor' }),
          ),
        )
        samples.push(...seen)
      }
    }
  }
  return samples
}

async function lookIntoApps(names: readonly Framework[], course: Course): Promise<readonly ProfileSample[]> {
  const { plan, node, world, watcher, signal } = course
  const { allowed } = SCENARIOS
  const samples: ProfileSample[] = []
  for (const name of names) {
    watcher.begins(`${node.version}: seeing that ${name} does its work`)
    const place = { node, world, signal }
    const answer = await verifyApps(name, place)
    const requests = allowed.send(await world.tokens(allowed, signal))
    const workload: Workload = { name, status: answer.status, requests }
    for (let round = 1; round <= plan.rounds; round++) {
      for (const side of shuffled(SIDES)) {
        watcher.begins(`profile: ${name}, round ${round} of ${plan.rounds}, ${side}`)
        const warming = { ...place, workload, answer, atStart: recorderOf(plan) }
        const seen = await orLeave(`${side} in round ${round} of ${name}`, course, async () =>
          withWarmApp(side, warming, async (stack) =>
            look(stack, { ...course, round, workload, isFloor: side === 'bare' }),
          ),
        )
        samples.push(...seen)
      }
    }
  }
  return samples
}

/** All else is not lost because one process did not answer: it is told. */
async function orLeave(
  what: string,
  { signal, leave }: Pick<Course, 'signal' | 'leave'>,
  looked: () => Promise<ProfileSample>,
): Promise<readonly ProfileSample[]> {
  try {
    return [await looked()]
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Error)) throw error
    leave(`${what}, since ${error.message}`)
    return []
  }
}

/** From its start on, so that the compiler writes down what it inlines. */
function recorderOf({ intervalMicros }: ProfilePlan): (stack: Stack) => Promise<void> {
  return (stack) => asRecorder(stack).record(intervalMicros)
}

function asRecorder(stack: Stack): StackProcess {
  if (stack instanceof StackProcess) return stack
  throw new TypeError(`${stack.name} is not Node`)
}

/** Takes the time while nobody looks, and then looks. */
async function look(
  given: Stack,
  {
    plan,
    node,
    round,
    workload,
    isFloor,
    watcher,
    signal,
    placeOf,
  }: Course & { readonly round: number; readonly workload: Workload; readonly isFloor: boolean },
): Promise<ProfileSample> {
  const stack = asRecorder(given)
  await stack.recorded()
  const { seconds } = plan
  const [first, second] = halvesOf(workload)
  const { cpuMicros } = await measureOne(stack, round, {}, { workload: first, seconds, signal })
  await stack.record(plan.intervalMicros)
  await measureOne(stack, round, {}, { workload: second, seconds, signal })
  const shares = sharesOf(await stack.recorded(), placeOf)
  watcher.measured(
    `profile: ${plan.nodes.length > 1 ? `Node ${node.version}, ` : ''}${workload.name}, round ${round}`,
    `${stack.name}: ${cpuMicros.toFixed(1)} µs of processor each`,
  )
  return { scenario: workload.name, stack: stack.name, isFloor, round, cpuMicros, ...shares }
}

/** What is seen once cannot be sent twice. */
function halvesOf(workload: Workload): readonly [Workload, Workload] {
  if (workload.once !== true) return [workload, workload]
  const { requests } = workload
  const half = Math.floor(requests.length / 2)
  return [
    { ...workload, requests: requests.slice(0, half) },
    { ...workload, requests: requests.slice(half) },
  ]
}
