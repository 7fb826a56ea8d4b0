import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { jwkThumbprint } from '../../src/identity/jwk-thumbprint.ts'
import { jwt } from '../../src/identity/jwt.ts'
import type { JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import type { JwtKey } from '../../src/identity/jwt/keys.ts'
import {
  signJwt,
  type SignJwtOptions,
  type TokenInput,
  tokenIssuer,
  type TokenIssuerOptions,
} from '../../src/identity/sign.ts'
import { movableClock } from '../support/clock.ts'
import {
  AUDIENCE,
  compiled,
  HS256,
  identify,
  ISSUER,
  NOW,
  outcome,
  pairFor,
  SECRET,
  verifierOf,
} from '../support/tokens.ts'

const decoded = (text: string): readonly [unknown, Record<string, unknown>] => {
  const [header = '', payload = ''] = text.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return [JSON.parse(header), JSON.parse(payload) as Record<string, unknown>]
}

function mistakesOf(build: () => unknown): readonly string[] {
  try {
    build()
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes.map((mistake) => `${mistake.code} ${mistake.path}`)
  }
  return []
}

describe('signJwt', () => {
  test('writes the header and the claims as they are', () => {
    const text = signJwt({ b: 1, a: 'ü' }, { key: { ...HS256, kid: 'k1' } })
    assert.deepEqual(decoded(text), [
      { alg: 'HS256', typ: 'JWT', kid: 'k1' },
      { b: 1, a: 'ü' },
    ])
  })

  test('leaves "kid" out when the key has no name', () => {
    assert.deepEqual(decoded(signJwt({}, { key: HS256, typ: 'at+jwt' }))[0], { alg: 'HS256', typ: 'at+jwt' })
  })

  test('JWT-12: a time that is no number is not signed', () => {
    for (const time of [NaN, Infinity, '1', null]) {
      for (const name of ['exp', 'nbf', 'iat']) {
        assert.throws(() => signJwt({ [name]: time }, { key: HS256 }), TypeError)
      }
    }
  })

  test('claims that JSON cannot say as an object are not signed', () => {
    for (const claims of [null, 'x', 1, [1], undefined, () => 1, { n: 1n }]) {
      assert.throws(() => signJwt(claims as object, { key: HS256 }), TypeError)
    }
  })

  const rows: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    ['no key', {}, ['missing_option signJwt.key']],
    ['no options', undefined, ['wrong_type signJwt']],
    ['a weak key', { key: { alg: 'HS256', key: 'short' } }, ['out_of_range signJwt.key.key']],
    [
      'a public key',
      { key: { alg: 'ES256', key: pairFor('ES256').publicKey } },
      ['contradiction signJwt.key.key'],
    ],
    ['an unknown option', { key: HS256, algorithm: 'none' }, ['unknown_option signJwt.algorithm']],
  ]
  for (const [name, options, mistakes] of rows) {
    test(name, () =>
      assert.deepEqual(
        mistakesOf(() => signJwt({}, options as SignJwtOptions)),
        mistakes,
      ),
    )
  }
})

