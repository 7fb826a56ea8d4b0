import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { basic } from '../../src/identity/basic.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, refusal } from '../support/schemes.ts'

/*
 * An attacker with one good credential of little worth sends a forged one of great worth beside it, or the other way
 * round, and hopes that one part of the house believes the first and another the second; or sends a broken one and
 * hopes to be let in as nobody.
 */

const guard = compileAuthenticate(
  compiled(
    anyOf(
      basic({ verify: (name, password) => (password === 'right' ? { subject: name } : undefined) }),
      apiKey({ keys: [{ id: 'k', hash: hashApiKey('right'), subject: 'machine' }] }),
    ),
  ),
)

const encode = (text: string): string => Buffer.from(text).toString('base64')
const KEY = ['X-API-Key', 'right'] as const
const WRONG_KEY = ['X-API-Key', 'wrong'] as const
const EMPTY_KEY = ['X-API-Key', ''] as const
const PASSWORD = ['Authorization', `Basic ${encode('alice:right')}`] as const
const WRONG_PASSWORD = ['Authorization', `Basic ${encode('alice:wrong')}`] as const
const BROKEN = ['Authorization', 'Basic !'] as const
const BARE = ['Authorization', 'Basic'] as const
const EMPTY = ['Authorization', ''] as const
const OTHER = ['Authorization', 'Bearer abc'] as const
const LONGER = ['Authorization', `BasicX ${encode('alice:right')}`] as const

const ROWS: readonly (readonly [
  name: string,
  fields: readonly (readonly [string, string])[],
  status: number,
])[] = [
  ['nothing', [], 401],
  ['a wrong key', [WRONG_KEY], 401],
  ['an empty key', [EMPTY_KEY], 400],
  ['a wrong password', [WRONG_PASSWORD], 401],
  ['a broken password', [BROKEN], 400],
  ['a scheme without credentials', [BARE], 400],
  ['an empty Authorization', [EMPTY], 401],
  ['an unknown scheme', [OTHER], 401],
  ['a longer scheme', [LONGER], 401],
  ['two good credentials', [PASSWORD, KEY], 400],
  ['two good credentials, the other way round', [KEY, PASSWORD], 400],
  ['a wrong password and a good key', [WRONG_PASSWORD, KEY], 400],
  ['a broken password and a good key', [BROKEN, KEY], 400],
  ['a bare scheme and a good key', [BARE, KEY], 400],
  ['an empty Authorization and a good key', [EMPTY, KEY], 400],
  ['an unknown scheme and a good key', [OTHER, KEY], 400],
  ['a longer scheme and a good key', [LONGER, KEY], 400],
  ['a good password and a wrong key', [PASSWORD, WRONG_KEY], 400],
  ['a good password and an empty key', [PASSWORD, EMPTY_KEY], 400],
  ['two passwords', [PASSWORD, PASSWORD], 400],
  ['a good password before a wrong one', [PASSWORD, WRONG_PASSWORD], 400],
  ['a wrong password before a good one', [WRONG_PASSWORD, PASSWORD], 400],
  ['an unknown scheme before a good password', [OTHER, PASSWORD], 400],
  ['a good password before an unknown scheme', [PASSWORD, OTHER], 400],
  ['two keys', [KEY, KEY], 400],
  ['a wrong key before a good one', [WRONG_KEY, KEY], 400],
  ['an empty key before a good one', [EMPTY_KEY, KEY], 400],
]

for (const [name, fields, status] of ROWS) {
  test(`AUT-13, AUT-14: ${name} is a ${status} with a challenge of each scheme`, () => {
    const { kind, fields: sent = [] } = refusal(decide(guard, facts({ fields })))
    assert.equal(CODES[KINDS[kind].code ?? 'internal_error'].status, status)
    assert.equal(sent.filter((text) => text === 'WWW-Authenticate').length, 2)
  })
}

test('AUT-14: one good credential passes', () => {
  for (const [field, subject] of [
    [KEY, 'machine'],
    [PASSWORD, 'alice'],
  ] as const) {
    const verdict = decide(guard, facts({ fields: [field] }))
    assert.ok(!(verdict instanceof Promise) && verdict.type === 'pass')
    assert.equal(verdict.principal?.subject, subject)
  }
})
