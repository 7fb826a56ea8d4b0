import { chosen, part, type Part, timingOf } from '../part.ts'
import { WARM_UP_SECONDS } from '../rounds.ts'
import { formatProfile, profileAsMarkdown, profilePlots } from './report.ts'
import { APPS, LOOKED_INTO, measureProfile, type ProfilePlan } from './run.ts'

const FULL = { rounds: 2, seconds: 3, tokens: 60_000 }
const QUICK = { rounds: 1, seconds: 1, tokens: 30_000 }

/** Often enough to see what takes a hundredth of a request. */
const INTERVAL_MICROS = 200

/** To start a process, to end it, and to read what was written down. */
const START_SECONDS = 1
const SIGN_SECONDS = 0.0004

export const profilePart: Part = part({
  name: 'profile',
  about: 'where the processor time of a request goes, beside the floor: by the profiler of V8',
  when: { full: true, quick: false },
  axes: { scenario: [...LOOKED_INTO, ...APPS] },
  plan: (asked): ProfilePlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    intervalMicros: INTERVAL_MICROS,
    nodes: asked.nodes,
    scenarios: chosen([...LOOKED_INTO, ...APPS], asked),
  }),
  outline: ({ scenarios, rounds, seconds, nodes }) =>
    [
      scenarios.join(', '),
      `${rounds} rounds of ${seconds} s, each with fresh processes`,
      ...(nodes.length > 0 ? [`Node ${nodes.join(', ')}`] : []),
    ].join('; '),
  seconds: ({ scenarios, nodes, rounds, seconds, tokens }) =>
    Math.round(
      Math.max(1, nodes.length) *
        scenarios.length *
        2 *
        rounds *
        (START_SECONDS + WARM_UP_SECONDS + 2 * seconds) +
        (scenarios.includes('distinct-rs256') ? tokens * SIGN_SECONDS : 0),
    ),
  measure: measureProfile,
  format: formatProfile,
  markdown: profileAsMarkdown,
  plots: profilePlots,
})
