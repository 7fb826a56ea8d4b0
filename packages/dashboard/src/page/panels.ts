import { KEPT } from '../kept.ts'
import type { Near, Ranked, ShownAlert, ShownRoute, Told, View } from '../view.ts'
import { type Content, make, numberOf, spanOf, timeOf } from './dom.ts'
import { type Column, table } from './table.ts'

/** A tab: its name, how many things it has, and what it shows. */
export interface Panel {
  readonly id: string
  readonly name: string
  readonly count: (view: View) => number
  /** With so many the list is full, and there were more. */
  readonly most?: number
  readonly show: (view: View, filter: string) => readonly HTMLElement[]
  /** Whether its rows can be narrowed down by a word. */
  readonly filtered?: true
}

const soft = (text: string): HTMLElement => make('span', { class: 'soft' }, text)
const orDash = (text: string | undefined): Content => (text === undefined || text === '' ? soft('–') : text)

const TOLD: readonly Column<Told>[] = [
  { name: 'Time', look: 'tight', cell: ({ time }) => timeOf(time) },
  { name: 'Kind', look: 'fixed tight', cell: ({ kind }) => kind },
  { name: 'Check', look: 'tight', cell: ({ check }) => orDash(check) },
  { name: 'Status', look: 'number', cell: ({ status }) => orDash(status?.toString()) },
  { name: 'Request', look: 'fixed', cell: ({ method, path }) => `${method} ${path}` },
  { name: 'Client', look: 'fixed', cell: ({ client }) => orDash(client) },
  {
    name: 'Caller',
    look: 'fixed',
    // Of a login that failed the account is known by a hash alone.
    cell: ({ caller, account }) =>
      caller === undefined && account !== undefined ? soft(`account ${account}`) : orDash(caller),
  },
  { name: 'Why', cell: ({ reason }) => orDash(reason) },
]

const often: Column<Ranked> = {
  name: 'Times',
  look: 'number',
  cell: ({ atLeast, atMost }) =>
    atLeast === atMost ? numberOf(atMost) : `${numberOf(atLeast)} to ${numberOf(atMost)}`,
}
const since: Column<Ranked> = { name: 'Since', look: 'tight', cell: ({ first }) => timeOf(first) }
const last: Column<Ranked> = { name: 'Last', look: 'tight', cell: ({ last: at }) => timeOf(at) }
const kinds: Column<Ranked> = {
  name: 'Kinds',
  look: 'fixed',
  cell: ({ kinds: all }) => all.map(([kind, count]) => `${kind} ${numberOf(count)}`).join(', '),
}
const part = (name: string, index: number, look = ''): Column<Ranked> => ({
  name,
  look,
  cell: ({ key }) => orDash(key[index]),
})

const NEAR: readonly Column<Near>[] = [
  { name: 'Who', look: 'fixed', cell: ({ who }) => who },
  { name: 'Limit', look: 'fixed', cell: ({ limit }) => limit },
  {
    name: 'Spent',
    cell: ({ of, remaining, blocked }) =>
      make(
        'span',
        blocked || remaining === 0 ? { class: 'bad' } : {},
        make('meter', {
          min: '0',
          max: String(of),
          low: String(of * 0.5),
          high: String(of * 0.8),
          optimum: '0',
          value: String(of - remaining),
          'aria-hidden': 'true',
        }),
        ` ${numberOf(of - remaining)} of ${numberOf(of)}${blocked ? ', blocked' : ''}`,
      ),
  },
  { name: 'Whole again in', look: 'number', cell: ({ resetMs }) => spanOf(resetMs) },
]

/** Whom an alert is about. */
export function aboutOf({ key, others = 0 }: ShownAlert): string {
  return `${key ?? ''}${others === 0 ? '' : ` and ${numberOf(others)} more`}`
}

const ALERTS: readonly Column<ShownAlert>[] = [
  { name: 'Since', look: 'tight', cell: ({ since: at }) => timeOf(at) },
  {
    name: 'State',
    look: 'tight',
    cell: ({ state, until }) =>
      state === 'firing' || until === undefined
        ? make('span', { class: 'bad' }, state)
        : make('span', { class: 'good' }, `${state} `, timeOf(until)),
  },
  { name: 'Severity', cell: ({ severity }) => severity },
  { name: 'Rule', look: 'fixed tight', cell: ({ rule }) => rule },
  { name: 'About', look: 'fixed', cell: (alert) => orDash(aboutOf(alert)) },
  {
    name: 'Count',
    look: 'number',
    cell: ({ count, threshold }) =>
      make('span', {}, numberOf(count), soft(` (fires at ${numberOf(threshold)})`)),
  },
  { name: 'What it means', cell: ({ meaning, advice }) => `${meaning} ${advice}` },
]

const words = (list: readonly string[]): Content => orDash(list.join(', '))

