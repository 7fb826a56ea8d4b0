import { formatStacks, PLAY } from '../report.ts'
import type { Summary } from '../statistics.ts'

const LEGEND = `Each number is the median of the rounds; below it, the lowest and the highest round.
floor      a bare node:http server that writes the very bytes of gatehouse and checks nothing
gatehouse  hosts, https (dangerouslyAllowHttp), CORS, headers, two limits, JWT, scope, an event
express    express, helmet, cors, express-rate-limit (twice), express-jwt, scope; no hosts, no event
CPU        processor time of the server's process per request. Its ratio is floor / stack:
           1.00 is the floor, higher is better. This is the ratio to trust.
req/s      its ratio is stack / floor: 1.00 is the floor, higher is better. The client shares the
           machine and is no faster than the floor, so it flatters whoever is near to it.
p50, p99   time of an answer in milliseconds; the ratio of p99 is stack / floor: lower is better.
${PLAY}`

/** The results as people read them. */
export function formatGate(summaries: readonly Summary[]): string {
  return `${formatStacks(summaries)}\n${LEGEND}`
}
