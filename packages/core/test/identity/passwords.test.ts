import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { hashPassword, isPasswordHash, verifyPassword } from '../../src/identity/passwords.ts'

/** A hash that costs little, so that the tests do too. */
function cheap(password: string, { ln = 4, r = 8, p = 1, salt = 'salt-salt', bytes = 32 } = {}): string {
  const hash = scryptSync(password, salt, bytes, { N: 2 ** ln, r, p })
  const text = (value: Buffer): string => value.toString('base64').replaceAll('=', '')
  return `$scrypt$ln=${ln},r=${r},p=${p}$${text(Buffer.from(salt))}$${text(hash)}`
}

describe('hashPassword', () => {
  test('gives a text with the cost that OWASP names, another at each call, which verifies', async () => {
    const [one, two] = await Promise.all([hashPassword('open sesame'), hashPassword('open sesame')])
    assert.match(one, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.notEqual(one, two)
    assert.equal(isPasswordHash(one), true)
    assert.equal(await verifyPassword('open sesame', one), true)
    assert.equal(await verifyPassword('open sesamE', one), false)
  })

  for (const [name, password] of [
    ['an empty one', ''],
    ['one of 1025 bytes', 'x'.repeat(1025)],
    ['one of 1026 bytes in few characters', 'é'.repeat(513)],
    ['one that grows beyond in its normal form', '\ufdfa'.repeat(300)],
    ['one with half a character', 'abc\ud800'],
    ['one that is no text', 7 as unknown as string],
  ] as const) {
    test(`no password: ${name}`, async () => {
      await assert.rejects(hashPassword(password), RangeError)
      assert.equal(await verifyPassword(password, cheap('x')), false)
    })
  }
})

describe('verifyPassword', () => {
  test('a password is the same from every keyboard', async () => {
    const composed = 'pass\u00e9'
    const stored = cheap(composed.normalize('NFKC'))
    assert.equal(await verifyPassword('passe\u0301', stored), true)
    assert.equal(await verifyPassword(composed, stored), true)
    assert.equal(await verifyPassword('passe', stored), false)
  })

  test('a hash of another cost verifies by its own', async () => {
    for (const cost of [{ ln: 5 }, { r: 4 }, { p: 2 }, { bytes: 64 }, { bytes: 16 }]) {
      assert.equal(await verifyPassword('x', cheap('x', cost)), true)
      assert.equal(await verifyPassword('y', cheap('x', cost)), false)
    }
  })

  test('AUT-08: nobody has a password', async () => {
    assert.equal(await verifyPassword('x', undefined), false)
    assert.equal(await verifyPassword('', undefined), false)
  })

  test('AUT-08: an unknown user costs what a known one does', async () => {
    const stored = await hashPassword('x')
    const cost = async (hash: string | undefined): Promise<number> => {
      const start = performance.now()
      await verifyPassword('y', hash)
      return performance.now() - start
    }
    const [known, unknown, broken] = [await cost(stored), await cost(undefined), await cost('broken')]
    // A loaded machine is no stop-watch; leaving early would be a thousand times faster.
    for (const other of [unknown, broken]) assert.ok(other > known / 8 && other < known * 8)
  })

  const good = cheap('x')
  const [, , , salt = '', hash = ''] = good.split('$')
  const rows: readonly [name: string, stored: string][] = [
    ['nothing', ''],
    ['the password itself', 'x'],
    ['a bcrypt hash', '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW'],
    ['a hash with a space behind', `${good} `],
    ['a hash with a line break behind', `${good}\n`],
    ['a hash with padding', `${good}=`],
    ['bits behind the last byte', `${good.slice(0, -1)}${good.endsWith('B') ? 'C' : 'B'}`],
    ['no salt', `$scrypt$ln=4,r=8,p=1$$${hash}`],
    ['a short salt', `$scrypt$ln=4,r=8,p=1$AAAA$${hash}`],
    ['a short hash', `$scrypt$ln=4,r=8,p=1$${salt}$AAAA`],
    ['no hash', `$scrypt$ln=4,r=8,p=1$${salt}$`],
    ['a cost of zero', `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`],
    ['more memory than a login may take', `$scrypt$ln=19,r=8,p=1$${salt}$${hash}`],
    ['more work than a login may take', `$scrypt$ln=17,r=8,p=99$${salt}$${hash}`],
    ['a cost that scrypt does not know', `$scrypt$ln=16,r=1,p=1$${salt}$${hash}`],
    ['the parameters in another order', `$scrypt$r=8,ln=4,p=1$${salt}$${hash}`],
    ['a very long text', good.repeat(9)],
  ]
  for (const [name, stored] of rows)
    test(`no hash: ${name}`, () => assert.equal(isPasswordHash(stored), false))

  test('what is no hash fits no password', async () => {
    assert.equal(await verifyPassword('x', 'x'), false)
    assert.equal(await verifyPassword('x', null as unknown as undefined), false)
  })
})
