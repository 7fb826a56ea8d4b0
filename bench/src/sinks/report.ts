import { formatStacks, PLAY } from '../report.ts'
import type { Summary } from '../statistics.ts'

const LEGEND = `Each number is the median of the rounds; below it, the lowest and the highest round. Every gate has the whole
policy, refuses every request with 401, and counts its events: in each round as many as requests.
none          nothing else hears of them; every ratio is to it
none again    the same in another process: by as much as it differs two sides differ without a reason
healthy       jsonLines to a device that takes everything: to write an event costs more than to lose it
hung stream   jsonLines to a stream that takes nothing
hung webhook  webhook to a receiver that never answers
throws        jsonLines to what throws each time: to make an error, with its stack, takes some microseconds
broken pipe   jsonLines to a process that has ended
full disk     jsonLines to a device without space, and fileLog to a file that cannot be made
CPU           processor time of the gate's process per request; its ratio is none / sink, higher is better
p50, p99      time of an answer in milliseconds; the ratio of p99 is sink / none, lower is better
${PLAY}`

/** The results as people read them. */
export function formatSinks(summaries: readonly Summary[]): string {
  return `${formatStacks(summaries)}\n${LEGEND}`
}
