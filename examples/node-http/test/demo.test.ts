import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Answer, call, type Call } from '../../../packages/core/test/support/call.ts'
import { run } from '../../../packages/core/test/support/child.ts'
import { askForToken, type Demo, startDemo, tokenOf } from './support/demo.ts'
import { freePort, listening } from '../../../packages/core/test/support/ports.ts'

const STACK = /^\s+at .+:\d+:\d+\)?$/m
const note = (body: string | Buffer, more: Call = {}): Call => ({
  body,
  ...more,
  headers: { 'Content-Type': 'application/json', ...more.headers },
})

describe('the demo', () => {
  let demo: Demo
  let alice: string
  let root: string
  const at = (path: string, sent?: Call): Promise<Answer> => call(`${demo.http}${path}`, sent)

  before(async () => {
    demo = await startDemo()
    alice = await tokenOf(demo, 'alice')
    root = await tokenOf(demo, 'root')
  })
  after(() => demo?.child.stop())

  test('GET /health is public', async () => {
    const { status, json } = await at('/health')
    assert.equal(status, 200)
    assert.deepEqual(json, { status: 'ok' })
  })

  test('POST /token answers access_token, token_type, expires_in and scope', async () => {
    const { alice: password } = demo.passwords
    const { status, headers, json } = await askForToken(demo.http, { username: 'alice', password })
    assert.equal(status, 200)
    assert.equal(headers['cache-control'], 'no-store')
    const { access_token: token, ...rest } = json
    assert.match(String(token), /^[\w-]+\.[\w-]+\.[\w-]+$/)
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 900, scope: 'data:read notes:write' })
  })

  test('a scope that was asked for is granted alone, and reaches no further', async () => {
    const token = await tokenOf(demo, 'alice', 'data:read')
    assert.equal((await at('/secure-data', { token })).status, 200)
    const { status, headers, json } = await at('/notes', note('{"text":"hello"}', { token }))
    assert.equal(status, 403)
    assert.equal(json['code'], 'insufficient_scope')
    assert.match(String(headers['www-authenticate']), /scope="notes:write"/)
  })

  test('GET /secure-data answers {"data":"Secure data", ...} to the scope data:read', async () => {
    const { status, json } = await at('/secure-data', { token: alice })
    assert.equal(status, 200)
    assert.deepEqual(json, { data: 'Secure data', for: 'alice', scopes: ['data:read', 'notes:write'] })
  })

  test('without a token, or with one that was changed, it is 401 with a challenge', async () => {
    const none = await at('/secure-data')
    assert.equal(none.status, 401)
    assert.equal(none.json['code'], 'authentication_required')
    assert.match(String(none.headers['www-authenticate']), /^Bearer realm=/)
    const changed = await at('/secure-data', { token: `${alice.slice(0, -4)}AAAA` })
    assert.equal(changed.status, 401)
    assert.equal(changed.json['code'], 'invalid_token')
  })

  test('GET /admin/events is for the role admin, and tells what happened without a secret', async () => {
    const refused = await at('/admin/events', { token: alice })
    assert.equal(refused.status, 403)
    assert.equal(refused.json['code'], 'access_denied')

    const { status, json, text } = await at('/admin/events', { token: root })
    assert.equal(status, 200)
    const events = json['events'] as readonly Record<string, unknown>[]
    const event = events.find(({ requestId }) => requestId === refused.json['requestId'])
    assert.ok(event, text)
    assert.equal(event['kind'], 'authorization.role-missing')
    assert.equal(event['path'], '/admin/events')
    assert.ok(events.some(({ kind }) => kind === 'credentials.accepted'))
    const times = events.map(({ time }) => String(time))
    assert.deepEqual(times, [...times].sort().reverse(), 'newest first')
    for (const secret of [...Object.values(demo.passwords), alice, root]) assert.ok(!text.includes(secret))
  })

  test('POST /notes takes JSON from the scope notes:write, and GET /notes gives it back', async () => {
    const sent = note('{"text":"h\u00e9llo"}', {
      token: alice,
      headers: { 'Content-Type': 'Application/JSON; charset=utf-8' },
    })
    const made = await at('/notes', sent)
    assert.equal(made.status, 201)
    assert.deepEqual(made.json, { id: 1, text: 'h\u00e9llo', by: 'alice' })
    assert.deepEqual((await at('/notes', { token: root })).json, { notes: [made.json] })
  })

  const rows: readonly (readonly [name: string, status: number, path: string, sent: Call, says?: RegExp])[] =
    [
      ['no JSON', 400, '/notes', note('{bad'), /malformed_content/],
      ['an empty body', 400, '/notes', note(''), /content_required/],
      ['bytes that are no UTF-8', 400, '/notes', note(Buffer.from([0x22, 0xff, 0x22])), /malformed_content/],
      [
        'a name that reaches a prototype',
        400,
        '/notes',
        note('{"__proto__":{"text":"x"}}'),
        /malformed_content/,
      ],
      ['a text where JSON is due', 415, '/notes', { body: 'hello' }, /unsupported_media_type/],
      [
        'a compressed body',
        415,
        '/notes',
        note('{}', { headers: { 'Content-Encoding': 'gzip' } }),
        /unsupported_content_coding/,
      ],
      ['JSON that is no object', 400, '/notes', note('null'), /malformed_content/],
      ['an object without a text', 422, '/notes', note('{"texts":"x"}'), /1 to 1000/],
      ['a text that is no text', 422, '/notes', note('{"text":["x"]}'), /1 to 1000/],
      ['a text that is empty', 422, '/notes', note('{"text":" "}'), /1 to 1000/],
      ['a text that is too long', 422, '/notes', note(`{"text":"${'x'.repeat(1001)}"}`), /1 to 1000/],
      ['a huge body', 413, '/notes', note(Buffer.alloc(3_000_000, 0x20)), /content_too_large/],
      [
        'a huge body in chunks',
        413,
        '/notes',
        note(Buffer.alloc(3_000_000, 0x20), { chunked: true }),
        /content_too_large/,
      ],
      ['another method', 405, '/secure-data', { method: 'DELETE' }, /takes GET, HEAD/],
      ['a plain OPTIONS', 405, '/notes', { method: 'OPTIONS' }, /takes GET, HEAD, POST/],
      ['another method of the token endpoint', 405, '/token', { method: 'GET' }, /takes POST/],
      ['no such route', 404, '/nowhere', {}],
      ['a path in disguise', 400, '/admin/..%2fsecure-data', {}],
      ['TRACE', 405, '/secure-data', { method: 'TRACE' }],
      ['another host', 421, '/health', { headers: { Host: 'evil.example' } }],
    ]
  for (const [name, status, path, sent, says] of rows) {
    test(`${name} is ${status}, as a problem`, async () => {
      const answer = await at(path, { token: alice, ...sent })
      assert.equal(answer.status, status, answer.text)
      assert.equal(answer.headers['content-type'], 'application/problem+json')
      assert.equal(answer.json['status'], status)
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      if (says !== undefined) assert.match(answer.text, says)
      if (status === 405) assert.ok(answer.headers['allow'])
      assert.doesNotMatch(answer.text, STACK)
    })
  }

  test('a path without a route is 401 to those without a token', async () => {
    assert.equal((await at('/nowhere')).status, 401)
  })

  test('a huge body is refused before it has come, and the connection ends', async () => {
    const { host, port } = new URL(demo.http)
    const socket = connect(Number(port), '127.0.0.1')
    const head = `Host: ${host}\r\nAuthorization: Bearer ${alice}\r\nContent-Type: application/json\r\n`
    socket.write(`POST /notes HTTP/1.1\r\n${head}Content-Length: 30000000\r\n\r\n`)
    let received = ''
    for await (const chunk of socket.setEncoding('latin1')) received += String(chunk)
    assert.match(received, /^HTTP\/1\.1 413 [\s\S]+\r\nConnection: close\r\n/)
  })

  test('a body that breaks off hurts nobody', async () => {
    const { port } = new URL(demo.http)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.end(
      `POST /notes HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${alice}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"text":',
    )
    await demo.child.printed(/content\.cut/)
    socket.destroy()
    assert.equal((await at('/health')).status, 200)
  })

  test('GET / is a page, with what it is made of, that runs nothing but its own files', async () => {
    const page = await at('/')
    assert.equal(page.status, 200)
    assert.match(String(page.headers['content-type']), /^text\/html/)
    const policy = String(page.headers['content-security-policy'])
    const [, nonce = ''] = /script-src 'nonce-([\w-]{24})' 'strict-dynamic';/.exec(policy) ?? []
    assert.ok(nonce !== '' && page.text.includes(`nonce="${nonce}"`), policy)
    assert.doesNotMatch(policy, /unsafe/)
    assert.doesNotMatch(page.text, /<style|style=|\son[a-z]+=/)
    const links = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '')
    assert.deepEqual(links, ['/assets/style.css', '/assets/app.js'])
    for (const path of [...links, '/assets/why.js']) assert.equal((await at(path)).status, 200, path)
    const head = await at('/', { method: 'HEAD' })
    assert.equal(head.status, 200)
    assert.equal(head.headers['content-length'], page.headers['content-length'])
    assert.equal(head.text, '')
  })

  test('AZ-01: whoever opens the dashboard by its address logs in first, and its data are for the admin', async () => {
    for (const headers of [{ Accept: 'text/html' }, { Host: new URL(demo.http).host }]) {
      const led = await at('/gatehouse/?next=https://evil.example/', { headers })
      assert.deepEqual([led.status, led.headers.location, led.text], [303, '/', ''])
      assert.match(String(led.headers['content-security-policy']), /default-src 'none'|default-src 'self'/)
    }
    for (const path of ['/gatehouse/', '/gatehouse/app.js', '/gatehouse/state', '/gatehouse/events']) {
      if (path !== '/gatehouse/') assert.equal((await at(path)).status, 401, path)
      assert.equal((await at(path, { token: alice })).status, 403, path)
    }
    assert.equal((await at('/gatehouse/', { method: 'POST' })).status, 401)
    assert.match((await at('/gatehouse/', { token: root })).text, /<title>Gatehouse<\/title>/)
  })

  test('GET /secure-data is limited for each caller, and says until when', async () => {
    const limited = await until(429, () => at('/secure-data', { token: root }))
    assert.equal(limited.json['code'], 'quota_exceeded')
    assert.match(String(limited.headers['retry-after']), /^\d+$/)
    assert.match(String(limited.headers['ratelimit-policy']), /"GET \/secure-data";q=10;w=10/)
    assert.equal((await at('/admin/events', { token: root })).status, 200, 'other routes go on')
  })

  test('nothing of it left a stack on the terminal', () => {
    assert.doesNotMatch(demo.child.output(), STACK)
  })
})

describe('the token endpoint of the demo', () => {
  let demo: Demo
  before(async () => {
    demo = await startDemo()
  })
  after(() => demo?.child.stop())

  const rows: readonly (readonly [name: string, error: string, form: Readonly<Record<string, string>>])[] = [
    ['a wrong password', 'invalid_grant', { username: 'alice', password: 'wrong' }],
    ['an unknown name', 'invalid_grant', { username: 'mallory', password: 'wrong' }],
    ['no password', 'invalid_request', { username: 'alice' }],
    ['another grant', 'unsupported_grant_type', { grant_type: 'client_credentials' }],
  ]
  for (const [name, error, form] of rows) {
    test(`${name} is 400 ${error}`, async () => {
      const { status, json } = await askForToken(demo.http, form)
      assert.equal(status, 400)
      assert.equal(json['error'], error)
    })
  }

  test('a huge form is 413', async () => {
    const body = new URLSearchParams({ grant_type: 'password', password: 'x'.repeat(100_000) })
    assert.equal((await call(`${demo.http}/token`, { body })).status, 413)
  })

  test('guessing is limited to ten in a minute', async () => {
    const limited = await until(429, () => askForToken(demo.http, { username: 'alice', password: 'guess' }))
    assert.deepEqual(limited.json['violated-policies'], ['POST /token'])
    assert.ok(Number(limited.headers['retry-after']) > 0)
  })

  test('LOG-01: who tries the names and passwords of a leak is seen on the dashboard', async () => {
    const stuffed = await startDemo()
    try {
      const root = await tokenOf(stuffed, 'root')
      let names = 0
      await until(429, () => askForToken(stuffed.http, { username: `user-${names++}`, password: 'leaked' }))
      const { json } = await call(`${stuffed.http}/gatehouse/state`, { token: root })
      const { active } = json['alerts'] as { readonly active: readonly { readonly rule: string }[] }
      assert.deepEqual(
        active.map(({ rule }) => rule),
        ['credential-stuffing'],
      )
    } finally {
      await stuffed.child.stop()
    }
  })
})

describe('the demo over https', () => {
  let demo: Demo
  let port: number
  let tls: string
  before(async () => {
    port = await freePort()
    demo = await startDemo(['--tls'], { PORT: String(port), TLS_PORT: '0' })
    tls = demo.https ?? assert.fail('no https')
  })
  after(() => demo?.child.stop())

  test('PORT is honoured', () => assert.equal(demo.http, `http://127.0.0.1:${port}`))

  test('TLS-01, TLS-02: http redirects to it, and keeps path and query byte for byte', async () => {
    for (const target of ['/', '/health?a=b%20c&d=%2F', '/notes?text=%22']) {
      const { status, headers } = await call(`${demo.http}${target}`)
      assert.equal(status, 308)
      assert.equal(headers.location, `${tls}${target}`)
    }
    const asLocalhost = await call(`${demo.http}/`, { headers: { Host: `localhost:${port}` } })
    assert.equal(asLocalhost.headers.location, `${tls.replace('127.0.0.1', 'localhost')}/`)
  })

  test('TLS-01: a token over http is refused with 403, even a right one', async () => {
    const token = await tokenOf(demo, 'alice')
    const { status, json } = await call(`${demo.http}/secure-data`, { token })
    assert.equal(status, 403)
    assert.equal(json['code'], 'https_required')
    assert.equal((await call(`${tls}/secure-data`, { token })).json['data'], 'Secure data')
  })

  test('TLS-07: Strict-Transport-Security is for neither 127.0.0.1 nor localhost', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const headers = { Host: `${host}:${new URL(tls).port}` }
      const answer = await call(`${tls}/`, { headers })
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['strict-transport-security'], undefined)
    }
  })

  test('it ends at once with 0, whatever hangs on it', async () => {
    const sockets = [new URL(tls).port, String(port)].map((each) => connect(Number(each), '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => undefined)
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    sockets[1]?.write('POST /token HTTP/1.1\r\n')
    const start = performance.now()
    assert.deepEqual(await demo.child.stop('SIGINT'), { code: 0, signal: null })
    assert.ok(performance.now() - start < 5_000)
    for (const socket of sockets) socket.destroy()
  })
})

