// The page of the dashboard. It runs in a browser, and knows of the server what view.ts says.
import type { Second, ShownAlert, View } from '../view.ts'
import { Chart, type Line } from './chart.ts'
import { byId, make, numberOf, percentOf, timeOf } from './dom.ts'
import { listen } from './live.ts'
import { aboutOf } from './panels.ts'
import { Looks } from './looks.ts'
import { columnsOf, letOnBy, merge, type Stretch, sum } from './model.ts'
import { Tabs } from './tabs.ts'

const TRAFFIC: readonly Line[] = [
  { label: 'allowed', colour: '--allowed' },
  { label: 'refused', colour: '--refused', dash: [6, 3] },
  { label: 'would refuse', colour: '--would', dash: [2, 3] },
]
const TRAFFIC_OF: readonly ((second: Second) => number)[] = [
  (at) => at[1] + at[2],
  (at) => at[3],
  (at) => at[4],
]

/** As many as can be told apart. */
const MAX_CHECKS = 6
const looks = new Looks()

let view: View | undefined
let shownWindow = 300
let paused = false

const traffic = new Chart(byId('traffic'))
const checks = new Chart(byId('checks'))
const tabs = new Tabs(() => render())

byId('pause').addEventListener('click', () => {
  paused = !paused
  byId('pause').setAttribute('aria-pressed', String(paused))
  byId('pause').textContent = paused ? 'Go on' : 'Pause'
  render()
})
for (const input of document.querySelectorAll<HTMLInputElement>('input[name=window]')) {
  if (input.checked) shownWindow = Number(input.value)
  input.addEventListener('change', () => {
    shownWindow = Number(input.value)
    render()
  })
}

byId('check').addEventListener('change', () => render())

/** What is looked at while it is paused: messages are heard all the same, so that nothing is missing afterwards. */
let frozen: View | undefined

function render(): void {
  if (!paused) frozen = view
  if (frozen === undefined) return
  showAll(frozen)
}

function connection(state: string, words: string): void {
  const place = byId('connection')
  if (place.dataset['state'] === state && place.textContent === words) return
  place.dataset['state'] = state
  place.textContent = words
}

listen({
  connection,
  gone(words) {
    view = frozen = undefined
    traffic.clear()
    checks.clear()
    for (const id of ['window', 'pause', 'about']) byId(id).hidden = true
    byId('content').replaceChildren(make('p', { class: 'notice' }, words))
    connection('lost', 'Ended')
  },
  state(whole) {
    view = whole
    if (!paused) render()
  },
  update(update) {
    if (view === undefined) return
    view = merge(view, update)
    if (!paused) render()
  },
})

function showAll(shown: View): void {
  const { title } = shown
  byId('title').textContent = title
  document.title = title === 'Gatehouse' ? title : `${title} – Gatehouse`
  const stretch = sum(shown, shownWindow)
  showNotices(shown)
  showTiles(shown, stretch)
  showCharts(shown, stretch)
  tabs.show(shown)
  byId('about').replaceChildren(
    'Requests are counted since ',
    timeOf(shown.started),
    `: ${numberOf(shown.totals.allowed + shown.totals.answered)} allowed, ${numberOf(shown.totals.refused)} refused. `,
    `Pages open: ${shown.listeners}.`,
    shown.dropped === 0
      ? ''
      : ` Messages left out for pages that did not keep up: ${numberOf(shown.dropped)}.`,
  )
}

let noticesShown = ''

const MAX_NOTICES = 5

/** What is worth getting up for comes first. */
const SEVERITIES = ['critical', 'warning', 'info']
const rankOf = ({ severity }: ShownAlert): number => SEVERITIES.indexOf(severity)

