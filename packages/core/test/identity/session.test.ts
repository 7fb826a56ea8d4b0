import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { Records } from '../../src/contract/store.ts'
import { type Sessions, session, type SessionInput, type SessionOptions } from '../../src/identity/session.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { facts } from '../support/facts.ts'
import { type Running, start } from '../support/http.ts'
import { compiled } from '../support/schemes.ts'
import { UnsentResponse } from '../support/unsent.ts'

const secret = (): string => randomBytes(32).toString('base64url')
const KEY = { id: '2026-11', secret: secret() }

interface Bench {
  readonly clock: MovableClock
  readonly sessions: Sessions
  /** Who a cookie is of, or why it is refused. */
  readonly judge: (cookie?: string) => Promise<string>
  /** The Set-Cookie that comes with a cookie. */
  readonly renewed: (cookie: string) => Promise<string | undefined>
  readonly login: (input?: Partial<SessionInput>, cookie?: string) => Promise<string>
}

function bench(changes: Partial<SessionOptions> = {}, clock: MovableClock = movableClock()): Bench {
  const sessions = session({ keys: [KEY], store: memoryStore({ clock }), clock, ...changes })
  const scheme = compiled(sessions, clock)
  const identify = async (cookie?: string): Promise<Awaited<ReturnType<typeof scheme.identify>>> =>
    await scheme.identify(facts({ fields: cookie === undefined ? [] : [['Cookie', cookie]] }))
  return {
    clock,
    sessions,
    async judge(cookie) {
      const found = await identify(cookie)
      if (found.type === 'authenticated') return found.principal.subject
      return found.type === 'bad' ? found.kind : 'none'
    },
    async renewed(cookie) {
      const found = await identify(cookie)
      const fields = found.type === 'none' ? undefined : found.fields
      return fields?.[fields.indexOf('Set-Cookie') + 1]
    },
    async login(input = {}, cookie) {
      const res = new UnsentResponse()
      await sessions.start({ headers: { cookie } }, res, { subject: 'alice', ...input })
      return res.cookie
    },
  }
}

