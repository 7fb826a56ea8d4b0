import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, describe, test } from 'node:test'
import { EVENT_CHANNEL } from '../../src/chain/events.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Pass } from '../../src/contract/pass.ts'
import type { Principal } from '../../src/contract/principal.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import type { Policy } from '../../src/chain/policy.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { generateApiKey } from '../../src/identity/api-key-format.ts'
import { basic } from '../../src/identity/basic.ts'
import { jwt } from '../../src/identity/jwt.ts'
import type { JwtKey } from '../../src/identity/jwt/keys.ts'
import { revocations } from '../../src/identity/revocations.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import type { Sent } from '../support/http.ts'
import { as, type TestPrincipal, testScheme } from '../support/scheme.ts'
import { changedStore } from '../support/token-endpoint.ts'
import { AUDIENCE, HS256, ISSUER, NOW, SECRET, token } from '../support/tokens.ts'

/** What functions of a policy do here. */
function fail(): never {
  throw new Error('secret detail')
}

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(...args: Parameters<typeof guarded>): Promise<Guarded> {
  const made = await guarded(...args)
  open.push(made)
  return made
}

describe('events', () => {
  const rows: readonly (readonly [name: string, sent: Sent, expected: Partial<SecurityEvent>])[] = [
    [
      'an authenticated request',
      { path: '/data?token=secret', fields: as('alice', 'a') },
      {
        outcome: 'allowed',
        kind: 'request.allowed',
        method: 'GET',
        path: '/data',
        client: '127.0.0.1',
        principal: { issuer: undefined, subject: 'alice' },
        rule: 'default',
        code: undefined,
        status: undefined,
      },
    ],
    [
      'no credentials',
      {},
      { outcome: 'refused', kind: 'credentials.missing', check: 'authenticate', status: 401 },
    ],
    [
      'a scheme that nobody knows',
      { fields: ['Authorization', 'Other x'] },
      { outcome: 'refused', kind: 'credentials.wrong-scheme', status: 401 },
    ],
    [
      'a bad credential',
      { fields: ['Authorization', 'Test bad'] },
      { outcome: 'refused', kind: 'token.bad-signature', code: 'invalid_token', status: 401 },
    ],
    [
      'a missing scope',
      { path: '/scoped', fields: as('alice') },
      {
        outcome: 'refused',
        kind: 'authorization.scope-missing',
        check: 'authorize',
        rule: '/scoped',
        status: 403,
      },
    ],
    ['a host of somebody else', { fields: ['Host', 'evil.example'] }, { kind: 'host.unknown', status: 421 }],
    [
      'a failing scheme',
      { fields: ['Authorization', 'Test throw'] },
      { kind: 'dependency.failed', status: 503 },
    ],
  ]
  for (const [name, sent, expected] of rows) {
    test(`LOG-01, LOG-05: ${name} is one typed event`, async () => {
      const server = await serve({ routes: { '/scoped': { scopes: ['a'] } } })
      await server.send(sent)
      const events = await server.events()
      assert.equal(events.length, 1)
      const [event] = events
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(event?.[key as keyof SecurityEvent], value, key)
      }
      assert.equal(event?.time, '2026-01-01T00:00:00.000Z')
    })
  }

  test('LOG-05: one gate tells missing, malformed, expired, revoked, wrong audience, bad signature, missing scope and exceeded limit apart', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    const revoked = revocations({ store, clock })
    await revoked.token({ issuer: ISSUER, jti: 'revoked' })
    const server = await serve({
      clock,
      store,
      authenticate: jwt({
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: HS256,
        requiredClaims: ['jti'],
        revocations: revoked,
      }),
      routes: {
        '/scoped': { scopes: ['write'] },
        '/limited': { rateLimit: { limit: 1, window: '1m', by: 'principal' } },
      },
    } as never)
    const good = { jti: 'good', iat: NOW, scope: 'read' }
    const wrongKey: JwtKey = { alg: 'HS256', key: SECRET.toUpperCase() }
    const sent: readonly (readonly [
      path: string,
      text: string | undefined,
      kind: string,
      status?: number,
    ])[] = [
      ['/', undefined, 'credentials.missing', 401],
      ['/', 'no.token', 'token.malformed', 401],
      ['/', token({ ...good, iat: NOW - 600, exp: NOW - 300 }), 'token.expired', 401],
      ['/', token({ ...good, jti: 'revoked' }), 'token.revoked', 401],
      ['/', token({ ...good, aud: 'https://other.example.com' }), 'token.wrong-audience', 401],
      ['/', token(good, wrongKey), 'token.bad-signature', 401],
      ['/scoped', token(good), 'authorization.scope-missing', 403],
      ['/limited', token(good), 'request.allowed'],
      ['/limited', token(good), 'limit.exceeded', 429],
    ]
    for (const [path, text] of sent)
      // oxlint-disable-next-line no-await-in-loop -- the second one is what exceeds the limit
      await server.send({ path, fields: text === undefined ? [] : ['Authorization', `Bearer ${text}`] })
    const events = await server.events()
    assert.deepEqual(
      events.map(({ kind, status }) => [kind, status]),
      sent.map(([, , kind, status]) => [kind, status]),
    )
    assert.equal(new Set(events.map(({ kind }) => kind)).size, sent.length)
    assert.equal(new Set(events.map(({ reason }) => reason)).size, sent.length)
  })

  test('LOG-05: an API key that is malformed, wrong, expired or revoked is told apart', async () => {
    const clock = movableClock()
    const made = {
      wrong: generateApiKey('test'),
      expired: generateApiKey('test'),
      revoked: generateApiKey('test'),
    }
    const server = await serve({
      clock,
      authenticate: apiKey({
        keys: [
          { id: 'old', hash: made.expired.hash, subject: 'alice', expires: new Date(clock.now() - 1) },
          { id: 'gone', hash: made.revoked.hash, subject: 'bob', revoked: true },
        ],
      }),
    } as never)
    const keys = [
      ['no key', 'credentials.malformed'],
      [made.wrong.key, 'credentials.wrong'],
      [made.expired.key, 'credentials.expired'],
      [made.revoked.key, 'credentials.revoked'],
    ] as const
    // oxlint-disable-next-line no-await-in-loop -- in their order
    for (const [key] of keys) await server.send({ fields: ['X-API-Key', key] })
    assert.deepEqual(
      (await server.events()).map(({ kind }) => kind),
      keys.map(([, kind]) => kind),
    )
  })

  test('LOG-02: no token, cookie, query or text of an error is in an event that is printed', async () => {
    const server = await serve({ routes: { '/throws': { public: 'a test' } } }, () => {
      throw new Error('secret detail')
    })
    await server.send({
      path: '/throws?secret=detail',
      fields: ['Cookie', 'secret=detail', 'Authorization', 'Test secret'],
    })
    const events = await server.events()
    assert.equal(JSON.stringify(events).includes('secret'), false)
    const failed = events.find((event) => event.kind === 'handler.failed')
    assert.ok(failed?.error instanceof Error, 'an observer that asks for the error gets it')
  })

  test('REQ-14, LOG-05: a handler that stops with its client is a warning, told once a minute; one that fails then is a failure', async () => {
    const thrown: Readonly<Record<string, (signal: AbortSignal) => unknown>> = {
      '/stops': (signal) => signal.reason,
      '/breaks-off': () => Object.assign(new Error('closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }),
      '/fails': () => new Error('secret detail'),
      '/fails-oddly': () =>
        Object.defineProperty(new Error('x'), 'code', {
          get: fail,
        }),
    }
    let stopped: Promise<void> | undefined
    const handle = async (req: IncomingMessage, res: ServerResponse, pass: Pass): Promise<void> => {
      const gone = once(res, 'close')
      stopped = gone.then(() => undefined)
      req.socket.destroy()
      await gone
      throw thrown[pass.path]?.(pass.signal)
    }
    const server = await serve({ routes: { '/*': { public: 'a test' } } }, handle)
    for (const path of ['/stops', '/stops', '/breaks-off', '/fails', '/fails-oddly']) {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      await assert.rejects(server.send({ path }))
      // oxlint-disable-next-line no-await-in-loop -- in their order
      await stopped
    }
    await server.events()
    const told = (await server.events()).filter(({ kind }) => kind === 'handler.failed')
    assert.deepEqual(
      told.map(({ outcome, path, reason }) => [outcome, path, reason]),
      [
        ['warning', '/stops', 'The handler stopped with AbortError after its client had gone away.'],
        ['refused', '/fails', 'The handler threw Error.'],
        ['refused', '/fails-oddly', 'The handler threw Error.'],
      ],
    )
  })

  test('LOG-02, LOG-05: a login that failed tells its account as a keyed hash alone, one for each', async () => {
    const server = await serve({ authenticate: basic({ verify: () => undefined }) } as never)
    for (const name of ['alice', ' ALICE', 'bob'])
      await server.send({ fields: ['Authorization', `Basic ${btoa(`${name}:wrong`)}`] })
    await server.send({})
    const events = await server.events()
    const [first, second, third, none] = events.map(({ account }) => account)
    assert.match(first ?? '', /^[0-9a-f]{16}$/)
    assert.equal(second, first)
    assert.notEqual(third, first)
    assert.equal(none, undefined)
    assert.ok(!('account' in (events[3] ?? {})))
    assert.doesNotMatch(JSON.stringify(events), /alice|bob/i)
  })

  test('LOG-05: a handler may say which account somebody tried', async () => {
    const server = await serve({ routes: { '/login': { public: 'a test' } } }, (_, res, pass) => {
      pass.tell('refused', 'credentials.wrong', 'the second factor was wrong', 'a'.repeat(100_000))
      res.end()
    })
    await server.send({ path: '/login' })
    const told = (await server.events()).find(({ kind }) => kind === 'credentials.wrong')
    assert.match(told?.account ?? '', /^[0-9a-f]{16}$/)
  })

  const failures: readonly (readonly [name: string, policy: Policy<TestPrincipal>, kind: string])[] = [
    ['a scheme', { authenticate: testScheme() }, 'dependency.failed'],
    ['a key of a limit', { rateLimit: { limit: 1, window: '1m', by: () => fail() } }, 'dependency.failed'],
    ['a predicate', { routes: { '/*': { when: () => fail() } } }, 'authorization.failed'],
    ['a tenant', { tenant: () => fail(), routes: { '/:t': { tenant: 't' } } }, 'authorization.failed'],
    [
      'a store',
      { store: changedStore(memoryStore(), { take: () => fail() }), rateLimit: { limit: 1, window: '1m' } },
      'dependency.failed',
    ],
  ]
  for (const [name, policy, kind] of failures) {
    test(`LOG-02: what ${name} threw is with the event for those who ask, and printed by nobody`, async () => {
      const server = await serve(policy)
      const name401 = policy.authenticate === undefined ? 'alice' : 'throw'
      const received = await server.send({ path: '/x', fields: ['Authorization', `Test ${name401}`] })
      const [event] = await server.events()
      assert.equal(event?.kind, kind)
      assert.match(String((event?.error as Error | undefined)?.message), /secret detail/)
      assert.equal(JSON.stringify(event).includes('secret'), false)
      assert.equal(received.body.includes('secret'), false)
    })
  }

  test('LOG-01: events name each caller, one who is remembered by the name that was made for them', async () => {
    const server = await serve({
      authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256 }),
    } as never)
    for (const sub of ['alice', 'bob\n', 'alice', 'bob\n'])
      // oxlint-disable-next-line no-await-in-loop -- who comes back was there before
      await server.send({ fields: ['Authorization', `Bearer ${token({ sub })}`] })
    const names = (await server.events()).map(({ principal }) => principal)
    const [alice, bob] = names
    assert.deepEqual(alice, { issuer: ISSUER, subject: 'alice' })
    assert.deepEqual(bob, { issuer: ISSUER, subject: 'bob\\u000a' })
    assert.deepEqual(
      names.map((name) => (name === alice ? 'alice' : name === bob ? 'bob' : 'made anew')),
      ['alice', 'bob', 'alice', 'bob'],
    )
  })

  test('LOG-03: control characters of the path are escaped', async () => {
    const server = await serve()
    await server.raw('GET /a\x1b[2J\u0085b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
    const [event] = await server.events()
    assert.doesNotMatch(event?.path ?? '\x1b', /[\x00-\x1f\x7f-\x9f]/)
  })

  test('LOG-04: an observer that throws or rejects changes nothing, and the next one still hears', async () => {
    const heard: string[] = []
    const server = await serve({
      observe: [
        () => {
          throw new Error('observer')
        },
        // Not what the type allows, and what happens all the same: an async function.
        () => Promise.reject(new Error('observer')),
        (event) => heard.push(event.kind),
      ],
    })
    assert.equal((await server.send({ fields: as('alice') })).status, 200)
    await server.events()
    assert.deepEqual(heard, ['request.allowed'])
  })

  test('events reach diagnostics_channel', async () => {
    const heard: unknown[] = []
    const listen = (event: unknown): void => void heard.push(event)
    subscribe(EVENT_CHANNEL, listen)
    const server = await serve()
    await server.send({ fields: as('alice') })
    await server.events()
    unsubscribe(EVENT_CHANNEL, listen)
    assert.equal(heard.length, 1)
  })

  test('the request id of a problem is the one of its event', async () => {
    const server = await serve()
    const { body } = await server.send({})
    const [event] = await server.events()
    assert.equal((JSON.parse(body) as { readonly requestId: string }).requestId, event?.requestId)
  })

  test('PRX-10: a forwarding header from a peer that is not trusted is told once, with the setting to change', async () => {
    const server = await serve()
    for (let i = 0; i < 3; i++) await server.send({ fields: ['X-Forwarded-For', '1.2.3.4', ...as('alice')] })
    const warnings = (await server.events()).filter((event) => event.kind === 'proxy.untrusted')
    assert.equal(warnings.length, 1)
    assert.match(warnings[0]?.reason ?? '', /proxy/)
  })

  test('PRX-04: a trusted proxy that sends too few entries leaves no client, and it is told', async () => {
    const server = await serve({ proxy: { trustedHops: 2 } })
    await server.send({ fields: ['X-Forwarded-For', '1.2.3.4', ...as('alice')] })
    const events = await server.events()
    assert.ok(events.some((event) => event.kind === 'proxy.too-few-hops'))
    assert.equal(events.find((event) => event.kind === 'request.allowed')?.client, undefined)
  })
})

test('LOG-01: whom a rule puts in the place of a caller is named in that request, and not in the next one of the caller', async () => {
  const { send, events } = await serve({
    authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256 }),
    routes: {
      '/*': {
        authenticated: true,
        when: (principal: Principal, request: RequestFacts) => {
          const subject = request.headers['x-acts-as']
          // The types forbid it, and there are policies without types.
          if (typeof subject === 'string') Object.assign(request, { principal: { ...principal, subject } })
          return true
        },
      },
    },
  } as never)
  const fields = ['Authorization', `Bearer ${token({ sub: 'alice' })}`]
  await send({ fields: [...fields, 'X-Acts-As', 'bob'] })
  await send({ fields })
  await send({ fields: [...fields, 'X-Acts-As', 'carol'] })
  const subjects = (await events()).map(({ principal }) => principal?.subject)
  assert.deepEqual(subjects, ['bob', 'alice', 'carol'])
})
