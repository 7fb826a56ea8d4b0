import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import type { CompiledScheme } from '../../src/contract/scheme.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { basic, type BasicPrincipal, type VerifyUser } from '../../src/identity/basic.ts'
import { type LoginProtection, loginProtection } from '../../src/identity/login-protection.ts'
import { parseIp } from '../../src/lib/ip.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, outcomeOf, refusal } from '../support/schemes.ts'

const HOME = '203.0.113.7'
const AWAY = '198.51.100.9'

function login(name: string, password: string, from: string = HOME): RequestFacts {
  return facts({ fields: [['Authorization', `Basic ${btoa(`${name}:${password}`)}`]], client: parseIp(from) })
}

function guarded(
  clock: MovableClock = movableClock(),
  verify: VerifyUser = (name, password) => (password === 'right' ? { subject: name } : undefined),
): CompiledScheme<BasicPrincipal> {
  const protection = loginProtection({ store: memoryStore({ clock }) })
  return compiled(basic({ verify, protection }), clock)
}

async function outcome(
  scheme: CompiledScheme<BasicPrincipal>,
  ...args: Parameters<typeof login>
): Promise<string> {
  return outcomeOf(await scheme.identify(login(...args)))
}

/** Fails until the account is limited; gives how often it could. */
async function failures(
  scheme: CompiledScheme<BasicPrincipal>,
  name: string,
  from?: string,
): Promise<number> {
  for (let n = 0; ; n++) {
    const result = await outcome(scheme, name, `wrong-${n}`, from)
    if (result !== 'credentials.wrong') {
      assert.equal(result, 'login.limited')
      return n
    }
  }
}

describe('a login protection', () => {
  test('AUT-16: limits the failures of one account from one network, and tells when to come back', async () => {
    const clock = movableClock()
    const scheme = guarded(clock)
    assert.equal(await failures(scheme, 'alice'), 5)
    assert.equal(await outcome(scheme, 'alice', 'right'), 'login.limited', 'the right password, too')
    const found = await scheme.identify(login('alice', 'x'))
    assert.ok(found.type === 'bad')
    assert.deepEqual(found.fields, ['Retry-After', '12'])
    clock.advance(12_000)
    assert.equal(await outcome(scheme, 'alice', 'right'), 'alice')
  })

  test('AUT-16: one network does not lock the account out of another', async () => {
    const scheme = guarded()
    await failures(scheme, 'alice', AWAY)
    assert.equal(await outcome(scheme, 'alice', 'right', HOME), 'alice')
    assert.equal(await outcome(scheme, 'alice', 'right', AWAY), 'login.limited')
  })

  test('AUT-16: a success forgets the failures', async () => {
    const scheme = guarded()
    for (let n = 0; n < 12; n++) {
      for (const password of ['a', 'b', 'c', 'd']) {
        assert.equal(await outcome(scheme, 'alice', password), 'credentials.wrong')
      }
      assert.equal(await outcome(scheme, 'alice', 'right'), 'alice')
    }
  })

  test('AUT-16: a password that is tried on many accounts from one network is caught', async () => {
    const scheme = guarded()
    let tried = 0
    while ((await outcome(scheme, `user-${tried}`, 'Summer2026')) === 'credentials.wrong') tried++
    assert.equal(tried, 30)
    assert.equal(await outcome(scheme, 'another', 'Summer2026', AWAY), 'credentials.wrong')
  })

  test('AUT-16, AUT-08: unknown names are counted like known ones, and refused in the same bytes', async () => {
    const scheme = guarded()
    assert.equal(await failures(scheme, 'alice'), await failures(scheme, 'nobody'))
    const guard = compileAuthenticate(scheme)
    const known = refusal(await decide(guard, login('alice', 'x')))
    const unknown = refusal(await decide(guard, login('nobody', 'x')))
    // For the events alone, which have a keyed hash of it.
    assert.deepEqual({ ...known, account: 'nobody' }, unknown)
  })

  test('AUT-16: a refusal is a 429 with Retry-After and no challenge, and the password is not looked at', async () => {
    let asked = 0
    const scheme = guarded(movableClock(), () => {
      asked++
      return undefined
    })
    await failures(scheme, 'alice')
    assert.equal(asked, 5)
    const other = compiled(anyOf({ name: 'basic', compile: () => scheme }, apiKey({ keys: () => undefined })))
    for (const one of [scheme, other]) {
      const { kind, fields } = refusal(await decide(compileAuthenticate(one), login('alice', 'x')))
      assert.equal(kind, 'login.limited')
      assert.equal(CODES[KINDS[kind].code ?? 'bad_request'].status, 429)
      assert.deepEqual(fields, ['Retry-After', '12'])
    }
    assert.equal(asked, 5)
  })

  test('AUT-16: what is no name and password is no attempt', async () => {
    const scheme = guarded()
    for (let n = 0; n < 50; n++) {
      const fields = [['Authorization', 'Basic ???']] as const
      assert.equal(outcomeOf(await scheme.identify(facts({ fields }))), 'credentials.malformed')
      assert.equal(outcomeOf(await scheme.identify(facts())), 'none')
    }
    assert.equal(await outcome(scheme, 'alice', 'right'), 'alice')
  })
})

