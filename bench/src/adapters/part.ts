import { outlineOf } from '../outline.ts'
import { runsAsMarkdown } from '../page/lines.ts'
import { runRounds, stackPlots } from '../page/stacks.ts'
import { chosen, part, type Part, timingOf } from '../part.ts'
import { mergeAdapters } from './merge.ts'
import { formatAdapters } from './report.ts'
import { roundsOf, WARM_UP_SECONDS } from '../rounds.ts'
import { type AdaptersPlan, FRAMEWORKS, measureAdapters } from './run.ts'
import { SIDES } from './stacks/side.ts'

const FULL = { rounds: 5, seconds: 2 }
const QUICK = { rounds: 2, seconds: 1 }

/** To start a process, and to end it. */
const START_SECONDS = 1

export const adaptersPart: Part = part({
  name: 'adapters',
  about: 'apps behind their adapters, beside the same apps with no middleware that write the same bytes',
  when: { full: true, quick: false },
  axes: { framework: FRAMEWORKS },
  plan: (asked): AdaptersPlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    nodes: asked.nodes,
    frameworks: chosen(FRAMEWORKS, asked),
  }),
  outline: (plan) => [plan.frameworks.join(', '), ...outlineOf(plan, roundsOf(plan))].join('; '),
  seconds: ({ frameworks, nodes, rounds, seconds }) =>
    Math.round(
      Math.max(1, nodes.length) *
        frameworks.length *
        SIDES.length *
        (rounds * (START_SECONDS + WARM_UP_SECONDS + seconds) + START_SECONDS),
    ),
  measure: measureAdapters,
  format: formatAdapters,
  markdown: runsAsMarkdown,
  plots: ({ runs }) => stackPlots('adapters', runs, 'bare'),
  rounds: ({ runs }) => runRounds(runs, 'bare'),
  endsAnywhere: true,
  merge: mergeAdapters,
})