describe('a session', () => {
  test('CKE-01: its cookie is __Host-, Secure, HttpOnly, SameSite, for the whole host, and not cached', async () => {
    const { sessions } = bench()
    const res = new UnsentResponse()
    res.setHeader('Set-Cookie', ['theme=dark', '__Host-session=old; Path=/'])
    await sessions.start({ headers: {} }, res, { subject: 'alice' })
    const [theme, mine, ...more] = res.fields.get('Set-Cookie') as readonly string[]
    assert.deepEqual([theme, more], ['theme=dark', []])
    assert.match(mine ?? '', /^__Host-session=2026-11\.[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    assert.ok(!(mine ?? '').includes('alice'))
    assert.equal(res.fields.get('Cache-Control'), 'no-store')
  })

  test('CKE-01: it says who the caller is, and what they may do', async () => {
    const { sessions, login, clock } = bench()
    const cookie = await login({
      scopes: ['a'],
      roles: ['user'],
      permissions: ['x:y'],
      acr: 'mfa',
      data: { theme: 'dark' },
    })
    const found = await compiled(sessions, clock).identify(facts({ fields: [['Cookie', cookie]] }))
    assert.ok(found.type === 'authenticated')
    const { sessionId, ...principal } = found.principal
    assert.match(sessionId, /^[\w-]{24}$/)
    assert.deepEqual(principal, {
      scheme: 'session',
      subject: 'alice',
      issuer: undefined,
      scopes: ['a'],
      roles: ['user'],
      permissions: ['x:y'],
      acr: 'mfa',
      authTime: Math.floor(clock.now() / 1000),
      data: { theme: 'dark' },
    })
  })

  test('CKE-01: it ends when it is idle, and at its absolute end', async () => {
    const idle = bench({ idle: '30m', absolute: '1h' })
    const cookie = await idle.login()
    idle.clock.advance(1_799_999)
    assert.equal(await idle.judge(cookie), 'alice')
    idle.clock.advance(1)
    assert.equal(await idle.judge(cookie), 'credentials.expired')
    const busy = bench({ idle: '30m', absolute: '1h' })
    let current = await busy.login()
    for (let minutes = 0; minutes < 55; minutes += 5) {
      busy.clock.advance(300_000)
      assert.equal(await busy.judge(current), 'alice')
      current = (await busy.renewed(current))?.split(';', 1)[0] ?? current
    }
    busy.clock.advance(300_000)
    assert.equal(await busy.judge(current), 'credentials.expired')
  })

  test('CKE-01: an absolute time that is shortened ends the sessions that began before', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    const long = bench({ store, idle: '1h', absolute: '30d' }, clock)
    const short = bench({ store, idle: '1h', absolute: '1h' }, clock)
    let cookie = await long.login()
    clock.advance(1_800_000)
    cookie = (await long.renewed(cookie))?.split(';', 1)[0] ?? ''
    assert.equal(await short.judge(cookie), 'alice')
    clock.advance(1_800_000)
    assert.equal(await long.judge(cookie), 'alice')
    assert.equal(await short.judge(cookie), 'credentials.expired')
  })

  test('CKE-01: it is sealed anew after a tenth of the idle time, and not before', async () => {
    const { login, renewed, clock } = bench()
    const cookie = await login()
    clock.advance(179_999)
    assert.equal(await renewed(cookie), undefined)
    clock.advance(1)
    assert.match((await renewed(cookie)) ?? '', /^__Host-session=/)
  })

  test('CKE-01: a login gives another session, and ends the one that came with it', async () => {
    const { login, judge } = bench()
    const fixed = await login({ subject: 'mallory' })
    const mine = await login({}, fixed)
    assert.notEqual(mine, fixed)
    assert.equal(await judge(mine), 'alice')
    assert.equal(await judge(fixed), 'credentials.revoked')
  })

  test('CKE-01: renew keeps the user, and the old cookie is good for nothing', async () => {
    const { sessions, login, judge } = bench()
    const old = await login()
    const res = new UnsentResponse()
    await sessions.renew({ headers: { cookie: old } }, res, { roles: ['admin'] })
    assert.deepEqual([await judge(res.cookie), await judge(old)], ['alice', 'credentials.revoked'])
    await assert.rejects(sessions.renew({ headers: {} }, new UnsentResponse()), TypeError)
    await assert.rejects(sessions.renew({ headers: { cookie: old } }, new UnsentResponse()), TypeError)
  })

  test('CKE-01: signing out ends it, clears the cookie, and tells the browser to forget', async () => {
    const { sessions, login, judge } = bench()
    const cookie = await login()
    const res = new UnsentResponse()
    await sessions.end({ headers: { cookie } }, res)
    assert.match(String(res.fields.get('Set-Cookie')), /^__Host-session=; Path=\/; Max-Age=0; Secure/)
    assert.equal(res.fields.get('Clear-Site-Data'), '"cache", "cookies", "storage"')
    assert.equal(await judge(cookie), 'credentials.revoked')
    await sessions.end({ headers: {} }, new UnsentResponse())
  })

  for (const [clearSiteData, expected] of [
    [['*'], '"*"'],
    [[], undefined],
  ] as const) {
    test(`HDR-04: signing out tells the browser to forget ${expected ?? 'nothing'}`, async () => {
      const res = new UnsentResponse()
      await bench({ clearSiteData }).sessions.end({ headers: {} }, res)
      assert.equal(res.fields.get('Clear-Site-Data'), expected)
    })
  }

  test('CKE-01: one is revoked by its id, and all of a subject together', async () => {
    const { sessions, login, judge, clock } = bench()
    const one = await login()
    const other = await login()
    const found = await compiled(sessions, clock).identify(facts({ fields: [['Cookie', one]] }))
    assert.ok(found.type === 'authenticated')
    await sessions.revoke(found.principal.sessionId)
    assert.deepEqual([await judge(one), await judge(other)], ['credentials.revoked', 'alice'])
    await sessions.revokeSubject('alice')
    assert.equal(await judge(other), 'credentials.revoked')
    assert.equal(await judge(await login()), 'alice')
    await assert.rejects(sessions.revoke('x'), TypeError)
    await assert.rejects(sessions.revokeSubject(''), TypeError)
  })

  test('CKE-01: keys are changed without signing anybody out', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    const cookie = await bench({ store }, clock).login()
    const next = bench({ store, keys: [{ id: '2026-12', secret: secret() }, KEY] }, clock)
    assert.equal(await next.judge(cookie), 'alice')
    assert.match((await next.renewed(cookie)) ?? '', /^__Host-session=2026-12\./)
    const later = bench({ store, keys: [{ id: '2026-12', secret: secret() }] }, clock)
    assert.equal(await later.judge(cookie), 'credentials.wrong')
  })

  const cookies: readonly [name: string, cookie: string | undefined, expected: string][] = [
    ['none', undefined, 'none'],
    ['another', 'theme=dark', 'none'],
    ['two of the name', '__Host-session=a; __Host-session=b', 'credentials.repeated'],
    ['one without a value', '__Host-session', 'credentials.malformed'],
    ['a made-up one', '__Host-session=2026-11.AAAA', 'credentials.wrong'],
    ['an empty one', '__Host-session=', 'credentials.wrong'],
  ]
  for (const [name, cookie, expected] of cookies) {
    test(`CKE-01: ${name} is ${expected}`, async () => assert.equal(await bench().judge(cookie), expected))
  }

  test('CKE-01: what cannot be a session is refused before anything is set', async () => {
    const inputs: readonly unknown[] = [
      { subject: '' },
      { subject: 'a\n' },
      { subject: 'a', scopes: 'x' },
      { subject: 'a', roles: [1] },
      { subject: 'a', permissions: [''] },
      { subject: 'a', acr: 7 },
      { subject: 'a', data: 1n },
      { subject: 'a', data: 'x'.repeat(4000) },
    ]
    for (const input of inputs) {
      const res = new UnsentResponse()
      await assert.rejects(bench().sessions.start({ headers: {} }, res, input as SessionInput), TypeError)
      assert.equal(res.fields.size, 0)
    }
    const res = new UnsentResponse()
    res.headersSent = true
    await assert.rejects(bench().sessions.start({ headers: {} }, res, { subject: 'a' }), TypeError)
  })

  test('CKE-01: for development over http the cookie has no prefix', async () => {
    const { login, judge } = bench({ dangerouslyAllowHttp: true })
    const cookie = await login()
    assert.match(cookie, /^session=/)
    assert.equal(await judge(cookie), 'alice')
  })

  test('AUT-01: the challenge, and how OpenAPI writes it', () => {
    const scheme = compiled(bench().sessions)
    assert.deepEqual(
      scheme.challenges([
        ['error', 'invalid_token'],
        ['max_age', '5'],
      ]),
      ['Session realm="api", max_age="5"'],
    )
    assert.deepEqual(Object.values(scheme.describe?.().securitySchemes ?? {})[0]?.in, 'cookie')
  })
})

