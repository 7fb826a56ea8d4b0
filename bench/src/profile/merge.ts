import { datedOf, mergeRuns, namesIn } from '../merge.ts'
import type { Kept } from '../part.ts'
import { roundsOf } from '../rounds.ts'
import { type ProfilePlan, type ProfileResults, SCENARIOS_SEEN } from './run.ts'

type KeptProfile = Kept<ProfilePlan, ProfileResults>

/** Puts what was seen now beside what was kept: scenario by scenario, on each line of Node. */
export function mergeProfile(earlier: KeptProfile, now: KeptProfile): KeptProfile {
  const { runs, taken, lines } = mergeRuns(datedOf(earlier, roundsOf), datedOf(now, roundsOf), {
    idOf: ({ scenario }) => scenario,
    // Both sides of a scenario are looked at together.
    besideOf: () => [],
  })
  const inOrder = runs.map(({ node, samples }) => ({
    node,
    samples: SCENARIOS_SEEN.flatMap((name) => samples.filter(({ scenario }) => scenario === name)),
  }))
  const again = now.results.runs.flatMap(({ samples }) => samples)
  return {
    machine: now.machine,
    plan: {
      ...now.plan,
      scenarios: namesIn(SCENARIOS_SEEN, runs, ({ scenario }) => scenario),
      ...lines,
    },
    results: {
      runs: inOrder,
      leftOut: [
        ...earlier.results.leftOut.filter((sentence) => {
          const told = /(\S+), since/.exec(sentence)?.[1]
          return !again.some(({ scenario }) => scenario === told)
        }),
        ...now.results.leftOut,
      ],
      taken,
    },
  }
}
