import type { AdaptersResults } from './adapters/run.ts'
import type { GateResults } from './gate/run.ts'
import type { ScenarioName } from './gate/scenarios.ts'
import type { MicroReport } from './micro/report.ts'
import type { RowFacts } from './micro/row.ts'
import { factsOf } from './micro/rows.ts'
import { lineOf } from './nodes.ts'
import type { Summary } from './statistics.ts'

/** Something that was set out to be reached. */
export interface Target {
  readonly what: string
  readonly unit: string
  readonly must: number
  readonly aim: number
  readonly lowerIsBetter: boolean
  /** Its figures in what was measured: none where it was not. */
  readonly figures: (resultsOf: ResultsOf) => readonly Figure[]
  /** The scenario of the part `profile` that says where the time goes. */
  readonly profile?: string
  /** Whether its ratio is to the floor of `allowed`, and not to that of its own scenario. */
  readonly toAllowed?: true
  /** Whether that is of another scenario, which does much the same. */
  readonly isProfileOfAnother?: true
  /** Why it is not reached, where it is not, and what is the nearest that can be. */
  readonly why: string
}

/** A figure on one line of Node. */
export interface Figure {
  /** `22` for example. */
  readonly node: string
  readonly value: number
  /** To the floor that writes the very bytes of the scenario, where it is judged by another. */
  readonly toOwnFloor?: number
}

/** The results of a part; `undefined` where it was not measured. */
export type ResultsOf = (part: string) => object | undefined

interface Bounds {
  readonly must: number
  readonly aim: number
}

/**
 * A ratio to the floor: of its own scenario or, where `toAllowed` says so, of the answer that is allowed.
 *
 * Trap: a refusal is shorter than what it refuses, and so is the floor that writes the bytes of it. Beside that floor nobody
 * sees what it saves to refuse. What is allowed is beside the floor of its own scenario, which writes the same answer and
 * reads the same requests, in the same round.
 */
function scenario(
  name: ScenarioName,
  what: string,
  bounds: Bounds,
  more: Pick<Target, 'why' | 'profile' | 'toAllowed' | 'isProfileOfAnother'>,
): Target {
  return {
    what,
    unit: 'of the floor',
    ...bounds,
    lowerIsBetter: false,
    figures: (resultsOf) =>
      gateFigures(resultsOf, (summaries) => {
        const own = summaryOf(summaries, name, 'gatehouse')
        if (own === undefined) return undefined
        const toOwnFloor = own.ratios.cpu.median
        if (more.toAllowed !== true) return { value: toOwnFloor }
        return own.toAllowed && { value: own.toAllowed.median, toOwnFloor }
      }),
    ...more,
  }
}

function adapter(framework: string, what: string, why: string, profile?: string): Target {
  return {
    what,
    unit: 'of the bare app',
    must: 0.85,
    aim: 0.92,
    lowerIsBetter: false,
    figures: (resultsOf) => {
      const results = resultsOf('adapters') as AdaptersResults | undefined
      return (results?.runs ?? []).flatMap(({ node, summaries }) => {
        const own = summaryOf(summaries, framework, 'gate')
        return own === undefined ? [] : { node: lineOf(node), value: own.ratios.cpu.median }
      })
    },
    ...(profile !== undefined && { profile }),
    why,
  }
}

/** A row of the part `micro`, which knows its bounds itself. */
function row(name: string, what: string, why: string, profile?: string): Target {
  const { unit, bound }: RowFacts = factsOf(name)
  if (bound === undefined) throw new RangeError(`nothing was set out to be reached by ${name}`)
  return {
    what,
    unit,
    ...bound,
    lowerIsBetter: true,
    figures: (resultsOf) =>
      ((resultsOf('micro') as MicroReport | undefined)?.summaries ?? [])
        .filter((summary) => summary.row === name)
        .map(({ node, own }) => ({ node, value: own.median })),
    ...(profile !== undefined && { profile }),
    why,
  }
}

const SUSTAINED: Target = {
  what: 'p99 at a sustained load',
  unit: 'times that of the floor',
  must: 1.5,
  aim: 1.2,
  lowerIsBetter: true,
  figures: (resultsOf) =>
    gateFigures(resultsOf, (summaries) => {
      const own = summaryOf(summaries, 'sustained', 'gatehouse')
      return own === undefined ? undefined : { value: own.ratios.p99.median }
    }),
  profile: 'allowed',
  why: 'A pause of the garbage collector is in the p99 of both; more of them come where more is left behind.',
}

const REFUSAL =
  'All that is checked before it is refused has to be checked, and its own answer has to be written. The nearest that can be is `floor-text`: the bytes of the answer from one text that was made before, with nothing checked.'
const PREFLIGHT =
  'The nearest that can be is `floor-text`: its bytes from one text that was made before, with nothing checked; node:http has no cheaper way to read the request and to write them.'
const SPREAD_OUT =
  'It is spread over all checks: none of the ten functions of the gate that take most takes much.'

