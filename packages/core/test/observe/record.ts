import { readFileSync, writeFileSync } from 'node:fs'
import type { Policy } from '../../src/chain/policy.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Principal } from '../../src/contract/principal.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { basic } from '../../src/identity/basic.ts'
import { dpop } from '../../src/identity/dpop.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { loginProtection } from '../../src/identity/login-protection.ts'
import { refreshTokens } from '../../src/identity/refresh-tokens.ts'
import { remoteKeys } from '../../src/identity/remote-keys.ts'
import { type EndpointHandler, tokenEndpoint } from '../../src/identity/token-endpoint.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import type { AlertRuleName } from '../../src/observe/alerts.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { proofOf, TOKEN, tokens } from '../support/dpop.ts'
import { type Received, start } from '../support/http.ts'
import { ALICE, changedStore, CLIENTS, testIssuer, verify } from '../support/token-endpoint.ts'
import { AUDIENCE, forged, HS256, ISSUER, NOW, pairFor, part, token } from '../support/tokens.ts'

/*
 * Events of real gates, each under one attack, or under the traffic of a busy day. They are kept as files, so that a rule that is
 * changed is tried on what was seen before; GATEHOUSE_RECORD=1 makes them anew.
 */

/** One request of a recording, some time after the one before. */
interface Step {
  /** In milliseconds. */
  readonly after?: number
  readonly from: string
  readonly method?: string
  readonly path?: string
  readonly fields?: readonly string[]
  /** A form that is posted. */
  readonly form?: Readonly<Record<string, string>>
}

interface Recording {
  /** The rule that is to see it, where that is not its name. */
  readonly fires?: AlertRuleName
  readonly policy: (clock: MovableClock) => Policy
  /** A generator is given the answer to each of its steps. */
  readonly steps: (clock: MovableClock) => Iterable<Step, unknown, Received>
  /** Serves `POST /token`. */
  readonly token?: (clock: MovableClock) => EndpointHandler
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const attacker = '198.51.100.66'

const bearer = (text: string): readonly string[] => ['Authorization', `Bearer ${text}`]
const login = (name: string, password: string): readonly string[] => [
  'Authorization',
  `Basic ${btoa(`${name}:${password}`)}`,
]
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const signed = bearer(token({}, { alg: 'ES256', key: pairFor('ES256').privateKey, kid: 'a' }))
const bot = (index: number): string => `203.0.113.${index + 1}`

const API: Policy = {
  authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: [HS256] }),
  rateLimit: { name: 'api', limit: 100, window: '1m' },
  crossSite: {},
  routes: {
    'GET /health': { public: 'load balancers ask it' },
    'POST /session': { public: 'a page logs in' },
    'GET /orders/:id': {
      object: {
        load: ({ id }) => (Number(id) < 1_000 ? { customer: Number(id) < 10 ? 'alice' : 'bob' } : undefined),
        owner: ({ customer }) => customer,
      },
    },
  },
}

const LOGINS = (clock: MovableClock): Policy => ({
  authenticate: basic({
    verify: (name, password) => (password === 'right' ? { subject: name } : undefined),
    protection: loginProtection({ store: memoryStore({ clock }) }),
  }),
})

type Name =
  | AlertRuleName
  | 'replay-of-refresh-tokens'
  | 'store-back'
  | 'scanning-with-tokens'
  | 'storm-of-the-banned'
  | 'honest'
  | 'honest-office'

/** Tokens, and passwords as well. */
const PEOPLE = (clock: MovableClock): Policy => ({
  ...API,
  authenticate: anyOf(
    jwt({ issuer: ISSUER, audience: AUDIENCE, keys: [HS256] }),
    basic({
      verify: (name, password) => {
        // A moment in which the directory does not answer.
        if (password === 'hiccup') throw new Error('the directory is gone')
        return password === 'right' ? { subject: name } : undefined
      },
      protection: loginProtection({ store: memoryStore({ clock }) }),
    }),
  ),
})

