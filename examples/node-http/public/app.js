// The page of the demo. The token lives in this variable and nowhere else: a reload forgets it.
import { CHECKS, explain, passedBefore } from './why.js'

let caller

/** What can be called, and what to expect. */
const CALLS = [
  { method: 'GET', path: '/health', hint: 'for everybody' },
  { method: 'GET', path: '/secure-data', hint: 'scope data:read' },
  { method: 'GET', path: '/notes', hint: 'scope data:read' },
  { method: 'POST', path: '/notes', hint: 'scope notes:write', json: () => ({ text: aNote() }) },
  { method: 'GET', path: '/admin/events', hint: 'role admin' },
]
const MISCHIEF = [
  { method: 'GET', path: '/secure-data', hint: '15 times in a row', times: 15 },
  { method: 'GET', path: '/secure-data', hint: 'with a forged token', forged: true },
  { method: 'GET', path: '/admin%2Fevents', hint: 'a slash in disguise' },
  { method: 'DELETE', path: '/secure-data', hint: 'a wrong method' },
  { method: 'POST', path: '/notes', hint: 'as text, not JSON', text: 'just a text' },
  { method: 'GET', path: '/nowhere', hint: 'no such route' },
]

/** Fields of a response that tell what the gate did. */
const TELLING = ['WWW-Authenticate', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'Allow', 'Cache-Control']

const MAX_ENTRIES = 50

const byId = (id) => document.getElementById(id)

/** Makes an element. Texts become text nodes: nothing that a server says is ever read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

byId('checks').append(
  ...CHECKS.map(({ name, asks }) => make('li', {}, make('b', {}, name), make('span', {}, asks))),
)
byId('calls').append(...CALLS.map(callItem))
byId('mischief').append(...MISCHIEF.map(callItem))

function callItem(call) {
  const button = make(
    'button',
    { type: 'button', class: 'call' },
    make('span', { class: 'method' }, call.method),
    make('span', { class: 'path' }, ` ${call.path} `),
    make('span', { class: 'expect' }, call.hint),
  )
  button.addEventListener('click', () => busy(button, () => run(call)))
  return make('li', {}, button)
}

byId('login').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.currentTarget
  void busy(form.querySelector('.main'), () => logIn(form))
})

byId('logout').addEventListener('click', () => {
  caller = undefined
  byId('logout').hidden = true
  byId('dashboard').hidden = true
  void endSession()
  byId('login').elements.username.focus()
  showWho('nobody', 'Nobody: no token is sent.')
})

// A link carries no token, so the token is shown once, for the cookie of a session of fifteen minutes.
byId('dashboard').addEventListener('click', () => {
  void busy(byId('dashboard'), async () => {
    const entry = addEntry('POST', '/dashboard', `as ${caller.name}`)
    const headers = { Authorization: `Bearer ${caller.token}` }
    // Without an old cookie: two credentials at once are refused.
    await endSession()
    const answer = await send(entry, 'POST', '/dashboard', { headers, credentials: 'same-origin' })
    if (answer === '') location.assign('/gatehouse/')
  })
})

/** Ends the session if there is one; a cookie that is no good any more is taken back with the refusal. */
async function endSession() {
  await fetch('/dashboard', { method: 'DELETE' }).catch(() => {})
}

byId('clear').addEventListener('click', () => {
  byId('log').replaceChildren()
  byId('said').firstElementChild.textContent = ''
  byId('empty').hidden = false
  byId('clear').hidden = true
})

async function logIn(form) {
  const body = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (value !== '') body.set(name, value)
  const entry = addEntry('POST', '/token', `as ${body.get('username')}`)
  const answer = await send(entry, 'POST', '/token', { body })
  const { password } = form.elements
  if (answer?.access_token === undefined) {
    showWho('bad', entry.why)
    password.focus()
    password.select()
    return
  }
  const until = new Date(Date.now() + answer.expires_in * 1000)
  caller = { name: body.get('username'), token: answer.access_token }
  password.value = ''
  byId('logout').hidden = false
  byId('dashboard').hidden = false
  const scopes = answer.scope?.replaceAll(' ', ' and ') ?? 'no scope'
  showWho('known', `${caller.name}, with ${scopes}, until ${timeOf(until)}.`)
}

function showWho(kind, text) {
  byId('who').className = `who ${kind}`
  byId('who').textContent = text
}

async function run(call) {
  const { method, path, times = 1 } = call
  const entry = addEntry(method, path, describe(call))
  for (let i = 0; i < times; i++) {
    const headers = {}
    if (call.forged === true) headers.Authorization = `Bearer ${forge(caller?.token)}`
    else if (caller !== undefined) headers.Authorization = `Bearer ${caller.token}`
    const init = { headers }
    if (call.json !== undefined) {
      headers['Content-Type'] = 'application/json'
      init.body = JSON.stringify(call.json())
    } else if (call.text !== undefined) init.body = call.text
    await send(entry, method, path, init)
  }
}

function describe({ hint, times, forged, text }) {
  const who = caller === undefined ? 'as nobody' : `as ${caller.name}`
  if (forged === true) return hint
  return times === undefined && text === undefined ? who : `${who}, ${hint}`
}

/** Changes one character of the claims, as somebody would who wants to be somebody else. */
function forge(token) {
  const [head, claims, signature] = (token ?? 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyb290In0.c2lnbmF0dXJl').split(
    '.',
  )
  return `${head}.${claims.slice(0, -1)}${claims.endsWith('A') ? 'Q' : 'A'}.${signature}`
}