/** What was set out to be reached, in the order of the page. */
export const TARGETS: readonly Target[] = [
  scenario(
    'allowed',
    'whole policy, HS256, callers return',
    { must: 0.88, aim: 0.95 },
    {
      profile: 'allowed',
      why: SPREAD_OUT,
    },
  ),
  scenario(
    'rs256',
    'whole policy, RS256, callers return',
    { must: 0.85, aim: 0.92 },
    {
      profile: 'allowed',
      isProfileOfAnother: true,
      why: `It is the work of HS256 with longer tokens, of which a digest is made each time. ${SPREAD_OUT}`,
    },
  ),
  scenario(
    'distinct-hs256',
    '100,000 tokens, HS256, each seen once',
    { must: 0.55, aim: 0.65 },
    {
      profile: 'distinct-hs256',
      why: 'A token that was never seen has to be decoded, parsed and verified, and its caller gets a limit of its own.',
    },
  ),
  scenario(
    'distinct-rs256',
    '100,000 tokens, RS256, each seen once',
    { must: 0.4, aim: 0.5 },
    {
      profile: 'distinct-rs256',
      why: 'OpenSSL takes longer to verify one RSA signature than the floor for the whole request, and there is no way around it.',
    },
  ),
  scenario(
    '401',
    '401 without a token',
    { must: 0.98, aim: 1.05 },
    {
      profile: '401',
      toAllowed: true,
      why: REFUSAL,
    },
  ),
  scenario(
    '403',
    '403 by scope',
    { must: 0.98, aim: 1.05 },
    {
      profile: '403',
      toAllowed: true,
      why: `${REFUSAL} Only the handler is spared, which takes next to nothing.`,
    },
  ),
  scenario(
    '429',
    '429',
    { must: 0.95, aim: 1 },
    {
      profile: '429',
      toAllowed: true,
      why: `${REFUSAL} Only what comes after the limit is spared.`,
    },
  ),
  scenario(
    'preflight',
    'preflight that is allowed',
    { must: 1.25, aim: 1.4 },
    {
      profile: 'preflight',
      toAllowed: true,
      why: PREFLIGHT,
    },
  ),
  scenario(
    'preflight-refused',
    'preflight that is refused',
    { must: 1.25, aim: 1.4 },
    {
      profile: 'preflight',
      isProfileOfAnother: true,
      toAllowed: true,
      why: PREFLIGHT,
    },
  ),
  scenario(
    'redis',
    'whole policy, its limits on Redis',
    { must: 0.75, aim: 0.88 },
    {
      profile: 'redis',
      why: 'Each wait for Redis is a write to its socket and a read from it in the kernel, which cost about as much as those of the client, unless many requests share them.',
    },
  ),
  adapter(
    'express',
    'Express 5 behind the adapter, both served with its `serverOptions`',
    'Beside an app so fast the same microseconds are a larger part than beside Express as it is: `express-plain` has that.',
    'express',
  ),
  adapter('koa', 'Koa behind the adapter', SPREAD_OUT),
  adapter(
    'fastify',
    'Fastify behind the adapter',
    'Fastify alone is the fastest of the floors here: the same microseconds are a larger part of it.',
    'fastify',
  ),
  adapter('hono', 'Hono behind the adapter', SPREAD_OUT),
  SUSTAINED,
  row(
    'allowed, writeHead',
    'in-process: checks and finisher of an allowed request, above the floor',
    SPREAD_OUT,
    'allowed',
  ),
  row(
    'limiter decision',
    'one decision of a limiter in memory, a million keys',
    'A key that is picked by chance of a million is in no cache of the processor: to wait for memory takes about as long as all else, of which to read the clock and to hash the key are the most.',
  ),
  row(
    'bytes of a key',
    'resident memory of a key at a million keys',
    'A table that is to be fast has room to spare: it grows before it is full, by an eighth.',
  ),
  row(
    'compile of 1,000',
    'to compile a policy of 1,000 routes',
    'It is done once, by code that V8 has not compiled yet.',
  ),
  row(
    'match of a path with a parameter',
    'to match one of 1,000 routes, that with a parameter',
    'The path is folded to its widest reading, looked up segment by segment, and compared with the pattern that binds it.',
  ),
  row(
    'import',
    'import of `@gatehouse/core`, above an empty process',
    'All that can be asked of the core is in one file, which is parsed before any of it is used, and the parts of Node that every gate needs are loaded with it.',
  ),
  row(
    'packed',
    '`@gatehouse/core`, packed with its types',
    'Most of it is code, of all that a policy can ask for, and no part of that is large. The rest are types with their documentation, which editors show.',
  ),
]

function gateFigures(
  resultsOf: ResultsOf,
  figure: (summaries: readonly Summary[]) => Omit<Figure, 'node'> | undefined,
): readonly Figure[] {
  const results = resultsOf('gate') as GateResults | undefined
  return (results?.runs ?? []).flatMap(({ node, summaries }) => {
    const found = figure(summaries)
    return found === undefined ? [] : { node: lineOf(node), ...found }
  })
}

function summaryOf(summaries: readonly Summary[], name: string, stack: string): Summary | undefined {
  return summaries.find((summary) => summary.scenario === name && summary.stack === stack)
}

/** How a figure stands to what was set out. */
export type Verdict = 'aim' | 'must' | 'missed' | 'not measured'

/** The worst of its figures says whether it is reached. */
export function verdictOf({ must, aim, lowerIsBetter }: Target, figures: readonly Figure[]): Verdict {
  if (figures.length === 0) return 'not measured'
  const reaches = (bound: number): boolean =>
    figures.every(({ value }) => (lowerIsBetter ? value <= bound : value >= bound))
  return reaches(aim) ? 'aim' : reaches(must) ? 'must' : 'missed'
}
