import { parseArgs } from 'node:util'
import type { InMemoryPlan } from './limiter/in-memory.ts'
import { MAX_KEYS } from './limiter/keys.ts'
import { LIMITED } from './limiter/limited-stack.ts'
import { SIDES } from './limiter/side-process.ts'
import type { Timing } from './rounds.ts'
import type { SinksPlan } from './sinks/run.ts'
import { SINKS } from './sinks/sink-stack.ts'
import { type StackName, STACKS } from './stack-process.ts'
import { type ScenarioName, SCENARIOS } from './workload.ts'

/** Measures whole gates, by scenario. */
export interface GatePlan extends Timing {
  readonly scenarios: readonly ScenarioName[]
  /** The stacks to measure; the floor is always one of them. */
  readonly stacks: readonly StackName[]
}

/** What is measured of limiters. */
export const PARTS = ['memory', 'decisions', 'redis'] as const
export type PartName = (typeof PARTS)[number]

/** Measures limiters: in memory, and in Redis. */
export interface LimiterPlan extends InMemoryPlan, Timing {
  readonly parts: readonly PartName[]
}

/** What the command line asks for. */
export interface Settings {
  readonly gate: GatePlan | undefined
  readonly limiter: LimiterPlan | undefined
  readonly sinks: SinksPlan | undefined
  /** Where the results go as JSON. */
  readonly json: string | undefined
  /** Where the tables go as Markdown. */
  readonly markdown: string | undefined
}

/** A command line, read. */
export type Parsed =
  | { readonly type: 'run'; readonly settings: Settings }
  | { readonly type: 'help' }
  | { readonly type: 'mistake'; readonly message: string }

/** All that can be measured. */
interface Plans {
  readonly gate: GatePlan
  readonly limiter: LimiterPlan
  readonly sinks: SinksPlan
}

const FULL = {
  gate: { scenarios: SCENARIOS, stacks: STACKS, rounds: 5, seconds: 4, warmUpSeconds: 2 },
  limiter: {
    parts: PARTS,
    keys: 1_000_000,
    fills: 3,
    decisions: 500_000,
    rounds: 5,
    seconds: 4,
    warmUpSeconds: 2,
  },
  // Many and short: sides are compared within a round, and what else the machine does changes within seconds.
  sinks: { sinks: SINKS, rounds: 15, seconds: 1, warmUpSeconds: 2 },
} as const satisfies Plans

const QUICK = {
  gate: { scenarios: ['allowed', '401'], stacks: STACKS, rounds: 3, seconds: 2, warmUpSeconds: 1 },
  limiter: {
    parts: PARTS,
    keys: 100_000,
    fills: 1,
    decisions: 100_000,
    rounds: 3,
    seconds: 1,
    // A stack that is new is still being compiled in its first second.
    warmUpSeconds: 2,
  },
  sinks: { sinks: SINKS, rounds: 3, seconds: 1, warmUpSeconds: 2 },
} as const satisfies Plans

const MAX_ROUNDS = 100
const MAX_SECONDS = 60

/** What `--help` prints. */
export const HELP: string = `Measures the gate: beside a bare node:http server that writes the same bytes and checks nothing
(the floor), and beside express with helmet, cors, express-rate-limit and express-jwt. Then its
limiter: in memory, and in Redis beside the floor and the limiters of others. With --sinks, what it
costs a gate when whoever should write its events down hangs, fails or throws.

Usage: npm run bench -- [options]

  --quick         a first look at the gate within a minute: ${QUICK.gate.scenarios.join(' and ')}, ${QUICK.gate.rounds} rounds of ${QUICK.gate.seconds} s;
                  with --limiter, one at the limiter: ${grouped(QUICK.limiter.keys)} keys, ${QUICK.limiter.rounds} rounds of ${QUICK.limiter.seconds} s
  --limiter       measure only the limiter
  --sinks         measure only sinks that hang, fail and throw; with --quick as well
  --only NAME     measure only this scenario (${SCENARIOS.join(', ')}) or only
                  this stack beside the floor (${STACKS.slice(1).join(', ')});
                  with --limiter, only this part (${PARTS.join(', ')});
                  with --sinks, only this sink beside none
                  (${SINKS.slice(1).join(', ')});
                  may be repeated
  --rounds N      how many rounds, 1 to ${MAX_ROUNDS} (${FULL.gate.rounds})
  --seconds N     how long a stack is loaded in each round, 1 to ${MAX_SECONDS} (${FULL.gate.seconds})
  --keys N        how many keys a limiter in memory has, 1000 to ${MAX_KEYS} (${FULL.limiter.keys})
  --json FILE     write every round and the summary to a file as well
  --markdown FILE write the tables to a file as well
  --help          print this

The part redis starts a redis-server of its own (REDIS_SERVER names another), and is skipped where there
is none. Everything runs on loopback. Leave the machine alone while it does: the bench shares it with all
else.

Exit codes: 0 measured, 1 a stack answered wrongly or failed, 2 the options cannot be used, 130 interrupted.
`

