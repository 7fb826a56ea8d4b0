import { ask } from '../ask.ts'
import type { NodeBinary } from '../nodes.ts'
import type { Stack } from '../stack-process.ts'
import type { Answer } from '../stacks/answer.ts'
import { answerOf, differences, wrongAnswers, wrongLimits, WrongAnswers } from '../verify.ts'
import { requestWith, type Sent } from '../workload.ts'
import { type Scenario, SCENARIOS, type ScenarioName } from './scenarios.ts'
import { type StackName, type StackRow, STACKS } from './stacks.ts'
import { setUpAlike, SMALL, type World } from './world.ts'

/** What verification has found out. */
export interface Verified {
  /** What the floor is to write in each scenario: the bytes of the gate. */
  readonly answers: ReadonlyMap<ScenarioName, Answer>
  /** The status that a stack answers a scenario with. */
  readonly status: (scenario: ScenarioName, stack: StackName) => number
}

/** Where stacks are verified. */
export interface Place {
  readonly world: World
  readonly node: NodeBinary
  readonly signal: AbortSignal
  /** The stacks, where they are others than those of the bench. */
  readonly table?: Readonly<Record<StackName, StackRow>>
}

/** Whether a stack is measured in a scenario. */
export function takesPart(stack: StackName, name: ScenarioName): boolean {
  const { only, isInstead = false } = SCENARIOS[name]
  const { as, lacks, only: forThese } = STACKS[stack]
  if (as !== undefined && !isInstead) return false
  const isIn = (only?.includes(stack) ?? true) && (forThese?.includes(name) ?? true)
  return lacks?.[name] === undefined && isIn
}

/**
 * Sees to it that the stacks do the same work before anybody takes the time: for each way in which they are set up, that
 * they let in who may come in and refuse who may not; and that floors write the bytes of the gate.
 *
 * @throws WrongAnswers with everything that is wrong
 */
export async function verifyStacks(
  scenarios: readonly ScenarioName[],
  stacks: readonly StackName[],
  place: Place,
): Promise<Verified> {
  const { world, node, signal, table = STACKS } = place
  const wrong: string[] = []
  const answers = new Map<ScenarioName, Answer>()
  const statuses = new Map<string, number>()
  // The gate is always asked: the floor writes what it writes.
  const checked = [...new Set<StackName>(['gatehouse', ...stacks])].filter(
    (name) => table[name].isFloor !== true,
  )
  for (const alike of setUpAlike(scenarios)) {
    for (const name of checked) {
      const own = alike.filter((scenario) => takesPart(name, scenario))
      const [first] = own
      if (first === undefined) continue
      signal.throwIfAborted()
      await withStack(await table[name].start(world.setup(SCENARIOS[first]), node), async (stack) => {
        wrong.push(...(await wrongSetup(name, stack, SCENARIOS[first], world)))
        for (const scenario of own) {
          const got = await ask(stack.port, await sampleOf(SCENARIOS[scenario], world, signal))
          const { statuses: right } = SCENARIOS[scenario]
          if (!right.includes(got.status))
            wrong.push(`${name}, ${scenario}: status ${got.status} instead of ${right.join(' or ')}`)
          statuses.set(`${scenario} ${name}`, got.status)
          if (name === 'gatehouse') answers.set(scenario, answerOf(got))
        }
      })
    }
  }
  if (wrong.length === 0) wrong.push(...(await wrongFloors(stacks, answers, place)))
  if (wrong.length > 0) throw new WrongAnswers(wrong)
  return {
    answers,
    status: (scenario, stack) => statuses.get(`${scenario} ${stack}`) ?? answers.get(scenario)?.status ?? 0,
  }
}

async function wrongSetup(
  name: StackName,
  stack: Stack,
  scenario: Scenario,
  world: World,
): Promise<readonly string[]> {
  if (scenario.limited === true) {
    const [token] = await world.tokens(scenario, new AbortController().signal, 1)
    return wrongLimits(name, stack, SMALL.limit, requestWith(token))
  }
  const wrong = await wrongAnswers(name, stack, world.keys(scenario.algorithm))
  if (scenario.redis !== true) return wrong
  const redis = await world.redis()
  const counted = typeof redis === 'object' && (await redis.keys()) > 0
  return counted ? wrong : [...wrong, `${name}: nothing was counted in Redis`]
}

async function wrongFloors(
  stacks: readonly StackName[],
  answers: ReadonlyMap<ScenarioName, Answer>,
  { world, node, signal, table = STACKS }: Place,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const name of stacks.filter((each) => table[each].isFloor === true)) {
    await withStack(await table[name].start(world.setup(SCENARIOS.allowed), node), async (floor) => {
      for (const [scenario, answer] of answers) {
        await floor.answerWith(answer)
        const got = answerOf(await ask(floor.port, await sampleOf(SCENARIOS[scenario], world, signal)))
        // That it names itself is no fault of nginx's; content without a body has no length there.
        for (const difference of differences(answer, got))
          if (!/^has (?:server|content-length): /i.test(difference))
            wrong.push(`${name}, ${scenario}: ${difference}`)
      }
    })
  }
  return wrong
}

async function sampleOf(scenario: Scenario, world: World, signal: AbortSignal): Promise<Sent> {
  const [sent] = scenario.send(await world.tokens(scenario, signal, 1))
  if (sent === undefined) throw new Error('a scenario sends nothing')
  return sent
}

/** Uses a stack that has begun to listen, and ends it whatever happens. */
export async function withStack<T>(stack: Stack, use: (stack: Stack) => Promise<T>): Promise<T> {
  try {
    await stack.listening()
    return await use(stack)
  } finally {
    await stack.end()
  }
}
