import { measure, type Timing, type Watcher } from '../rounds.ts'
import type { StackProcess } from '../stack-process.ts'
import type { Sample } from '../statistics.ts'
import { WrongAnswers } from '../verify.ts'
import { LIMIT } from '../workload.ts'
import { LIMITED, type LimitedName, startLimited } from './limited-stack.ts'
import type { RedisServer } from './redis-server.ts'
import { answerOfGate, LIMITED_LOAD, SMALL, wrongSmallLimits } from './verify-limited.ts'

/**
 * What a limit in Redis costs the process that asks for it, beside a floor that asks nobody.
 *
 * Traps: Redis runs on the same machine, so a slow script of one stack takes time from its client as well; its own
 * processor time is told beside. All requests come from one address, so there is one key: what more keys cost, they
 * cost Redis. And requests that come in together are sent together by a stack that can: with fewer clients there is
 * less to gain.
 */
export async function measureInRedis(
  redis: RedisServer,
  timing: Timing,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  watcher.begins('redis: seeing that every stack limits')
  await verifyLimited(redis)
  signal.throwIfAborted()
  return withStacks(redis, LIMITED, LIMIT, async (stacks) => {
    const [floor, gate] = stacks
    if (floor === undefined || gate === undefined) throw new Error('there is no floor')
    const answers = { [LIMITED_LOAD.name]: await answerOfGate(floor, gate) }
    const field = { stacks, workloads: [LIMITED_LOAD], answers, besideMicros: redis.usedMicros }
    return measure(field, timing, watcher, signal)
  })
}

/**
 * Sees to it that every stack lets in as many as it was told, counts them in Redis, and answers 429 to the next.
 *
 * @throws WrongAnswers with everything that is wrong
 */
async function verifyLimited(redis: RedisServer): Promise<void> {
  const limiting = LIMITED.filter((name) => name !== 'floor')
  const wrong = await withStacks(redis, limiting, SMALL, async (stacks) => {
    const found: string[] = []
    for (const stack of stacks) {
      await redis.empty()
      found.push(...(await wrongSmallLimits(stack.name, stack)))
      if ((await redis.keys()) === 0) found.push(`${stack.name}: nothing was counted in Redis`)
    }
    return found
  })
  await redis.empty()
  if (wrong.length > 0) throw new WrongAnswers(wrong)
}

/** Starts stacks, and ends them whatever happens. */
async function withStacks<T>(
  { port }: RedisServer,
  names: readonly LimitedName[],
  { limit, seconds }: { readonly limit: number; readonly seconds: number },
  use: (stacks: readonly StackProcess[]) => Promise<T>,
): Promise<T> {
  const stacks = names.map((name) => startLimited(name, { port, limit, seconds }))
  try {
    await Promise.all(stacks.map((stack) => stack.listening()))
    return await use(stacks)
  } finally {
    await Promise.all(stacks.map((stack) => stack.end()))
  }
}
