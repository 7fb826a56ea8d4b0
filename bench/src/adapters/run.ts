import { ask } from '../ask.ts'
import { SCENARIOS } from '../gate/scenarios.ts'
import { World } from '../gate/world.ts'
import { withStack } from '../gate/verify-stacks.ts'
import type { Taken } from '../merge.ts'
import { type NodeBinary, nodesOf } from '../nodes.ts'
import type { Lines } from '../outline.ts'
import { measureOne, shuffled, type Timing, told, type Watcher, warmUp } from '../rounds.ts'
import { type Stack, StackProcess } from '../stack-process.ts'
import type { Answer } from '../stacks/answer.ts'
import { type NodeRun, type Sample, summarise } from '../statistics.ts'
import { answerOf, differences, wrongAnswers, WrongAnswers } from '../verify.ts'
import type { Workload } from '../workload.ts'
import { type Side, SIDES } from './stacks/side.ts'

/** The frameworks whose adapters are measured. */
export const FRAMEWORKS = ['express', 'express-plain', 'koa', 'fastify', 'hono'] as const
export type Framework = (typeof FRAMEWORKS)[number]

/** Measures apps behind adapters. */
export interface AdaptersPlan extends Timing, Lines {
  readonly frameworks: readonly Framework[]
}

/** What was measured: of each Node, a scenario for each framework. */
export interface AdaptersResults {
  readonly runs: readonly NodeRun[]
  /** Where it was put together from several runs. */
  readonly taken?: readonly Taken[]
}

/** How apps are started. */
export interface Place {
  readonly node: NodeBinary
  readonly world: World
  readonly signal: AbortSignal
}

const SCENARIO = SCENARIOS.allowed

/** Starts an app of a framework, with a gate or with no middleware at all. */
export function startApp(
  framework: Framework,
  side: Side,
  { node, world }: Pick<Place, 'node' | 'world'>,
): Stack {
  const [file, ...words] = framework.split('-')
  return new StackProcess(side, new URL(`./stacks/${file}.ts`, import.meta.url), {
    args: [JSON.stringify(world.setup(SCENARIO)), side, ...words],
    node: node.path,
  })
}

/**
 * What an adapter and its gate cost an app, beside the same app with no middleware that writes the same bytes. Each round
 * has fresh processes, in an order of chance: see `measureGate`.
 */
export async function measureAdapters(
  plan: AdaptersPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<AdaptersResults> {
  const world = new World()
  const requests = SCENARIO.send(await world.tokens(SCENARIO, signal))
  const runs: NodeRun[] = []
  for (const node of await nodesOf(plan.nodes)) {
    const place = { node, world, signal }
    const samples: Sample[] = []
    for (const framework of plan.frameworks) {
      watcher.begins(`${node.version}: seeing that ${framework} does its work`)
      const answer = await verifyApps(framework, place)
      const workload = { name: framework, status: answer.status, requests }
      const where = plan.nodes.length > 1 ? `Node ${node.version}, ${framework}` : framework
      for (let round = 1; round <= plan.rounds; round++) {
        for (const side of shuffled(SIDES)) {
          watcher.begins(`${where}: round ${round} of ${plan.rounds}, ${side}`)
          const sample = await measureApp(side, { ...place, plan, round, workload, answer })
          samples.push(sample)
          watcher.measured(`${where}: round ${round}`, told(sample))
        }
      }
      watcher.soFar?.(plan, { runs: [...runs, runOf(node, samples)] } satisfies AdaptersResults)
    }
    runs.push(runOf(node, samples))
  }
  return { runs }
}

function runOf({ version }: NodeBinary, samples: readonly Sample[]): NodeRun {
  return { node: version, summaries: summarise(samples, SIDES, 'bare'), samples: [...samples] }
}

/**
 * Sees to it that the app behind the adapter is guarded, and that the other writes the same bytes.
 *
 * @returns what both write
 * @throws WrongAnswers with everything that is wrong
 */
export async function verifyApps(framework: Framework, place: Place): Promise<Answer> {
  const { world, signal } = place
  const [sent] = SCENARIO.send(await world.tokens(SCENARIO, signal, 1))
  if (sent === undefined) throw new Error('nothing is sent')
  const { answer, wrong } = await withStack(startApp(framework, 'gate', place), async (stack) => ({
    wrong: await wrongAnswers(`${framework} behind its adapter`, stack, world.keys(SCENARIO.algorithm)),
    answer: answerOf(await ask(stack.port, sent)),
  }))
  const different = await withStack(startApp(framework, 'bare', place), async (stack) => {
    await stack.answerWith(answer)
    return differences(inOneLine(answer), inOneLine(answerOf(await ask(stack.port, sent))))
  })
  const all = [...wrong, ...different.map((difference) => `${framework} with no middleware: ${difference}`)]
  if (all.length > 0) throw new WrongAnswers(all)
  return answer
}

/** RFC 9110 §5.3: lines of one name mean the same as one line with all of them, which is what Hono writes. */
function inOneLine({ fields, ...answer }: Answer): Answer {
  const byName = new Map<string, string>()
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index]?.toLowerCase() ?? ''
    const before = byName.get(name)
    byName.set(name, `${before === undefined ? '' : `${before}, `}${fields[index + 1] ?? ''}`)
  }
  return { ...answer, fields: [...byName].flat() }
}

async function measureApp(
  side: Side,
  { plan, round, ...given }: WarmApp & { readonly plan: AdaptersPlan; readonly round: number },
): Promise<Sample> {
  const { workload, signal } = given
  return withWarmApp(side, given, async (stack) =>
    measureOne(stack, round, {}, { workload, seconds: plan.seconds, signal }),
  )
}

/** What is needed to make an app ready. */
export interface WarmApp extends Place {
  readonly workload: Workload
  readonly answer: Answer
  /** What is to be done before anything is asked of it. */
  readonly atStart?: (stack: Stack) => Promise<void>
}

/** Uses a fresh process that is warm, and ends it whatever happens. */
export async function withWarmApp<T>(
  side: Side,
  { workload, answer, atStart, ...place }: WarmApp,
  use: (stack: Stack) => Promise<T>,
): Promise<T> {
  const { signal } = place
  return withStack(startApp(workload.name as Framework, side, place), async (stack) => {
    await atStart?.(stack)
    if (side === 'bare') await stack.answerWith(answer)
    await warmUp(stack, { workload, signal })
    return use(stack)
  })
}
