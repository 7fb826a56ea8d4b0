import { parseArgs } from 'node:util'
import type { Plan } from './rounds.ts'
import { type StackName, STACKS } from './stack-process.ts'
import { SCENARIOS } from './workload.ts'

/** What the command line asks for. */
export interface Settings {
  readonly plan: Plan
  /** The stacks to measure; the floor is always one of them. */
  readonly stacks: readonly StackName[]
  /** Where the results go as JSON. */
  readonly json: string | undefined
}

/** A command line, read. */
export type Parsed =
  | { readonly type: 'run'; readonly settings: Settings }
  | { readonly type: 'help' }
  | { readonly type: 'mistake'; readonly message: string }

const FULL: Plan = { scenarios: SCENARIOS, rounds: 5, seconds: 4, warmUpSeconds: 2 }
const QUICK: Plan = { scenarios: ['allowed', '401'], rounds: 3, seconds: 2, warmUpSeconds: 1 }
const MAX_ROUNDS = 100
const MAX_SECONDS = 60

/** What `--help` prints. */
export const HELP: string = `Measures the gate: beside a bare node:http server that writes the same bytes and checks nothing
(the floor), and beside express with helmet, cors, express-rate-limit and express-jwt.

Usage: npm run bench -- [options]

  --quick         a first look within a minute: ${QUICK.scenarios.join(' and ')}, ${QUICK.rounds} rounds of ${QUICK.seconds} s
  --only NAME     measure only this scenario (${SCENARIOS.join(', ')}) or only
                  this stack beside the floor (${STACKS.slice(1).join(', ')}); may be repeated
  --rounds N      how many rounds, 1 to ${MAX_ROUNDS} (${FULL.rounds})
  --seconds N     how long a stack is loaded in each round, 1 to ${MAX_SECONDS} (${FULL.seconds})
  --json FILE     write every round and the summary to a file as well
  --help          print this

Everything runs on loopback. Leave the machine alone while it does: the bench shares it with all else.

Exit codes: 0 measured, 1 a stack answered wrongly or failed, 2 the options cannot be used, 130 interrupted.
`

/** Reads the command line; never throws. */
export function readOptions(args: readonly string[]): Parsed {
  const parsed = parse(args)
  if (typeof parsed === 'string') return { type: 'mistake', message: parsed }
  if (parsed.help === true) return { type: 'help' }

  const base = parsed.quick === true ? QUICK : FULL
  const rounds = wholeNumber('--rounds', parsed.rounds, base.rounds, MAX_ROUNDS)
  const seconds = wholeNumber('--seconds', parsed.seconds, base.seconds, MAX_SECONDS)
  const only = parsed.only ?? []
  const known: readonly string[] = [...SCENARIOS, ...STACKS]
  const unknown = only.find((name) => !known.includes(name))
  if (typeof rounds === 'string') return { type: 'mistake', message: rounds }
  if (typeof seconds === 'string') return { type: 'mistake', message: seconds }
  if (unknown !== undefined) {
    return { type: 'mistake', message: `--only ${unknown}: the names are ${known.join(', ')}` }
  }
  if (parsed.json === '') return { type: 'mistake', message: '--json needs the name of a file' }

  const scenarios = SCENARIOS.filter((name) => only.includes(name))
  const stacks = STACKS.filter((name) => only.includes(name))
  return {
    type: 'run',
    settings: {
      plan: { ...base, scenarios: scenarios.length > 0 ? scenarios : base.scenarios, rounds, seconds },
      stacks: stacks.length > 0 ? STACKS.filter((name) => name === 'floor' || stacks.includes(name)) : STACKS,
      json: parsed.json,
    },
  }
}

interface Values {
  readonly quick?: boolean | undefined
  readonly only?: string[] | undefined
  readonly rounds?: string | undefined
  readonly seconds?: string | undefined
  readonly json?: string | undefined
  readonly help?: boolean | undefined
}

/** The values, or what is wrong with the command line. */
function parse(args: readonly string[]): Values | string {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // Node goes on to explain `--` to those who never meant it.
    return error.message.split(/\. |\n/, 1)[0] ?? error.message
  }
}

function wholeNumber(
  name: string,
  text: string | undefined,
  otherwise: number,
  max: number,
): number | string {
  if (text === undefined) return otherwise
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= max ? value : `${name} ${text}: write a whole number from 1 to ${max}`
}

/** How long it will take, without starting and verifying, in seconds. */
export function durationOf({ plan, stacks }: Settings): number {
  return plan.scenarios.length * stacks.length * (plan.rounds * plan.seconds + plan.warmUpSeconds)
}