describe('starting the demo', () => {
  test('SIGTERM ends it with 0', async () => {
    const { child } = await startDemo()
    assert.deepEqual(await child.stop('SIGTERM'), { code: 0, signal: null })
  })

  const rows: readonly (readonly [
    name: string,
    args: readonly string[],
    env: Record<string, string>,
    says: RegExp,
  ])[] = [
    ['PORT=abc', [], { PORT: 'abc' }, /PORT is not a port: "abc"/],
    ['an unknown flag', ['--tsl'], {}, /Unknown option '--tsl'[\s\S]+npm start -- --tls/],
  ]
  for (const [name, args, env, says] of rows) {
    test(`${name} is told in a line, without a stack`, async () => {
      const child = run('node-http', args, env)
      assert.deepEqual(await child.ended, { code: 1, signal: null })
      assert.match(child.output(), says)
      assert.doesNotMatch(child.output(), STACK)
    })
  }

  test('a port in use is told in a line, without a stack', async () => {
    const other = await listening((_req, res) => void res.end())
    const child = run('node-http', [], { PORT: String(other.port) })
    assert.deepEqual(await child.ended, { code: 1, signal: null })
    await other.close()
    assert.match(child.output(), new RegExp(`Port ${other.port} is in use`))
    assert.doesNotMatch(child.output(), STACK)
  })
})

/** Repeats a call until it is answered with a status; more often than the limits of the demo allow, it fails. */
async function until(status: number, again: () => Promise<Answer>): Promise<Answer> {
  for (let i = 0; i < 40; i++) {
    const answer = await again()
    if (answer.status === status) return answer
  }
  return assert.fail(`never answered with ${status}`)
}
