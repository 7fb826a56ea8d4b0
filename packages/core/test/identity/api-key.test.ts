import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { generateApiKey, hashApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey, type ApiKeyOptions, type ApiKeyRecord } from '../../src/identity/api-key.ts'
import { movableClock } from '../support/clock.ts'
import { mistakesAt, place, schemeContext } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, outcome, outcomeOf, refusal, schemeMistakes } from '../support/schemes.ts'

const KEY = 'k-0123456789abcdef'
const HASH = hashApiKey(KEY)
const RECORD: ApiKeyRecord = { id: 'k1', hash: HASH, subject: 'billing' }

function presenting(...keys: readonly string[]): RequestFacts {
  return facts({ fields: [['Host', 'api.example.com'], ...keys.map((key) => ['X-API-Key', key] as const)] })
}

function found(options: ApiKeyOptions, ...keys: readonly string[]): string {
  return outcome(compiled(apiKey(options)).identify(presenting(...keys)))
}

describe('a key of the policy', () => {
  test('KEY-01: is found by its digest, and gives its owner, scopes and roles', () => {
    const scheme = apiKey({ keys: [{ ...RECORD, scopes: ['data:read'], roles: ['reader'] }] })
    assert.deepEqual(compiled(scheme).identify(presenting(KEY)), {
      type: 'authenticated',
      principal: {
        scheme: 'apiKey',
        subject: 'billing',
        issuer: undefined,
        scopes: ['data:read'],
        roles: ['reader'],
        keyId: 'k1',
      },
    })
  })

  test('KEY-01, AUT-11: what a handler does to a principal reaches no other request', () => {
    const scopes = ['data:read']
    const roles = ['reader']
    for (const keys of [[{ ...RECORD, scopes, roles }], () => ({ ...RECORD, scopes, roles })]) {
      const scheme = compiled(apiKey({ keys }))
      const identified = scheme.identify(presenting(KEY))
      assert.ok('type' in identified && identified.type === 'authenticated')
      const { principal } = identified
      assert.throws(() => (principal.roles as string[]).push('admin'), TypeError)
      assert.throws(() => (principal.scopes as string[]).push('admin'), TypeError)
      assert.throws(() => Object.assign(principal, { subject: 'admin' }), TypeError)
      // The lists of the policy stay its author's.
      assert.ok(!Object.isFrozen(scopes) && !Object.isFrozen(roles))
    }
  })

  const spellings: readonly (readonly [name: string, hash: string])[] = [
    ['lower-case hexadecimal', HASH],
    ['upper-case hexadecimal', HASH.toUpperCase()],
    ['base64url', Buffer.from(HASH, 'hex').toString('base64url')],
  ]
  for (const [name, hash] of spellings) {
    test(`KEY-01: its digest may be in ${name}`, () => {
      assert.equal(found({ keys: [{ ...RECORD, hash }] }, KEY), 'billing')
    })
  }

  const presented: readonly (readonly [name: string, keys: readonly string[], expected: string])[] = [
    ['no key', [], 'none'],
    ['another key', ['k-0123456789abcdeF'], 'credentials.wrong'],
    ['a longer key', [`${KEY}0`], 'credentials.wrong'],
    ['the digest of the key', [HASH], 'credentials.wrong'],
    ['an empty key', [''], 'credentials.malformed'],
    ['a key with a space', [`${KEY} x`], 'credentials.malformed'],
    ['a key with a control character', [`${KEY}\u0000`], 'credentials.malformed'],
    ['a key that is not ASCII', [`${KEY}é`], 'credentials.malformed'],
    ['the longest key', ['x'.repeat(512)], 'credentials.wrong'],
    ['a key that is too long', ['x'.repeat(513)], 'credentials.malformed'],
    ['the same key twice', [KEY, KEY], 'credentials.repeated'],
    ['two keys', [KEY, 'other'], 'credentials.repeated'],
    ['a wrong key before the right one', ['other', KEY], 'credentials.repeated'],
  ]
  for (const [name, keys, expected] of presented) {
    test(`AUT-13: ${name} is ${expected}`, () => {
      assert.equal(found({ keys: [RECORD] }, ...keys), expected)
    })
  }

  test('KEY-01: a key in the query is no key', () => {
    const request = facts({ query: `?X-API-Key=${KEY}&api_key=${KEY}`, target: `/?api_key=${KEY}` })
    assert.equal(outcome(compiled(apiKey({ keys: [RECORD] })).identify(request)), 'none')
  })

  test('KEY-01: a key in another header than the one of the policy is no key', () => {
    const scheme = compiled(apiKey({ keys: [RECORD], header: 'X-Partner-Key' }))
    assert.equal(outcome(scheme.identify(presenting(KEY))), 'none')
    const request = facts({ fields: [['x-PARTNER-key', KEY]] })
    assert.equal(outcome(scheme.identify(request)), 'billing')
    assert.deepEqual(scheme.fields, ['x-partner-key'])
  })

  for (const expires of [Date.UTC(2026, 0, 2), new Date(Date.UTC(2026, 0, 2))]) {
    test(`AUT-08: it is good until it expires, as ${typeof expires}, and not a millisecond longer`, () => {
      const clock = movableClock(Date.UTC(2026, 0, 2) - 1)
      const scheme = compiled(apiKey({ keys: [{ ...RECORD, expires }] }), clock)
      assert.equal(outcome(scheme.identify(presenting(KEY))), 'billing')
      clock.advance(1)
      assert.equal(outcome(scheme.identify(presenting(KEY))), 'credentials.expired')
    })
  }

  test('KEY-01: a Date that is changed after the policy was compiled does not make a key live longer', () => {
    const expires = new Date(Date.UTC(2026, 0, 2))
    const scheme = compiled(apiKey({ keys: [{ ...RECORD, expires }] }), movableClock(Date.UTC(2027, 0, 1)))
    expires.setFullYear(2099)
    assert.equal(outcome(scheme.identify(presenting(KEY))), 'credentials.expired')
  })

  test('AUT-08: a revoked key is revoked, expired or not', () => {
    assert.equal(found({ keys: [{ ...RECORD, revoked: true }] }, KEY), 'credentials.revoked')
    const expires = Date.UTC(2020, 0, 1)
    assert.equal(found({ keys: [{ ...RECORD, revoked: true, expires }] }, KEY), 'credentials.revoked')
    assert.equal(found({ keys: [{ ...RECORD, revoked: false }] }, KEY), 'billing')
  })

  test('KEY-01: one owner can have two live keys', () => {
    const keys = [RECORD, { id: 'k2', hash: hashApiKey('second'), subject: 'billing' }]
    assert.equal(found({ keys }, KEY), 'billing')
    assert.equal(found({ keys }, 'second'), 'billing')
  })

  test('AUT-08: unknown, expired and revoked keys get the same answer, byte for byte', () => {
    const keys: readonly ApiKeyRecord[] = [
      { id: 'old', hash: hashApiKey('old'), subject: 'a', expires: Date.UTC(2020, 0, 1) },
      { id: 'lost', hash: hashApiKey('lost'), subject: 'b', revoked: true },
    ]
    const guard = compileAuthenticate(compiled(apiKey({ keys })))
    const refusals = ['old', 'lost', 'never'].map((key) => refusal(decide(guard, presenting(key))))
    assert.equal(new Set(refusals.map(({ kind }) => kind)).size, 3, 'the log tells them apart')
    assert.equal(new Set(refusals.map(({ kind }) => KINDS[kind].code)).size, 1)
    for (const { fields, members } of refusals) {
      assert.deepEqual(fields, ['WWW-Authenticate', 'ApiKey realm="api", header="X-API-Key"'])
      assert.equal(members, undefined)
    }
  })

  test('AUT-07: no reason shows the key', () => {
    for (const key of ['s3cret', 's3cret é', 's3cret'.repeat(100)]) {
      const result = compiled(apiKey({ keys: [RECORD] })).identify(presenting(key))
      assert.ok(!(result instanceof Promise) && result.type === 'bad')
      assert.doesNotMatch(JSON.stringify(result), /s3cret/)
    }
  })
})

