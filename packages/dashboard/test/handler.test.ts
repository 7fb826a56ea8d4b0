import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { apiKey, gatehouse, memoryStore, session } from '@gatehouse/core'
import { movableClock } from '../../core/test/support/clock.ts'
import { type Guarded, guarded } from '../../core/test/support/gate.ts'
import { start } from '../../core/test/support/http.ts'
import { as } from '../../core/test/support/scheme.ts'
import {
  type Dashboard,
  DASHBOARD_HEADERS,
  dashboard,
  type DashboardOptions,
  type View,
} from '../src/index.ts'
import { eventOf, limitedBy } from './events.ts'

const OPS = as('olga', '-', 'ops')

/** Whatever a test has opened. */
let open: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.reverse()) await close()
  open = []
})

/** Lets the event loop go round once. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Boarded extends Guarded {
  readonly board: Dashboard
  /** Waits until the dashboard was asked to answer once more; gives the response. */
  readonly asked: () => Promise<ServerResponse>
  /** Lets a second pass for the dashboard. */
  readonly tick: () => void
}

/** A gate with a dashboard behind the role ops. */
async function boarded(options: DashboardOptions = {}): Promise<Boarded> {
  const clock = movableClock()
  const ticks = new Set<() => void>()
  const every = (_ms: number, tick: () => void): (() => void) => {
    ticks.add(tick)
    return () => ticks.delete(tick)
  }
  const board = dashboard({ clock, ...options }, { every })
  let hear = (_res: ServerResponse): void => {}
  const served = await guarded(
    {
      clock,
      rateLimit: { limit: 30, window: '1m' },
      routes: {
        'GET /open': { public: 'a test' },
        '/gatehouse/*': { roles: ['ops'], headers: DASHBOARD_HEADERS },
      },
      observe: [board.observe],
    },
    (req, res, pass) => {
      if (!pass.path.startsWith('/gatehouse')) return res.end('ok')
      board.handler(req, res, pass)
      return hear(res)
    },
  )
  board.watch(served.gate)
  open.push(() => served.close())
  const tick = (): void => {
    clock.advance(1_000)
    for (const each of ticks) each()
  }
  const asked = (): Promise<ServerResponse> => new Promise((resolve) => (hear = resolve))
  return { ...served, clock, board, asked, tick }
}

interface Stream {
  readonly req: ClientRequest
  readonly res: IncomingMessage
  /** Waits for the next message: its event, and its data. */
  readonly next: () => Promise<{ readonly id: string; readonly event: string; readonly data: Partial<View> }>
  readonly ended: Promise<void>
}

function listen(port: number, fields: readonly string[] = []): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const own = fields.includes('Cookie') ? [] : OPS
    const headers = ['Host', '127.0.0.1', ...own, ...fields]
    const req = request(
      { host: '127.0.0.1', port, path: '/gatehouse/events', headers, agent: false },
      (res) => {
        let text = ''
        let wake = (): void => {}
        res.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
          wake()
        })
        const ended = new Promise<void>((done) => res.once('close', done))
        const next: Stream['next'] = async () => {
          for (;;) {
            const found = /id: (.*)\nevent: (\w+)\ndata: (.*)\n\n/.exec(text)
            if (found !== null) {
              text = text.slice(found.index + found[0].length)
              const [, id = '', event = '', data = ''] = found
              return { id, event, data: JSON.parse(data) as Partial<View> }
            }
            await new Promise<void>((come) => (wake = come))
          }
        }
        res.on('error', () => {})
        resolve({ req, res, next, ended })
      },
    )
    req.on('error', reject)
    req.end()
    open.push(() => void req.destroy())
  })
}

/** What never comes is a failure, and not a test without an end. */
const BOUNDED = { timeout: 60_000 }