const ROUTES: readonly Column<ShownRoute>[] = [
  { name: 'Methods', look: 'fixed', cell: ({ methods }) => methods.join(' ') },
  { name: 'Pattern', look: 'fixed', cell: ({ pattern }) => pattern },
  {
    name: 'Access',
    cell: ({ access, reason }) =>
      make(
        'span',
        {},
        make('span', { class: access === 'public' ? 'warn' : 'good' }, access),
        reason === undefined ? '' : soft(`: ${reason}`),
      ),
  },
  { name: 'Schemes', cell: ({ schemes }) => words(schemes) },
  { name: 'Asks for', cell: ({ asks }) => words(asks) },
  {
    name: 'Limits',
    cell: ({ limits, concurrency }) => words([...limits, ...concurrency.map((name) => `${name} (at once)`)]),
  },
  { name: 'Content', cell: ({ content }) => words(content?.types ?? []) },
  {
    name: 'Timeout',
    look: 'tight',
    cell: ({ timeout }) => orDash(timeout === undefined ? '' : `${timeout} s`),
  },
  { name: 'Origins', look: 'fixed', cell: ({ origins }) => words(origins) },
  { name: 'Other sites', cell: ({ crossSite }) => orDash(crossSite) },
  { name: 'Shadow', cell: ({ shadow }) => words(shadow) },
]

function matching(list: readonly Told[], filter: string): readonly Told[] {
  if (filter === '') return list
  const word = filter.toLowerCase()
  return list.filter((told) =>
    [
      told.kind,
      told.check,
      told.path,
      told.method,
      told.client,
      told.caller,
      told.account,
      told.reason,
      told.requestId,
    ].some((text) => text?.toLowerCase().includes(word) === true),
  )
}

export const PANELS: readonly Panel[] = [
  {
    id: 'refusals',
    name: 'Refusals',
    filtered: true,
    count: ({ refusals }) => refusals.length,
    most: KEPT.refusals,
    show: ({ refusals }, filter) => [
      table(
        `The last ${KEPT.refusals} refusals, the newest first`,
        TOLD,
        matching(refusals, filter),
        filter === ''
          ? 'Nothing has been refused. Each refusal will be listed here with its reason.'
          : 'No refusal has this word.',
      ),
    ],
  },
  {
    id: 'offenders',
    name: 'Offenders',
    count: ({ offenders }) => offenders.length,
    show: ({ offenders }) => [
      table(
        'Whose requests were refused most often in the last hour: addresses, and networks of IPv6',
        [part('Client', 0, 'fixed'), often, kinds, since, last],
        offenders,
        'Nobody has been refused. Addresses will be listed here, those refused most often first.',
      ),
    ],
  },
  {
    id: 'limits',
    name: 'Limits',
    count: ({ near, limited }) => (near?.length ?? 0) + limited.length,
    show: ({ near, limited }) => [
      table(
        'How much of each limit the busiest have spent, those who are nearest first',
        NEAR,
        near ?? [],
        near === null
          ? 'No gate is watched: board.watch(gate) shows here who is near a limit.'
          : 'None of the busiest has spent anything of a limit. Limits by client and by caller are looked at.',
      ),
      table(
        'Who was refused by a limit in the last hour',
        [part('Client', 0, 'fixed'), often, kinds, part('Rule', 1, 'fixed'), part('Why', 2), last],
        limited,
        'No limit has refused anything. Who exceeds one will be listed here.',
      ),
    ],
  },
  {
    id: 'alerts',
    name: 'Alerts',
    count: ({ alerts }) => alerts?.active.length ?? 0,
    show: ({ alerts, warnings }) => [
      table(
        'The last alerts, the newest first',
        ALERTS,
        alerts?.recent ?? [],
        alerts === null
          ? 'No alerts are set up: hand what alerts() gives to the dashboard, and they are listed here.'
          : 'No alert has fired. Those that do will be listed here, with what to do.',
      ),
      table(
        `The last ${KEPT.warnings} warnings, the newest first`,
        TOLD,
        warnings,
        'No warnings. A store that fails, or a forwarding header of a stranger, will be listed here.',
      ),
    ],
  },
  {
    id: 'shadow',
    name: 'Shadow mode',
    count: ({ shadow }) => shadow.length,
    show: ({ shadow }) => [
      table(
        'What checks in shadow mode would have refused in the last hour',
        [part('Check', 0), part('Rule', 1, 'fixed'), often, part('Why', 2), kinds, last],
        shadow,
        'Nothing would have been refused. What a check in shadow mode finds will be listed here.',
      ),
    ],
  },
  {
    id: 'routes',
    name: 'Routes',
    count: ({ routes }) => routes?.length ?? 0,
    show: ({ routes }) => [
      table(
        'The compiled policy, rule by rule',
        ROUTES,
        routes ?? [],
        'No gate is watched: board.watch(gate) shows its rules here.',
      ),
    ],
  },
]