/** Each attack, by the one rule that is to see it, and people who mean well. */
export const RECORDINGS: Readonly<Record<Name, Recording>> = {
  'credential-stuffing': {
    policy: LOGINS,
    steps: () =>
      times(40, (i) => ({
        after: 3 * SECOND,
        from: attacker,
        fields: login(`user${i}@example.com`, 'Summer2025!'),
      })),
  },
  'account-attack': {
    policy: LOGINS,
    steps: () =>
      times(30, (i) => ({ after: 10 * SECOND, from: bot(i), fields: login('alice', `password${i}`) })),
  },
  'token-spraying': {
    policy: () => API,
    steps: () =>
      times(40, (i) => ({
        after: 2 * SECOND,
        from: attacker,
        path: '/orders/1',
        fields: bearer(
          i % 3 === 0
            ? `${token()}x`
            : i % 3 === 1
              ? `${part('{"alg":"none"}')}.${part('{}')}.`
              : forged({ alg: 'HS256' }, { sub: 'alice' }, `key ${i}`),
        ),
      })),
  },
  // A botnet: each address and each account once.
  'spread-guessing': {
    policy: LOGINS,
    steps: () =>
      times(400, (i) => ({
        after: SECOND,
        from: i % 2 === 0 ? `2001:db8:0:${i.toString(16)}::1` : `198.18.${i >> 8}.${i & 255}`,
        fields: login(`user${i}@example.com`, 'Summer2025!'),
      })),
  },
  replay: {
    policy: () => ({ authenticate: dpop(tokens()) }),
    *steps(clock) {
      const proof = proofOf({
        claims: { htu: 'http://api.example.com/orders', iat: Math.floor(clock.now() / 1000) },
      })
      for (const i of times(9, (index) => index))
        yield {
          after: SECOND,
          from: i === 0 ? bot(0) : attacker,
          path: '/orders',
          fields: ['Authorization', `DPoP ${TOKEN}`, 'DPoP', proof],
        }
    },
  },
  // Somebody has read the refresh tokens of ten people, who have used them since.
  'replay-of-refresh-tokens': {
    fires: 'replay',
    policy: () => ({ ...API, routes: { ...API.routes, 'POST /token': { public: 'issues tokens' } } }),
    token: (clock) =>
      tokenEndpoint({
        issuer: testIssuer(clock),
        verify,
        clients: CLIENTS,
        refresh: refreshTokens({ store: memoryStore({ clock }), account: () => ALICE, clock }),
      }),
    *steps() {
      const ask = { method: 'POST', path: '/token' } as const
      const client = { client_id: 'spa' }
      for (const i of times(10, (index) => index)) {
        const people = { ...ask, after: 10 * SECOND, from: bot(i) }
        const logIn = { ...client, grant_type: 'password', username: 'alice', password: 'secret' }
        const { body } = yield { ...people, form: logIn }
        const { refresh_token: read } = JSON.parse(body) as { readonly refresh_token: string }
        const refresh = { ...client, grant_type: 'refresh_token', refresh_token: read }
        yield { ...people, form: refresh }
        yield { ...people, from: attacker, form: refresh }
      }
    },
  },
  scanning: {
    policy: () => ({ ...API, routes: { ...API.routes, '/*': { public: 'the framework answers' } } }),
    steps: () =>
      [
        '.env',
        '.git/config',
        'wp-login.php',
        'admin',
        'phpmyadmin',
        'actuator/env',
        'server-status',
        'backup.zip',
      ]
        .flatMap((name, n) =>
          times(8, (i) => ({
            after: SECOND,
            from: attacker,
            path: n % 2 === 0 ? `/${name}` : `/v${i}/${name}`,
          })),
        )
        .concat(times(30, (i) => ({ after: SECOND, from: attacker, path: `/orders/${i}` }))),
  },
  // Each with a token that anybody can have: of the same issuer, for another API.
  'scanning-with-tokens': {
    fires: 'scanning',
    policy: () => API,
    steps: () =>
      times(80, (i) => ({
        after: SECOND,
        from: attacker,
        path: `/v${i}/admin`,
        fields: bearer(token({ aud: 'https://other.example.com' })),
      })),
  },
  probing: {
    policy: () => API,
    steps: () =>
      times(30, (i) => ({
        after: 2 * SECOND,
        from: attacker,
        path: ['/orders/..%2fadmin', '/orders//1', '/orders/%2e%2e/admin', '/orders/1%00'][i % 4] ?? '/',
        ...(i % 5 === 0 && { method: 'TRACE' }),
        fields: bearer(token()),
      })),
  },
  'object-guessing': {
    policy: () => API,
    steps: () =>
      times(50, (i) => ({
        after: 2 * SECOND,
        from: attacker,
        path: `/orders/${990 + i}`,
        fields: bearer(token()),
      })),
  },
  'limit-storm': {
    policy: () => API,
    steps: () => times(360, () => ({ after: 50, from: attacker, path: '/health' })),
  },
  // A limit that bans by itself refuses for another reason from then on.
  'storm-of-the-banned': {
    fires: 'limit-storm',
    policy: () => ({
      ...API,
      rateLimit: { name: 'api', limit: 100, window: '1m', ban: { after: 3, within: '1m', for: '10m' } },
    }),
    steps: () => times(400, () => ({ after: 50, from: attacker, path: '/health' })),
  },
  'cross-site-storm': {
    policy: () => API,
    steps: () =>
      times(60, (i) => ({
        after: 3 * SECOND,
        from: bot(i % 20),
        method: 'POST',
        path: '/session',
        fields: ['Origin', 'https://evil.example', 'Sec-Fetch-Site', 'cross-site', 'Cookie', 'session=1'],
      })),
  },
  'key-set-failing': {
    policy: () => ({
      ...API,
      authenticate: jwt({
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: remoteKeys({
          // Where nobody listens: no system gives this port to whoever asks for one.
          url: 'http://127.0.0.1:1/keys',
          allowPrivateAddresses: true,
          dangerouslyAllowHttp: true,
        }),
      }),
    }),
    steps: () =>
      times(12, (i) => ({
        after: 5 * SECOND,
        from: bot(i),
        path: '/orders/1',
        fields: signed,
      })),
  },
  'store-failing': {
    policy: (clock) => ({
      ...API,
      store: changedStore(memoryStore({ clock }), {
        take: () => {
          throw new Error('the store is gone')
        },
      }),
      rateLimit: { name: 'api', limit: 100, window: '1m', whenStoreFails: 'open' },
    }),
    steps: () => times(30, (i) => ({ after: SECOND, from: bot(i), path: '/health' })),
  },
  'store-back': {
    fires: 'store-failing',
    policy: (clock) => {
      const store = memoryStore({ clock })
      const back = clock.now() + 2 * MINUTE
      return {
        ...API,
        store: changedStore(store, {
          take: (charges) => {
            if (clock.now() < back) throw new Error('the store is gone')
            return store.take(charges)
          },
        }),
        rateLimit: { name: 'api', limit: 100, window: '1m', whenStoreFails: 'open' },
      }
    },
    steps: () => times(120, (i) => ({ after: 2 * SECOND, from: bot(i % 50), path: '/health' })),
  },
  'check-failing': {
    policy: () => ({
      ...API,
      routes: {
        ...API.routes,
        '/reports': {
          when: () => {
            throw new Error('the rule has a mistake')
          },
        },
      },
    }),
    steps: () =>
      times(10, (i) => ({ after: 20 * SECOND, from: bot(i), path: '/reports', fields: bearer(token()) })),
  },
  'honest-office': { policy: PEOPLE, steps: officeOfManyPeople },
  honest: {
    policy: PEOPLE,
    steps: busyDay,
  },
}
/** Two hundred people behind one address, who all log in at half past eight, as they did the day before. */
function* officeOfManyPeople(clock: MovableClock): Iterable<Step> {
  const from = '192.0.2.10'
  for (let user = 0; user < 200; user++) yield { after: MINUTE, from, fields: login(`user${user}`, 'right') }
  clock.advance(12 * 60 * MINUTE)
  for (let user = 0; user < 200; user++) {
    // Their page asks before it knows that they are not logged in; their browser asks for what it always does.
    for (const path of ['/orders', '/orders/unread', '/favicon.ico', '/apple-touch-icon.png'])
      yield { after: SECOND, from, path }
    if (user % 12 === 0) yield { after: 2 * SECOND, from, fields: login(`user${user}`, 'wrng') }
    yield { after: SECOND, from, fields: login(`user${user}`, 'right') }
    const fields = bearer(token({ sub: 'bob', exp: Math.floor(clock.now() / 1000) + 300 }))
    yield { after: SECOND, from, path: `/orders/${user + 10}`, fields }
  }
}