/** Sends a request and shows what came of it in an entry of the log. */
async function send(entry, method, path, init) {
  try {
    // The cookie of the dashboard stays out of it, but where it is asked for.
    const response = await fetch(path, { credentials: 'omit', ...init, method })
    const answer = readAs(await response.text())
    entry.add(response, answer)
    return answer
  } catch {
    entry.fail('No answer came: is the demo still running?')
    return undefined
  }
}

function readAs(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Adds an entry to the log, newest first; it takes one response or several. */
function addEntry(method, path, note) {
  const status = make('span', { class: 'status' }, '...')
  const why = make('p', { class: 'why' })
  const where = make('span', { class: 'where' })
  const road = make('p', { class: 'road' }, where)
  const strip = make('p', { class: 'strip', 'aria-hidden': 'true' })
  const fields = make('dl', { class: 'fields' })
  const body = make('div', { class: 'body' })
  const item = make(
    'li',
    { class: 'entry' },
    make(
      'p',
      { class: 'head' },
      status,
      make('span', { class: 'what' }, make('span', { class: 'method' }, method), ` ${path}`),
      make('span', { class: 'note' }, `${note}, ${timeOf(new Date())}`),
    ),
    why,
    strip,
    road,
    make('details', { open: '' }, make('summary', {}, 'Response'), fields, body),
  )
  // Older entries fold, so that the newest is read without scrolling.
  for (const older of byId('log').querySelectorAll('details')) older.open = false
  byId('empty').hidden = true
  byId('clear').hidden = false
  byId('log').prepend(item)
  while (byId('log').children.length > MAX_ENTRIES) byId('log').lastElementChild.remove()

  const counts = new Map()
  const entry = { why: '', add, fail }
  return entry

  function add(response, answer) {
    const { outcome, check, why: reason } = explain(response, answer)
    const before = counts.size === 0 ? undefined : item.dataset.outcome
    counts.set(response.status, (counts.get(response.status) ?? 0) + 1)
    strip.append(make('i', { class: outcome }))
    strip.hidden = strip.children.length < 2
    // Of several, the last refusal is the one to explain.
    if (before !== undefined && before !== 'passed' && outcome === 'passed') return conclude(entry.why)
    item.dataset.outcome = outcome
    status.textContent = response.status
    showRoad(check, outcome)
    showFields(response)
    body.replaceChildren(bodyOf(answer))
    conclude(reason)
  }

  function conclude(reason) {
    entry.why = reason
    const tally = [...counts].map(([code, count]) => `${count} × ${code}`).join(', ')
    why.textContent = strip.hidden ? reason : `${tally}. ${reason}`
    byId('said').dataset.outcome = item.dataset.outcome
    byId('said').firstElementChild.textContent = `${status.textContent} ${method} ${path}: ${why.textContent}`
  }

  function fail(reason) {
    item.dataset.outcome = 'refused'
    status.textContent = '–'
    conclude(reason)
  }

  function showRoad(check, outcome) {
    const passed = passedBefore(check)
    const last = CHECKS.length - 1
    const steps = CHECKS.map((_, index) =>
      make('i', {
        class: index < passed ? 'passed' : index === passed ? outcome : '',
        title: CHECKS[index].name,
      }),
    )
    if (passed < last) where.textContent = `stopped at: ${check}`
    else
      where.textContent = outcome === 'passed' ? 'reached the handler' : 'reached the handler, which said no'
    road.replaceChildren(make('span', { class: 'steps', 'aria-hidden': 'true' }, ...steps), where)
  }

  function showFields(response) {
    fields.replaceChildren(
      ...TELLING.filter((name) => response.headers.has(name)).map((name) =>
        make('div', {}, make('dt', {}, name), make('dd', {}, response.headers.get(name))),
      ),
    )
  }
}

function bodyOf(answer) {
  if (Array.isArray(answer?.events)) return eventList(answer.events)
  const region = { tabindex: '0', role: 'region', 'aria-label': 'Body of the response' }
  return make('pre', region, typeof answer === 'string' ? answer : pretty(answer))
}

/** The token is not shown: whoever looks over a shoulder could use it. */
function pretty(answer) {
  const shown =
    answer?.access_token === undefined ? answer : { ...answer, access_token: '(kept by the page)' }
  return JSON.stringify(shown, undefined, 2)
}

/** The security events, one line each. */
function eventList(events) {
  const lines = events.map((event) =>
    make(
      'li',
      { class: event.outcome },
      make('time', { datetime: event.time }, timeOf(new Date(event.time))),
      make(
        'span',
        { class: 'outcome' },
        `${event.outcome}${event.status === undefined ? '' : ` ${event.status}`}`,
      ),
      make('span', { class: 'target' }, `${event.method} ${event.path}`),
      make('span', { class: 'reason' }, [event.principal?.subject, event.reason].filter(Boolean).join(': ')),
    ),
  )
  return make(
    'ol',
    { class: 'events', tabindex: '0', 'aria-label': 'Security events, newest first' },
    ...lines,
  )
}

function aNote() {
  return `A note from the page, ${timeOf(new Date())}`
}

function timeOf(date) {
  return date.toLocaleTimeString('en-GB')
}

/** Runs one thing at a time per button. It is not disabled: that would take the focus away from the keyboard. */
async function busy(button, work) {
  if (button.getAttribute('aria-busy') === 'true') return
  button.setAttribute('aria-busy', 'true')
  try {
    await work()
  } finally {
    button.removeAttribute('aria-busy')
  }
}