describe('a store of sessions that is far away, or fails', () => {
  const failing = (read: Records['read']): Records => ({
    add: () => Promise.resolve(true),
    read,
    write: () => Promise.resolve(),
    remove: () => Promise.resolve(true),
  })
  const rows: readonly [name: string, read: Records['read'], expected: string][] = [
    ['late, that nothing has ended', (keys) => Promise.resolve(keys.map(() => undefined)), 'alice'],
    ['late, that it has ended', () => Promise.resolve(['ended', undefined]), 'credentials.revoked'],
    ['nothing that is a record', () => ['x'], 'dependency.failed'],
    ['an error', () => Promise.reject(new Error('down')), 'dependency.failed'],
  ]
  for (const [name, read, expected] of rows) {
    test(`AUT-10: it says ${name}`, async () => {
      const clock = movableClock()
      const cookie = await bench({}, clock).login()
      const { judge } = bench({ store: failing(read) }, clock)
      assert.equal(await judge(cookie).catch(() => 'dependency.failed'), expected)
    })
  }

  test('CKE-01: a login waits for it', async () => {
    const store = failing((keys) => Promise.resolve(keys.map(() => undefined)))
    const { login, judge } = bench({ store })
    const first = await login()
    assert.equal(await judge(await login({}, first)), 'alice')
  })
})

describe('options of a session', () => {
  const rows: readonly [name: string, changes: object][] = [
    ['no keys', { keys: [] }],
    ['a short secret', { keys: [{ id: 'a', secret: 'AAEC' }] }],
    ['one byte over and over', { keys: [{ id: 'a', secret: Buffer.alloc(32) }] }],
    ['a secret that is no base64url', { keys: [{ id: 'a', secret: 'not base64url!' }] }],
    ['a secret that is a number', { keys: [{ id: 'a', secret: 7 }] }],
    ['an id with a dot', { keys: [{ ...KEY, id: 'a.b' }] }],
    ['one id twice', { keys: [KEY, { ...KEY, secret: secret() }] }],
    ['too many keys', { keys: Array.from({ length: 17 }, (_, i) => ({ id: `k${i}`, secret: secret() })) }],
    ['no store', { store: undefined }],
    ['SameSite=None', { sameSite: 'None' }],
    ['a name with a prefix', { name: '__Host-x' }],
    ['an idle time beyond the end', { idle: '2h', absolute: '1h' }],
  ]
  for (const [name, changes] of rows) {
    test(`ERR-03: ${name} does not build, and no secret is told`, () => {
      assert.throws(
        () => session({ keys: [KEY], store: memoryStore(), ...changes }),
        (error) => error instanceof ConfigError && !error.message.includes(KEY.secret),
      )
    })
  }
})

