import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { movableClock } from '../../core/test/support/clock.ts'
import { testPolicy } from '../../core/test/support/gate.ts'
import { ConfigError, gatehouse, type Kind, KINDS, type SecurityEvent } from '@gatehouse/core'
import { dashboard, type DashboardOptions } from '../src/index.ts'
import { KEPT } from '../src/kept.ts'
import { Memory } from '../src/memory.ts'
import { Looks } from '../src/page/looks.ts'
import { letOnBy } from '../src/page/model.ts'
import { Ranking } from '../src/ranking.ts'
import { Requests } from '../src/requests.ts'
import { Seconds } from '../src/seconds.ts'
import { eventOf, limitedBy } from './events.ts'

/** The bytes that are kept, after the collector has taken the rest. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

describe('what a dashboard remembers', () => {
  test('LOG-01: each second has its counts, by outcome and by the check that refused', () => {
    const clock = movableClock()
    const board = dashboard({ clock })
    board.observe(eventOf())
    board.observe(eventOf({ outcome: 'answered', kind: 'request.preflight', check: 'cors' }))
    clock.advance(1_000)
    board.observe(limitedBy('203.0.113.7'))
    board.observe(eventOf({ outcome: 'refused', kind: 'content.cut', requestId: 'r-2' }))
    board.observe(eventOf({ outcome: 'would-refuse', kind: 'host.unknown', check: 'hosts' }))
    board.observe(eventOf({ outcome: 'warning', kind: 'store.down' }))
    const start = clock.now() / 1000 - 1
    assert.deepEqual(board.view().seconds, [
      [start, 1, 1, 0, 0, 0, {}],
      [start + 1, 0, 0, 2, 1, 1, { 'client-limits': 1, '(no check)': 1 }],
    ])
    assert.deepEqual(board.view().totals, {
      allowed: 1,
      answered: 1,
      refused: 2,
      'would-refuse': 1,
      warning: 1,
    })
  })

  test('LOG-01: a request that its handler refuses is one that was refused, whatever is told of it besides', () => {
    const clock = movableClock()
    const board = dashboard({ clock })
    const login = (requestId: string, ...told: readonly Partial<SecurityEvent>[]): void => {
      for (const each of [{}, ...told]) board.observe(eventOf({ requestId, ...each }))
    }
    const wrong = { outcome: 'refused', kind: 'credentials.wrong' } as const
    const accepted = { kind: 'credentials.accepted' } as const
    login('r-1', accepted)
    login('r-2', wrong, { ...wrong, kind: 'handler.rejected' })
    const start = clock.now() / 1000
    assert.deepEqual(board.view().seconds, [[start, 1, 0, 1, 0, 0, { '(handler)': 1 }]])
    const { allowed, refused } = board.view().totals
    assert.deepEqual([allowed, refused], [1, 1])
    assert.equal(board.view().refusals.length, 2)

    // One that takes its time counts where it was let in, up to a minute later, and then as another.
    login('r-3')
    login('r-4')
    clock.advance(60_000)
    board.observe(eventOf({ ...wrong, requestId: 'r-3' }))
    clock.advance(1_000)
    board.observe(eventOf({ ...wrong, requestId: 'r-4' }))
    assert.deepEqual(board.view().seconds, [
      [start, 2, 0, 1, 0, 0, { '(handler)': 1 }],
      [start + 60, 0, 0, 1, 0, 0, { '(handler)': 1 }],
      [start + 61, 0, 0, 1, 0, 0, { '(no check)': 1 }],
    ])
  })

  test('LOG-01: of requests that were let in 4096 are known, and the oldest makes room', () => {
    const requests = new Requests()
    for (let i = 0; i < 4_097; i++) assert.ok(requests.letIn(`r-${i}`, 0))
    assert.deepEqual(
      ['r-0', 'r-1', 'r-1', 'r-4096'].map((id) => requests.refused(id, 0)),
      [undefined, 0, 'again', 0],
    )
  })

  test('LOG-01: what a late refusal takes back is sent anew', () => {
    const seconds = new Seconds()
    seconds.count(1_000, 'allowed', '')
    seconds.count(2_000, 'allowed', '')
    assert.equal(seconds.takeChanged(), Infinity)
    seconds.takeBack(2_000)
    seconds.takeBack(1_000)
    seconds.takeBack(1_000)
    seconds.takeBack(3_000)
    assert.deepEqual([seconds.takeChanged(), seconds.takeChanged()], [1, Infinity])
    assert.deepEqual(
      seconds.since(1, 3_000).map(([at, allowed]) => [at, allowed]),
      [
        [1, 0],
        [2, 0],
      ],
    )
  })

  test('LOG-01: the line of a check is drawn alike for as long as the page is open', () => {
    const looks = new Looks()
    looks.know(['request', 'hosts'])
    const hosts = looks.of('hosts')
    assert.deepEqual(hosts, { colour: '--c2', dash: [6, 3] })
    looks.of('(handler)')
    looks.know(['request', 'hosts', 'cors'])
    assert.deepEqual(looks.of('hosts'), hosts)
    const all = Array.from({ length: 36 }, (_, index) => JSON.stringify(looks.of(`check-${index}`)))
    assert.equal(new Set(all).size, 36)
  })

  test('LOG-01: past the place of a check went what was allowed, and what a later one or a handler refused', () => {
    const byCheck = { hosts: 1, cors: 20, authenticate: 300, '(handler)': 4_000, '(no check)': 50_000 }
    const second = [0, 100_000, 1_000_000, 54_321, 0, 0, byCheck] as const
    const order = ['hosts', 'cors', 'authenticate']
    assert.deepEqual(
      order.map((check) => letOnBy(order, check)(second)),
      [1_104_320, 1_104_300, 1_104_000],
    )
  })

  test('LOG-01: what is older than an hour is not shown, though nothing has come since', () => {
    const clock = movableClock()
    const board = dashboard({ clock })
    board.observe(limitedBy('203.0.113.7'))
    clock.advance((KEPT.seconds - 1) * 1000)
    assert.equal(board.view().seconds.length, 1)
    clock.advance(1_000)
    assert.deepEqual(board.view().seconds, [])
    assert.deepEqual(board.view().offenders, [])
    assert.equal(board.view().totals.refused, 1)
  })

  test('LOG-01: the row of a second an hour ago begins anew', () => {
    const seconds = new Seconds()
    for (let i = 0; i < 5; i++) seconds.count(10_000, 'refused', 'hosts')
    const later = 10_000 + KEPT.seconds * 1000
    seconds.count(later, 'refused', 'cors')
    assert.deepEqual(seconds.since(0, later), [[later / 1000, 0, 0, 1, 0, 0, { cors: 1 }]])
  })

  test('LOG-01: names of checks beyond those that there is room for are counted together', () => {
    const seconds = new Seconds()
    for (let i = 0; i < 40; i++) seconds.count(0, 'refused', `check-${i}`)
    const [second] = seconds.since(0, 0)
    const counts = Object.values(second?.[6] ?? {})
    assert.equal(counts.length, 27)
    assert.equal(
      counts.reduce((all, count) => all + count, 0),
      40,
    )
    assert.equal(second?.[6]['(others)'], 14)
  })

  test('LOG-01: the last refusals are listed, the newest first, and no more than 200', () => {
    const board = dashboard()
    for (let i = 0; i < 250; i++) board.observe({ ...limitedBy('203.0.113.7'), requestId: `r-${i}` })
    const { refusals } = board.view()
    assert.equal(refusals.length, 200)
    assert.equal(refusals[0]?.requestId, 'r-249')
    assert.equal(refusals.at(-1)?.requestId, 'r-50')
    assert.equal(refusals[0]?.reason, 'the limit default is spent')
  })

  test('LOG-02: what a handler threw is not shown', () => {
    const board = dashboard()
    const event = limitedBy('203.0.113.7')
    Object.defineProperty(event, 'error', { value: new Error('a secret') })
    board.observe(event)
    assert.doesNotMatch(JSON.stringify(board.view()), /a secret/)
  })

  test('LOG-01: findings of shadow mode are listed by check, rule and reason', () => {
    const board = dashboard()
    const finding = {
      outcome: 'would-refuse',
      kind: 'host.unknown',
      check: 'hosts',
      reason: 'unknown host',
    } as const
    for (let i = 0; i < 3; i++) board.observe(eventOf(finding))
    board.observe(eventOf({ ...finding, rule: 'default' }))
    assert.deepEqual(
      board.view().shadow.map(({ key, atMost, kinds }) => ({ key, atMost, kinds })),
      [
        { key: ['hosts', 'GET /data', 'unknown host'], atMost: 3, kinds: [['host.unknown', 3]] },
        { key: ['hosts', 'default', 'unknown host'], atMost: 1, kinds: [['host.unknown', 1]] },
      ],
    )
  })

  test('LOG-01: a store that fails is told until it answers again', () => {
    const board = dashboard()
    board.observe(eventOf({ outcome: 'warning', kind: 'store.down', reason: 'it failed' }))
    assert.deepEqual(board.view().storeDown, { since: '2026-01-01T00:00:00.000Z', reason: 'it failed' })
    assert.equal(board.view().warnings[0]?.kind, 'store.down')
    board.observe(eventOf({ outcome: 'warning', kind: 'store.up' }))
    assert.equal(board.view().storeDown, null)
  })

  test('LOG-01: of several stores the last that answers again ends what is told of the first that failed', () => {
    const board = dashboard()
    const down = (reason: string): void =>
      board.observe(eventOf({ outcome: 'warning', kind: 'store.down', reason }))
    const up = (): void => board.observe(eventOf({ outcome: 'warning', kind: 'store.up' }))
    up()
    down('the first')
    down('the second')
    up()
    assert.equal(board.view().storeDown?.reason, 'the first')
    up()
    assert.equal(board.view().storeDown, null)
    up()
    down('the third')
    assert.equal(board.view().storeDown?.reason, 'the third')
  })

  test('LOG-01: who exceeds a limit of any sort is listed among the limits, and nobody else', () => {
    const board = dashboard()
    const limits = Object.keys(KINDS).filter((kind) => /^(?:limit|concurrency|login)\./.test(kind)) as Kind[]
    assert.ok(limits.length > 5)
    for (const kind of [...limits, 'token.expired', 'role.missing'] as Kind[])
      board.observe(eventOf({ outcome: 'refused', kind, reason: kind }))
    assert.deepEqual(
      board
        .view()
        .limited.map(({ key }) => key[2])
        .sort(),
      limits.sort(),
    )
  })

  test('PRX-09: whoever has an IPv6 network is one offender, and its addresses are told one by one', () => {
    const board = dashboard()
    for (let i = 1; i <= 200; i++) board.observe(limitedBy(`2001:db8:1:2::${i.toString(16)}`))
    board.observe(limitedBy('2001:db8:1:3::1'))
    const { offenders, limited, refusals } = board.view()
    assert.deepEqual(
      offenders.map(({ key, atLeast, atMost }) => [...key, atLeast, atMost]),
      [
        ['2001:db8:1:2::/64', 200, 200],
        ['2001:db8:1:3::/64', 1, 1],
      ],
    )
    assert.equal(limited[0]?.key[0], '2001:db8:1:2::/64')
    assert.equal(refusals[1]?.client, '2001:db8:1:2::c8')
  })

  test('PRX-09: the prefix of an IPv6 network is the one of the gate that is watched', async () => {
    const board = dashboard()
    const gate = gatehouse({ ...testPolicy(), proxy: { ipv6Prefix: 48 }, observe: [board.observe] })
    board.watch(gate)
    board.observe(limitedBy('2001:db8:1:2::1'))
    board.observe(limitedBy('2001:db8:1:ffff::1'))
    assert.deepEqual(
      board.view().offenders.map(({ key, atMost }) => [...key, atMost]),
      [['2001:db8:1::/48', 2]],
    )
    await gate.close()
  })

  test('LOG-01: an offender among a crowd of strangers is found, and its count is between two numbers', () => {
    const ranking = new Ranking(10)
    for (let i = 0; i < 1_000; i++) {
      ranking.count(i, ['the loud one'], 'limit.exceeded')
      ranking.count(i, [`stranger ${i}`], 'limit.exceeded')
    }
    const [first] = ranking.list(1_000, 5)
    assert.deepEqual(first?.key, ['the loud one'])
    assert.equal(first?.atLeast, 1_000)
    for (const { atLeast, atMost, key } of ranking.list(1_000, 10).slice(1)) {
      assert.ok(atLeast === 1 && atMost > 1, key[0])
    }
  })

  test('LOG-01: who was last seen an hour ago makes room first, and leaves no count behind', () => {
    const ranking = new Ranking(2)
    for (let i = 0; i < 50; i++) ranking.count(0, ['old'], 'a')
    ranking.count(3_600_000, ['new'], 'a')
    ranking.count(3_600_000, ['newer'], 'a')
    assert.deepEqual(
      ranking.list(3_600_000, 5).map(({ key, atMost }) => [key[0], atMost]),
      [
        ['new', 1],
        ['newer', 1],
      ],
    )
  })

  test('LOG-01: a million events, each from another address, do not make it grow', () => {
    const memory = new Memory(0)
    const sizeOf = (now: number): number =>
      JSON.stringify([
        memory.refusals(),
        memory.warnings(),
        memory.offenders(now),
        memory.shadow(now),
        memory.limited(now),
      ]).length
    const feed = (from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        const outcome = (['refused', 'would-refuse', 'warning', 'allowed'] as const)[i % 4] ?? 'refused'
        const kind = i % 8 === 0 ? 'limit.exceeded' : 'token.expired'
        memory.hear(
          eventOf({ outcome, kind, check: `check-${i % 100}`, reason: `reason ${i}`, client: `c-${i}` }),
          i,
        )
      }
    }
    feed(0, 100_000)
    const early = sizeOf(100_000)
    const heap = heapInUse()
    feed(100_000, 1_000_000)
    assert.ok(sizeOf(1_000_000) < early * 1.2, `${sizeOf(1_000_000)} characters after ${early}`)
    const grown = heapInUse() - heap
    assert.ok(grown < 4 * 1024 * 1024, `${grown} bytes more`)
    assert.equal(memory.last, 1_000_000)
  })
})

describe('the options of a dashboard', () => {
  const refused: readonly (readonly [name: string, options: object, code: string, path: string])[] = [
    ['an option that there is not', { tittle: 'x' }, 'unknown_option', 'tittle'],
    ['an option of the prototype of all objects', { toString: 'x' }, 'unknown_option', 'toString'],
    ['an empty title', { title: '' }, 'wrong_type', 'title'],
    ['a base without a slash at its end', { base: '/board' }, 'malformed_value', 'base'],
    ['a base that leads to another host', { base: '//evil.example/' }, 'malformed_value', 'base'],
    ['no listener at all', { listeners: 0 }, 'out_of_range', 'listeners'],
    ['too many listeners', { listeners: 1001 }, 'out_of_range', 'listeners'],
    ['alerts that are none', { alerts: {} }, 'wrong_type', 'alerts'],
    ['a clock that is none', { clock: { now: () => 0 } }, 'wrong_type', 'clock'],
  ]
  const mistakesOf = (options: unknown): ConfigError['mistakes'] => {
    try {
      dashboard(options as DashboardOptions)
    } catch (error) {
      assert.ok(error instanceof ConfigError)
      return error.mistakes
    }
    return []
  }
  for (const [name, options, code, path] of refused) {
    test(`ERR-03: ${name} is refused`, () => {
      const mistakes = mistakesOf(options)
      assert.deepEqual(
        mistakes.map((mistake) => [mistake.code, mistake.path]),
        [[code, `dashboard.${path}`]],
      )
      assert.ok(mistakes[0]?.instead)
    })
  }

  test('ERR-03: all that is wrong is said at once', () => {
    const wrong = Object.assign({}, ...refused.map(([, options]) => options)) as object
    assert.deepEqual(
      mistakesOf(wrong)
        .map(({ path }) => path)
        .sort(),
      [
        'dashboard.alerts',
        'dashboard.base',
        'dashboard.clock',
        'dashboard.listeners',
        'dashboard.title',
        'dashboard.tittle',
        'dashboard.toString',
      ],
    )
    for (const none of [null, 'x', 7, []])
      assert.deepEqual(
        mistakesOf(none).map(({ path }) => path),
        ['dashboard'],
      )
  })

  test('an option that is undefined is left out', () => {
    assert.deepEqual(mistakesOf({ title: undefined, alerts: undefined, clock: undefined }), [])
    assert.equal(dashboard({ title: undefined } as object).view().title, 'Gatehouse')
  })
})