describe('what a dashboard serves', BOUNDED, () => {
  test('AZ-01: nobody without the role gets any of it', async () => {
    const { send } = await boarded()
    for (const name of ['', 'index.html', 'app.js', 'style.css', 'uplot.js', 'state', 'events', 'nothing']) {
      const path = `/gatehouse/${name}`
      assert.equal((await send({ path })).status, 401, path)
      assert.equal((await send({ path, fields: as('ulf', '-', 'user') })).status, 403, path)
    }
  })

  test('HDR-01: each file has its type, is not stored, and makes no code from text', async () => {
    const { send } = await boarded()
    const types = {
      '': 'text/html; charset=utf-8',
      'index.html': 'text/html; charset=utf-8',
      'app.js': 'text/javascript; charset=utf-8',
      'page.js.map': 'application/json',
      'uplot.js': 'text/javascript; charset=utf-8',
      'uplot.css': 'text/css; charset=utf-8',
      'style.css': 'text/css; charset=utf-8',
      'icon.svg': 'image/svg+xml',
      state: 'application/json',
    }
    for (const [name, type] of Object.entries(types)) {
      const { status, headers, body } = await send({ path: `/gatehouse/${name}`, fields: OPS })
      assert.equal(status, 200, name)
      assert.equal(headers['content-type'], type, name)
      assert.equal(headers['cache-control'], 'no-store', name)
      assert.equal(Number(headers['content-length']), Buffer.byteLength(body), name)
      const policy = String(headers['content-security-policy'])
      assert.match(
        policy,
        /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'/,
      )
      for (const word of [
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
      ]) {
        assert.ok(policy.includes(word), word)
      }
      assert.doesNotMatch(policy, /unsafe|data:|\*/)
    }
  })

  test('HDR-01: the page has nothing that a strict policy would stop', async () => {
    const { send } = await boarded()
    const { body } = await send({ path: '/gatehouse/', fields: OPS })
    assert.doesNotMatch(body, /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:|https?:/)
    const { body: script } = await send({ path: '/gatehouse/app.js', fields: OPS })
    assert.doesNotMatch(script, /innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)
  })

  test('a HEAD has the fields and no content, of the events as well', async () => {
    const { send } = await boarded()
    for (const [name, type] of [
      ['', 'text/html; charset=utf-8'],
      ['state', 'application/json'],
      ['events', 'text/event-stream'],
    ]) {
      const { status, headers, body } = await send({
        method: 'HEAD',
        path: `/gatehouse/${name}`,
        fields: OPS,
      })
      assert.deepEqual([status, headers['content-type'], body], [200, type, ''], name)
    }
  })

  test('other methods are told which there are', async () => {
    const { send } = await boarded()
    const { status, headers } = await send({ method: 'POST', path: '/gatehouse/state', fields: OPS })
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'])
  })

  test('what is not there is answered by the gate, as anywhere else', async () => {
    const { send } = await boarded()
    for (const name of ['nothing', '__proto__', 'constructor', 'src/index.ts']) {
      const { status, headers, body } = await send({ path: `/gatehouse/${name}`, fields: OPS })
      assert.equal(status, 404, name)
      assert.equal(headers['content-type'], 'application/problem+json', name)
      assert.equal((JSON.parse(body) as { code: string }).code, 'not_found', name)
    }
  })

  test('the path without its slash leads to the page', async () => {
    const { send } = await boarded()
    const { status, headers } = await send({ path: '/gatehouse', fields: OPS })
    assert.deepEqual([status, headers.location], [308, '/gatehouse/'])
  })

  test('LOG-01: the state has what was told, the routes, and who is near a limit once somebody looks', async () => {
    const { send, board, port, tick } = await boarded()
    for (let i = 0; i < 3; i++) await send({ path: '/open' })
    await send({ path: '/data' })
    const stream = await listen(port)
    await stream.next()
    // The limits are asked beside the stream: whoever comes next hears of them.
    tick()
    await stream.next()
    const { body } = await send({ path: '/gatehouse/state', fields: OPS })
    const view = JSON.parse(body) as View
    assert.equal(view.refusals[0]?.kind, 'credentials.missing')
    assert.equal(view.offenders[0]?.key[0], '127.0.0.1')
    const route = view.routes?.find(({ pattern }) => pattern === '/gatehouse/*')
    assert.deepEqual(route?.asks, ['roles: ops'])
    assert.deepEqual(
      view.near?.map(({ limit, who, of }) => [limit, who, of]),
      [['default', '127.0.0.1', 30]],
    )
    assert.equal(board.view().listeners, 1)
  })

  test('AZ-12: a rule is shown with all that it asks, as formatRoutes has it', async () => {
    const gate = gatehouse({
      hosts: ['api.example.com'],
      authenticate: apiKey({ keys: () => undefined }),
      store: memoryStore(),
      tenant: ({ subject }) => subject,
      addresses: { deny: ['203.0.113.0/24'] },
      timeout: '10s',
      routes: {
        'POST /pay/:team': {
          scopes: { any: ['pay', 'all'] },
          tenant: 'team',
          stepUp: { acr: ['gold'], maxAge: '5m' },
          addresses: { allow: ['192.0.2.0/24'] },
          idempotency: { required: true },
          when: () => true,
        },
      },
    })
    const board = dashboard()
    board.watch(gate)
    const route = board.view().routes?.find(({ pattern }) => pattern === '/pay/:team')
    assert.deepEqual(route?.asks, [
      'scopes: pay | all',
      'tenant: team',
      'acr: gold',
      'max age: 300s',
      'when',
      'not from: 203.0.113.0/24',
      'from: 192.0.2.0/24',
      'idempotency key: required',
    ])
    assert.equal(route?.timeout, 10)
    await gate.close()
  })

  test('LOG-01: alerts are shown, and there are none without them', async () => {
    const alert = {
      id: '1',
      rule: 'stuffing',
      severity: 'critical',
      state: 'firing',
      key: '203.0.113.7',
      count: 30,
      threshold: 20,
      since: '2026-01-01T00:00:00.000Z',
      meaning: 'It means this.',
      advice: 'Do that.',
    } as const
    const told = { ...alert, samples: ['more than is shown'] }
    const with_ = dashboard({ alerts: { active: () => [told], recent: () => [told] } })
    const { alerts } = JSON.parse(JSON.stringify(with_.view())) as View
    assert.deepEqual(alerts, { active: [alert], recent: [alert] })
    assert.equal(dashboard().view().alerts, null)
  })
})

