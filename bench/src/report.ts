import Table from 'cli-table3'
import type { Machine } from './machine.ts'
import type { Spread, Summary } from './statistics.ts'

const LEGEND = `Each number is the median of the rounds; below it, the lowest and the highest round.
floor      a bare node:http server that writes the very bytes of gatehouse and checks nothing
gatehouse  hosts, https (dangerouslyAllowHttp), CORS, headers, two limits, JWT, scope, an event
express    express, helmet, cors, express-rate-limit (twice), express-jwt, scope; no hosts, no event
CPU        processor time of the server's process per request. Its ratio is floor / stack:
           1.00 is the floor, higher is better. This is the ratio to trust.
req/s      its ratio is stack / floor: 1.00 is the floor, higher is better. The client shares the
           machine and is no faster than the floor, so it flatters whoever is near to it.
p50, p99   time of an answer in milliseconds; the ratio of p99 is stack / floor: lower is better.
Ratios are taken round by round, within this run. One process per side and a noisy machine leave
about 0.10 of play near 1.0: a smaller difference is none, unless it comes again and again.
`

/** The results as people read them. */
export function formatReport(summaries: readonly Summary[], machine: Machine): string {
  const scenarios = [...new Set(summaries.map(({ scenario }) => scenario))]
  const tables = scenarios.map((scenario) => {
    const table = new Table({
      head: [scenario, 'CPU µs/req', 'ratio', 'req/s', 'ratio', 'p50 ms', 'p99 ms', 'ratio'],
      colAligns: ['left', ...Array<'right'>(7).fill('right')],
      // No colours: a log or a file shows them as noise.
      style: { head: [], border: [] },
    })
    table.push(...summaries.filter((summary) => summary.scenario === scenario).map(rowOf))
    return table.toString()
  })
  return `${tables.join('\n')}\n\n${LEGEND}\n${formatMachine(machine)}\n`
}

function rowOf({ stack, cpuMicros, perSecond, p50, p99, ratios }: Summary): string[] {
  return [
    stack,
    cell(cpuMicros, 1),
    cell(ratios.cpu, 2),
    cell(perSecond, 0),
    cell(ratios.perSecond, 2),
    cell(p50, 2),
    cell(p99, 2),
    cell(ratios.p99, 2),
  ]
}

function cell({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)}\n${min.toFixed(digits)}..${max.toFixed(digits)}`
}

/** The machine, in one line. */
export function formatMachine({ cpu, cores, node, platform, date, loadBefore }: Machine): string {
  return `${cpu}, ${cores} cores, ${platform}, Node ${node}, ${date}, load before ${loadBefore}`
}
