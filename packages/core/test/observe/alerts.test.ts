import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SecurityEvent } from '../../src/contract/event.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { type Alert, type Alerts, type AlertsOptions, watchAlerts } from '../../src/observe/alerts.ts'
import { securityEvent } from '../support/alert-events.ts'
import { evenLots } from '../support/lots.ts'
import { type MovableTimers, movableTimers } from '../support/timers.ts'

interface Watched extends Alerts {
  readonly told: readonly Alert[]
  readonly timers: MovableTimers
  readonly warnings: readonly string[]
}

function watch(options: AlertsOptions = {}): Watched {
  const timers = movableTimers()
  const told: Alert[] = []
  const warnings: string[] = []
  const alarms = watchAlerts(
    { clock: timers.clock, deliver: (alert) => told.push(alert), ...options },
    { startTimer: timers.startTimer, random: evenLots(), warn: (message) => warnings.push(message) },
  )
  return { ...alarms, told, timers, warnings }
}

function repeat(
  times: number,
  observe: (event: SecurityEvent) => void,
  parts: Partial<SecurityEvent> = {},
): void {
  for (let i = 0; i < times; i++) observe(securityEvent(parts))
}

const MINUTE = 60_000
const states = (told: readonly Alert[]): readonly string[] =>
  told.map(({ rule, key, state }) => `${rule} ${key} ${state}`)

