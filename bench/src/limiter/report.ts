import { cell, formatStacks, formatTable, PLAY } from '../report.ts'
import type { Summary } from '../statistics.ts'
import type { SideSummary } from './statistics.ts'

/** What was measured of limiters. */
export interface LimiterResults {
  /** How many keys were alive. */
  readonly keys: number
  readonly sides: readonly SideSummary[]
  readonly stacks: readonly Summary[]
  /** Why a part that was asked for was not measured. */
  readonly skipped: string | undefined
}

const IN_MEMORY = `nobody     decides nothing: what the loop takes by itself is part of every other number
gatehouse  memoryStore of the core, asked by its contract, with each of its algorithms
others     fixed windows: RateLimiterMemory.consume of rate-limiter-flexible, MemoryStore.increment of
           express-rate-limit, createRateLimit of @fastify/rate-limit on its local store; all are
           promises, and are waited for
CPU ns     processor time of the process for a decision, its garbage collection as well: trust this one
ns         the time that went by, others on the machine included
resident   growth of resident memory (rss) for each key, after garbage collection, the key's text
           included: trust this one
heap       growth of the heap and of array buffers, with what of them is reserved and not written yet,
           as in those in which gatehouse counts
`

const IN_REDIS = `floor      a bare node:http server that writes the very bytes of gatehouse and asks nobody
gatehouse  a policy of one limit on @gatehouse/store-redis: hosts, headers and an event come with it
rate-limiter-flexible   RateLimiterRedis on plain node:http
express    express, express-rate-limit, rate-limit-redis
fastify    fastify, @fastify/rate-limit with redis
CPU        processor time of the server's process per request. Its ratio is floor / stack:
           1.00 is the floor, higher is better. This is the ratio to trust.
req/s, p99 their ratios are stack / floor; client, server and Redis share the machine
Redis      processor time of redis-server per request
All stacks use ioredis with the same options, and one connection each.
${PLAY}`

/** The results as people read them. */
export function formatLimiter({ keys, sides, stacks, skipped }: LimiterResults): string {
  const parts: string[] = []
  if (sides.length > 0) {
    const table = formatTable(
      [`in memory, ${keys} keys`, 'CPU ns', 'ns', 'resident B/key', 'heap B/key'],
      sides.map(({ side, cpuNanos, wallNanos, heapBytes, rssBytes }) => [
        side,
        cell(cpuNanos, 0),
        cell(wallNanos, 0),
        cell(rssBytes, 0),
        cell(heapBytes, 0),
      ]),
    )
    parts.push(`${table}\n${IN_MEMORY}`)
  }
  if (stacks.length > 0) parts.push(`${formatStacks(stacks)}${IN_REDIS}`)
  if (skipped !== undefined) parts.push(`redis: skipped, since ${skipped}\n`)
  parts.push('Each number is the median of the rounds; below it, the lowest and the highest round.\n')
  return parts.join('\n')
}
