import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { callerOf, type KnownCaller } from '../../src/contract/known-caller.ts'
import { principalKey } from '../../src/contract/principal.ts'
import { jwt, type JwtOptions } from '../../src/identity/jwt.ts'
import { movableClock } from '../support/clock.ts'
import { mistakesOf, schemeContext } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { AUDIENCE, claims, compiled, forged, HS256, identify, ISSUER, NOW, token } from '../support/tokens.ts'

const OPTIONS: JwtOptions = { issuer: ISSUER, audience: AUDIENCE, keys: HS256 }

/** What a scheme with further options makes of a token with these claims. */
function result(changes: Record<string, unknown>, options: Partial<JwtOptions> = {}) {
  return identify(compiled(jwt({ ...OPTIONS, ...options })), token(changes))
}

function rights(changes: Record<string, unknown>, options: Partial<JwtOptions> = {}): unknown {
  const found = result(changes, options)
  if (found.type !== 'authenticated') return found.type === 'bad' ? found.kind : found.type
  return { scopes: found.principal.scopes, roles: found.principal.roles }
}

describe('the principal', () => {
  test('has the subject, the issuer, scopes, roles and every claim', () => {
    const given = { scope: 'data:read data:write', roles: ['admin'], tenant: 't1' }
    assert.deepEqual(result(given), {
      type: 'authenticated',
      principal: {
        scheme: 'jwt',
        subject: 'alice',
        issuer: ISSUER,
        scopes: ['data:read', 'data:write'],
        roles: ['admin'],
        claims: claims(given),
      },
    })
  })

  test('JWT-21: with a token that comes back comes what was found out about its caller, and of no other', () => {
    const scheme = compiled(jwt(OPTIONS))
    const [first, second] = [token({ jti: '1' }), token({ jti: '2' })]
    const known = (text: string): KnownCaller | undefined => {
      const found = identify(scheme, text)
      return found.type === 'authenticated' ? callerOf(found) : undefined
    }
    const callers = [known(first), known(second)]
    assert.ok(callers[0] !== undefined && callers[1] !== undefined)
    assert.notEqual(callers[0], callers[1])
    assert.equal(known(first), callers[0])
    assert.equal(known(second), callers[1])
  })

  test('AUT-11: one subject of two issuers is two callers', () => {
    const other = 'https://other.example'
    const one = result({})
    const two = result({ iss: other }, { issuer: other })
    assert.ok(one.type === 'authenticated' && two.type === 'authenticated')
    assert.equal(one.principal.subject, two.principal.subject)
    assert.notEqual(principalKey(one.principal), principalKey(two.principal))
  })

  test('claims are typed by the policy, without a cast', () => {
    const found = identify(compiled(jwt<{ tenant: string }>({ ...OPTIONS })), token({ tenant: 't1' }))
    assert.ok(found.type === 'authenticated')
    const tenant: string = found.principal.claims.tenant
    const expires: number = found.principal.claims.exp
    // @ts-expect-error nobody said that there is such a claim
    const unknown: unknown = found.principal.claims.department
    assert.deepEqual([tenant, expires, unknown], ['t1', NOW + 300, undefined])
  })
})

describe('AUT-06: what is no token68 is no credential, though tokens that are known are not looked at again', () => {
  const rows: readonly (readonly [name: string, change: (good: string) => string])[] = [
    ['nothing', () => ''],
    ['a space in front', (good) => ` ${good}`],
    ['a space behind', (good) => `${good} `],
    ['two tokens', (good) => `${good} ${good}`],
    ['a list', (good) => `${good}, ${good}`],
    ['padding inside', (good) => `${good}=a`],
    ['a letter beyond ASCII', (good) => `${good}\xe9`],
    ['more than is looked at', (good) => `${good.repeat(100)} `],
  ]
  for (const [maxCachedTokens, how] of [
    [10, 'with a cache'],
    [0, 'without one'],
  ] as const) {
    const scheme = compiled(jwt({ ...OPTIONS, maxCachedTokens }))
    const good = token({})
    for (const [name, change] of rows) {
      test(`${name}, ${how}`, () => {
        assert.equal(identify(scheme, good).type, 'authenticated')
        const found = identify(scheme, change(good))
        assert.equal(found.type === 'bad' && found.kind, 'credentials.malformed')
        assert.equal(identify(scheme, good).type, 'authenticated')
      })
    }
  }
})