describe('alerts', () => {
  test('LOG-06: a rule fires once when its threshold is crossed, and not before', async () => {
    const { observe, told, timers, active } = watch()
    repeat(19, observe)
    assert.deepEqual(active(), [])
    repeat(1, observe)
    assert.equal(active().length, 1)
    repeat(100, observe)
    await timers.advance(1_000)
    assert.deepEqual(states(told), ['token-spraying 203.0.113.7 firing'])
    const [alert] = told
    assert.deepEqual(
      { ...alert, id: '', meaning: '', advice: '', samples: alert?.samples.length },
      {
        id: '',
        rule: 'token-spraying',
        severity: 'critical',
        state: 'firing',
        by: 'client',
        key: '203.0.113.7',
        others: 0,
        count: 20,
        different: undefined,
        total: 20,
        threshold: 20,
        window: 5 * MINUTE,
        since: '2026-01-01T00:00:00.000Z',
        until: undefined,
        samples: 5,
        meaning: '',
        advice: '',
      },
    )
  })

  test('LOG-06: what is spread over more than the window does not add up', async () => {
    const { observe, told, timers } = watch()
    for (let i = 0; i < 60; i++) {
      repeat(1, observe)
      await timers.advance(16_000)
    }
    assert.deepEqual(told, [])
  })

  test('LOG-06: it clears below the lower threshold, not at the upper one, and by itself', async () => {
    const { observe, told, timers, active, recent } = watch()
    repeat(10, observe)
    await timers.advance(2 * MINUTE)
    repeat(10, observe)
    await timers.advance(1_000)
    // The first ten are gone: below the threshold, and at half of it.
    await timers.advance(3 * MINUTE + 15_000)
    assert.equal(active()[0]?.count, 10)
    assert.deepEqual(states(told), ['token-spraying 203.0.113.7 firing'])
    await timers.advance(2 * MINUTE)
    assert.deepEqual(states(told), [
      'token-spraying 203.0.113.7 firing',
      'token-spraying 203.0.113.7 cleared',
    ])
    assert.equal(told[0]?.id, told[1]?.id)
    assert.equal(told[1]?.until, '2026-01-01T00:07:00.000Z')
    assert.deepEqual(active(), [])
    assert.deepEqual(recent(), [told[1]])
    assert.equal(timers.running(), 0)
  })

  test('LOG-06: without a timer it clears when somebody looks, or at its next event', () => {
    const { observe, timers, active, recent } = watch()
    repeat(20, observe)
    timers.clock.advance(10 * MINUTE)
    assert.deepEqual(active(), [])
    repeat(20, observe)
    timers.clock.advance(10 * MINUTE)
    repeat(20, observe)
    assert.deepEqual(
      recent().map(({ state }) => state),
      ['firing', 'cleared', 'cleared'],
    )
  })

  test('LOG-06: what was not told when it began is not told when it is over', async () => {
    const { observe, told, timers, recent } = watch({ quiet: '1h' })
    for (let i = 0; i < 3; i++) {
      repeat(20, observe)
      await timers.advance(10 * MINUTE)
    }
    assert.deepEqual(
      told.map(({ state }) => state),
      ['firing', 'cleared'],
    )
    assert.equal(recent().length, 3)
  })

  test('LOG-06: it is quiet about the last thousand keys, and forgets those before', async () => {
    const own = [
      { name: 'own', when: () => true, by: ({ path }: SecurityEvent) => path, threshold: 1, window: '1s' },
    ] as const
    const { observe, told, timers, recent } = watch({ own, quiet: '30d', cleared: false })
    const fire = async (key: number): Promise<number> => {
      observe(securityEvent({ kind: 'request.allowed', path: `/${key}` }))
      await timers.advance(6_000)
      return told.length
    }
    for (let key = 0; key < 1_025; key++) await fire(key)
    assert.equal(await fire(1_024), 1_025)
    assert.equal(await fire(1), 1_025)
    assert.equal(await fire(0), 1_026)
    assert.equal(recent().length, 100)
  })

  test('LOG-06: a key that was told of is not told of again for the quiet time, and then it is if it goes on', async () => {
    const { observe, told, timers } = watch({ quiet: '30m', cleared: false })
    repeat(20, observe)
    await timers.advance(10 * MINUTE)
    repeat(20, observe)
    await timers.advance(10 * MINUTE)
    repeat(20, observe)
    await timers.advance(9 * MINUTE)
    assert.equal(told.length, 1)
    repeat(20, observe)
    await timers.advance(2 * MINUTE)
    assert.equal(told.length, 2)
    assert.notEqual(told[0]?.id, told[1]?.id)
  })

  test('LOG-06: each key has alerts of its own, each rule its own', async () => {
    const { observe, told, timers } = watch()
    repeat(20, observe, { client: '203.0.113.7' })
    repeat(20, observe, { client: '203.0.113.8' })
    repeat(5, observe, { kind: 'proof.replayed', client: '203.0.113.8' })
    await timers.advance(1_000)
    assert.deepEqual(states(told), [
      'token-spraying 203.0.113.7 firing',
      'token-spraying 203.0.113.8 firing',
      'replay 203.0.113.8 firing',
    ])
  })

  test('LOG-06: the addresses of one IPv6 network are one client', async () => {
    const { observe, told, timers } = watch()
    for (let i = 0; i < 20; i++) observe(securityEvent({ client: `2001:db8:1:2::${i.toString(16)}` }))
    await timers.advance(1_000)
    assert.deepEqual(states(told), ['token-spraying 2001:db8:1:2::/64 firing'])
  })

  test('LOG-06: clients that nobody can tell apart are counted together', async () => {
    const { observe, told, timers } = watch()
    repeat(20, observe, { client: undefined })
    await timers.advance(1_000)
    assert.deepEqual(states(told), ['token-spraying unknown firing'])
  })

  test('LOG-06: a storm of many keys is told of as five and one', async () => {
    const { observe, told, timers, active } = watch()
    for (let i = 0; i < 43; i++) repeat(20, observe, { client: `203.0.113.${i}` })
    await timers.advance(1_000)
    assert.equal(told.length, 5)
    await timers.advance(15_000)
    assert.equal(told.length, 6)
    assert.deepEqual([told[5]?.key, told[5]?.others, told[5]?.count], ['203.0.113.5', 37, 38 * 20])
    assert.equal(active().length, 6)
    await timers.advance(10 * MINUTE)
    assert.equal(told.length, 12)
    assert.deepEqual([told[11]?.state, told[11]?.others, told[11]?.total], ['cleared', 37, 38 * 20])
    assert.deepEqual(active(), [])
    repeat(20, observe, { client: '203.0.113.99' })
    await timers.advance(1)
    assert.deepEqual([told[12]?.key, told[12]?.state, told[12]?.others], ['203.0.113.99', 'firing', 0])
  })

  test('LOG-06: a storm that is over before it was told of is told of', async () => {
    const own = [
      { name: 'own', when: () => true, by: ({ path }: SecurityEvent) => path, threshold: 1, window: '1s' },
    ] as const
    const { observe, told, timers } = watch({ own })
    for (let i = 0; i < 9; i++) observe(securityEvent({ kind: 'request.allowed', path: `/${i}` }))
    await timers.advance(6_000)
    assert.deepEqual(
      told.filter(({ others }) => others === 3).map(({ state, key }) => `${key} ${state}`),
      ['/5 firing', '/5 cleared'],
    )
    assert.equal(told.length, 12)
  })

  test('LOG-06: who fires is not driven out by others that are as busy, and makes room when it is over', async () => {
    const { observe, told, timers, active } = watch({
      keys: 64,
      rules: { 'spread-guessing': false },
      cleared: false,
    })
    repeat(10, observe)
    await timers.advance(3 * MINUTE)
    repeat(10, observe)
    // Half of it is gone: the others are busier, and none of them fires.
    await timers.advance(2 * MINUTE + 30_000)
    for (let i = 0; i < 500; i++) repeat(19, observe, { client: `198.18.${i >> 8}.${i & 255}` })
    repeat(1, observe)
    assert.deepEqual(
      active().map(({ key, total }) => [key, total]),
      [['203.0.113.7', 21]],
    )
    for (let i = 0; i < 100; i++) {
      await timers.advance(10 * MINUTE)
      repeat(20, observe, { client: `192.0.2.${i}` })
      await timers.advance(1)
      assert.deepEqual([told.length, told[i + 1]?.key], [i + 2, `192.0.2.${i}`])
    }
  })

  test('LOG-06: who keeps a storm going hides no others: it is told again when it has grown, after the quiet time', async () => {
    const { observe, told, timers } = watch({ cleared: false })
    const storm = (count: number): void => {
      for (let i = 0; i < count; i++) repeat(20, observe, { client: `203.0.113.${i}` })
    }
    for (let minute = 0; minute < 20; minute++) {
      storm(minute < 8 ? 10 : 30)
      await timers.advance(MINUTE)
    }
    assert.deepEqual(
      told.slice(5).map(({ others, id }) => [others, id === told[5]?.id]),
      [
        [4, true],
        [24, true],
      ],
    )
  })

  test('LOG-06: a flood of new keys does not drive out who is busy, and no memory grows', async () => {
    const { observe, told, timers } = watch({ keys: 64, rules: { 'spread-guessing': false } })
    for (let i = 0; i < 20_000; i++) {
      observe(securityEvent({ client: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }))
      if (i % 500 < 10) repeat(1, observe)
    }
    await timers.advance(1_000)
    assert.deepEqual(states(told), ['token-spraying 203.0.113.7 firing'])
  })

  test('LOG-06: a store that fails is told of at once, and until it answers', async () => {
    const { observe, told, timers } = watch()
    observe(securityEvent({ kind: 'store.down', outcome: 'warning' }))
    await timers.advance(60 * MINUTE)
    assert.deepEqual(states(told), ['store-failing undefined firing'])
    observe(securityEvent({ kind: 'store.up', outcome: 'warning' }))
    await timers.advance(1_000)
    assert.deepEqual(states(told), ['store-failing undefined firing', 'store-failing undefined cleared'])
  })

  test('LOG-06: of two gates whose stores fail, the one that is back does not speak for the other', async () => {
    const { observe, timers, active } = watch()
    const tell = (kind: 'store.down' | 'store.up'): void =>
      observe(securityEvent({ kind, outcome: 'warning' }))
    for (const kind of ['store.up', 'store.down', 'store.down', 'store.up'] as const) tell(kind)
    await timers.advance(60 * MINUTE)
    assert.equal(active().length, 1)
    tell('store.up')
    assert.deepEqual(active(), [])
  })

  test('LOG-06: a receiver that somebody has written cannot change its queue, and is called as what it is', async () => {
    const mine = {
      name: 'mine',
      got: 0,
      // Of a queue: with these nothing would ever be taken from it.
      rules: { batch: 0, attempts: 0, capacity: 0 },
      send(alerts: readonly Alert[]) {
        this.got += alerts.length
        return { type: 'sent' } as const
      },
    }
    const { observe, timers } = watch({ deliver: mine })
    repeat(20, observe)
    await timers.advance(1_000)
    assert.equal(mine.got, 1)
  })

  test('LOG-06: failed logins of one client on one account are none of the stuffing of many', async () => {
    const { observe, told, timers } = watch()
    repeat(40, observe, { kind: 'credentials.wrong', account: 'a' })
    await timers.advance(1_000)
    assert.equal(told.length, 0)
    for (const account of ['b', 'c', 'd', 'e']) repeat(1, observe, { kind: 'credentials.wrong', account })
    await timers.advance(1_000)
    assert.deepEqual(states(told), ['credential-stuffing 203.0.113.7 firing'])
    assert.equal(told[0]?.different, 5)
  })

  test('LOG-06: different values count as long as they are within the window', async () => {
    const { observe, told, timers } = watch()
    for (const account of ['a', 'b', 'c', 'd']) repeat(1, observe, { kind: 'credentials.wrong', account })
    await timers.advance(11 * MINUTE)
    repeat(40, observe, { kind: 'credentials.wrong', account: 'e' })
    await timers.advance(1_000)
    assert.deepEqual(told, [])
  })

  test('LOG-06: a rule of ones own counts what it wants, by what it wants', async () => {
    const { observe, told, timers } = watch({
      own: [
        {
          name: 'exports',
          when: ({ outcome, path }) => outcome === 'allowed' && path.startsWith('/export'),
          by: ({ principal }) => principal?.subject,
          threshold: 3,
          window: '1m',
          severity: 'info',
        },
      ],
    })
    const parts = { kind: 'request.allowed', outcome: 'allowed', path: '/export/7' } as const
    repeat(9, observe, parts)
    repeat(2, observe, { ...parts, principal: { issuer: undefined, subject: 'alice' } })
    repeat(3, observe, { ...parts, principal: { issuer: undefined, subject: 'bob\u001b[2J' } })
    await timers.advance(1_000)
    assert.deepEqual(
      told.map(({ by, key, severity }) => [by, key, severity]),
      [['key', String.raw`bob\u001b[2J`, 'info']],
    )
  })

  test('LOG-06: an account is shown by its subject and issuer, and told apart by both', async () => {
    const { observe, told, timers } = watch()
    const issuer = 'https://id.example.com'
    for (const principal of [
      { issuer, subject: 'alice' },
      { issuer: undefined, subject: 'alice' },
    ]) {
      for (let i = 0; i < 20; i++)
        observe(securityEvent({ kind: 'authorization.object-denied', path: `/orders/${i}`, principal }))
    }
    await timers.advance(1_000)
    assert.deepEqual(
      told.map(({ key }) => key),
      ['alice (https://id.example.com)', 'alice'],
    )
    assert.equal(told[0]?.samples[0]?.principal?.issuer, issuer)
  })

  test('LOG-06: a key of any length is counted, and is told apart from others of the same beginning', async () => {
    const { observe, told, timers } = watch({
      own: [{ name: 'own', when: () => true, by: ({ path }) => path, threshold: 2, window: '1m' }],
    })
    for (const last of ['a', 'b', 'b'])
      observe(securityEvent({ path: `${'x'.repeat(10_000)}${last}`, kind: 'request.allowed' }))
    await timers.advance(1_000)
    assert.equal(told.length, 1)
    assert.match(told[0]?.key ?? '', /^sha256:[\w-]{43}$/)
  })

  test('LOG-06: a rule of ones own that throws takes nothing from the others', async () => {
    const { observe, told, timers } = watch({
      own: [
        {
          name: 'broken',
          when: () => {
            throw new Error('broken')
          },
          threshold: 1,
          window: '1m',
        },
        { name: 'whole', when: () => true, threshold: 1, window: '1m' },
      ],
    })
    assert.throws(() => repeat(1, observe), /broken/)
    await timers.advance(1_000)
    assert.deepEqual(states(told), ['whole undefined firing'])
  })

  test('LOG-06: a rule can be tuned, and switched off', async () => {
    const { observe, told, timers } = watch({
      rules: { 'token-spraying': false, replay: { threshold: 1, severity: 'info' } },
    })
    repeat(40, observe)
    repeat(1, observe, { kind: 'proof.replayed' })
    await timers.advance(1_000)
    assert.deepEqual(
      told.map(({ rule, severity }) => [rule, severity]),
      [['replay', 'info']],
    )
  })

  test('LOG-06: an action is done once for each key, folded ones included, and again where it failed', async () => {
    const done: (string | undefined)[] = []
    let fails = 1
    const { observe, timers, told } = watch({
      rules: {
        'token-spraying': {
          action: ({ key }) => {
            if (fails-- > 0) throw new Error('not now')
            done.push(key)
          },
        },
      },
    })
    for (let i = 0; i < 8; i++) repeat(50, observe, { client: `203.0.113.${i}` })
    await timers.advance(60_000)
    assert.deepEqual(
      done,
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `203.0.113.${i}`),
    )
    assert.equal(told.length, 6)
  })

  test('LOG-06: an action is done again while it goes on: once a minute, for as many events as the threshold', async () => {
    const done: string[] = []
    const action = ({ key, total }: Alert): void => void done.push(`${key} ${total}`)
    const { observe, timers, told } = watch({
      rules: { 'token-spraying': { window: '1h', action } },
    })
    const all = (times: number): void => {
      for (let i = 0; i < 7; i++) repeat(times, observe, { client: `203.0.113.${i}` })
    }
    all(20)
    await timers.advance(1)
    assert.equal(done.length, 7)
    all(100)
    await timers.advance(MINUTE)
    assert.equal(done.length, 7)
    all(1)
    await timers.advance(1)
    assert.equal(done.length, 14)
    assert.deepEqual([done[7], done[12]], ['203.0.113.0 121', '203.0.113.5 121'])
    await timers.advance(MINUTE)
    all(19)
    await timers.advance(1)
    assert.equal(done.length, 14)
    all(1)
    await timers.advance(1)
    assert.equal(done.length, 21)
    assert.equal(told.length, 6)
  })

  test('LOG-06: each client of a storm is acted on, at once', async () => {
    let done = 0
    const { observe, timers } = watch({ rules: { replay: { action: () => done++ } } })
    for (let i = 0; i < 600; i++)
      repeat(5, observe, { kind: 'proof.replayed', client: `198.18.${i >> 8}.${i & 255}` })
    await timers.advance(1)
    assert.equal(done, 600)
  })

  test('LOG-06: what has calmed down and begins anew is acted on at once', async () => {
    const done: unknown[] = []
    const { observe, timers } = watch({
      rules: { replay: { window: '1s', action: (alert) => done.push(alert) } },
    })
    for (const expected of [1, 2]) {
      repeat(5, observe, { kind: 'proof.replayed' })
      await timers.advance(6_000)
      assert.equal(done.length, expected)
    }
  })

  test('LOG-06: objects that nobody in particular asks for are counted by client, those of a caller by caller', async () => {
    const { observe, told, timers } = watch()
    const ask = (principal?: SecurityEvent['principal']): void => {
      for (let i = 0; i < 40; i++)
        observe(securityEvent({ kind: 'authorization.object-missing', path: `/shared/${i}`, principal }))
    }
    ask()
    await timers.advance(1)
    assert.deepEqual(states(told), ['scanning 203.0.113.7 firing'])
    ask({ issuer: undefined, subject: 'alice' })
    await timers.advance(1)
    assert.deepEqual(states(told).slice(1), ['object-guessing alice firing'])
    assert.equal(told[0]?.count, 40)
  })

  test('LOG-06: a check that fails is told of, and what authentication or the limits ask is not told of twice', async () => {
    const { observe, told, timers } = watch()
    for (const check of ['authenticate', 'client-limits', 'caller-limits'])
      repeat(3, observe, { kind: 'dependency.failed', check })
    await timers.advance(1)
    assert.deepEqual(states(told), ['key-set-failing undefined firing'])
    repeat(3, observe, { kind: 'dependency.failed', check: 'idempotency' })
    await timers.advance(1)
    assert.deepEqual(states(told).slice(1), ['check-failing undefined firing'])
  })

  for (const part of ['when', 'by', 'different'] as const) {
    test(`LOG-06: a promise of the "${part}" of a rule is a mistake, and no rejection that nobody waits for`, async () => {
      const late = (() => Promise.reject(new Error('late'))) as unknown as () => string
      const { observe, told, timers } = watch({
        own: [
          {
            name: 'late',
            when: part === 'when' ? (late as unknown as () => boolean) : () => true,
            ...(part === 'by' && { by: late }),
            ...(part === 'different' && { different: { what: late, atLeast: 2 } }),
            threshold: 2,
            window: '1m',
          },
        ],
      })
      // The runner fails on a rejection that is not handled.
      assert.throws(() => repeat(1, observe), /gave a promise/)
      await timers.advance(1_000)
      assert.deepEqual(told, [])
    })
  }

  test('LOG-06: closed, it tells nothing more, and warns of nothing', async () => {
    const { observe, told, timers, close, active, recent, warnings } = watch()
    repeat(20, observe)
    await timers.advance(1)
    await close()
    assert.deepEqual(active(), [])
    timers.clock.advance(10 * MINUTE)
    assert.deepEqual(
      recent().map(({ state }) => state),
      ['cleared'],
    )
    assert.deepEqual([told.length, warnings.length], [1, 0])
  })

  test('LOG-06: a receiver that makes events of what it is told goes round in no circle', async () => {
    let calls = 0
    const own = [{ name: 'all', when: () => true, threshold: 1, window: '1s' }] as const
    const watched: Watched = watch({
      own,
      quiet: 0,
      deliver: () => {
        calls++
        repeat(5, watched.observe, { kind: 'request.allowed' })
      },
    })
    repeat(1, watched.observe, { kind: 'request.allowed' })
    for (let second = 0; second < 60; second++) await watched.timers.advance(1_000)
    // When it is over it says so, which begins it anew: at the pace of the window, and no faster.
    assert.ok(calls >= 1 && calls <= 60, String(calls))
  })

  test('LOG-06: a wall clock that jumps moves no window', async () => {
    const { observe, told, timers } = watch()
    for (const jump of [0, -86_400_000, 172_800_000, -3_600_000]) {
      timers.clock.jump(jump)
      repeat(5, observe)
      await timers.advance(MINUTE)
    }
    assert.deepEqual(states(told), ['token-spraying 203.0.113.7 firing'])
    await timers.advance(10 * MINUTE)
    assert.equal(told[1]?.state, 'cleared')
  })

  test('LOG-06: a receiver that hangs keeps nothing from the others', async () => {
    const told: Alert[] = []
    const { observe, timers, warnings } = watch({
      deliver: [() => new Promise(() => {}), (alert) => told.push(alert)],
    })
    repeat(20, observe)
    await timers.advance(1_000)
    assert.equal(told.length, 1)
    await timers.advance(60 * MINUTE)
    assert.deepEqual(
      warnings[0],
      '1 not delivered to a callback of alerts: it took too long. Requests are not affected.',
    )
  })

  test('LOG-06: closed, it hears nothing more', async () => {
    const { observe, told, timers, close, active } = watch()
    await close()
    repeat(20, observe)
    await timers.advance(1_000)
    assert.deepEqual([told, active()], [[], []])
  })

  test('ERR-03: every mistake is told at once', () => {
    const given = {
      deliver: ['https://example.com', { send: () => undefined }],
      keys: 1,
      rules: {
        scaning: false,
        scanning: { threshold: 10, clearBelow: 11, atLeast: 12 },
        replay: { atLeast: 3 },
      },
      own: [
        { name: 'Exports', when: true, by: 'ip', threshold: 0, window: '1ms' },
        { name: 'replay', when: () => true, threshold: 1, window: '1m' },
        { name: 'twice', when: () => true, threshold: 1, window: '1m' },
        {
          name: 'twice',
          when: () => true,
          threshold: 1,
          window: '1m',
          different: { what: 'path', atLeast: 2 },
        },
      ],
      other: 1,
    } as unknown as AlertsOptions
    assert.throws(
      () => watchAlerts(given),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ code, path }) => `${code} ${path}`),
          [
            'unknown_option alerts.other',
            'wrong_type alerts.deliver[0]',
            'wrong_type alerts.deliver[1].name',
            'out_of_range alerts.keys',
            'unknown_option alerts.rules.scaning',
            'contradiction alerts.rules.replay.atLeast',
            'contradiction alerts.rules.scanning.clearBelow',
            'contradiction alerts.rules.scanning.atLeast',
            'malformed_value alerts.own[0].name',
            'wrong_type alerts.own[0].when',
            'malformed_value alerts.own[0].by',
            'out_of_range alerts.own[0].threshold',
            'out_of_range alerts.own[0].window',
            'duplicate_value alerts.own[1].name',
            'contradiction alerts.own[3].different.atLeast',
            'duplicate_value alerts.own[3].name',
          ],
        )
        return true
      },
    )
  })
})
