import Table from 'cli-table3'
import { routeAsks, type RuleDescription } from '@gatehouse/core'
import { clean, cleanJson } from '../clean.ts'
import { coloursOf, type Colours } from '../colours.ts'
import { EXIT, type ExitCode, type Io, print } from '../io.ts'
import { needGate } from '../load.ts'
import { type Change, changesAgainst, readRecorded, type Recorded } from './against.ts'

/** What the command line says to routes. */
export interface RoutesOptions {
  readonly json?: boolean
  readonly against?: string
}

/** Prints every route with all that guards it; an unguarded one is a failure (AZ-12), and so is a change of a record. */
export async function routes(named: string | undefined, options: RoutesOptions, io: Io): Promise<ExitCode> {
  const before = options.against === undefined ? undefined : readRecorded(options.against, io)
  const { gate } = await needGate(io, named)
  const { rules, hosts, options: said, roles, store } = gate.describe()
  await gate.close()
  const unguarded = rules.filter(isUnguarded).map(({ name }) => name)
  // As it is written and read again.
  const now = JSON.parse(JSON.stringify({ hosts, options: said, roles, store, routes: rules })) as Recorded
  const changes = before === undefined ? [] : changesAgainst(before, now)
  if (options.json === true) {
    const report = { version: 1, ...now, unguarded, ...(before !== undefined && { changes }) }
    print(io, cleanJson(JSON.stringify(report, undefined, 2)))
  } else {
    const colours = coloursOf(io)
    print(io, tableOf(rules, colours, io.columns))
    for (const change of changes) print(io, colours.yellow(lineOf(change)))
    if (before !== undefined && changes.length === 0) print(io, `As it is in ${options.against}.`)
    print(
      io,
      unguarded.length === 0
        ? `${rules.length} routes, each of them guarded or open for a reason.`
        : colours.red(`Unguarded: ${unguarded.map((name) => clean(name)).join(', ')}.`),
    )
  }
  return unguarded.length === 0 && changes.length === 0 ? EXIT.ok : EXIT.findings
}

function lineOf({ where, member, before = 'nothing', after = 'nothing' }: Change): string {
  return `Changed: ${clean(where)}, ${clean(member)}: ${clean(before)} -> ${clean(after)}`
}

/**
 * A route that lets in who presents nothing, and says no reason; or that stands open because the checks that would guard it
 * only tell.
 */
function isUnguarded({ access, reason, shadow }: RuleDescription): boolean {
  if (access !== 'caller') return reason === undefined
  return shadow.includes('authenticate') || shadow.includes('authorize')
}

/** A table for people: what holds for most routes is said once, and of each route what is otherwise there. */
function tableOf(rules: readonly RuleDescription[], colours: Colours, columns: number): string {
  const guards = rules.map(guardsOf)
  const usual = usualOf(guards)
  const rows = rules.map((rule, index) => {
    const differs = Object.entries(guards[index] ?? {}).filter(([name, value]) => usual[name] !== value)
    return [
      clean(rule.source === 'allow' ? `+ ${rule.name}` : rule.name),
      whoOf(rule),
      [...routeAsks(rule).map(clean), ...differs.map(([name, value]) => `${name}: ${clean(value)}`)].join(
        '\n',
      ) || '-',
    ]
  })
  const widths = widthsOf(rows, Math.max(60, Math.min(columns, 160)))
  const table = new Table({
    head: ['ROUTE', 'WHO', 'ASKS'].map((text) => colours.bold(text)),
    colWidths: widths,
    wordWrap: true,
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  for (const [index, [route = '', who = '', asks = '']] of rows.entries()) {
    const rule = rules[index]
    const paint =
      rule === undefined || isUnguarded(rule)
        ? colours.red
        : rule.access === 'public'
          ? colours.yellow
          : String
    table.push([route, paint(who), asks])
  }
  const common = Object.entries(usual).map(([name, value]) => `  ${name}: ${clean(value)}`)
  const lines = table.toString().replace(/ +$/gm, '')
  return `${lines}\n\n${colours.bold('And where nothing else is said')}\n${common.join('\n')}\n`
}

const BORDERLESS: Readonly<Record<string, string>> = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid', 'middle']
    .flatMap((name) => [name, `${name}-mid`, `${name}-left`, `${name}-right`])
    .map((name) => [name, '']),
)

/** As wide as their content, and where that is too much the last two give way. */
function widthsOf(rows: readonly (readonly string[])[], width: number): number[] {
  const wanted = [0, 1, 2].map(
    (column) =>
      Math.max(
        8,
        ...rows.map((row) => Math.max(...(row[column] ?? '').split('\n').map((line) => line.length))),
      ) + 2,
  )
  const [route = 0, who = 0, asks = 0] = wanted
  if (route + who + asks <= width) return wanted
  const first = Math.min(route, Math.floor(width * 0.4))
  const second = Math.min(who, Math.floor(width * 0.28))
  return [first, second, Math.min(asks, width - first - second)]
}

function whoOf({ access, schemes, reason }: RuleDescription): string {
  const who =
    access === 'public' ? 'public' : `${access === 'caller' ? '' : 'optional: '}${schemes.join(', ')}`
  return clean(reason === undefined ? who : `${who}: "${reason}"`)
}

type Guards = Readonly<Record<string, string>>

function guardsOf(rule: RuleDescription): Guards {
  const { limits, concurrency, content, origins, crossSite, timeout, shadow } = rule
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '))
  return {
    limits: list(limits),
    'at once': list(concurrency),
    content: content === undefined ? 'as it comes' : content.types.join(' | '),
    timeout: timeout === undefined ? 'none' : `${timeout}s`,
    cors: list(origins),
    'other sites': crossSite === undefined ? 'may change nothing' : `may act: "${crossSite}"`,
    headers: rule.headers,
    'only tells': list(shadow),
  }
}

/** What most rules have of each. */
function usualOf(guards: readonly Guards[]): Guards {
  const names = Object.keys(guards[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const counts = new Map<string, number>()
      for (const each of guards) {
        const value = each[name] ?? ''
        counts.set(value, (counts.get(value) ?? 0) + 1)
      }
      const [most = ''] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? []
      return [name, most]
    }),
  )
}
