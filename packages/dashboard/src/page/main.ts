// The page of the dashboard. It runs in a browser, and knows of the server what view.ts says.
import type { Second, View } from '../view.ts'
import { Chart, type Line } from './chart.ts'
import { byId, make, numberOf, percentOf, timeOf } from './dom.ts'
import { listen } from './live.ts'
import { columnsOf, merge, type Stretch, sum } from './model.ts'
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
const DASHES = [undefined, [6, 3], [2, 3], [10, 4], [1, 2], [8, 2, 2, 2]]

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

/** What is looked at while it is paused: messages are heard all the same, so that nothing is missing afterwards. */
let frozen: View | undefined

function render(): void {
  if (!paused) frozen = view
  if (frozen === undefined) return
  showAll(frozen)
}

listen({
  state(whole) {
    view = whole
    if (!paused) render()
  },
  update(update) {
    if (view === undefined) return
    view = merge(view, update)
    if (!paused) render()
  },
  connection(state, words) {
    const place = byId('connection')
    if (place.dataset['state'] === state && place.textContent === words) return
    place.dataset['state'] = state
    place.textContent = words
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
    'Counts are kept since ',
    timeOf(shown.started),
    `: ${numberOf(shown.totals.allowed + shown.totals.answered)} allowed, ${numberOf(shown.totals.refused)} refused. `,
    `Pages open: ${shown.listeners}.`,
    shown.dropped === 0
      ? ''
      : ` Messages left out for pages that did not keep up: ${numberOf(shown.dropped)}.`,
  )
}

let noticesShown = ''

function showNotices({ storeDown, alerts }: View): void {
  const said = [
    ...(storeDown === null ? [] : [`The store of the limits fails. ${storeDown.reason}`]),
    ...(alerts?.active ?? []).map(
      ({ rule, key, meaning }) => `Alert ${rule}${key === undefined ? '' : ` about ${key}`}: ${meaning}`,
    ),
  ]
  // A list that is made anew would be read out anew.
  if (said.join('\n') === noticesShown) return
  noticesShown = said.join('\n')
  byId('notices').replaceChildren(...said.slice(0, 5).map((text) => make('p', { class: 'notice' }, text)))
}

function showTiles(shown: View, { allowed, refused, wouldRefuse }: Stretch): void {
  const lately = sum(shown, 10)
  const all = allowed + refused
  const tiles: readonly (readonly [name: string, value: string, look: string])[] = [
    ['Requests per second', numberOf(Math.round((lately.allowed + lately.refused) / 10)), ''],
    ['Allowed', numberOf(allowed), 'allowed'],
    ['Refused', numberOf(refused), refused > 0 ? 'refused' : ''],
    ['Share refused', all === 0 ? '–' : percentOf(refused / all), ''],
    ['Shadow mode', numberOf(wouldRefuse), wouldRefuse > 0 ? 'would' : ''],
    ['Alerts firing', shown.alerts === null ? '–' : numberOf(shown.alerts.active.length), ''],
  ]
  byId('tiles').replaceChildren(
    ...tiles.map(([name, value, look]) =>
      make('div', { class: look }, make('dt', {}, name), make('dd', {}, value)),
    ),
  )
}

function showCharts(shown: View, { allowed, refused, byCheck }: Stretch): void {
  const minutes = shownWindow / 60
  traffic.show(
    TRAFFIC,
    columnsOf(shown, shownWindow, TRAFFIC_OF),
    `Of the last ${minutes} minutes: ${allowed} allowed, ${refused} refused`,
  )
  const named = byCheck
    .slice(0, MAX_CHECKS)
    .map(([check]) => check)
    // By name, so that a line keeps its colour while counts go up and down.
    .sort()
  checks.show(
    named.map((check, index) => ({
      label: check,
      colour: `--c${index + 1}`,
      ...(DASHES[index] === undefined ? {} : { dash: DASHES[index] }),
    })),
    columnsOf(
      shown,
      shownWindow,
      named.map((check) => (second: Second) => second[6][check] ?? 0),
    ),
    `Of the last ${minutes} minutes: ${byCheck.map(([check, count]) => `${check} refused ${count}`).join(', ') || 'no check refused anything'}`,
  )
}