describe('what a dashboard sends', BOUNDED, () => {
  test('LOG-01: the state first, and then what has changed', async () => {
    const { port, send, tick } = await boarded()
    const stream = await listen(port)
    assert.equal(stream.res.statusCode, 200)
    assert.equal(stream.res.headers['content-type'], 'text/event-stream')
    assert.equal(stream.res.headers['cache-control'], 'no-store')
    assert.equal(stream.res.headers['x-accel-buffering'], 'no')
    assert.equal((await stream.next()).event, 'state')
    await send({ path: '/data' })
    tick()
    const first = await stream.next()
    assert.equal(first.event, 'update')
    assert.deepEqual(
      first.data.refusals?.map(({ kind }) => kind),
      ['credentials.missing'],
    )
    assert.ok(first.data.offenders)
    tick()
    const second = await stream.next()
    assert.deepEqual(second.data.refusals, [])
    assert.ok(!('offenders' in second.data))
  })

  test('as many pages as are allowed, and no more', async () => {
    const { port, send } = await boarded({ listeners: 1 })
    const first = await listen(port)
    await first.next()
    const refused = await send({ path: '/gatehouse/events', fields: OPS })
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '30'])
  })

  test('a page that is closed makes room', async () => {
    const { board, port, asked } = await boarded()
    const [stream, response] = await Promise.all([listen(port), asked()])
    await stream.next()
    assert.equal(board.view().listeners, 1)
    const closed = once(response, 'close')
    stream.req.destroy()
    await closed
    assert.equal(board.view().listeners, 0)
  })

  test('AZ-01: a page has to come again after a quarter of a minute, through the gate, and is told what it has missed', async () => {
    const { clock, port, send, tick } = await boarded()
    const stream = await listen(port)
    const { id } = await stream.next()
    await send({ path: '/data?before' })
    tick()
    const before = await stream.next()
    clock.advance(15_000)
    tick()
    await stream.ended
    assert.ok(stream.res.complete)

    await send({ path: '/data?after' })
    const again = await listen(port, ['Last-Event-ID', before.id])
    const missed = await again.next()
    assert.equal(missed.event, 'update')
    assert.equal(missed.data.refusals?.length, 1)
    assert.equal(missed.data.offenders?.[0]?.atMost, 2)
    // Of a minute before as well: what a handler refuses late is counted in the second in which it was let in.
    assert.equal(missed.data.seconds?.length, 2)
    const late = await listen(port, ['Last-Event-ID', id])
    assert.equal((await late.next()).data.refusals?.length, 2)
  })

  test('LOG-03: a page that says nothing of use about where it was is sent all', async () => {
    const { port, send } = await boarded()
    await send({ path: '/data' })
    for (const place of ['', '0-0-0', 'x', '1-2', '-1-1-1', `${'9'.repeat(400)}-1-1`, '__proto__']) {
      const stream = await listen(port, ['Last-Event-ID', place])
      const { event, data } = await stream.next()
      assert.deepEqual([event, data.refusals?.length], ['state', 1], place)
      stream.req.destroy()
    }
  })

  test('LOG-01: what was different when a page came is put right with the next message', async () => {
    const { board, port, tick } = await boarded()
    const first = await listen(port)
    await first.next()
    tick()
    await first.next()
    board.observe(eventOf({ outcome: 'warning', kind: 'store.down', reason: 'it failed' }))
    const second = await listen(port)
    assert.ok((await second.next()).data.storeDown)
    board.observe(eventOf({ outcome: 'warning', kind: 'store.up' }))
    tick()
    assert.equal((await second.next()).data.storeDown, null)
  })

  test('AZ-01: a session that is revoked sees no more than the quarter of a minute that it was let in for', async () => {
    const clock = movableClock()
    const ticks = new Set<() => void>()
    const board = dashboard(
      { clock },
      {
        every(_ms, tick) {
          ticks.add(tick)
          return () => ticks.delete(tick)
        },
      },
    )
    const sessions = session({
      keys: [{ id: 'test', secret: randomBytes(32).toString('base64url') }],
      store: memoryStore({ clock }),
      clock,
      dangerouslyAllowHttp: true,
    })
    const gate = gatehouse({
      hosts: ['127.0.0.1'],
      https: 'dangerouslyAllowHttp',
      clock,
      authenticate: sessions,
      routes: { 'GET /in': { public: 'a login' }, '/gatehouse/*': { roles: ['ops'] } },
      observe: [board.observe],
    })
    const running = await start(
      gate.handler(async (req, res, pass) => {
        if (pass.path !== '/in') return board.handler(req, res, pass)
        await sessions.start(req, res, { subject: 'olga', roles: ['ops'] })
        res.end()
      }),
    )
    open.push(() => running.close())
    const fields = ['Host', '127.0.0.1']
    const { headers } = await running.send({ path: '/in', fields })
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const stream = await listen(running.port, ['Cookie', cookie])
    assert.equal((await stream.next()).event, 'state')
    await sessions.revokeSubject('olga')
    clock.advance(15_000)
    for (const tick of ticks) tick()
    await stream.ended
    const again = await running.send({ path: '/gatehouse/events', fields: [...fields, 'Cookie', cookie] })
    assert.equal(again.status, 401)
  })

  test('LOG-04: a page that reads nothing holds no more than its share of memory, and its place ends', async () => {
    const { board, port, asked, tick } = await boarded()
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    open.push(() => void socket.destroy())
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.pause()
    const answered = asked()
    socket.write(`GET /gatehouse/events HTTP/1.1\r\nHost: 127.0.0.1\r\n${OPS.join(': ')}\r\n\r\n`)
    const response = await answered
    assert.equal(board.view().listeners, 1)
    // Far more than clients can make it, all new each second: a megabyte and a half, when the system takes some for itself.
    const long = 'x'.repeat(4_000)
    let most = 0
    for (let i = 0; i < 40 && board.view().listeners > 0; i++) {
      for (let event = 0; event < 200; event++) {
        board.observe(eventOf({ ...limitedBy(`client ${i} ${event}`), path: `/${long}`, reason: long }))
      }
      tick()
      most = Math.max(most, response.writableLength)
      await turn()
    }
    assert.ok(most < 4 * 1024 * 1024, `${most} bytes wait for it`)
    assert.equal(board.view().listeners, 0)
    assert.ok(response.destroyed)
  })

  test('close ends what is open', async () => {
    const { board, port, asked } = await boarded()
    const [stream, response] = await Promise.all([listen(port), asked()])
    await stream.next()
    const closed = once(response, 'close')
    board.close()
    board.close()
    await Promise.all([stream.ended, closed])
    assert.equal(board.view().listeners, 0)
  })
})