describe('AZ-04: scopes and roles', () => {
  const bad = 'token.claim-malformed'
  const none = { scopes: [], roles: [] }
  const rows: readonly [name: string, changes: Record<string, unknown>, expected: unknown][] = [
    ['neither', {}, none],
    ['an empty scope', { scope: '' }, none],
    ['a text', { scope: 'a b' }, { scopes: ['a', 'b'], roles: [] }],
    ['a text with a scope twice', { scope: 'a b a' }, { scopes: ['a', 'b'], roles: [] }],
    ['a list', { scope: ['a', 'b'] }, { scopes: ['a', 'b'], roles: [] }],
    ['two spaces', { scope: 'a  b' }, bad],
    ['a space behind', { scope: 'a ' }, bad],
    ['a tab', { scope: 'a\tb' }, bad],
    ['a quote', { scope: 'a"b' }, bad],
    ['a list with a space inside', { scope: ['a b'] }, bad],
    ['a list with a number', { scope: ['a', 1] }, bad],
    ['an object', { scope: { a: true } }, bad],
    ['null', { scope: null }, bad],
    ['roles', { roles: ['admin', 'user'] }, { scopes: [], roles: ['admin', 'user'] }],
    ['roles that are a text', { roles: 'admin' }, bad],
    ['roles that are objects', { roles: [{ value: 'admin' }] }, bad],
    ['roles that are null', { roles: null }, bad],
  ]
  for (const [name, changes, expected] of rows) {
    test(`AZ-04: ${name}`, () => assert.deepEqual(rights(changes), expected))
  }

  test('scopesFrom and rolesFrom find them elsewhere', () => {
    const from: Partial<JwtOptions> = {
      scopesFrom: ({ scp }) => scp as string[],
      rolesFrom: ({ realm_access }) => (realm_access as { roles: string[] }).roles,
    }
    assert.deepEqual(rights({ scp: ['a'], scope: 'x', realm_access: { roles: ['r'] } }, from), {
      scopes: ['a'],
      roles: ['r'],
    })
  })

  test('AUT-10, AUT-15: one that throws, or gives no list of texts, refuses the caller as a failing dependency', () => {
    const failing: readonly unknown[] = [
      () => {
        throw new Error('secret detail')
      },
      () => undefined,
      () => 'a b',
      () => [1],
      () => Promise.resolve(['a']),
      // One that nobody hears ends the process.
      () => Promise.reject(new Error('secret detail')),
    ]
    for (const callback of failing) {
      assert.equal(rights({}, { scopesFrom: callback as () => string[] }), 'dependency.failed')
      assert.equal(rights({}, { rolesFrom: callback as () => string[] }), 'dependency.failed')
      assert.equal(rights({}, { permissionsFrom: callback as () => string[] }), 'dependency.failed')
    }
  })
})

describe('the credential', () => {
  const scheme = compiled(jwt(OPTIONS))

  test('AUT-13: another scheme is not for this one', () => {
    assert.deepEqual(scheme.identify(facts({ fields: [['Authorization', `BearerX ${token()}`]] })), {
      type: 'none',
    })
  })

  test('AUT-05: a token in the query counts only where the policy dares', () => {
    const request = facts({ fields: [], query: `?access_token=${token()}` })
    const daring = compiled(jwt({ ...OPTIONS, dangerouslyAllowQueryToken: true }))
    assert.deepEqual(scheme.identify(request), { type: 'none' })
    assert.equal((daring.identify(request) as { type: string }).type, 'authenticated')
  })

  test('TLS-01: the scheme says that its token may be in the query, where the policy dares', () => {
    const daring = compiled(jwt({ ...OPTIONS, dangerouslyAllowQueryToken: true }))
    assert.deepEqual([scheme.queryFields, daring.queryFields], [undefined, ['access_token']])
  })

  test('AUT-01: the challenge is Bearer, with the realm of the policy', () => {
    assert.deepEqual(scheme.challenges([['error', 'invalid_token']]), [
      'Bearer realm="api", error="invalid_token"',
    ])
    assert.deepEqual(compiled(jwt({ ...OPTIONS, realm: 'orders' })).challenges([]), ['Bearer realm="orders"'])
  })

  test('AUT-07: a reason is constant text, with nothing of the token in it', () => {
    const marker = 'mrkr'
    const tokens = [
      token({ iss: marker }),
      token({ aud: marker }),
      forged({ alg: 'HS256' }, claims({ exp: marker })),
      token({ scope: `${marker}  x` }),
      `${token()}${marker}`,
      marker,
    ]
    for (const text of tokens) {
      const found = identify(scheme, text)
      assert.ok(found.type === 'bad')
      assert.ok(!found.reason.includes(marker), found.reason)
    }
  })

  test('the clock is that of the gate', () => {
    const clock = movableClock()
    const timed = compiled(jwt(OPTIONS), clock)
    const text = token()
    assert.equal(identify(timed, text).type, 'authenticated')
    clock.advance(330_000)
    assert.equal(identify(timed, text).type, 'bad')
  })

  test('JWT-12: thirty seconds of skew unless the policy says otherwise', () => {
    assert.equal(result({ exp: NOW - 29 }).type, 'authenticated')
    assert.equal(result({ exp: NOW - 30 }).type, 'bad')
    assert.equal(result({ exp: NOW }, { clockSkew: 0 }).type, 'bad')
    assert.equal(result({ exp: NOW - 119 }, { clockSkew: '2m' }).type, 'authenticated')
  })

  test('JWT-16: 8192 characters unless the policy says otherwise', () => {
    const long = { pad: 'x'.repeat(7000) }
    assert.equal(result(long).type, 'bad')
    assert.equal(result(long, { maxTokenLength: 16_384 }).type, 'authenticated')
  })
})

