import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { CompiledScheme } from '../../src/contract/scheme.ts'
import { digest, digestHash, type DigestOptions, type FoundDigestUser } from '../../src/identity/digest.ts'
import { parseDigest } from '../../src/identity/digest/credentials.ts'
import { digestResponse } from '../../src/identity/digest/hashes.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { HASH, type Proof, proofOf, REALM, written } from '../support/digest.ts'
import { facts } from '../support/facts.ts'
import { start } from '../support/http.ts'
import { compiled, outcomeOf, schemeMistakes } from '../support/schemes.ts'

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const USERS = { printer: { hash: HASH, roles: ['device'] } }

function bench(options: Partial<DigestOptions> = {}): {
  readonly clock: MovableClock
  readonly scheme: CompiledScheme
  readonly challenge: () => string
  readonly say: (field: string, more?: object) => Promise<string>
} {
  const clock = movableClock()
  const scheme = compiled(
    digest('lookup' in options ? { realm: REALM, ...options } : { realm: REALM, users: USERS, ...options }),
    clock,
  )
  return {
    clock,
    scheme,
    challenge: () => scheme.challenges([])[0] ?? '',
    say: async (field, more = {}) =>
      outcomeOf(await scheme.identify(facts({ fields: [['Authorization', field]], ...more }))),
  }
}

