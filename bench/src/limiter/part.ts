import { stacksAsMarkdown, sidesAsMarkdown } from '../markdown.ts'
import { chosen, part, type Part, timingOf } from '../part.ts'
import { WARM_UP_SECONDS } from '../rounds.ts'
import { limiterPlots, limiterRounds } from './plots.ts'
import { LIMITED } from './limited-stack.ts'
import { formatLimiter } from './report.ts'
import { type LimiterPlan, measureLimiter, PARTS } from './run.ts'
import { SIDES } from './side-process.ts'

const FULL = { keys: 1_000_000, fills: 3, decisions: 500_000, rounds: 5, seconds: 2 }
const QUICK = { keys: 100_000, fills: 1, decisions: 100_000, rounds: 3, seconds: 1 }

/** What it takes to start a process, with the compiler of its sources. */
const START_SECONDS = 1
/** To put a key in, and to decide; on a machine that does nothing else. */
const SECONDS_PER_MILLION = 2

export const limiterPart: Part = part({
  name: 'limiter',
  about: 'limiters in memory (bytes of a key, time of a decision), and in a Redis of its own',
  when: { full: true, quick: false },
  axes: { part: PARTS },
  plan: (asked): LimiterPlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    ...(asked.keys !== undefined && { keys: asked.keys }),
    parts: chosen(PARTS, asked),
  }),
  outline: ({ parts, keys, rounds, seconds }) =>
    `${parts.join(', ')}; ${keys} keys, ${rounds} rounds of ${seconds} s`,
  seconds: secondsOf,
  measure: measureLimiter,
  format: ({ results }) => formatLimiter(results),
  markdown: ({ results: { sides, stacks } }) => [
    ...(sides.length > 0 ? [sidesAsMarkdown(sides)] : []),
    ...(stacks.length > 0 ? [stacksAsMarkdown(stacks)] : []),
  ],
  plots: ({ results }) => limiterPlots(results),
  rounds: ({ samples }) => limiterRounds(samples),
})

function secondsOf({ parts, keys, fills, decisions, ...timing }: LimiterPlan): number {
  const { rounds, seconds } = timing
  const filling = START_SECONDS + (keys / 1e6) * SECONDS_PER_MILLION
  const deciding = (decisions / 1e6) * SECONDS_PER_MILLION
  const each: Readonly<Record<(typeof PARTS)[number], number>> = {
    memory: SIDES.length * fills * filling,
    decisions: SIDES.length * (filling + rounds * deciding),
    redis: LIMITED.length * (rounds * seconds + WARM_UP_SECONDS),
  }
  return parts.reduce((sum, name) => sum + each[name], 0)
}