describe('the keys of an issuer', () => {
  const base = { issuer: ISSUER, audience: AUDIENCE, clock: movableClock() } as const
  const keyOf = (alg: JwtAlgorithm, kid?: string): JwtKey => ({
    alg,
    key: pairFor(alg).privateKey,
    ...(kid === undefined ? {} : { kid }),
  })

  for (const alg of ['ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA', 'RS256', 'PS256'] as const) {
    test(`RFC 7517 §4: ${alg}: the public members alone, and a name`, () => {
      const { keys } = tokenIssuer({ ...base, key: keyOf(alg) }).jwks()
      const [jwk, ...more] = keys
      assert.ok(jwk !== undefined)
      assert.deepEqual(more, [])
      const members = { EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'], RSA: ['n', 'e'] }[jwk.kty] ?? []
      assert.deepEqual(Object.keys(jwk).sort(), ['kty', 'kid', 'use', 'alg', ...members].sort())
      assert.deepEqual([jwk.use, jwk.alg, jwk.kid], ['sig', alg, jwkThumbprint(jwk)])
    })
  }

  test('RFC 7638: a key without a name goes by its thumbprint, in tokens and in the set', () => {
    const issuer = tokenIssuer({ ...base, key: keyOf('ES256') })
    const [header] = decoded(issuer.issue({ subject: 'a' }).token)
    assert.equal((header as { kid: string }).kid, issuer.jwks().keys[0]?.kid)
    const own = tokenIssuer({ ...base, key: keyOf('ES256', '2026') })
    assert.deepEqual(decoded(own.issue({ subject: 'a' }).token)[0], {
      alg: 'ES256',
      typ: 'at+jwt',
      kid: '2026',
    })
    assert.equal(own.jwks().keys[0]?.kid, '2026')
  })

  test('ERR-03: a secret is never published', () => {
    const issuer = tokenIssuer({ ...base, key: HS256 })
    assert.deepEqual(
      mistakesOf(() => issuer.jwks()),
      ['unsafe_value tokenIssuer.key'],
    )
    assert.deepEqual(
      mistakesOf(() => tokenIssuer({ ...base, key: keyOf('ES256'), alsoPublish: [HS256] })),
      ['unsafe_value tokenIssuer.alsoPublish[0]'],
    )
  })

  const wrong: readonly [name: string, alsoPublish: unknown, mistakes: readonly string[]][] = [
    ['no list', keyOf('ES384'), ['wrong_type tokenIssuer.alsoPublish']],
    ['the same key', [keyOf('ES256')], ['duplicate_value tokenIssuer.alsoPublish[0]']],
    [
      'the same name',
      [keyOf('ES384', 'a'), keyOf('RS256', 'a')],
      ['duplicate_value tokenIssuer.alsoPublish[1]'],
    ],
    [
      'another algorithm',
      [{ ...keyOf('ES384'), alg: 'none' }],
      ['malformed_value tokenIssuer.alsoPublish[0].alg'],
    ],
  ]
  for (const [name, alsoPublish, mistakes] of wrong) {
    test(`ERR-03: keys besides: ${name}`, () => {
      const options = { ...base, key: keyOf('ES256'), alsoPublish } as TokenIssuerOptions
      assert.deepEqual(
        mistakesOf(() => tokenIssuer(options)),
        mistakes,
      )
    })
  }

  test('ERR-03: two keys of one name are told of together with every other mistake', () => {
    const options = { ...base, issuer: '', key: keyOf('ES256'), alsoPublish: [keyOf('ES256')] }
    assert.deepEqual(
      mistakesOf(() => tokenIssuer(options)),
      ['malformed_value tokenIssuer.issuer', 'duplicate_value tokenIssuer.alsoPublish[0]'],
    )
  })

  test('the key is changed without downtime: each verifier takes each token at each step', () => {
    const [old, next] = [keyOf('ES256'), keyOf('Ed25519')]
    const half = (key: JwtKey): JwtKey => ({ alg: key.alg, key: pairFor(key.alg).publicKey })
    const steps = [
      tokenIssuer({ ...base, key: old }),
      tokenIssuer({ ...base, key: old, alsoPublish: [half(next)] }),
      tokenIssuer({ ...base, key: next, alsoPublish: [half(old)] }),
      tokenIssuer({ ...base, key: next }),
    ]
    const verifiers = steps.map((issuer) =>
      verifierOf(issuer.jwks().keys.map((key) => ({ alg: key.alg, key }))),
    )
    const tokens = steps.map((issuer) => issuer.issue({ subject: 'alice' }).token)
    for (const [step, verify] of verifiers.entries()) {
      // A machine may be one step ahead of or behind the keys that a verifier has read.
      for (const near of [step - 1, step, step + 1]) {
        const token = tokens[near]
        if (token !== undefined) assert.equal(outcome(verify, token), 'ok', `${step} ${near}`)
      }
    }
    assert.equal(outcome(verifiers[3] ?? verifierOf(), tokens[0] ?? ''), 'token.wrong-algorithm')
  })
})

describe('tokenIssuer', () => {
  const OPTIONS: TokenIssuerOptions = {
    issuer: ISSUER,
    audience: AUDIENCE,
    key: HS256,
    lifetime: '30m',
    clock: movableClock(),
  }
  const issuer = tokenIssuer(OPTIONS)

  test('JWT-13: a token has the form of RFC 9068', () => {
    const { token, expiresIn } = issuer.issue({
      subject: 'alice',
      scopes: ['data:read', 'data:write'],
      roles: ['admin'],
      clientId: 'app',
      claims: { tenant: 't1' },
    })
    const [header, { jti, ...claims }] = decoded(token)
    assert.equal(expiresIn, 1800)
    assert.deepEqual(header, { alg: 'HS256', typ: 'at+jwt' })
    assert.match(String(jti), /^[0-9a-f-]{36}$/)
    assert.deepEqual(claims, {
      tenant: 't1',
      iss: ISSUER,
      sub: 'alice',
      aud: AUDIENCE,
      iat: NOW,
      exp: NOW + 1800,
      client_id: 'app',
      scope: 'data:read data:write',
      roles: ['admin'],
    })
  })

  test('what nobody said is left out, and two tokens never have one id', () => {
    const [one, two] = [
      decoded(issuer.issue({ subject: 'a' }).token)[1],
      decoded(issuer.issue({ subject: 'a' }).token)[1],
    ]
    assert.deepEqual(Object.keys(one), ['iss', 'sub', 'aud', 'iat', 'exp', 'jti', 'client_id'])
    // RFC 9068 §2.2 wants a client: a login without one is the issuer's own.
    assert.equal(one['client_id'], ISSUER)
    assert.notEqual(one['jti'], two['jti'])
  })

  test('several audiences are a list', () => {
    const both = tokenIssuer({ ...OPTIONS, audience: ['a', 'b'] })
    assert.deepEqual(decoded(both.issue({ subject: 'x' }).token)[1]['aud'], ['a', 'b'])
  })

  test('its tokens are good for jwt() with the same words, pinned to at+jwt', () => {
    const scheme = compiled(
      jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256, typ: 'at+jwt', requiredClaims: ['jti', 'iat'] }),
    )
    const found = identify(scheme, issuer.issue({ subject: 'alice', scopes: ['a', 'b'], roles: ['r'] }).token)
    assert.ok(found.type === 'authenticated')
    assert.deepEqual(
      [found.principal.subject, found.principal.scopes, found.principal.roles],
      ['alice', ['a', 'b'], ['r']],
    )
  })

  test('a token ends after its lifetime', () => {
    const clock = movableClock()
    const { token } = tokenIssuer({ ...OPTIONS, clock }).issue({ subject: 'alice' })
    const verify = verifierOf(HS256, {}, clock)
    clock.advance(1_799_999)
    assert.equal(outcome(verify, token), 'ok')
    clock.advance(1)
    assert.equal(outcome(verify, token), 'token.expired')
  })

  const wrong: readonly [name: string, input: unknown][] = [
    ['an empty subject', { subject: '' }],
    ['a subject that is a number', { subject: 1 }],
    ['a subject too long to be verified', { subject: 'a'.repeat(256) }],
    ['a scope with a space', { subject: 'a', scopes: ['a b'] }],
    ['scopes that are a text', { subject: 'a', scopes: 'a' }],
    ['a role that is none', { subject: 'a', roles: [''] }],
    ['an empty client', { subject: 'a', clientId: '' }],
    ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'roles', 'client_id'].map(
      (name): [string, unknown] => [`the claim ${name}`, { subject: 'a', claims: { [name]: 'x' } }],
    ),
  ]
  for (const [name, input] of wrong) {
    test(`no token is issued for ${name}`, () =>
      assert.throws(() => issuer.issue(input as TokenInput), TypeError))
  }

  const rows: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    [
      'nothing',
      {},
      [
        'missing_option tokenIssuer.issuer',
        'missing_option tokenIssuer.audience',
        'missing_option tokenIssuer.key',
      ],
    ],
    ['a lifetime of no time', { ...OPTIONS, lifetime: 0 }, ['out_of_range tokenIssuer.lifetime']],
    ['a lifetime under a second', { ...OPTIONS, lifetime: '999ms' }, ['out_of_range tokenIssuer.lifetime']],
    ['a lifetime of more than a day', { ...OPTIONS, lifetime: '25h' }, ['out_of_range tokenIssuer.lifetime']],
    [
      'two mistakes at once',
      { ...OPTIONS, issuer: '', key: { alg: 'HS512', key: SECRET.slice(1) } },
      ['malformed_value tokenIssuer.issuer', 'out_of_range tokenIssuer.key.key'],
    ],
  ]
  const strict: typeof rows = [
    ['a clock that is a number', { ...OPTIONS, clock: 5 }, ['wrong_type tokenIssuer.clock']],
    ['a clock without methods', { ...OPTIONS, clock: {} }, ['wrong_type tokenIssuer.clock']],
    ['a clock that is null', { ...OPTIONS, clock: null }, ['wrong_type tokenIssuer.clock']],
    [
      'a clock that tells no time',
      { ...OPTIONS, clock: { now: () => NaN, monotonic: () => 0 } },
      ['malformed_value tokenIssuer.clock'],
    ],
    [
      'a lifetime with a part of a second',
      { ...OPTIONS, lifetime: '1500ms' },
      ['malformed_value tokenIssuer.lifetime'],
    ],
    ['whole seconds in milliseconds', { ...OPTIONS, lifetime: '2000ms' }, []],
  ]
  for (const [name, options, mistakes] of strict) {
    test(`JWT-12, ERR-03: options: ${name}`, () =>
      assert.deepEqual(
        mistakesOf(() => tokenIssuer(options as TokenIssuerOptions)),
        mistakes,
      ))
  }

  for (const [name, options, mistakes] of rows) {
    test(`options: ${name}`, () =>
      assert.deepEqual(
        mistakesOf(() => tokenIssuer(options as TokenIssuerOptions)),
        mistakes,
      ))
  }
})