/** An hour of a busy API: everybody in it means well. */
function* busyDay(clock: MovableClock): Iterable<Step> {
  const office = '192.0.2.10'
  const valid = (subject: string): readonly string[] =>
    bearer(token({ sub: subject, exp: Math.floor(clock.now() / 1000) + 300 }))
  const staging = bearer(token({ iss: 'https://staging.example', exp: NOW + 7_200 }))
  const expired = bearer(token({ exp: NOW - 600 }))
  for (let minute = 0; minute < 60; minute++) {
    // Who works, from home and from the office.
    for (let user = 0; user < 8; user++) {
      yield {
        after: SECOND,
        from: user % 2 === 0 ? office : bot(user),
        path: `/orders/${user < 4 ? user : user + 10}`,
        fields: valid(user < 4 ? 'alice' : 'bob'),
      }
    }
    // A load balancer that asks for the address, and not for the name.
    yield { after: SECOND, from: '192.0.2.2', path: '/health', fields: ['Host', '192.0.2.1'] }
    yield { after: SECOND, from: '192.0.2.2', path: '/health' }
    // A page that was left open over lunch asks for many things with a token that has expired, and then has a new one.
    if (minute % 10 === 5) {
      for (let i = 0; i < 30; i++)
        yield { after: 20, from: bot(30 + minute), path: `/orders/${i}`, fields: expired }
      yield { after: SECOND, from: bot(30 + minute), path: '/orders/1', fields: valid('alice') }
    }
    // People who are not logged in yet; those of the office come from one address.
    for (let i = 0; i < 3; i++)
      yield { after: SECOND, from: i === 0 ? office : bot(100 + minute), path: `/orders/${minute % 7}` }
    // A bookmark of something that was deleted, and an icon that never was.
    yield { after: SECOND, from: office, path: `/orders/${5_000 + (minute % 5)}`, fields: valid('alice') }
    yield { after: SECOND, from: bot(minute), path: '/favicon.ico' }
    // Passwords that are mistyped: now and then two people of the office at once.
    if (minute % 6 === 0) {
      for (const name of ['carol', 'dave']) {
        yield { after: SECOND, from: office, fields: login(name, 'wrng') }
        yield { after: 5 * SECOND, from: office, fields: login(name, 'right') }
      }
    }
    // A job with a password of last year.
    if (minute % 15 === 0) yield { after: SECOND, from: bot(201), fields: login('report-job', 'old') }
    // A client that does not wait as long as it is told, until it does.
    if (minute === 20) {
      for (let i = 0; i < 160; i++) yield { after: 100, from: bot(202), path: '/health' }
    }
    // A proxy of the client's own that doubles a slash, and one browser on a site that links here by a form.
    if (minute % 20 === 3) {
      for (let i = 0; i < 3; i++)
        yield { after: SECOND, from: bot(203), path: '/orders//1', fields: valid('bob') }
      yield {
        after: SECOND,
        from: bot(204),
        method: 'POST',
        path: '/session',
        fields: ['Origin', 'https://partner.example', 'Sec-Fetch-Site', 'cross-site'],
      }
    }
    // A token of the staging system, in a test of somebody's that runs once an hour.
    if (minute === 40) {
      for (let i = 0; i < 12; i++)
        yield {
          after: SECOND,
          from: bot(205),
          path: '/orders/1',
          fields: staging,
        }
    }
    if (minute === 50) yield { after: SECOND, from: bot(206), fields: login('alice', 'hiccup') }
    clock.advance(MINUTE / 2)
  }
}

