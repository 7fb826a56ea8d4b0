import { parseArgs } from 'node:util'
import { MAX_KEYS } from './limiter/keys.ts'
import type { Part, Prepared } from './part.ts'
import { PARTS } from './parts.ts'

/** What the command line asks for. */
export interface Settings {
  /** The parts to measure, in the order of the table. */
  readonly prepared: readonly Prepared[]
  /** Lines of Node, `22` for example; none when the bench's own is meant. */
  readonly nodes: readonly string[]
  /** Where the results go as JSON. */
  readonly json: string | undefined
  /** Where the tables go as Markdown. */
  readonly markdown: string | undefined
  /** Results of an earlier run to be compared with. */
  readonly compare: string | undefined
  /** Whether the report is written. */
  readonly report: boolean
  /** Whether what is measured is kept though it is not the whole of its part. */
  readonly keep: boolean
}

/** A command line, read. */
export type Parsed =
  | { readonly type: 'run'; readonly settings: Settings }
  | { readonly type: 'help' }
  | { readonly type: 'mistake'; readonly message: string }

/** Lines of Node that stacks can run on. */
export const NODES = ['20', '22', '24', '26'] as const

const MAX_ROUNDS = 100
const MAX_SECONDS = 60

/** What `--help` prints. */
export const HELP: string = `Measures Gatehouse part by part, beside a floor and beside what is used otherwise. Nothing is measured
that was not first seen to do its work.

Usage: npm run bench -- [options]

Parts, in this order:
${PARTS.map(describe).join('\n')}

  --quick         a first look: fewer scenarios, stacks and rounds; of the parts only
                  ${namesOf(({ when }) => when.quick)}, unless others are named
  --only NAME     measure only this part, or PART:ROW of it, or PART:ROW,ROW; a row alone is of the
                  parts that are named, or else of the first that has it; may be repeated. What
                  everything is compared to is always measured as well
  --rounds N      how many rounds, 1 to ${MAX_ROUNDS}
  --seconds N     for how long a side is measured in a round, 1 to ${MAX_SECONDS}
  --keys N        how many keys a limiter in memory has, 1000 to ${MAX_KEYS}
  --node LINES    measure ${namesOf(({ merge }) => merge !== undefined)} on these lines of Node
                  (${NODES.join(',')}); those that are not installed are fetched from npm
  --json FILE     write every round and the summary to a file as well
  --markdown FILE write the tables to a file as well
  --compare FILE  tell what is slower or faster than in a file of --json, and what is noise
  --keep          keep what is measured in bench/results though it is not the whole of its part
  --report        write docs/benchmarks.md from the kept results after measuring, or, with no part to
                  measure named, at once
  --help          print this

A part that is measured whole (none of its rows named, no --quick, --rounds, --seconds or --keys) is kept in
bench/results as soon as it is measured. Of the parts that --node is for it takes the place of the same rows on
the same Node alone: the rest stays, and the report says when each was measured. Of the others it takes the place
of all that was there.
Ctrl-C ends the bench, and what was measured until then is told: of gate whole scenarios, of adapters whole
frameworks, of profile whole lines of Node, of micro and growth whole rounds. It is kept as well where --keep
says so, and without it of ${namesOf(({ endsAnywhere }) => endsAnywhere === true)} that was to be measured whole.

redis-server (REDIS_SERVER names another), nginx, and python3 with fastapi are used where they are
installed, and skipped by name where not. Everything runs on loopback. Leave the machine alone while it
does: the bench shares it with all else.

Exit codes: 0 measured, 1 a stack answered wrongly or failed, 2 the options cannot be used,
3 something is worse than in the file of --compare, 130 interrupted.
`

function describe({ name, about, axes }: Part): string {
  const rows = Object.entries(axes).map(([axis, names]) => folded(`${axis}: ${names.join(', ')}`, 6, 100))
  return [`  ${name.padEnd(10)} ${about}`, ...rows].join('\n')
}