describe('a prefix', () => {
  const { key, hash, id } = generateApiKey('acme_live')
  const keys = (): never => assert.fail('looked up')

  test('KEY-01: a generated key with the prefix of the policy is looked up', () => {
    assert.equal(found({ prefix: 'acme_live', keys: [{ id, hash, subject: 'a' }] }, key), 'a')
  })

  const rows: readonly (readonly [name: string, key: string])[] = [
    ['another prefix', generateApiKey('acme_test').key],
    ['a typing error', key.slice(0, -8) + (key.at(-8) === 'x' ? 'y' : 'x') + key.slice(-7)],
    ['its end cut off', key.slice(0, -1)],
    ['a wrong checksum', key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x')],
    ['no prefix at all', KEY],
  ]
  for (const [name, other] of rows) {
    test(`KEY-01: a key with ${name} is malformed and never looked up`, () => {
      assert.equal(found({ prefix: 'acme_live', keys }, other), 'credentials.malformed')
    })
  }
})

describe('a look-up', () => {
  const rows: readonly (readonly [name: string, record: unknown, expected: string])[] = [
    ['a record', RECORD, 'billing'],
    ['a record with more than is asked for', { ...RECORD, createdBy: 'ops' }, 'billing'],
    ['nothing', undefined, 'credentials.wrong'],
    ['null', null, 'credentials.wrong'],
    ['the record of another key', { ...RECORD, hash: hashApiKey('other') }, 'credentials.wrong'],
    [
      'a revoked record of another key',
      { ...RECORD, hash: hashApiKey('other'), revoked: true },
      'credentials.wrong',
    ],
    ['a revoked record', { ...RECORD, revoked: true }, 'credentials.revoked'],
    ['an expired record', { ...RECORD, expires: 1 }, 'credentials.expired'],
    ['seconds for milliseconds', { ...RECORD, expires: Date.UTC(2099, 0, 1) / 1000 }, 'credentials.expired'],
    ['true', true, 'dependency.failed'],
    ['false', false, 'dependency.failed'],
    ['a list', [RECORD], 'dependency.failed'],
    ['an empty result', { rows: [] }, 'dependency.failed'],
    ['a record with the plain key', { ...RECORD, hash: KEY }, 'dependency.failed'],
    ['a record without an id', { ...RECORD, id: undefined }, 'dependency.failed'],
    ['a record without a digest', { ...RECORD, hash: undefined }, 'dependency.failed'],
    ['a time that is none', { ...RECORD, expires: new Date(NaN) }, 'dependency.failed'],
    ['a time as a text', { ...RECORD, expires: '2099-01-01' }, 'dependency.failed'],
    ['a time that is null', { ...RECORD, expires: null }, 'dependency.failed'],
    ['revoked as a number', { ...RECORD, revoked: 0 }, 'dependency.failed'],
  ]
  for (const [name, record, expected] of rows) {
    test(`AUT-15: one that gives ${name} gives ${expected}, at once or later`, async () => {
      const identify = (keys: unknown): ReturnType<ReturnType<typeof compiled>['identify']> =>
        compiled(apiKey({ keys: keys as () => undefined })).identify(presenting(KEY))
      assert.equal(outcome(identify(() => record)), expected)
      const later = identify(() => Promise.resolve(record))
      assert.ok(later instanceof Promise)
      assert.equal(outcomeOf(await later), expected)
    })
  }

  const broken: readonly (readonly [name: string, record: Partial<Record<keyof ApiKeyRecord, unknown>>])[] = [
    ['no subject', { subject: undefined }],
    ['an empty subject', { subject: '' }],
    ['scopes as one text', { scopes: 'admin:read' }],
    ['roles that are no texts', { roles: [7] }],
  ]
  for (const [name, record] of broken) {
    test(`AUT-15: a record with ${name} lets nobody pass`, () => {
      const scheme = compiled(apiKey({ keys: () => ({ ...RECORD, ...record }) as ApiKeyRecord }))
      assert.equal(refusal(decide(compileAuthenticate(scheme), presenting(KEY))).kind, 'dependency.failed')
    })
  }

  test('AUT-10: one that throws or rejects is a failure of what the gate depends on, without its words', async () => {
    const failing = [
      () => {
        throw new Error(KEY)
      },
      () => Promise.reject(new Error(KEY)),
    ]
    for (const keys of failing) {
      const result = await compiled(apiKey({ keys })).identify(presenting(KEY))
      assert.equal(outcomeOf(result), 'dependency.failed')
      assert.doesNotMatch(JSON.stringify(result), /0123456789/)
    }
  })

  test('KEY-01: one is never asked about what cannot be a key', () => {
    const keys = (): never => assert.fail('looked up')
    for (const key of ['', 'a b', 'x'.repeat(513), 'é']) {
      assert.equal(found({ keys }, key), 'credentials.malformed')
    }
    assert.equal(found({ keys }, KEY, KEY), 'credentials.repeated')
  })

  test('KEY-01: one gets the key and the request', () => {
    const request = presenting(KEY)
    const asked: unknown[] = []
    const scheme = apiKey({ keys: (...args) => void asked.push(args) })
    assert.equal(outcome(compiled(scheme).identify(request)), 'credentials.wrong')
    assert.deepEqual(asked, [[KEY, request]])
  })
})

describe('a challenge', () => {
  test('AUT-01: names the realm and the header, as quoted strings', () => {
    const scheme = compiled(apiKey({ keys: [RECORD], realm: 'a "b" \\ c', header: 'X-Key' }))
    assert.deepEqual(scheme.challenges([]), ['ApiKey realm="a \\"b\\" \\\\ c", header="X-Key"'])
  })

  test('AUT-03: names an insufficient scope and a malformed request, and never an invalid token', () => {
    const { challenges } = compiled(apiKey({ keys: [RECORD] }))
    const plain = 'ApiKey realm="api", header="X-API-Key"'
    assert.deepEqual(challenges([['error', 'invalid_token']]), [plain])
    assert.deepEqual(challenges([['error', 'invalid_request']]), [`${plain}, error="invalid_request"`])
    assert.deepEqual(
      challenges([
        ['error', 'insufficient_scope'],
        ['scope', 'a b'],
      ]),
      [`${plain}, error="insufficient_scope", scope="a b"`],
    )
  })
})

describe('options with mistakes', () => {
  const A = 'authenticate'
  const rows: readonly (readonly [name: string, options: unknown, expected: readonly string[]])[] = [
    ['nothing', undefined, [`wrong_type ${A}`]],
    ['no keys', {}, [`missing_option ${A}.keys`]],
    ['an empty list of keys', { keys: [] }, [`out_of_range ${A}.keys`]],
    ['a text for keys', { keys: 'k' }, [`wrong_type ${A}.keys`]],
    ['query placement', { keys: [RECORD], query: 'api_key' }, [`unknown_option ${A}.query`]],
    ['a header that is none', { keys: [RECORD], header: 'X Key' }, [`malformed_value ${A}.header`]],
    ['Authorization', { keys: [RECORD], header: 'authorization' }, [`contradiction ${A}.header`]],
    ['Cookie', { keys: [RECORD], header: 'Cookie' }, [`contradiction ${A}.header`]],
    ['a realm with a line break', { keys: [RECORD], realm: 'a\r\nb' }, [`malformed_value ${A}.realm`]],
    ['a name with a space', { keys: [RECORD], name: 'my key' }, [`malformed_value ${A}.name`]],
    ['a name that is no text', { keys: [RECORD], name: 7 }, [`wrong_type ${A}.name`]],
    ['a prefix that no key has', { keys: [RECORD], prefix: 'Acme' }, [`malformed_value ${A}.prefix`]],
    [
      'an empty record',
      { keys: [{}] },
      [
        `missing_option ${A}.keys[0].id`,
        `missing_option ${A}.keys[0].hash`,
        `missing_option ${A}.keys[0].subject`,
      ],
    ],
    ['the plain key', { keys: [{ ...RECORD, hash: KEY }] }, [`malformed_value ${A}.keys[0].hash`]],
    [
      'a plain generated key',
      { keys: [{ ...RECORD, hash: generateApiKey('a').key }] },
      [`malformed_value ${A}.keys[0].hash`],
    ],
    [
      'padded base64',
      { keys: [{ ...RECORD, hash: Buffer.from(HASH, 'hex').toString('base64') }] },
      [`malformed_value ${A}.keys[0].hash`],
    ],
    [
      'a plain key under another name',
      { keys: [{ ...RECORD, key: KEY }] },
      [`unknown_option ${A}.keys[0].key`],
    ],
    ['an empty subject', { keys: [{ ...RECORD, subject: ' ' }] }, [`malformed_value ${A}.keys[0].subject`]],
    [
      'a scope with a space',
      { keys: [{ ...RECORD, scopes: ['a b'] }] },
      [`malformed_value ${A}.keys[0].scopes[0]`],
    ],
    [
      'a wildcard for a role',
      { keys: [{ ...RECORD, roles: ['*'] }] },
      [`malformed_value ${A}.keys[0].roles[0]`],
    ],
    ['seconds', { keys: [{ ...RECORD, expires: 1_800_000_000 }] }, [`out_of_range ${A}.keys[0].expires`]],
    [
      'a time that is none',
      { keys: [{ ...RECORD, expires: new Date(NaN) }] },
      [`malformed_value ${A}.keys[0].expires`],
    ],
    ['a time as a text', { keys: [{ ...RECORD, expires: '2027' }] }, [`wrong_type ${A}.keys[0].expires`]],
    ['revoked as a text', { keys: [{ ...RECORD, revoked: 'no' }] }, [`wrong_type ${A}.keys[0].revoked`]],
    [
      'one key twice',
      { keys: [RECORD, { ...RECORD, hash: HASH.toUpperCase() }] },
      [`duplicate_value ${A}.keys[1].id`, `duplicate_value ${A}.keys[1].hash`],
    ],
  ]
  for (const [name, options, expected] of rows) {
    test(`KEY-01: ${name} does not build`, () => {
      assert.deepEqual(schemeMistakes(apiKey(options as ApiKeyOptions)), expected)
    })
  }

  test('LOG-02: a mistake never shows what may be a plain key', () => {
    const where = place('authenticate')
    apiKey({ keys: [{ ...RECORD, hash: 's3cret' }] }).compile(schemeContext(where))
    assert.doesNotMatch(JSON.stringify(mistakesAt(where)), /s3cret/)
  })
})

test('AUT-14: the name of the scheme is the name that its principals have', () => {
  const scheme = apiKey({ keys: [RECORD], name: 'partnerKey' })
  assert.equal(scheme.name, 'partnerKey')
  const one = compiled(scheme)
  assert.equal(one.name, 'partnerKey')
  const result = one.identify(presenting(KEY))
  assert.ok(!(result instanceof Promise) && result.type === 'authenticated')
  const name: 'partnerKey' = result.principal.scheme
  assert.equal(name, 'partnerKey')
})
