import { stacksAsMarkdown } from '../markdown.ts'
import { chosenBeside, part, type Part, timingOf } from '../part.ts'
import { WARM_UP_SECONDS } from '../rounds.ts'
import { formatSinks } from './report.ts'
import { measureSinks, type SinksPlan } from './run.ts'
import { SINKS } from './sink-stack.ts'

// Many and short: sides are compared within a round, and what else the machine does changes within seconds.
const FULL = { rounds: 15, seconds: 1 }
const QUICK = { rounds: 3, seconds: 1 }

export const sinksPart: Part = part({
  name: 'sinks',
  about: 'what it costs when whoever should write events down hangs, fails or throws; only when it is named',
  when: { full: false, quick: false },
  axes: { sink: SINKS },
  plan: (asked): SinksPlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    sinks: chosenBeside(['none'], SINKS, asked),
  }),
  outline: ({ sinks, rounds, seconds }) => `${sinks.join(', ')}; ${rounds} rounds of ${seconds} s`,
  seconds: ({ sinks, rounds, seconds }) => sinks.length * (rounds * seconds + WARM_UP_SECONDS),
  measure: measureSinks,
  format: ({ summaries }) => formatSinks(summaries),
  markdown: ({ summaries }) => [stacksAsMarkdown(summaries)],
})