/** Text in lines of at most so many characters, between words. */
function folded(text: string, indent: number, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = `  ${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each) => `${' '.repeat(indent)}${each}`).join('\n')
}

function namesOf(keep: (part: Part) => boolean): string {
  return PARTS.filter(keep)
    .map(({ name }) => name)
    .join(', ')
}

/** Reads the command line; never throws. */
export function readOptions(args: readonly string[]): Parsed {
  const parsed = parse(args)
  if (typeof parsed === 'string') return mistake(parsed)
  if (parsed.help === true) return { type: 'help' }

  const rounds = wholeNumber('--rounds', parsed.rounds, 1, MAX_ROUNDS)
  const seconds = wholeNumber('--seconds', parsed.seconds, 1, MAX_SECONDS)
  const keys = wholeNumber('--keys', parsed.keys, 1000, MAX_KEYS)
  for (const read of [rounds, seconds, keys]) if (typeof read === 'string') return mistake(read)
  const nodes = readNodes(parsed.node)
  if (typeof nodes === 'string') return mistake(nodes)
  const named = readOnly(parsed.only ?? [])
  if (typeof named === 'string') return mistake(named)
  for (const name of ['json', 'markdown', 'compare'] as const)
    if (parsed[name] === '') return mistake(`--${name} needs the name of a file`)

  const quick = parsed.quick === true
  const report = parsed.report === true
  const asked = {
    quick,
    rounds: rounds as number | undefined,
    seconds: seconds as number | undefined,
    keys: keys as number | undefined,
    nodes,
  }
  const isMeasured = ({ name, when }: Part): boolean =>
    named.size > 0 ? named.has(name) : quick ? when.quick : when.full && !report
  return {
    type: 'run',
    settings: {
      prepared: PARTS.filter(isMeasured).map((part) =>
        part.prepare({ ...asked, only: named.get(part.name) ?? [] }),
      ),
      nodes,
      json: parsed.json,
      markdown: parsed.markdown,
      compare: parsed.compare,
      report,
      keep: parsed.keep === true,
    },
  }
}

function mistake(message: string): Parsed {
  return { type: 'mistake', message }
}

type Values = ReturnType<typeof parseValues>

function parseValues(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      keys: { type: 'string' },
      node: { type: 'string', multiple: true },
      json: { type: 'string' },
      markdown: { type: 'string' },
      compare: { type: 'string' },
      report: { type: 'boolean' },
      keep: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values
}

/** The values, or what is wrong with the command line. */
function parse(args: readonly string[]): Values | string {
  try {
    return parseValues(args)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // Node goes on to explain `--` to those who never meant it.
    return error.message.split(/\. |\n/, 1)[0] ?? error.message
  }
}

/** The rows that are named, by the part that they are of; a part that is named without a row has none. */
function readOnly(only: readonly string[]): ReadonlyMap<string, readonly string[]> | string {
  const named = new Map<string, readonly string[]>()
  const add = (name: string, ...rows: readonly string[]): void =>
    void named.set(name, [...(named.get(name) ?? []), ...rows])
  const alone: string[] = []
  for (const text of only) {
    const colon = text.indexOf(':')
    const part = PARTS.find(({ name }) => name === (colon < 0 ? text : text.slice(0, colon)))
    if (part === undefined) {
      alone.push(text)
      continue
    }
    const row = text.slice(colon + 1)
    // Some rows have a comma in their names.
    const rows = rowsOf(part).includes(row) ? [row] : row.split(',')
    if (colon < 0) add(part.name)
    else if (rows.every((each) => rowsOf(part).includes(each))) add(part.name, ...rows)
    else return `--only ${text}: the rows of ${part.name} are ${rowsOf(part).join(', ')}`
  }
  const within = named.size === 0 ? PARTS : PARTS.filter(({ name }) => named.has(name))
  for (const row of alone) {
    const having = within.filter((part) => rowsOf(part).includes(row))
    const [first] = having
    if (first === undefined) {
      const known = [...PARTS.map(({ name }) => name), ...new Set(within.flatMap(rowsOf))]
      return `--only ${row}: the names are ${known.join(', ')}`
    }
    for (const { name } of within === PARTS ? [first] : having) add(name, row)
  }
  return named
}

function rowsOf({ axes }: Part): readonly string[] {
  return Object.values(axes).flat()
}

function readNodes(texts: readonly string[] = []): readonly string[] | string {
  const lines = texts.flatMap((text) => text.split(','))
  const unknown = lines.find((line) => !NODES.some((known) => known === line))
  if (unknown !== undefined) return `--node ${unknown}: the lines are ${NODES.join(', ')}`
  return NODES.filter((line) => lines.includes(line))
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
