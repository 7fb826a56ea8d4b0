import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { basic, type BasicOptions, parseBasic, type VerifyUser } from '../../src/identity/basic.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, outcome, outcomeOf, refusal, schemeMistakes } from '../support/schemes.ts'

function encoded(text: string | Uint8Array): string {
  return Buffer.from(text as string).toString('base64')
}

function sending(...values: readonly string[]): RequestFacts {
  return facts({
    fields: [['Host', 'api.example.com'], ...values.map((value) => ['Authorization', value] as const)],
  })
}

function credentials(username: string, password: string): RequestFacts {
  return sending(`Basic ${encoded(`${username}:${password}`)}`)
}

const ALICE: VerifyUser = (username, password) =>
  username === 'alice' && password === 'wonderland'
    ? { subject: 'u-1', scopes: ['a'], roles: ['r'] }
    : undefined

describe('reading an Authorization field', () => {
  // RFC 7617 §2 and §2.1, whose passwords are the words of Aladdin, and 123 with a pound sign.
  const good: readonly (readonly [name: string, value: string, username: string, password: string])[] = [
    ['the example of the RFC', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Aladdin', 'open sesame'],
    ['the UTF-8 example of the RFC', 'Basic dGVzdDoxMjPCow==', 'test', '123£'],
    ['another case of the scheme', 'bASIC QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Aladdin', 'open sesame'],
    ['a password with colons', `Basic ${encoded('a:b:c:')}`, 'a', 'b:c:'],
    ['an empty password', `Basic ${encoded('a:')}`, 'a', ''],
    ['an empty name', `Basic ${encoded(':a')}`, '', 'a'],
    ['nothing but the colon', `Basic ${encoded(':')}`, '', ''],
    ['a byte-order mark, which is part of the name', `Basic ${encoded('\ufeffa:b')}`, '\ufeffa', 'b'],
    ['an emoji', `Basic ${encoded('😀:🔑')}`, '😀', '🔑'],
    ['as much as is read', `Basic ${encoded(`a:${'b'.repeat(1528)}`)}`, 'a', 'b'.repeat(1528)],
  ]
  for (const [name, value, username, password] of good) {
    test(`BSC-01: ${name} is read`, () => {
      assert.deepEqual(parseBasic(value), { type: 'credentials', username, password })
    })
  }

  const malformed: readonly (readonly [name: string, value: string])[] = [
    ['nothing behind the scheme', 'Basic'],
    ['a space and nothing', 'Basic '],
    ['two spaces', `Basic  ${encoded('a:b')}`],
    ['a tab for the space', `Basic\t${encoded('a:b')}`],
    ['a comma for the space', `Basic,${encoded('a:b')}`],
    ['white space at the end', `Basic ${encoded('a:b')} `],
    ['parameters', 'Basic realm="a"'],
    ['padding left out', 'Basic YWE6Yg'],
    ['too much padding', 'Basic YWE6Yg==='],
    ['bits set after the last octet', 'Basic YWE6Yh=='],
    ['the alphabet of base64url', `Basic ${Buffer.from('a:??>').toString('base64url')}`],
    ['a line break in the base64', 'Basic YWE6\nYg=='],
    ['no colon', `Basic ${encoded('alice')}`],
    ['a null', `Basic ${encoded('a\u0000:b')}`],
    ['a line break in the name', `Basic ${encoded('a\nadmin:b')}`],
    ['a carriage return in the password', `Basic ${encoded('a:b\r')}`],
    ['a DEL', `Basic ${encoded('a:b\u007f')}`],
    ['a C1 control', `Basic ${encoded('a:b\u0085')}`],
    ['latin1', `Basic ${encoded(Uint8Array.of(0x61, 0x3a, 0xa3))}`],
    ['an overlong slash', `Basic ${encoded(Uint8Array.of(0x61, 0x3a, 0xc0, 0xaf))}`],
    ['a surrogate', `Basic ${encoded(Uint8Array.of(0x61, 0x3a, 0xed, 0xa0, 0x80))}`],
    ['a character cut in two', `Basic ${encoded(Uint8Array.of(0x61, 0x3a, 0xc2))}`],
    ['too much', `Basic ${encoded(`a:${'b'.repeat(1600)}`)}`],
  ]
  for (const [name, value] of malformed) {
    test(`BSC-01, AUT-06: ${name} is malformed`, () => {
      assert.deepEqual(parseBasic(value), { type: 'malformed' })
    })
  }

  for (const value of [
    '',
    'Bearer abc',
    'Basi QTpC',
    'Basics QTpC',
    'BasicX',
    'Basic-2 x',
    ' Basic QTpC',
    '"Basic" x',
    'Başic x',
  ]) {
    test(`AUT-13: ${JSON.stringify(value)} is of another scheme`, () => {
      assert.deepEqual(parseBasic(value), { type: 'other' })
    })
  }
})

describe('what a request is', () => {
  const rows: readonly (readonly [name: string, request: RequestFacts, expected: string])[] = [
    ['the right password', credentials('alice', 'wonderland'), 'u-1'],
    ['a wrong password', credentials('alice', 'Wonderland'), 'credentials.wrong'],
    ['an unknown user', credentials('mallory', 'wonderland'), 'credentials.wrong'],
    ['an empty name and password', credentials('', ''), 'credentials.wrong'],
    ['no Authorization', sending(), 'none'],
    ['another scheme', sending('Bearer abc'), 'none'],
    ['malformed credentials', sending('Basic ???'), 'credentials.malformed'],
    ['the field twice', sending('Basic YTpi', 'Basic YTpi'), 'credentials.repeated'],
    ['the field with two schemes', sending('Bearer abc', 'Basic YTpi'), 'credentials.repeated'],
  ]
  for (const [name, request, expected] of rows) {
    test(`AUT-03: ${name} is ${expected}`, () => {
      assert.equal(outcome(compiled(basic({ verify: ALICE })).identify(request)), expected)
    })
  }

  test('BSC-01: the principal has the account, and the name as it was sent', () => {
    assert.deepEqual(compiled(basic({ verify: ALICE })).identify(credentials('alice', 'wonderland')), {
      type: 'authenticated',
      principal: {
        scheme: 'basic',
        subject: 'u-1',
        issuer: undefined,
        scopes: ['a'],
        roles: ['r'],
        username: 'alice',
      },
    })
  })

  test('AUT-08: an unknown user and a wrong password get the same answer, byte for byte', () => {
    const guard = compileAuthenticate(compiled(basic({ verify: ALICE })))
    const unknown = refusal(decide(guard, credentials('mallory', 'x')))
    const wrong = refusal(decide(guard, credentials('alice', 'x')))
    // For the events alone, which have a keyed hash of it.
    assert.deepEqual(unknown, { ...wrong, account: 'mallory' })
    assert.deepEqual(unknown.fields, ['WWW-Authenticate', 'Basic realm="api", charset="UTF-8"'])
  })

  test('AUT-07: no reason shows the name or the password', async () => {
    for (const request of [credentials('mallory', 's3cret'), sending(`Basic s3cret mallory`)]) {
      // oxlint-disable-next-line no-await-in-loop -- two of them
      const found = await compiled(basic({ verify: ALICE })).identify(request)
      assert.doesNotMatch(JSON.stringify({ ...found, account: undefined }), /s3cret|mallory/)
    }
  })
})

describe('a verify callback', () => {
  const ACCOUNT = { subject: 'u-1' }
  const rows: readonly (readonly [name: string, account: unknown, expected: string])[] = [
    ['an account', ACCOUNT, 'u-1'],
    ['nothing', undefined, 'credentials.wrong'],
    ['null', null, 'credentials.wrong'],
    ['false', false, 'credentials.wrong'],
    ['true', true, 'dependency.failed'],
    ['the name', 'alice', 'dependency.failed'],
    ['an empty list of a database', [], 'dependency.failed'],
    ['an empty result of a database', { rows: [] }, 'dependency.failed'],
    ['an empty account', {}, 'dependency.failed'],
    ['an empty subject', { subject: '' }, 'dependency.failed'],
    ['a subject that is a number', { subject: 7 }, 'dependency.failed'],
    ['permissions as a text', { subject: 'u', permissions: 'all' }, 'dependency.failed'],
  ]
  for (const [name, account, expected] of rows) {
    test(`AUT-15: one that gives ${name} gives ${expected}, at once or later`, async () => {
      const identify = (verify: unknown): ReturnType<ReturnType<typeof compiled>['identify']> =>
        compiled(basic({ verify: verify as VerifyUser })).identify(credentials('alice', 'x'))
      assert.equal(outcome(identify(() => account)), expected)
      const later = identify(() => Promise.resolve(account))
      assert.ok(later instanceof Promise)
      assert.equal(outcomeOf(await later), expected)
    })
  }

  test('AUT-15: an account with scopes as one text lets nobody pass', () => {
    const verify = (): never => ({ ...ACCOUNT, scopes: 'admin:read' }) as never
    const guard = compileAuthenticate(compiled(basic({ verify })))
    assert.equal(refusal(decide(guard, credentials('a', 'b'))).kind, 'dependency.failed')
  })

  test('AUT-10, AUT-15: one that throws or rejects is a failure of what the gate depends on, without its words', async () => {
    const failing: readonly VerifyUser[] = [
      () => {
        throw new Error('s3cret')
      },
      () => Promise.reject(new Error('s3cret')),
    ]
    for (const verify of failing) {
      const found = await compiled(basic({ verify })).identify(credentials('alice', 's3cret'))
      assert.equal(outcomeOf(found), 'dependency.failed')
      assert.doesNotMatch(JSON.stringify(found), /s3cret/)
    }
  })

  test('BSC-01: one is asked with name, password and request, and never about malformed credentials', () => {
    const asked: unknown[] = []
    const scheme = compiled(basic({ verify: (...args) => void asked.push(args) }))
    void scheme.identify(sending('Basic ???'))
    void scheme.identify(sending('Basic YTpi', 'Basic YTpi'))
    assert.deepEqual(asked, [])
    const request = credentials('a', 'b:c')
    void scheme.identify(request)
    assert.deepEqual(asked, [['a', 'b:c', request]])
  })
})

/** A hash in the form of `hashPassword` that costs a test nothing. */
function cheapHash(password: string): string {
  const salt = Buffer.from('0123456789abcdef')
  const hash = scryptSync(password, salt, 32, { N: 2, r: 1, p: 1 })
  const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
  return `$scrypt$ln=1,r=1,p=1$${unpadded(salt)}$${unpadded(hash)}`
}

describe('users of the policy', () => {
  test('BSC-01, AUT-11: what a handler does to the lists of a principal reaches no other request', async () => {
    const alice = { password: cheapHash('x'), scopes: ['a'], roles: ['r'] }
    for (const user of [alice, { password: alice.password }]) {
      const found = await compiled(basic({ users: { alice: user } })).identify(credentials('alice', 'x'))
      assert.ok(found.type === 'authenticated')
      assert.throws(() => (found.principal.roles as string[]).push('admin'), TypeError)
      assert.throws(() => (found.principal.scopes as string[]).push('admin'), TypeError)
    }
  })

  const users = {
    alice: { password: cheapHash('wonderland'), scopes: ['data:read'], roles: ['admin'] },
    bob: { password: cheapHash('builder'), subject: 'u-2' },
  }
  const rows: readonly (readonly [name: string, username: string, password: string, expected: string])[] = [
    ['the right password', 'alice', 'wonderland', 'alice'],
    ['a subject of its own', 'bob', 'builder', 'u-2'],
    ['the password of another user', 'alice', 'builder', 'credentials.wrong'],
    ['the hash for a password', 'alice', users.alice.password, 'credentials.wrong'],
    ['an empty password', 'alice', '', 'credentials.wrong'],
    ['another case of the name', 'Alice', 'wonderland', 'credentials.wrong'],
    ['an unknown user', 'mallory', 'wonderland', 'credentials.wrong'],
    ['a name of Object', 'constructor', 'wonderland', 'credentials.wrong'],
  ]
  for (const [name, username, password, expected] of rows) {
    test(`BSC-01: ${name} is ${expected}`, async () => {
      const found = await compiled(basic({ users })).identify(credentials(username, password))
      assert.equal(outcomeOf(found), expected)
    })
  }

  test('AUT-08: an unknown user gets the answer to a wrong password', async () => {
    const scheme = compiled(basic({ users }))
    const unknown = await scheme.identify(credentials('mallory', 'x'))
    const wrong = await scheme.identify(credentials('alice', 'x'))
    assert.deepEqual(unknown, { ...wrong, account: 'mallory' })
  })

  test('AUT-08: the right password of another user opens nothing to a name that nobody has', async () => {
    const scheme = compiled(basic({ users: { alice: users.alice } }))
    for (const name of ['mallory', 'trudy', ''])
      assert.equal(
        outcomeOf(await scheme.identify(credentials(name, 'wonderland'))),
        'credentials.wrong',
        name,
      )
  })

  test('BSC-01: permissions of a user are those of the principal', async () => {
    const ops = { password: cheapHash('x'), permissions: ['deploy'] }
    for (const options of [
      { users: { ops } },
      { verify: () => ({ subject: 'ops', permissions: ops.permissions }) },
    ]) {
      const found = await compiled(basic(options)).identify(credentials('ops', 'x'))
      assert.ok(found.type === 'authenticated')
      assert.deepEqual(found.principal.permissions, ['deploy'])
    }
  })
})

describe('a challenge', () => {
  test('BSC-01: has the realm and the charset, and no further parameter', () => {
    const { challenges, fields } = compiled(basic({ verify: ALICE, realm: 'the "inner" one' }))
    const challenge = 'Basic realm="the \\"inner\\" one", charset="UTF-8"'
    assert.deepEqual(challenges([]), [challenge])
    assert.deepEqual(challenges([['error', 'invalid_request']]), [challenge])
    assert.deepEqual(fields, ['authorization'])
  })
})

test('BSC-01: the scheme is described as http basic, and takes Authorization: Basic', () => {
  const { describe: said, authSchemes } = compiled(basic({ verify: ALICE }))
  assert.deepEqual(said?.(), {
    securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
    alternatives: [['basic']],
  })
  assert.deepEqual(authSchemes, ['basic'])
})

describe('options with mistakes', () => {
  const A = 'authenticate'
  const password = cheapHash('x')
  const rows: readonly (readonly [name: string, options: unknown, expected: readonly string[]])[] = [
    ['nothing', undefined, [`wrong_type ${A}`]],
    ['neither users nor verify', {}, [`missing_option ${A}`]],
    ['both users and verify', { users: { a: { password } }, verify: ALICE }, [`contradiction ${A}.verify`]],
    ['verify that is no function', { verify: 'x' }, [`wrong_type ${A}.verify`]],
    ['users as a list', { users: [] }, [`wrong_type ${A}.users`]],
    ['users as a Map', { users: new Map([['a', { password }]]) }, [`wrong_type ${A}.users`]],
    [
      'a user that is a promise',
      { users: { a: Promise.resolve({ password }) } },
      [`wrong_type ${A}.users.a`],
    ],
    ['no users', { users: {} }, [`out_of_range ${A}.users`]],
    ['a user without a password', { users: { a: {} } }, [`missing_option ${A}.users.a.password`]],
    [
      'a plain password',
      { users: { a: { password: 'hunter2' } } },
      [`malformed_value ${A}.users.a.password`],
    ],
    ['a name with a colon', { users: { 'a:b': { password } } }, [`malformed_value ${A}.users["a:b"]`]],
    ['an empty name', { users: { '': { password } } }, [`malformed_value ${A}.users[""]`]],
    [
      'a name with a line break',
      { users: { 'a\nb': { password } } },
      [`malformed_value ${A}.users["a\\nb"]`],
    ],
    [
      'a scope with a space',
      { users: { a: { password, scopes: ['a b'] } } },
      [`malformed_value ${A}.users.a.scopes[0]`],
    ],
    [
      'a wildcard for a role',
      { users: { a: { password, roles: ['*'] } } },
      [`malformed_value ${A}.users.a.roles[0]`],
    ],
    ['a misspelled part', { users: { a: { password, role: ['r'] } } }, [`unknown_option ${A}.users.a.role`]],
    ['a realm with a line break', { verify: ALICE, realm: 'a\nb' }, [`malformed_value ${A}.realm`]],
    [
      'a store for a protection',
      { verify: ALICE, protection: memoryStore() },
      [`wrong_type ${A}.protection`],
    ],
    [
      'a wildcard for a permission',
      { users: { a: { password, permissions: ['*'] } } },
      [`malformed_value ${A}.users.a.permissions[0]`],
    ],
    ['a name of its own', { verify: ALICE, name: 'b' }, [`unknown_option ${A}.name`]],
  ]
  for (const [name, options, expected] of rows) {
    test(`BSC-01: ${name} does not build`, () => {
      assert.deepEqual(schemeMistakes(basic(options as BasicOptions)), expected)
    })
  }
})