describe('many requests at once', () => {
  const slow: VerifyUser = (name, password) =>
    new Promise((resolve) => {
      setImmediate(() => resolve(password === 'right' ? { subject: name } : undefined))
    })

  test('AUT-16: of one right password are one attempt, so that a page of many parts does not lock its user out', async () => {
    const scheme = guarded(movableClock(), slow)
    for (let n = 0; n < 3; n++) {
      const all = await Promise.all(Array.from({ length: 50 }, () => outcome(scheme, 'alice', 'right')))
      assert.deepEqual(new Set(all), new Set(['alice']))
    }
  })

  test('AUT-16: of different passwords are as many attempts as one after the other', async () => {
    const scheme = guarded(movableClock(), slow)
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, n) => outcome(scheme, 'alice', `guess-${n}`)),
    )
    assert.equal(all.filter((one) => one === 'credentials.wrong').length, 5)
    assert.equal(all.filter((one) => one === 'login.limited').length, 45)
  })

  test('AUT-16: of one wrong password count once while they are under way, and anew after that', async () => {
    const scheme = guarded(movableClock(), slow)
    const round = (): Promise<readonly string[]> =>
      Promise.all(Array.from({ length: 10 }, () => outcome(scheme, 'alice', 'guess')))
    for (let n = 0; n < 5; n++) assert.deepEqual(new Set(await round()), new Set(['credentials.wrong']))
    assert.deepEqual(new Set(await round()), new Set(['login.limited']))
  })

  test('AUT-16: the same password of two names, or from two networks, is two attempts', async () => {
    const asked: unknown[] = []
    const protection: LoginProtection = {
      attempt(...args) {
        asked.push(args)
        return Promise.resolve({ allowed: true })
      },
      succeeded: () => Promise.resolve(),
    }
    const scheme = compiled(basic({ verify: slow, protection }))
    await Promise.all([
      outcome(scheme, 'alice', 'x'),
      outcome(scheme, 'bob', 'x'),
      outcome(scheme, 'alice', 'x', AWAY),
      outcome(scheme, 'alice', 'x'),
    ])
    assert.deepEqual(asked, [
      ['alice', HOME],
      ['bob', HOME],
      ['alice', AWAY],
    ])
  })
})

describe('a login protection that fails', () => {
  const yes: LoginProtection = {
    attempt: () => Promise.resolve({ allowed: true }),
    succeeded: () => Promise.resolve(),
  }
  const rows: readonly (readonly [name: string, protection: Partial<LoginProtection>])[] = [
    ['rejects an attempt', { attempt: () => Promise.reject(new Error('s3cret')) }],
    [
      'throws for an attempt',
      {
        attempt() {
          throw new Error('s3cret')
        },
      },
    ],
    ['answers nothing', { attempt: () => Promise.resolve(undefined as never) }],
    ['rejects a success', { succeeded: () => Promise.reject(new Error('s3cret')) }],
  ]
  for (const [name, protection] of rows) {
    test(`AUT-10: and ${name} lets nobody pass, without its words`, async () => {
      const scheme = compiled(
        basic({ verify: () => ({ subject: 'alice' }), protection: { ...yes, ...protection } }),
      )
      const found = await scheme.identify(login('alice', 'right'))
      assert.equal(outcomeOf(found), 'dependency.failed')
      assert.doesNotMatch(JSON.stringify(found), /s3cret|alice/)
    })
  }

  test('AUT-15: a callback that throws is a failure with a protection, too', async () => {
    const failing: VerifyUser = () => {
      throw new Error('s3cret')
    }
    assert.equal(await outcome(guarded(movableClock(), failing), 'alice', 'x'), 'dependency.failed')
    assert.equal(
      await outcome(
        guarded(movableClock(), () => false as never),
        'alice',
        'x',
      ),
      'credentials.wrong',
    )
  })
})