function showNotices({ storeDown, alerts }: View): void {
  const active = alerts?.active ?? []
  const said = [
    // An alert says it better, if there is one.
    ...(storeDown === null || active.some(({ rule }) => rule === 'store-failing')
      ? []
      : [`The store of the limits fails. ${storeDown.reason}`]),
    ...active
      .toSorted((a, b) => rankOf(a) - rankOf(b))
      .map((alert) => {
        const about = alert.key === undefined ? '' : ` about ${aboutOf(alert)}`
        return `${alert.severity}: ${alert.rule}${about}. ${alert.meaning}`
      }),
  ]
  // A list that is made anew would be read out anew.
  if (said.join('\n') === noticesShown) return
  noticesShown = said.join('\n')
  const more = said.length - MAX_NOTICES
  if (more > 0) said.splice(MAX_NOTICES, more, `And ${numberOf(more)} more, under Alerts.`)
  byId('notices').replaceChildren(...said.map((text) => make('p', { class: 'notice' }, text)))
}

function showTiles(shown: View, { allowed, refused, wouldRefuse }: Stretch): void {
  const lately = sum(shown, 10)
  const all = allowed + refused
  const active = shown.alerts?.active.length
  const within = `in ${nameOf(shownWindow)}`
  const tiles: readonly (readonly [name: string, value: string, look: string])[] = [
    ['Requests per second, now', numberOf(Math.round((lately.allowed + lately.refused) / 10)), ''],
    [`Allowed ${within}`, numberOf(allowed), 'allowed'],
    [`Refused ${within}`, numberOf(refused), refused > 0 ? 'refused' : ''],
    ['Share refused', all === 0 ? '–' : percentOf(refused / all), ''],
    [`Would refuse ${within}`, numberOf(wouldRefuse), wouldRefuse > 0 ? 'would' : ''],
    [
      'Alerts firing',
      active === undefined ? 'not set up' : numberOf(active),
      (active ?? 0) > 0 ? 'refused' : '',
    ],
  ]
  byId('tiles').replaceChildren(
    ...tiles.map(([name, value, look]) =>
      make('div', { class: look }, make('dt', {}, name), make('dd', {}, value)),
    ),
  )
}

/** A stretch of time, as its button is called. */
function nameOf(seconds: number): string {
  return seconds < 3600 ? `${seconds / 60} min` : '1 hour'
}

function showCharts(shown: View, { allowed, refused, byCheck }: Stretch): void {
  const within = `In ${nameOf(shownWindow)}`
  const check = shownCheck(shown)
  if (check === undefined)
    traffic.show(
      TRAFFIC,
      columnsOf(shown, shownWindow, TRAFFIC_OF),
      `${within}: ${allowed} allowed, ${refused} refused`,
    )
  else
    traffic.show(
      TRAFFIC.slice(0, 2).map((line) => Object.assign({}, line, { label: `${line.label} by ${check}` })),
      columnsOf(shown, shownWindow, [letOnBy(shown.order ?? [], check), (second) => second[6][check] ?? 0]),
      `${within}: ${check} refused ${byCheck.find(([name]) => name === check)?.[1] ?? 0}`,
    )
  looks.know(['(handler)', ...(shown.order ?? [])])
  const named = byCheck
    .slice(0, MAX_CHECKS)
    .map(([name]) => name)
    .sort((one, other) => looks.indexOf(one) - looks.indexOf(other))
  checks.show(
    named.map((name) => ({ label: name, ...looks.of(name) })),
    columnsOf(
      shown,
      shownWindow,
      named.map((name) => (second: Second) => second[6][name] ?? 0),
    ),
    `${within}: ${byCheck.map(([name, count]) => `${name} refused ${count}`).join(', ') || 'no check refused anything'}`,
  )
}

/** The check that is looked at alone; `undefined` for all of them. */
function shownCheck({ order }: View): string | undefined {
  const select = byId('check') as HTMLSelectElement
  byId('of').hidden = order === null
  const names = order ?? []
  if (select.options.length !== names.length + 1)
    select.replaceChildren(
      make('option', { value: '' }, 'all checks'),
      ...names.map((name) => make('option', { value: name }, name)),
    )
  return select.value === '' ? undefined : select.value
}
