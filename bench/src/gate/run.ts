import { ask } from '../ask.ts'
import { TooSlow } from '../load.ts'
import type { Taken } from '../merge.ts'
import { type NodeBinary, nodesOf } from '../nodes.ts'
import type { Lines } from '../outline.ts'
import { measureOne, shuffled, type Timing, told, type Watcher, warmUp } from '../rounds.ts'
import { type NodeRun, type Sample, summarise } from '../statistics.ts'
import type { Stack } from '../stack-process.ts'
import type { Workload } from '../workload.ts'
import { GATES, type Scenario, SCENARIOS, type ScenarioName } from './scenarios.ts'
import { STACK_NAMES, type StackName, STACKS } from './stacks.ts'
import { takesPart, type Verified, verifyStacks, withStack } from './verify-stacks.ts'
import { SMALL, World } from './world.ts'

/** Measures whole gates, by scenario. */
export interface GatePlan extends Timing, Lines {
  readonly scenarios: readonly ScenarioName[]
  /** The stacks to measure; the floor is always one of them. */
  readonly stacks: readonly StackName[]
  /** Of the stacks of others: they are far from the floor, and less tells as much. The same when left out. */
  readonly peers?: Timing
  /** How many tokens are seen once. */
  readonly tokens: number
}

/** What was measured, and what was not. */
export interface GateResults {
  readonly runs: readonly NodeRun[]
  /** One sentence for each. */
  readonly leftOut: readonly string[]
  /** Where it was put together from several runs. */
  readonly taken?: readonly Taken[]
}

/** What a round needs to know. */
interface Course {
  readonly plan: GatePlan
  readonly node: NodeBinary
  readonly world: World
  readonly verified: Verified
  readonly watcher: Watcher
  readonly signal: AbortSignal
  readonly leave: (what: string) => void
}

/** So many tokens that are seen once go by before the time is taken. */
const WARM_ONCE = 12_000
/** With a gate they may take a multiple of the usual time: what it remembers is to be full. */
const ONCE_FACTOR = 3

/**
 * Measures stacks by scenario: in each round a fresh process for each, one after the other and in an order of chance,
 * warmed up, measured and ended.
 *
 * Traps: two processes that run the same file differ, by where things came to lie in memory and by what the compiler made
 * of the first requests: by up to a tenth. So each round has processes of its own, and the spread of the rounds is that
 * of processes as well. On a machine with few cores everything else that runs is in the numbers, and it comes and goes:
 * a stack that had its rounds in a row could have the quiet minute all to itself. Only one stack runs at a time, and the
 * client has the other core.
 */
export async function measureGate(
  plan: GatePlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<GateResults> {
  const world = new World()
  const leftOut = new Set<string>()
  const leave = (what: string): void => {
    leftOut.add(what)
    watcher.measured('left out', what)
  }
  try {
    const stacks = await thoseHere(plan.stacks, leave)
    const scenarios = await thoseThatCan(plan.scenarios, world, leave)
    for (const scenario of scenarios) for (const stack of stacks) tellLack(stack, scenario, leave)
    const runs: NodeRun[] = []
    for (const [index, node] of (await nodesOf(plan.nodes)).entries()) {
      const own = stacks.filter((name) => index === 0 || STACKS[name].isForeign !== true)
      watcher.begins(`${node.version}: seeing that every stack does its work`)
      const asOthers = own.flatMap((name) => STACKS[name].as ?? [])
      const verified = await verifyStacks([...new Set([...scenarios, ...asOthers])], own, {
        world,
        node,
        signal,
      })
      const course = { plan, node, world, verified, watcher, signal, leave }
      const samples: Sample[] = []
      const runSoFar = (): NodeRun => ({
        node: node.version,
        summaries: summarise(samples, STACK_NAMES),
        samples: [...samples],
      })
      for (const scenario of scenarios) {
        samples.push(...(await measureScenario(scenario, own, course)))
        watcher.soFar?.(plan, { runs: [...runs, runSoFar()], leftOut: [...leftOut] } satisfies GateResults)
      }
      runs.push(runSoFar())
    }
    return { runs, leftOut: [...leftOut] }
  } finally {
    await world.end()
  }
}

async function thoseHere(
  names: readonly StackName[],
  leave: (what: string) => void,
): Promise<readonly StackName[]> {
  const here: StackName[] = []
  for (const name of names) {
    const reason = await STACKS[name].missing?.()
    if (reason === undefined) here.push(name)
    else leave(`${name}, since ${reason}`)
  }
  return here
}

/** Those that can be measured here: Redis is not everywhere. */
export async function thoseThatCan(
  names: readonly ScenarioName[],
  world: World,
  leave: (what: string) => void,
): Promise<readonly ScenarioName[]> {
  const can: ScenarioName[] = []
  for (const name of names) {
    const redis = SCENARIOS[name].redis === true ? await world.redis() : undefined
    if (typeof redis === 'string') leave(`${name}, since ${redis}`)
    else can.push(name)
  }
  return can
}

function tellLack(stack: StackName, scenario: ScenarioName, leave: (what: string) => void): void {
  const reason = STACKS[stack].lacks?.[scenario]
  if (reason !== undefined) leave(`${stack} in ${scenario}, since ${reason}`)
}

async function measureScenario(
  name: ScenarioName,
  stacks: readonly StackName[],
  course: Course,
): Promise<readonly Sample[]> {
  const { plan, node, world, watcher, signal, leave } = course
  watcher.begins(`${name}: making tokens`)
  const where = plan.nodes.length > 1 ? `Node ${node.version}, ${name}` : name
  const scenario = SCENARIOS[name]
  const requests = scenario.send(await world.tokens(scenario, signal, plan.tokens))
  let own = stacks.filter((stack) => takesPart(stack, name))
  const samples: Sample[] = []
  for (let round = 1; round <= plan.rounds; round++) {
    for (const stack of shuffled(own.filter((each) => round <= timingFor(each, plan).rounds))) {
      watcher.begins(`${where}: round ${round} of ${plan.rounds}, ${stack}`)
      try {
        const sample = await measureOrAgain(name, stack, round, { ...course, requests })
        samples.push(sample)
        watcher.measured(`${where}: round ${round}`, told(sample))
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof Error)) throw error
        // Without the floor there is no ratio, and without the gate no sense. An hour is not lost for anybody else, nor
        // because a busy machine cannot keep a pace.
        if (isGate(stack)) {
          if (!(error instanceof TooSlow)) throw error
          leave(`${name} on ${node.version}, since ${error.message} to ${stack}`)
          return []
        }
        leave(`${stack} in ${name} on ${node.version}, since it failed: ${error.message}`)
        own = own.filter((each) => each !== stack)
      }
    }
  }
  return samples.filter(({ stack }) => own.some((each) => each === stack))
}