describe('the options', () => {
  const rows: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    ['all that is needed', OPTIONS, []],
    [
      'every option',
      {
        ...OPTIONS,
        audience: ['a', 'b'],
        keys: [HS256],
        clockSkew: '2m',
        typ: 'at+jwt',
        requiredClaims: ['jti'],
        maxTokenLength: 4096,
        realm: 'r',
        scopesFrom: () => [],
        rolesFrom: () => [],
        dangerouslyAllowQueryToken: false,
      },
      [],
    ],
    ['nothing', {}, ['missing_option jwt.issuer', 'missing_option jwt.audience']],
    ['undefined', undefined, ['wrong_type jwt']],
    ['JWT-18: no issuer', { ...OPTIONS, issuer: undefined }, ['missing_option jwt.issuer']],
    ['JWT-18: an empty issuer', { ...OPTIONS, issuer: '' }, ['malformed_value jwt.issuer']],
    ['JWT-20: an issuer that is a pattern', { ...OPTIONS, issuer: /example/ }, ['wrong_type jwt.issuer']],
    [
      'JWT-20: an audience that is a pattern',
      { ...OPTIONS, audience: /example/ },
      ['wrong_type jwt.audience'],
    ],
    ['JWT-11: no audience in the list', { ...OPTIONS, audience: [] }, ['out_of_range jwt.audience']],
    ['JWT-11: an empty audience', { ...OPTIONS, audience: '' }, ['malformed_value jwt.audience']],
    [
      'JWT-11: an empty audience in the list',
      { ...OPTIONS, audience: ['a', ''] },
      ['malformed_value jwt.audience[1]'],
    ],
    [
      'JWT-12: more than two minutes of skew',
      { ...OPTIONS, clockSkew: '121s' },
      ['out_of_range jwt.clockSkew'],
    ],
    ['JWT-12: skew without a unit', { ...OPTIONS, clockSkew: '30' }, ['malformed_value jwt.clockSkew']],
    ['JWT-14: the type of a DPoP proof', { ...OPTIONS, typ: 'dpop+jwt' }, ['unsafe_value jwt.typ']],
    [
      'JWT-14: the type of a logout token',
      { ...OPTIONS, typ: 'application/LOGOUT+JWT' },
      ['unsafe_value jwt.typ'],
    ],
    ['a type that is none', { ...OPTIONS, typ: 'at jwt' }, ['malformed_value jwt.typ']],
    [
      'a realm that would break the challenge',
      { ...OPTIONS, realm: 'a\r\nb' },
      ['malformed_value jwt.realm'],
    ],
    [
      'JWT-11: the name of the issuer for an audience',
      { ...OPTIONS, audience: ISSUER, audienceClaim: 'iss' },
      ['unsafe_value jwt.audienceClaim'],
    ],
    [
      'JWT-11: the subject for an audience',
      { ...OPTIONS, audienceClaim: 'sub' },
      ['unsafe_value jwt.audienceClaim'],
    ],
    ['no name for an audience', { ...OPTIONS, audienceClaim: '' }, ['malformed_value jwt.audienceClaim']],
    ['a word for a callback', { ...OPTIONS, scopesFrom: 'scp' }, ['wrong_type jwt.scopesFrom']],
    [
      'a number for a switch',
      { ...OPTIONS, dangerouslyAllowQueryToken: 1 },
      ['wrong_type jwt.dangerouslyAllowQueryToken'],
    ],
    ['no limit', { ...OPTIONS, maxTokenLength: Infinity }, ['out_of_range jwt.maxTokenLength']],
    [
      'an algorithm list, which keys make needless',
      { ...OPTIONS, algorithms: ['HS256'] },
      ['unknown_option jwt.algorithms'],
    ],
    ['a misspelt option', { ...OPTIONS, audiance: 'a' }, ['unknown_option jwt.audiance']],
    [
      'JWT-19: a public key as a secret',
      {
        ...OPTIONS,
        keys: {
          alg: 'HS256',
          key: generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }),
        },
      },
      ['unsafe_value jwt.keys.key'],
    ],
    [
      'a short secret, among others',
      { ...OPTIONS, keys: [HS256, { alg: 'HS512', key: 'short' }] },
      ['out_of_range jwt.keys[1].key'],
    ],
  ]
  for (const [name, options, mistakes] of rows) {
    test(name, () => {
      assert.deepEqual(
        mistakesOf('jwt', (where) => jwt(options as JwtOptions).compile(schemeContext(where))),
        mistakes,
      )
    })
  }

  test('a scheme whose options have mistakes accepts nobody', () => {
    for (const options of [
      undefined,
      {},
      { ...OPTIONS, keys: [] },
      { ...OPTIONS, issuer: '' },
      { ...OPTIONS, keys: { alg: 'none', key: '' } },
    ]) {
      mistakesOf('jwt', (where) => {
        const scheme = jwt(options as JwtOptions).compile(schemeContext(where))
        assert.notEqual(identify(scheme, token()).type, 'authenticated')
      })
    }
  })
})
