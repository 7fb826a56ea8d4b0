import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { PolicyLimit } from '../../src/contract/limits.ts'
import type { Alert } from '../../src/observe/alerts.ts'
import { watchAlerts } from '../../src/observe/alerts.ts'
import { banWith, type BanOptions } from '../../src/observe/alerts/ban.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { movableClock } from '../support/clock.ts'
import { securityEvent } from '../support/alert-events.ts'
import { movableTimers } from '../support/timers.ts'

const MINUTE = 60_000

function limit(blocked: string[]): PolicyLimit {
  return {
    of: (who) => {
      if (typeof who !== 'string') throw new TypeError('The limit does not count by that')
      return {
        block: (time: unknown) => Promise.resolve(void blocked.push(`${who} ${String(time)}`)),
      } as unknown as ReturnType<PolicyLimit['of']>
    },
  }
}

async function bannedFor(alert: Partial<Alert>, options: BanOptions = {}): Promise<readonly string[]> {
  const blocked: string[] = []
  await banWith(limit(blocked), '15m', options)({ by: 'client', key: '198.51.100.7', ...alert } as Alert)
  return blocked
}

describe('a ban', () => {
  test('LOG-06, RL-30: blocks the client of an alert for a while', async () => {
    assert.deepEqual(await bannedFor({}), ['198.51.100.7 900000'])
    assert.deepEqual(await bannedFor({ key: '2a00:1:2:3::/64' }), ['2a00:1:2:3:: 900000'])
  })

  const spared: readonly (readonly [name: string, alert: Partial<Alert>, options?: BanOptions])[] = [
    ['loopback', { key: '127.0.0.1' }],
    ['loopback of IPv6', { key: '::/64' }],
    ['a private address, such as that of a proxy', { key: '10.0.0.2' }],
    ['a private network of IPv6', { key: 'fd00:1::/64' }],
    ['link-local', { key: '169.254.169.254' }],
    ['link-local of IPv6', { key: 'fe80::/64' }],
    ['the customers of a carrier', { key: '100.64.0.1' }],
    ['a range that is never banned', {}, { never: ['198.51.100.0/24'] }],
    [
      'the network of an address that is never banned',
      { key: '2a00:1:2:3::/64' },
      { never: ['2a00:1:2:3::5'] },
    ],
    [
      'a network beside it, which a limit may count with it',
      { key: '2a00:1:2:3::/64' },
      { never: ['2a00:1:2:4::5'] },
    ],
    ['a private address behind NAT64', { key: '64:ff9b::a00:1' }],
    ['clients that nobody can tell apart', { key: 'unknown' }],
    ['an account', { by: 'account', key: '198.51.100.7' }],
    ['a key of ones own', { by: 'key', key: '198.51.100.7' }],
    ['all there is', { by: 'all', key: undefined }],
  ]
  for (const [name, alert, options] of spared) {
    test(`LOG-06: spares ${name}`, async () => {
      assert.deepEqual(await bannedFor(alert, options), [])
    })
  }

  test('LOG-06: a mistake that hits everybody bans no more than a few, who may be banned again', async (t) => {
    const warned: unknown[] = []
    t.mock.method(process, 'emitWarning', (...given: unknown[]) => void warned.push(given[0]))
    const clock = movableClock()
    const blocked: string[] = []
    const ban = banWith(limit(blocked), '15m', { most: 3, clock })
    const hit = async (key: string): Promise<void> =>
      void (await ban({ by: 'client', key: `198.51.100.${key}` } as Alert))
    for (const key of ['1', '2', '3', '4', '5', '1']) await hit(key)
    const banned = (): readonly (string | undefined)[] => blocked.map((one) => /\.(\d+) /.exec(one)?.[1])
    assert.deepEqual(banned(), ['1', '2', '3', '1'])
    assert.equal(warned.length, 1)
    assert.match(String(warned[0]), /^3 clients are banned: nobody else is/)
    clock.advance(15 * MINUTE - 1)
    await hit('6')
    assert.equal(banned().length, 4)
    clock.advance(1)
    await hit('6')
    assert.deepEqual(banned().slice(4), ['6'])
    assert.equal(warned.length, 1)
  })

  test('LOG-06: a ban that the store does not take is tried again, and is still one', async () => {
    const timers = movableTimers()
    const blocked: string[] = []
    let fails = 2
    const failing: PolicyLimit = {
      of: (who) => {
        const control = limit(blocked).of(who)
        return {
          ...control,
          block: (ms) => (fails-- > 0 ? Promise.reject(new Error('down')) : control.block(ms)),
        }
      },
    }
    const action = banWith(failing, '15m', { most: 1, clock: timers.clock })
    const alarms = watchAlerts(
      { clock: timers.clock, rules: { replay: { action } } },
      { startTimer: timers.startTimer, random: () => 0 },
    )
    for (let i = 0; i < 5; i++) alarms.observe(securityEvent({ kind: 'proof.replayed' }))
    await timers.advance(0)
    assert.deepEqual(blocked, [])
    await timers.advance(60_000)
    assert.deepEqual(blocked, ['203.0.113.7 900000'])
    await alarms.close()
  })

  test('LOG-06: a ban that goes on makes room for others no later', async () => {
    const clock = movableClock()
    const blocked: string[] = []
    const ban = banWith(limit(blocked), '15m', { most: 2, clock })
    for (const key of ['1', '2', '1', '3']) {
      await ban({ by: 'client', key: `198.51.100.${key}` } as Alert)
      clock.advance(key === '1' && blocked.length > 2 ? 11 * MINUTE : 5 * MINUTE)
    }
    assert.deepEqual(
      blocked.map((one) => one.split(' ')[0]?.at(-1)),
      ['1', '2', '1', '3'],
    )
  })

  test('LOG-06: a limit that counts something else says so at once', () => {
    const byTenant: PolicyLimit = {
      of: () => {
        throw new TypeError('The limit does not count by that')
      },
    }
    assert.throws(() => banWith(byTenant, '15m'), TypeError)
  })

  test('ERR-03: every mistake is told at once', () => {
    assert.throws(
      () => banWith({} as PolicyLimit, '40d', { never: ['everybody'], most: 0, clock: {} as never }),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ path }) => path),
          ['banWith.limit', 'banWith.time', 'banWith.never[0]', 'banWith.most', 'banWith.clock'],
        )
        return true
      },
    )
  })

  test('LOG-06, RL-30: a client that sprays tokens is shut out by the gate, and let in when the time is over', async (t) => {
    const server: Guarded = await guarded({
      proxy: { trustedRanges: ['loopback'] },
      rateLimit: { name: 'api', limit: 1_000, window: '1m' },
    })
    t.after(() => server.close())
    const timers = movableTimers(server.clock)
    const action = banWith(server.gate.limit('api'), '15m')
    const alarms = watchAlerts(
      { clock: server.clock, rules: { 'token-spraying': { threshold: 3, action } } },
      { startTimer: timers.startTimer },
    )
    server.gate.events.on('event', alarms.observe)
    const ask = async (client: string): Promise<number> =>
      (await server.send({ fields: ['X-Forwarded-For', client, 'Authorization', 'Test alice'] })).status
    assert.equal(await ask('198.51.100.7'), 200)
    for (let i = 0; i < 3; i++) alarms.observe(securityEvent({ client: '198.51.100.7' }))
    await timers.advance(1)
    assert.equal(await ask('198.51.100.7'), 429)
    assert.equal(await ask('198.51.100.8'), 200)
    // The same address in its other form is the same client.
    assert.equal(await ask('::ffff:198.51.100.7'), 429)
    assert.equal(await ask('64:ff9b::c633:6407'), 429)
    server.clock.advance(15 * 60_000)
    assert.equal(await ask('198.51.100.7'), 200)
    await alarms.close()
  })
})