const folder = new URL('recordings/', import.meta.url)

/** Drives a gate as a recording says, and gives the events that it told. */
async function record({ policy, steps, token: tokenOf }: Recording): Promise<readonly SecurityEvent[]> {
  const clock = movableClock()
  const events: SecurityEvent[] = []
  const gate = gatehouse<Principal>({
    hosts: ['api.example.com'],
    https: 'dangerouslyAllowHttp',
    proxy: { trustedRanges: ['loopback'] },
    ...policy(clock),
    clock,
  })
  gate.events.on('event', (event) => events.push(event))
  const tokenHandler = tokenOf?.(clock)
  const handler = gate.handler((req, res, pass) =>
    pass.rule === 'POST /token' && tokenHandler !== undefined
      ? tokenHandler(req, res, pass)
      : req.url?.startsWith('/orders') === true || req.url === '/health' || req.url === '/'
        ? res.end('ok')
        : gate.notFound(req, res),
  )
  const api = await start(handler)
  const script = steps(clock)[Symbol.iterator]()
  for (let step = script.next(); step.done !== true;) {
    const { after = 0, from, fields = [], form, ...sent } = step.value
    clock.advance(after)
    const host = fields.includes('Host') ? [] : ['Host', 'api.example.com']
    const posted =
      form === undefined
        ? { fields }
        : {
            fields: ['Content-Type', 'application/x-www-form-urlencoded'],
            body: new URLSearchParams(form).toString(),
          }
    // oxlint-disable-next-line no-await-in-loop -- the clock stands still while a request is under way
    const answer = await api.send({
      ...sent,
      ...posted,
      fields: [...host, 'X-Forwarded-For', from, ...posted.fields],
    })
    step = script.next(answer)
  }
  await api.close()
  await gate.close()
  return events
}

/** What a recording is when it is made now. */
export async function makeRecording(name: Name): Promise<string> {
  const accounts = new Map<string, string>()
  const lines = (await record(RECORDINGS[name])).map((event, index) => {
    const { account } = event
    if (account !== undefined && !accounts.has(account))
      accounts.set(account, accounts.size.toString(16).padStart(16, '0'))
    // What is drawn by lot would be another each time.
    const named = account === undefined ? {} : { account: accounts.get(account) }
    return JSON.stringify({ ...event, requestId: `recorded-${index}`, ...named })
  })
  return `${lines.join('\n')}\n`
}

const fileOf = (name: Name): URL => new URL(`${name}.jsonl`, folder)

/** Makes the file of a recording anew. */
export async function writeRecording(name: Name): Promise<void> {
  writeFileSync(fileOf(name), await makeRecording(name))
}

/** A recording as it was kept. */
export function keptRecording(name: Name): string {
  return readFileSync(fileOf(name), 'utf8')
}

/** The events of a recording. */
export function readRecording(name: Name): readonly SecurityEvent[] {
  return keptRecording(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SecurityEvent)
}
