import assert from 'node:assert/strict'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { describe, test } from 'node:test'
import type * as Crypto from 'node:crypto'
import { scryptSync } from 'node:crypto'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { basic, type BasicOptions } from '../../src/identity/basic.ts'
import { hashPassword, verifyPassword } from '../../src/identity/passwords.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, refusal } from '../support/schemes.ts'
import { measured, spread } from '../support/timing.ts'

/*
 * Whoever tries names learns from the time of an answer whether there is such a user, when a name that nobody has is
 * answered before any password has been hashed: a thousand times sooner.
 */

/** Every hash that is computed, by what it costs. */
const costs: string[] = []
const crypto = createRequire(import.meta.url)('node:crypto') as typeof Crypto
const { scrypt } = crypto
crypto.scrypt = ((...args: Parameters<typeof scrypt>) => {
  const { N, r, p } = args[3]
  costs.push(`${N},${r},${p}`)
  scrypt(...args)
}) as typeof scrypt
syncBuiltinESMExports()

function login(name: string, password: string): RequestFacts {
  return facts({ fields: [['Authorization', `Basic ${btoa(`${name}:${password}`)}`]] })
}

/** A hash as of `hashPassword`, of another cost: some milliseconds, where that takes hundreds. */
function hashOf(password: string, ln: number): string {
  const salt = Buffer.from('0123456789abcdef')
  const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
  const hash = scryptSync(password, salt, 32, { N: 2 ** ln, r: 8, p: 1 })
  return `$scrypt$ln=${ln},r=8,p=1$${unpadded(salt)}$${unpadded(hash)}`
}

/** What logins of these names cost, and what they are answered. */
async function tried(
  options: BasicOptions,
  names: readonly string[],
): Promise<readonly { readonly costs: readonly string[]; readonly answer: unknown }[]> {
  const guard = compileAuthenticate(compiled(basic(options)))
  const all = []
  for (const name of names) {
    costs.length = 0
    // oxlint-disable-next-line no-await-in-loop -- the costs are of one at a time
    const { account, ...answer } = refusal(await decide(guard, login(name, 'wrong')))
    // The name that was tried is for the log.
    assert.equal(account, name)
    all.push({ costs: [...costs], answer })
  }
  return all
}

const users = { alice: { password: hashOf('right', 11) }, bob: { password: hashOf('other', 11) } }
const NAMES = ['alice', 'bob', 'mallory', 'Alice', '', 'constructor']

describe('users of the policy', () => {
  test('AUT-08: a name that nobody has costs the one hash that a wrong password costs, and gets the same bytes', async () => {
    for (const one of await tried({ users }, NAMES)) {
      assert.deepEqual(one.costs, ['2048,8,1'])
      assert.deepEqual(one.answer, (await tried({ users }, ['alice']))[0]?.answer)
    }
  })

  test('AUT-08: where hashes of different costs stand side by side, names that nobody has cost the one or the other', async () => {
    const mixed = { alice: users.alice, carol: { password: hashOf('right', 10) } }
    const names = Array.from({ length: 40 }, (_, n) => `nobody-${n}`)
    const once = await tried({ users: mixed }, names)
    const seen = new Set(once.flatMap((one) => one.costs))
    assert.deepEqual([...seen].toSorted(), ['1024,8,1', '2048,8,1'])
    assert.ok(once.every((one) => one.costs.length === 1))
  })

  test('AUT-08: a name costs the same each time, so that nobody tells it by asking twice', async () => {
    const mixed = { alice: users.alice, carol: { password: hashOf('right', 10) } }
    const again = await tried(
      { users: mixed },
      Array.from({ length: 10 }, () => 'mallory'),
    )
    assert.equal(new Set(again.flatMap((one) => one.costs)).size, 1)
  })

  test('AUT-08: the times of a wrong password and of names that nobody has differ by no more than noise', async () => {
    const guard = compileAuthenticate(compiled(basic({ users })))
    const trying = (name: string) => (): unknown => decide(guard, login(name, 'wrong'))
    const times = await measured(
      { known: trying('alice'), other: trying('bob'), unknown: trying('mallory'), nobody: trying('trudy') },
      21,
      1.5,
    )
    // An answer without a hash would be a hundred times quicker.
    assert.ok(spread(times) < 1.5, JSON.stringify(times))
  })
})

describe('a verify callback', () => {
  test('AUT-08: that calls verifyPassword for users it does not know computes the same hash for them', async () => {
    const stored = new Map([['alice', await hashPassword('right')]])
    const verify: BasicOptions['verify'] = async (name, password) =>
      (await verifyPassword(password, stored.get(name))) ? { subject: name } : undefined
    const [known, unknown] = await tried({ verify }, ['alice', 'mallory'])
    assert.deepEqual(known, unknown)
    assert.equal(known?.costs.length, 1)
  })
})