test('ERR-03: an idle time beyond the end is told of together with every other mistake', () => {
  const options = { keys: [], store: memoryStore(), idle: '2h', absolute: '1h' } as const
  assert.throws(
    () => session(options),
    (error) =>
      error instanceof ConfigError &&
      error.mistakes.map(({ path }) => path).join() === 'session.keys,session.absolute',
  )
})

describe('over the wire', () => {
  let running: Running
  before(async () => {
    const sessions = session({ keys: [KEY], store: memoryStore(), dangerouslyAllowHttp: true })
    const gate = gatehouse({
      hosts: ['127.0.0.1'],
      https: 'dangerouslyAllowHttp',
      authenticate: sessions,
      routes: { 'POST /login': { public: 'users log in' }, 'POST /logout': { optional: 'whoever comes' } },
    })
    running = await start(
      gate.handler(async (req, res, pass) => {
        if (req.url === '/login') await sessions.start(req, res, { subject: 'alice' })
        if (req.url === '/logout') await sessions.end(req, res)
        res.end(pass.authenticated ? pass.principal.subject : 'nobody')
      }),
    )
  })
  after(() => running.close())

  test('CKE-01: a user logs in, calls, logs out, and is out', async () => {
    const send = (path: string, cookie = '', method = 'POST'): ReturnType<Running['send']> =>
      running.send({
        method,
        path,
        fields: ['Host', '127.0.0.1', ...(cookie === '' ? [] : ['Cookie', cookie])],
      })
    assert.equal((await send('/me', '', 'GET')).status, 401)
    const login = await send('/login')
    const cookie = String(login.headers['set-cookie']).split(';', 1)[0] ?? ''
    assert.equal((await send('/me', cookie, 'GET')).body, 'alice')
    assert.equal((await send('/logout', cookie)).status, 200)
    assert.equal((await send('/me', cookie, 'GET')).status, 401)
  })
})

describe('a session that is due to be renewed', () => {
  const clock = movableClock()
  let running: Running
  before(async () => {
    const sessions = session({
      keys: [KEY],
      store: memoryStore({ clock }),
      clock,
      dangerouslyAllowHttp: true,
    })
    const gate = gatehouse({
      clock,
      hosts: ['127.0.0.1'],
      https: 'dangerouslyAllowHttp',
      authenticate: sessions,
      routes: { 'POST /login': { public: 'users log in' } },
    })
    running = await start(
      gate.handler(async (req, res) => {
        if (req.url === '/login') await sessions.start(req, res, { subject: 'alice' })
        if (req.url === '/logout') await sessions.end(req, res)
        if (req.url === '/theme') res.setHeader('Set-Cookie', 'theme=dark')
        if (req.url === '/head') res.writeHead(200, { 'Set-Cookie': 'theme=dark' })
        res.end()
      }),
    )
  })
  after(() => running.close())

  const rows: readonly [path: string, expected: readonly RegExp[]][] = [
    ['/', [/^session=2026/]],
    ['/theme', [/^theme=dark$/, /^session=2026/]],
    ['/head', [/^theme=dark$/, /^session=2026/]],
    ['/logout', [/^session=; .*Max-Age=0/]],
  ]
  for (const [path, expected] of rows) {
    test(`CKE-01: the cookies of the handler stay, and it has the last word (${path})`, async () => {
      const send = (to: string, cookie = ''): ReturnType<Running['send']> =>
        running.send({ method: 'POST', path: to, fields: ['Host', '127.0.0.1', 'Cookie', cookie] })
      const cookie = String((await send('/login')).headers['set-cookie']).split(';', 1)[0]
      clock.advance(600_000)
      const set = (await send(path, cookie)).headers['set-cookie']
      assert.equal(set?.length, expected.length, String(set))
      for (const [index, pattern] of expected.entries()) assert.match(set[index] ?? '', pattern)
    })
  }
})
