import { outlineOf } from '../outline.ts'
import { chosen, part, type Part, timingOf } from '../part.ts'
import { roundsOf, WARM_UP_SECONDS } from '../rounds.ts'
import { mergeProfile } from './merge.ts'
import { formatProfile, profileAsMarkdown, profilePlots } from './report.ts'
import { measureProfile, type ProfilePlan, SCENARIOS_SEEN } from './run.ts'

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
  axes: { scenario: SCENARIOS_SEEN },
  plan: (asked): ProfilePlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    intervalMicros: INTERVAL_MICROS,
    nodes: asked.nodes,
    scenarios: chosen(SCENARIOS_SEEN, asked),
  }),
  outline: (plan) => [plan.scenarios.join(', '), ...outlineOf(plan, roundsOf(plan))].join('; '),
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
  endsAnywhere: true,
  merge: mergeProfile,
})
