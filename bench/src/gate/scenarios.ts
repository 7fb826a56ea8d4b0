import type { Algorithm } from '../stacks/setup.ts'
import { preflightOf, requestWith, type Sent } from '../workload.ts'

/** How many callers come again and again: some for each connection, as behind a proxy. */
export const CALLERS = 320
/** How many tokens are seen once. */
export const DISTINCT = 100_000

/** One kind of request that stacks are loaded with. */
export interface Scenario {
  /** The statuses that are right: a stack has to answer always with the same of them. */
  readonly statuses: readonly number[]
  readonly algorithm: Algorithm
  /** What is sent, made of the tokens that are asked for. */
  readonly send: (tokens: readonly string[]) => readonly Sent[]
  readonly tokens: number
  /** What the tokens of it allow, where it is not enough. */
  readonly scope?: string
  /** Each token is seen once. */
  readonly once?: boolean
  /** The limits are reached at once. */
  readonly limited?: boolean
  /** Something else is answered than what is asked for: that is what the floor of `allowed` is to be beside. */
  readonly isInstead?: true
  /** Limits are counted in Redis. */
  readonly redis?: boolean
  /** How many requests come in a second: the same for every stack, and below what the slowest of them can. */
  readonly perSecond?: number
  /** The stacks that it is for; all when left out. */
  readonly only?: readonly string[]
}

const EVIL = 'https://evil.example'
/** The gate, and what it is compared to: they are near to one another, and need more rounds than all others. */
export const GATES = [
  'floor',
  'floor-allowed',
  'floor-text',
  'floor-redis',
  'gatehouse',
  'gatehouse-no-cache',
  'gatehouse-lease',
] as const

const returning = (algorithm: Algorithm): Scenario => ({
  statuses: [200],
  algorithm,
  tokens: CALLERS,
  send: (tokens) => tokens.map((token) => requestWith(token)),
})
const instead = (status: number): Scenario => ({
  ...returning('HS256'),
  statuses: [status],
  isInstead: true,
})
const distinct = (algorithm: Algorithm): Scenario => ({
  ...returning(algorithm),
  tokens: DISTINCT,
  once: true,
})

/** The scenarios, in the order in which they are measured. */
export const SCENARIO_NAMES = [
  'allowed',
  'rs256',
  'ed25519',
  'distinct-hs256',
  'distinct-rs256',
  '401',
  '403',
  '429',
  'preflight',
  'preflight-refused',
  'redis',
  'sustained',
] as const
export type ScenarioName = (typeof SCENARIO_NAMES)[number]

/**
 * What each of them is.
 *
 * Traps: callers who return are a stack at its best where it remembers what it has verified: much of a lead there is the
 * cache, and `gatehouse-no-cache` is what is left without it. A token that is seen once is a caller who is new, too: what a
 * limit keeps for each is part of it. `sustained` is for p99: the others run at full load, where a latency is little more than
 * the number of connections divided by the rate.
 */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  allowed: returning('HS256'),
  rs256: returning('RS256'),
  ed25519: returning('EdDSA'),
  'distinct-hs256': distinct('HS256'),
  'distinct-rs256': distinct('RS256'),
  '401': { ...instead(401), tokens: 0, send: () => [requestWith(undefined)] },
  '403': { ...instead(403), scope: 'other:read' },
  '429': { ...instead(429), limited: true },
  preflight: {
    ...instead(204),
    // RFC 9110 has both; cors of Express says 204, Starlette 200.
    statuses: [204, 200],
    tokens: 0,
    send: () => [preflightOf()],
  },
  'preflight-refused': {
    ...instead(403),
    // A preflight is refused by what is missing from the answer, whatever its status.
    statuses: [403, 204, 200, 400, 401],
    tokens: 0,
    send: () => [preflightOf(EVIL)],
  },
  redis: {
    ...returning('HS256'),
    redis: true,
    only: ['floor', 'floor-text', 'floor-redis', 'gatehouse', 'gatehouse-lease'],
  },
  sustained: { ...returning('HS256'), perSecond: 4000, only: GATES },
}