/** An hour is not lost because one process did not answer: it is told, and another takes its place, once. */
async function measureOrAgain(
  name: ScenarioName,
  stack: StackName,
  round: number,
  course: Course & Pick<Workload, 'requests'>,
): Promise<Sample> {
  try {
    return await measureFresh(name, stack, round, course)
  } catch (error) {
    course.signal.throwIfAborted()
    if (!(error instanceof Error)) throw error
    course.leave(`a process of ${stack} in ${name}, since ${error.message}: another took its place`)
    return measureFresh(name, stack, round, course)
  }
}

/** One process, from its start to its end. */
async function measureFresh(
  name: ScenarioName,
  stackName: StackName,
  round: number,
  course: Course & Pick<Workload, 'requests'>,
): Promise<Sample> {
  const { plan, world, signal } = course
  const scenario = SCENARIOS[name]
  return withWarm(name, stackName, course, async (stack, workload) => {
    const redis = scenario.redis === true ? await world.redis() : undefined
    const beside = typeof redis === 'object' ? { besideMicros: redis.usedMicros } : {}
    const seconds = secondsFor(stackName, scenario, plan)
    return measureOne(stack, round, beside, { workload, seconds, signal })
  })
}

/** What is needed to make a stack ready for a scenario. */
export interface Warming
  extends Pick<Course, 'node' | 'world' | 'verified' | 'signal'>, Pick<Workload, 'requests'> {
  /** What is to be done before anything is asked of it. */
  readonly atStart?: (stack: Stack) => Promise<void>
}

/** Uses a fresh process that is warm, with what is left to be sent to it, and ends it whatever happens. */
export async function withWarm<T>(
  name: ScenarioName,
  stackName: StackName,
  { node, world, verified, signal, requests, atStart }: Warming,
  use: (stack: Stack, workload: Workload) => Promise<T>,
): Promise<T> {
  const row = STACKS[stackName]
  const as = row.as ?? name
  const scenario = SCENARIOS[as]
  const { once = false, perSecond } = scenario
  const sent = as === name ? requests : scenario.send(await world.tokens(scenario, signal))
  const workload: Workload = {
    name,
    status: verified.status(as, stackName),
    requests: sent,
    once,
    ...(perSecond !== undefined && { perSecond }),
  }
  return withStack(await row.start(world.setup(scenario), node), async (stack) => {
    await atStart?.(stack)
    const answer = verified.answers.get(as)
    if (row.isFloor === true && answer !== undefined) await stack.answerWith(answer)
    else if (scenario.limited === true) await reachLimit(stack.port, workload)
    // What was sent to warm it up is not new any more.
    const before = Math.min(row.warm ?? WARM_ONCE, Math.floor(sent.length / 3))
    const [warm, rest] = once
      ? [
          { ...workload, requests: sent.slice(0, before) },
          { ...workload, requests: sent.slice(before) },
        ]
      : [workload, workload]
    // At full load: a pace would keep the compiler waiting.
    const { perSecond: _pace, ...hard } = warm
    await warmUp(stack, { workload: hard, signal }, row.warm)
    return use(stack, rest)
  })
}

function isGate(name: StackName): boolean {
  return GATES.some((each) => each === name)
}

/** The rounds of a plan, in words. */
export function roundsOf({ rounds, seconds, peers = { rounds, seconds } }: GatePlan): string {
  const differs = peers.rounds !== rounds || peers.seconds !== seconds
  const others = differs ? ` (${peers.rounds} of ${peers.seconds} s for the stacks of others)` : ''
  return `${rounds} rounds of ${seconds} s${others}`
}

/** How often and for how long a stack is measured. */
export function timingFor(name: StackName, plan: GatePlan): Timing {
  return isGate(name) ? plan : (plan.peers ?? plan)
}

/** For how long a stack is measured in a scenario, where the tokens last. */
export function secondsFor(name: StackName, { once = false }: Scenario, plan: GatePlan): number {
  return timingFor(name, plan).seconds * (once && isGate(name) ? ONCE_FACTOR : 1)
}

async function reachLimit(port: number, { requests }: Workload): Promise<void> {
  const [sent] = requests
  if (sent === undefined) return
  for (let request = 0; request < SMALL.limit; request++) await ask(port, sent)
}