describe('digest', () => {
  test('AUT-01: the challenge offers SHA-256 with auth, and a nonce that is new each time', () => {
    const { challenge, scheme } = bench()
    assert.match(
      challenge(),
      /^Digest realm="devices", qop="auth", algorithm=SHA-256, nonce="[^"]+", opaque="\w{32}", charset=UTF-8$/,
    )
    assert.notEqual(challenge(), challenge())
    assert.equal(scheme.fresh, true)
    assert.equal(scheme.describe?.().securitySchemes['digest']?.scheme, 'digest')
  })

  test('AUT-09: the example of RFC 7616 §3.9.1 comes out as it says', () => {
    const a1 = digestHash('Mufasa', 'http-auth@example.org', 'Circle of Life')
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'
    const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'
    assert.equal(
      digestResponse(a1, 'GET', { uri: '/dir/index.html', nonce, nc: '00000001', cnonce }),
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    )
  })

  const rows: readonly [name: string, changes: Proof, expected: string, password?: string][] = [
    ['the right password', {}, 'printer'],
    ['a wrong password', {}, 'credentials.wrong', 'other'],
    ['an unknown user', { username: 'nobody' }, 'credentials.wrong'],
    ['a name that every object has', { username: '__proto__' }, 'credentials.wrong'],
    ['another realm', { realm: 'other' }, 'credentials.wrong'],
    ['another opaque', { opaque: 'x' }, 'credentials.wrong'],
    ['a nonce that nobody made', { nonce: 'AAAA' }, 'credentials.expired'],
    ['another target', { uri: '/admin' }, 'credentials.malformed'],
    ['MD5', { algorithm: 'MD5' }, 'credentials.malformed'],
    ['no algorithm, which is MD5', { algorithm: '' }, 'credentials.malformed'],
    ['no qop', { qop: '' }, 'credentials.malformed'],
    ['a count of zero', { nc: '00000000' }, 'credentials.malformed'],
    ['no cnonce', { cnonce: '' }, 'credentials.malformed'],
    ['a hashed user name', { userhash: 'true' }, 'credentials.malformed'],
    ['a name with a colon', { username: 'a:b' }, 'credentials.malformed'],
    ['a short response', { response: 'abc' }, 'credentials.malformed'],
    ['no nonce', { nonce: '' }, 'credentials.malformed'],
  ]
  for (const [name, changes, expected, password] of rows) {
    test(`AUT-13: ${name} is ${expected}`, async () => {
      const { challenge, say } = bench()
      assert.equal(
        await say(written(proofOf(challenge(), changes, password === undefined ? {} : { password }))),
        expected,
      )
    })
  }

  test('AUT-13: a name in the form of RFC 8187', async () => {
    const { challenge, say } = bench()
    const { username: _, ...proof } = proofOf(challenge())
    assert.equal(await say(`${written(proof)}, username*=UTF-8''%70rinter`), 'printer')
    assert.equal(await say(`${written(proof)}, username*=UTF-8''%7`), 'credentials.malformed')
    assert.equal(await say(`${written(proof)}, username*=latin1''printer`), 'credentials.malformed')
    assert.equal(await say(`${written(proof)}, username="a", username*=UTF-8''b`), 'credentials.malformed')
  })

  test('AUT-13: a proof is good once, for its method', async () => {
    const { challenge, say, scheme } = bench()
    const field = written(proofOf(challenge()))
    assert.deepEqual([await say(field), await say(field)], ['printer', 'credentials.replayed'])
    assert.equal(await say(written(proofOf(challenge())), { method: 'POST' }), 'credentials.wrong')
    const first = challenge()
    assert.deepEqual(
      [await say(written(proofOf(first))), await say(written(proofOf(first, { nc: '00000002' })))],
      ['printer', 'printer'],
    )
    const again = await scheme.identify(facts({ fields: [['Authorization', field]] }))
    assert.ok(again.type === 'bad')
    assert.match(String(again.fields), /stale=true/)
  })

  test('AUT-13: a nonce is good for its time, and by its secret', async () => {
    const secret = Buffer.from(sha('some secret'), 'hex')
    const { challenge, say, clock } = bench({ secret, nonceLifetime: '1m' })
    const field = written(proofOf(challenge()))
    clock.advance(60_000)
    assert.equal(await say(field), 'credentials.expired')
    const other = bench({ secret })
    assert.equal(await other.say(written(proofOf(bench({ secret }).challenge()))), 'printer')
    assert.equal(await other.say(written(proofOf(bench().challenge()))), 'credentials.expired')
  })

  const fields: readonly [name: string, field: string, expected: string][] = [
    ['another scheme', 'Bearer x', 'none'],
    ['a longer scheme', 'DigestX a=b', 'none'],
    ['nothing behind it', 'Digest', 'credentials.malformed'],
    ['a name without a value', 'Digest a', 'credentials.malformed'],
    ['an open quote', 'Digest a="b', 'credentials.malformed'],
    ['an escape at the end', 'Digest a="b\\', 'credentials.malformed'],
    ['a name twice', 'Digest a=b, A=c', 'credentials.malformed'],
    ['an empty value', 'Digest a=', 'credentials.malformed'],
    ['no comma', 'Digest a="b"c="d"', 'credentials.malformed'],
    ['many commas', `Digest ${','.repeat(20)}`, 'credentials.malformed'],
    [
      'many parameters',
      `Digest ${Array.from({ length: 30 }, (_, i) => `p${i}=x`).join(',')}`,
      'credentials.malformed',
    ],
    ['too much of it', `Digest a="${'x'.repeat(9000)}"`, 'credentials.malformed'],
  ]
  for (const [name, field, expected] of fields) {
    test(`AUT-06: ${name} is ${expected}`, async () => assert.equal(await bench().say(field), expected))
  }

  test('AUT-04: two fields are refused', async () => {
    const field = 'Digest a=b'
    const found = await bench().scheme.identify(
      facts({
        fields: [
          ['Authorization', field],
          ['Authorization', field],
        ],
      }),
    )
    assert.equal(outcomeOf(found), 'credentials.repeated')
    assert.equal(outcomeOf(await bench().scheme.identify(facts())), 'none')
  })

  test('AUT-06: escapes in quotes are read, and no text throws', () => {
    const parsed = parseDigest(written(proofOf(bench().challenge())).replace('"abc"', '"a\\bc"'))
    assert.equal(parsed.type === 'credentials' && parsed.credentials.cnonce, 'abc')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseDigest(text)
        parseDigest(`Digest ${text}`)
      }),
      { numRuns: 1000 },
    )
  })

  const lookups: readonly [name: string, lookup: () => unknown, expected: string][] = [
    ['finds the user', () => ({ hash: HASH, subject: 'p1' }), 'p1'],
    ['does not say who the user is', () => ({ hash: HASH }), 'dependency.failed'],
    ['finds the user late', () => Promise.resolve({ hash: HASH, subject: 'p1' }), 'p1'],
    ['finds nobody', () => undefined, 'credentials.wrong'],
    ['throws', () => assert.fail('x'), 'dependency.failed'],
    ['rejects', () => Promise.reject(new Error('x')), 'dependency.failed'],
    ['gives an empty result', () => ({}), 'dependency.failed'],
    ['gives a number', () => 7, 'dependency.failed'],
  ]
  for (const [name, lookup, expected] of lookups) {
    test(`AUT-15: a lookup that ${name} is ${expected}`, async () => {
      const { challenge, say } = bench({ lookup: lookup as () => FoundDigestUser })
      assert.equal(await say(written(proofOf(challenge()))), expected)
    })
  }

  test('AUT-13: a store that answers late', async () => {
    const store = {
      add: () => Promise.resolve(true),
      read: () => [],
      write: () => undefined,
      remove: () => true,
    }
    const { challenge, say } = bench({ store })
    assert.equal(await say(written(proofOf(challenge()))), 'printer')
  })

  const wrong: readonly [name: string, options: unknown, expected: readonly string[]][] = [
    ['no users', {}, ['missing_option authenticate']],
    ['both', { users: USERS, lookup: () => undefined }, ['contradiction authenticate.lookup']],
    ['an empty list', { users: {} }, ['out_of_range authenticate.users']],
    ['users that are no object', { users: 7 }, ['wrong_type authenticate.users']],
    [
      'a password for a hash',
      { users: { a: { hash: 'word' } } },
      ['malformed_value authenticate.users.a.hash'],
    ],
    [
      'a name with a colon',
      { users: { 'a:b': { hash: HASH } } },
      ['malformed_value authenticate.users["a:b"]'],
    ],
    ['a realm with a quote', { users: USERS, realm: 'a"b' }, ['malformed_value authenticate.realm']],
    ['MD5', { users: USERS, algorithm: 'MD5' }, ['malformed_value authenticate.algorithm']],
    ['a short secret', { users: USERS, secret: 'AAEC' }, ['out_of_range authenticate.secret']],
  ]
  for (const [name, options, expected] of wrong) {
    test(`ERR-03: ${name} does not build`, () => {
      assert.deepEqual(schemeMistakes(digest(options as DigestOptions)), expected)
    })
  }
})

test('AUT-01: an old nonce gets one challenge, and it says stale', async () => {
  const clock = movableClock()
  const gate = gatehouse({
    clock,
    hosts: ['127.0.0.1'],
    https: 'dangerouslyAllowHttp',
    authenticate: digest({ realm: REALM, users: USERS }),
  })
  const running = await start(gate.handler((_req, res, pass) => res.end(pass.principal.username)))
  try {
    const first = String((await running.send({ fields: ['Host', '127.0.0.1'] })).headers['www-authenticate'])
    const field = written(proofOf(first))
    const send = (): ReturnType<typeof running.send> =>
      running.send({ fields: ['Host', '127.0.0.1', 'Authorization', field] })
    assert.equal((await send()).body, 'printer')
    clock.advance(300_000)
    const { status, headers } = await send()
    assert.equal(status, 401)
    const challenge = String(headers['www-authenticate'])
    assert.equal(challenge.match(/Digest /g)?.length, 1)
    assert.match(challenge, /stale=true$/)
  } finally {
    await running.close()
  }
})
