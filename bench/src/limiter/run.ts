import type { Timing, Watcher } from '../rounds.ts'
import { type Sample, summarise } from '../statistics.ts'
import { type InMemoryPlan, measureDecisions, measureMemory } from './in-memory.ts'
import { measureInRedis } from './in-redis.ts'
import { LIMITED } from './limited-stack.ts'
import { startRedis } from './redis-server.ts'
import type { LimiterResults } from './report.ts'
import { SIDES } from './side-process.ts'
import { type DecisionSample, type MemorySample, summariseSides } from './statistics.ts'

/** What is measured of limiters. */
export const PARTS = ['memory', 'decisions', 'redis'] as const

/** Measures limiters: in memory, and in Redis. */
export interface LimiterPlan extends InMemoryPlan, Timing {
  readonly parts: readonly (typeof PARTS)[number][]
}

/** Every round. */
export interface LimiterSamples {
  readonly decisions: readonly DecisionSample[]
  readonly memory: readonly MemorySample[]
  readonly redis: readonly Sample[]
}

/** Measures the parts that were asked for; Redis only where it is installed. */
export async function measureLimiter(
  plan: LimiterPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<{ readonly results: LimiterResults; readonly samples: LimiterSamples }> {
  const { parts } = plan
  const memory = parts.includes('memory') ? await measureMemory(SIDES, plan, watcher, signal) : []
  const decisions = parts.includes('decisions') ? await measureDecisions(SIDES, plan, watcher, signal) : []
  const { redis, skipped } = parts.includes('redis')
    ? await measureRedis(plan, watcher, signal)
    : { redis: [], skipped: undefined }
  return {
    results: {
      keys: plan.keys,
      sides: summariseSides(SIDES, decisions, memory),
      stacks: summarise(redis, LIMITED),
      skipped,
    },
    samples: { decisions, memory, redis },
  }
}

async function measureRedis(
  plan: LimiterPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<{ readonly redis: readonly Sample[]; readonly skipped: string | undefined }> {
  signal.throwIfAborted()
  const server = await startRedis()
  if (typeof server === 'string') {
    watcher.measured('redis', `skipped, since ${server}`)
    return { redis: [], skipped: server }
  }
  try {
    return { redis: await measureInRedis(server, plan, watcher, signal), skipped: undefined }
  } finally {
    await server.end()
  }
}