/** Reads the command line; never throws. */
export function readOptions(args: readonly string[]): Parsed {
  const parsed = parse(args)
  if (typeof parsed === 'string') return mistake(parsed)
  if (parsed.help === true) return { type: 'help' }

  const base = parsed.quick === true ? QUICK : FULL
  const timing = readTiming(parsed)
  if (typeof timing === 'string') return mistake(timing)
  const keys = wholeNumber('--keys', parsed.keys, 1000, MAX_KEYS)
  if (typeof keys === 'string') return mistake(keys)
  const only = parsed.only ?? []
  const limiterAlone = parsed.limiter === true
  const sinksAlone = parsed.sinks === true
  if (limiterAlone && sinksAlone) return mistake('--limiter and --sinks: measure one after the other')
  const known: readonly string[] = limiterAlone ? PARTS : sinksAlone ? SINKS : [...SCENARIOS, ...STACKS]
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) return mistake(`--only ${unknown}: the names are ${known.join(', ')}`)
  if (parsed.json === '') return mistake('--json needs the name of a file')
  if (parsed.markdown === '') return mistake('--markdown needs the name of a file')

  // A first look, or one at a part of the gate, is not one at the limiter as well.
  const gateAlone = !limiterAlone && (parsed.quick === true || only.length > 0)
  const parts = chosen(PARTS, only, base.limiter.parts)
  const limiter = { ...base.limiter, ...timing, ...(keys !== undefined && { keys }), parts }
  const scenarios = chosen(SCENARIOS, only, base.gate.scenarios)
  const stacks = chosen(STACKS, only.length === 0 ? only : ['floor', ...only], STACKS)
  const sinks = chosen(SINKS, only.length === 0 ? only : ['none', ...only], SINKS)
  const someStack = STACKS.some((name) => only.includes(name))
  return {
    type: 'run',
    settings: {
      gate:
        limiterAlone || sinksAlone
          ? undefined
          : { ...base.gate, ...timing, scenarios, stacks: someStack ? stacks : STACKS },
      limiter: gateAlone || sinksAlone ? undefined : limiter,
      sinks: sinksAlone ? { ...base.sinks, ...timing, sinks } : undefined,
      json: parsed.json,
      markdown: parsed.markdown,
    },
  }
}

function mistake(message: string): Parsed {
  return { type: 'mistake', message }
}

interface Values {
  readonly quick?: boolean | undefined
  readonly limiter?: boolean | undefined
  readonly sinks?: boolean | undefined
  readonly only?: string[] | undefined
  readonly rounds?: string | undefined
  readonly seconds?: string | undefined
  readonly keys?: string | undefined
  readonly json?: string | undefined
  readonly markdown?: string | undefined
  readonly help?: boolean | undefined
}

/** The values, or what is wrong with the command line. */
function parse(args: readonly string[]): Values | string {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean' },
        limiter: { type: 'boolean' },
        sinks: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        keys: { type: 'string' },
        json: { type: 'string' },
        markdown: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // Node goes on to explain `--` to those who never meant it.
    return error.message.split(/\. |\n/, 1)[0] ?? error.message
  }
}

/** Those of all that are named; when none is, what is measured otherwise. */
function chosen<T extends string>(
  all: readonly T[],
  names: readonly string[],
  otherwise: readonly T[],
): readonly T[] {
  const found = all.filter((name) => names.includes(name))
  return found.length > 0 ? found : otherwise
}

/** What of the timing is said. */
function readTiming(values: Values): Partial<Timing> | string {
  const rounds = wholeNumber('--rounds', values.rounds, 1, MAX_ROUNDS)
  const seconds = wholeNumber('--seconds', values.seconds, 1, MAX_SECONDS)
  if (typeof rounds === 'string') return rounds
  if (typeof seconds === 'string') return seconds
  return { ...(rounds !== undefined && { rounds }), ...(seconds !== undefined && { seconds }) }
}

function wholeNumber(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | string | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,8}$/.test(text) ? Number(text) : 0
  return value >= min && value <= max ? value : `${name} ${text}: write a whole number from ${min} to ${max}`
}

function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

/** What it takes to start a process, with the compiler of its sources. */
const START_SECONDS = 1
/** To put a key in, and to decide; on a machine that does nothing else. */
const SECONDS_PER_MILLION = 2

/** How long it will take, without starting and verifying stacks, in seconds: exact for the gate, a guess in memory. */
export function durationOf({ gate, limiter, sinks }: Settings): number {
  const of = (stacks: number, { rounds, seconds, warmUpSeconds }: Timing): number =>
    stacks * (rounds * seconds + warmUpSeconds)
  let total = gate === undefined ? 0 : gate.scenarios.length * of(gate.stacks.length, gate)
  if (sinks !== undefined) total += of(sinks.sinks.length, sinks)
  if (limiter === undefined) return total
  const { parts, keys, fills, decisions, rounds } = limiter
  const filling = START_SECONDS + (keys / 1e6) * SECONDS_PER_MILLION
  const deciding = (decisions / 1e6) * SECONDS_PER_MILLION
  if (parts.includes('memory')) total += SIDES.length * fills * filling
  if (parts.includes('decisions')) total += SIDES.length * (filling + rounds * deciding)
  if (parts.includes('redis')) total += of(LIMITED.length, limiter)
  return Math.round(total)
}
