import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import {
  type LoginProtection,
  loginProtection,
  type LoginProtectionOptions,
} from '../../src/identity/login-protection.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { brokenStore, changedStore, slowStore } from '../support/token-endpoint.ts'

const HERE = '203.0.113.7'
const THERE = '198.51.100.1'

interface Setup {
  readonly clock: MovableClock
  readonly protection: LoginProtection
  /** 0 when the attempt is let through, else how long it has to wait. */
  readonly fail: (account?: string, client?: string) => Promise<number>
}

function setUp(options: Partial<LoginProtectionOptions> = {}, clock = movableClock()): Setup {
  const protection = loginProtection({ store: memoryStore({ clock }), ...options })
  return {
    clock,
    protection,
    async fail(account = 'alice', client = HERE) {
      const attempt = await protection.attempt(account, client)
      return attempt.allowed ? 0 : attempt.retryAfterMs
    },
  }
}

describe('login protection', () => {
  test('AUT-16: the delay grows: none, 12 seconds, 90 seconds, 72 minutes', async () => {
    const { clock, fail } = setUp()
    const waits: number[] = []
    for (let i = 0; i < 24; i++) {
      const wait = await fail()
      waits.push(wait)
      if (wait === 0) continue
      clock.advance(wait)
      assert.equal(await fail(), 0)
    }
    assert.deepEqual(waits.slice(0, 6), [0, 0, 0, 0, 0, 12_000])
    const grown = waits.filter((wait) => wait > 0)
    for (const [index, wait] of grown.entries())
      assert.ok(wait >= (grown[index - 1] ?? 0), `${index}: ${wait}`)
    assert.ok(grown.some((wait) => wait > 60_000 && wait <= 90_000))
    assert.equal(grown.at(-1), 72 * 60_000)
  })

  test('AUT-16: one millisecond less than the wait is refused, and a refused attempt makes nobody wait longer', async () => {
    const { clock, fail } = setUp()
    for (let i = 0; i < 5; i++) await fail()
    for (let i = 0; i < 100; i++) assert.equal(await fail(), 12_000)
    clock.advance(11_999)
    assert.equal(await fail(), 1)
    clock.advance(1)
    assert.equal(await fail(), 0)
  })

  test('AUT-16: a success resets the failures of this account from this network alone', async () => {
    const { protection, fail } = setUp()
    for (let i = 0; i < 5; i++) {
      await fail()
      await fail('bob')
    }
    await protection.succeeded('alice', HERE)
    for (let i = 0; i < 5; i++) assert.equal(await fail(), 0)
    assert.equal(await fail(), 12_000)
    assert.equal(await fail('bob'), 12_000)
  })

  test('AUT-16: attempts at once are counted as attempts in a row', async () => {
    const clock = movableClock()
    for (const store of [memoryStore({ clock }), slowStore(clock)]) {
      const { fail } = setUp({ store }, clock)
      const waits = await Promise.all(Array.from({ length: 100 }, () => fail()))
      assert.equal(waits.filter((wait) => wait === 0).length, 5)
    }
  })

  test('AUT-16: logins of one network over accounts are counted, and a success does not reset that', async () => {
    const { protection, fail } = setUp()
    for (let i = 0; i < 29; i++) assert.equal(await fail(`user${i}`), 0)
    assert.equal(await fail('mine'), 0)
    await protection.succeeded('mine', HERE)
    const attempt = await protection.attempt('another', HERE)
    assert.deepEqual(attempt, { allowed: false, spent: 'network', retryAfterMs: 20_000 })
    assert.equal(await fail('another', THERE), 0)
  })

  test('AUT-16: who has logged in from a network before does not wait for what others do there', async () => {
    const { clock, protection, fail } = setUp()
    assert.equal(await fail('alice'), 0)
    await protection.succeeded('alice', HERE)
    for (let i = 0; i < 40; i++) await fail(`user${i}`)
    assert.equal((await fail('user99')) > 0, true)
    // An office in the morning: all of it is one network.
    for (let i = 0; i < 100; i++) {
      assert.equal(await fail('alice'), 0)
      await protection.succeeded('alice', HERE)
    }
    clock.advance(29 * 86_400_000)
    for (let i = 0; i < 40; i++) await fail(`user${i}`)
    assert.equal(await fail('alice'), 0)
    clock.advance(2 * 86_400_000)
    for (let i = 0; i < 40; i++) await fail(`user${i}`)
    assert.equal((await fail('alice')) > 0, true)
  })

  test('nobody fills the store with the networks of one account', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    let written = 0
    const counting = changedStore(store, {
      write: (...given) => {
        written++
        return store.write(...given)
      },
    })
    const { protection } = setUp({ store: counting }, clock)
    for (let i = 0; i < 200; i++) {
      const client = `2001:db8:0:${i.toString(16)}::1`
      await protection.attempt('alice', client)
      await protection.succeeded('alice', client)
    }
    assert.equal(written, 20)
  })

  const spellings: readonly [name: string, other: string][] = [
    ['case', 'ALICE'],
    ['white space', ' alice\t'],
    ['full width', 'ａｌｉｃｅ'],
    ['a ligature and a case at once', 'ＡLiCE'],
  ]
  for (const [name, other] of spellings) {
    test(`AUT-16: another spelling is no other account: ${name}`, async () => {
      const { fail } = setUp()
      for (let i = 0; i < 5; i++) await fail('alice')
      assert.equal(await fail(other), 12_000)
    })
  }

  test('AUT-16: composed and decomposed letters are one account', async () => {
    const { fail } = setUp()
    for (let i = 0; i < 5; i++) await fail('jos\u00e9')
    assert.equal(await fail('jose\u0301'), 12_000)
    assert.equal(await fail('jose'), 0)
  })

  const networks: readonly [
    name: string,
    one: string | undefined,
    other: string | undefined,
    same: boolean,
  ][] = [
    ['an IPv4 address', '203.0.113.7', '203.0.113.8', false],
    ['the same, mapped', '203.0.113.7', '::ffff:203.0.113.7', true],
    ['a /64', '2001:db8::1', '2001:db8::ffff:1', true],
    ['another /64', '2001:db8::1', '2001:db8:0:1::1', false],
    ['an address and the key of facts', '2001:db8::1', '2001:db8::/64', true],
    ['nobody knows', undefined, undefined, true],
    ['nobody knows, and one that is known', undefined, '203.0.113.7', false],
  ]
  for (const [name, one, other, same] of networks) {
    test(`AUT-16: networks: ${name}`, async () => {
      const { protection } = setUp()
      for (let i = 0; i < 5; i++) await protection.attempt('alice', one)
      assert.equal((await protection.attempt('alice', other)).allowed, !same)
    })
  }

  test('RL-27: no account and network together are those of another pair', async () => {
    const keys = new Set<string>()
    const store = memoryStore()
    const watching = changedStore(store, {
      take: (charges) => {
        for (const { key } of charges) keys.add(key)
        return store.take(charges)
      },
    })
    const { fail } = setUp({ store: watching })
    for (const account of ['a', 'a203.0.113.7', '1:a', 'network:', '\ud800', '\ud801']) await fail(account)
    // Three rungs each, and one network.
    assert.equal(keys.size, 6 * 3 + 1)
  })

  test('AUT-10: a store that fails, or decides too little, is no permission', async () => {
    await assert.rejects(setUp({ store: brokenStore() }).fail())
    const little = changedStore(memoryStore(), { take: () => [] })
    await assert.rejects(setUp({ store: little }).fail())
  })

  const GOOD = { store: memoryStore() }
  const rows: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    ['nothing', {}, ['missing_option loginProtection.store']],
    ['a store without records', { store: { take: () => [] } }, ['wrong_type loginProtection.store']],
    ['an unknown option', { ...GOOD, perIp: 1 }, ['unknown_option loginProtection.perIp']],
    ['no rung', { ...GOOD, perAccount: [] }, ['out_of_range loginProtection.perAccount']],
    [
      'a rung without a window',
      { ...GOOD, perAccount: [{ failures: 0 }] },
      [
        'out_of_range loginProtection.perAccount[0].failures',
        'missing_option loginProtection.perAccount[0].window',
      ],
    ],
    [
      'a rung that is faster',
      {
        ...GOOD,
        perAccount: [
          { failures: 5, window: '1m' },
          { failures: 10, window: '1m' },
        ],
      },
      ['contradiction loginProtection.perAccount[1]'],
    ],
    [
      'a rung with fewer failures',
      {
        ...GOOD,
        perAccount: [
          { failures: 5, window: '1m' },
          { failures: 5, window: '1h' },
        ],
      },
      ['contradiction loginProtection.perAccount[1]'],
    ],
    [
      'its own',
      { ...GOOD, perAccount: [{ failures: 3, window: '1m' }], perNetwork: { failures: 9, window: '1h' } },
      [],
    ],
  ]
  for (const [name, options, mistakes] of rows) {
    test(`ERR-03: options: ${name}`, () => {
      let found: readonly string[] = []
      try {
        loginProtection(options as LoginProtectionOptions)
      } catch (error) {
        assert.ok(error instanceof ConfigError)
        found = error.mistakes.map(({ code, path }) => `${code} ${path}`)
      }
      assert.deepEqual(found, mistakes)
    })
  }
})
