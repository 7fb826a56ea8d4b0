import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jwt, type JwtIssuersOptions, type JwtOptions } from '../../src/identity/jwt.ts'
import { mistakesOf, schemeContext } from '../support/compile.ts'
import { AUDIENCE, compiled, HS256, identify, ISSUER, token } from '../support/tokens.ts'

const PARTNER = 'https://partner.example'
const PARTNER_KEY = {
  alg: 'HS256',
  key: 'another secret that only the partner and this test do know, yes',
} as const
const TWO: JwtIssuersOptions = {
  audience: AUDIENCE,
  issuers: [
    { issuer: ISSUER, keys: HS256 },
    { issuer: PARTNER, keys: PARTNER_KEY, audience: 'partner-api' },
  ],
}

/** Who a token is of, or why it is refused. */
function judge(options: JwtOptions | JwtIssuersOptions, text: string): string {
  const found = identify(compiled(jwt(options)), text)
  if (found.type === 'authenticated') return `${found.principal.issuer} ${found.principal.subject}`
  return found.type === 'bad' ? found.kind : 'none'
}

describe('several issuers', () => {
  const rows: readonly [name: string, text: string, expected: string][] = [
    ['a token of the first', token(), `${ISSUER} alice`],
    [
      'a token of the second, for its own audience',
      token({ iss: PARTNER, aud: 'partner-api' }, PARTNER_KEY),
      `${PARTNER} alice`,
    ],
    [
      'the audience of one in a token of the other',
      token({ iss: PARTNER }, PARTNER_KEY),
      'token.wrong-audience',
    ],
    [
      'the key of one under the name of the other',
      token({ iss: PARTNER, aud: 'partner-api' }),
      'token.bad-signature',
    ],
    ['the other way round', token({}, PARTNER_KEY), 'token.bad-signature'],
    ['an issuer that nobody named', token({ iss: 'https://else.example' }), 'token.wrong-issuer'],
    ['an issuer spelt otherwise', token({ iss: `${ISSUER}/` }), 'token.wrong-issuer'],
    ['no issuer', token({ iss: undefined }), 'token.claim-malformed'],
    ['an issuer that is a list', token({ iss: [ISSUER] }), 'token.claim-malformed'],
    ['a name that every object has', token({ iss: '__proto__' }), 'token.wrong-issuer'],
  ]
  for (const [name, text, expected] of rows) {
    test(`JWT-10: ${name}`, () => assert.equal(judge(TWO, text), expected))
  }

  test('JWT-10: a single issuer in the list is as strict', () => {
    const one: JwtIssuersOptions = { audience: AUDIENCE, issuers: [{ issuer: ISSUER, keys: HS256 }] }
    assert.equal(judge(one, token()), `${ISSUER} alice`)
    assert.equal(judge(one, token({ iss: PARTNER })), 'token.wrong-issuer')
  })

  const demands: JwtIssuersOptions = {
    audience: AUDIENCE,
    requiredClaims: ['tenant'],
    claimValues: { env: ['prod', 'stage'] },
    issuers: [
      {
        issuer: ISSUER,
        keys: HS256,
        requiredClaims: ['azp'],
        claimValues: { typ: 'Bearer', env: ['prod', 'dev'] },
      },
      { issuer: PARTNER, keys: PARTNER_KEY },
    ],
  }
  const full = { tenant: 't', azp: 'app', typ: 'Bearer', env: 'prod' }
  const demanded: readonly [name: string, text: string, expected: string][] = [
    ['all that is asked', token(full), `${ISSUER} alice`],
    ['what is asked by all alone missing', token({ ...full, tenant: undefined }), 'token.claim-malformed'],
    ['what is asked by the one alone missing', token({ ...full, azp: undefined }), 'token.claim-malformed'],
    ['another value than the one asks for', token({ ...full, typ: 'ID' }), 'token.wrong-type'],
    ['a value that only the one takes', token({ ...full, env: 'dev' }), 'token.wrong-type'],
    ['a value that only all take', token({ ...full, env: 'stage' }), 'token.wrong-type'],
    [
      'the other, which asks for nothing of its own',
      token({ iss: PARTNER, tenant: 't', env: 'stage' }, PARTNER_KEY),
      `${PARTNER} alice`,
    ],
    [
      'the other, without a claim',
      token({ iss: PARTNER, env: 'stage' }, PARTNER_KEY),
      'token.claim-malformed',
    ],
    ['the other, without a value', token({ iss: PARTNER, tenant: 't' }, PARTNER_KEY), 'token.wrong-type'],
  ]
  for (const [name, text, expected] of demanded) {
    test(`JWT-14: what all issuers have to say holds besides what each has: ${name}`, () => {
      assert.equal(judge(demands, text), expected)
    })
  }

  const wrong: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    ['no list', { audience: AUDIENCE, issuers: {} }, ['wrong_type jwt.issuers']],
    ['an empty list', { audience: AUDIENCE, issuers: [] }, ['out_of_range jwt.issuers']],
    [
      'an issuer twice',
      {
        audience: AUDIENCE,
        issuers: [
          { issuer: ISSUER, keys: HS256 },
          { issuer: ISSUER, keys: PARTNER_KEY },
        ],
      },
      ['duplicate_value jwt.issuers[1].issuer'],
    ],
    [
      'no audience anywhere',
      { issuers: [{ issuer: ISSUER, keys: HS256 }] },
      ['missing_option jwt.issuers[0].audience'],
    ],
    [
      'a single issuer besides',
      { audience: AUDIENCE, issuer: ISSUER, issuers: [{ issuer: ISSUER, keys: HS256 }] },
      ['unknown_option jwt.issuer'],
    ],
    [
      'a value for all that one contradicts',
      {
        audience: AUDIENCE,
        claimValues: { env: 'prod' },
        issuers: [{ issuer: ISSUER, keys: HS256, claimValues: { env: 'dev' } }],
      },
      ['contradiction jwt.issuers[0].claimValues.env'],
    ],
    [
      'claims for all that are no list, though the one has its own',
      {
        audience: AUDIENCE,
        requiredClaims: 'tenant',
        issuers: [{ issuer: ISSUER, keys: HS256, requiredClaims: [] }],
      },
      ['wrong_type jwt.requiredClaims'],
    ],
    [
      'an issuer whose getter throws',
      {
        audience: AUDIENCE,
        issuers: [
          {
            issuer: ISSUER,
            get keys(): never {
              throw new Error('secret detail')
            },
          },
        ],
      },
      ['wrong_type jwt.issuers[0].keys'],
    ],
    [
      'keys for all of them',
      { audience: AUDIENCE, keys: HS256, issuers: [{ issuer: ISSUER, keys: HS256 }] },
      ['unknown_option jwt.keys'],
    ],
  ]
  for (const [name, options, mistakes] of wrong) {
    test(`ERR-03: ${name} does not build`, () => {
      assert.deepEqual(
        mistakesOf('jwt', (where) => jwt(options as JwtIssuersOptions).compile(schemeContext(where))),
        mistakes,
      )
    })
  }
})

describe('the profile of RFC 9068', () => {
  const options: JwtOptions = { issuer: ISSUER, audience: AUDIENCE, keys: HS256, typ: 'at+jwt' }
  const full = { client_id: 'app', iat: Date.UTC(2026, 0, 1) / 1000, jti: 'j1' }
  const rows: readonly [name: string, changes: Record<string, unknown>, expected: string][] = [
    ['all claims of the profile', {}, `${ISSUER} alice`],
    ['no client_id', { client_id: undefined }, 'token.claim-malformed'],
    ['a client_id that is no text', { client_id: 7 }, 'token.claim-malformed'],
    ['no iat', { iat: undefined }, 'token.claim-malformed'],
    ['no jti', { jti: undefined }, 'token.claim-malformed'],
    ['no sub', { sub: undefined }, 'token.claim-malformed'],
    ['no exp', { exp: undefined }, 'token.claim-malformed'],
  ]
  for (const [name, changes, expected] of rows) {
    test(`JWT-13: ${name}`, async () => {
      const { signJwt } = await import('../../src/identity/sign.ts')
      const { claims } = await import('../support/tokens.ts')
      const text = signJwt(claims({ ...full, ...changes }), { key: HS256, typ: 'at+jwt' })
      assert.equal(judge(options, text), expected)
    })
  }

  test('JWT-13: a token of another type is refused', () => {
    assert.equal(judge(options, token(full)), 'token.wrong-type')
  })
})

describe('what tells access tokens from others', () => {
  const options: JwtOptions = {
    issuer: ISSUER,
    audience: 'client-1',
    audienceClaim: 'client_id',
    claimValues: { token_use: 'access', kind: ['a', 'b'] },
    keys: HS256,
  }
  const rows: readonly [name: string, changes: Record<string, unknown>, expected: string][] = [
    ['the values', {}, `${ISSUER} alice`],
    ['another of several values', { kind: 'b' }, `${ISSUER} alice`],
    ['another value', { token_use: 'id' }, 'token.wrong-type'],
    ['no value', { kind: undefined }, 'token.wrong-type'],
    ['a list that holds the value', { kind: ['a'] }, 'token.wrong-type'],
    ['another client', { client_id: 'client-2' }, 'token.wrong-audience'],
    ['the client in aud alone', { client_id: undefined, aud: 'client-1' }, 'token.claim-malformed'],
  ]
  for (const [name, changes, expected] of rows) {
    test(`JWT-14: ${name}`, () => {
      const text = token({
        aud: undefined,
        client_id: 'client-1',
        token_use: 'access',
        kind: 'a',
        ...changes,
      })
      assert.equal(judge(options, text), expected)
    })
  }
})

test('STP-01: acr, auth_time and permissions become those of the caller', () => {
  const scheme = compiled(
    jwt({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: HS256,
      permissionsFrom: ({ perms }) => perms as string[],
    }),
  )
  const found = identify(scheme, token({ acr: 'mfa', auth_time: 1_700_000_000, perms: ['a:b'] }))
  assert.ok(found.type === 'authenticated')
  const { acr, authTime, permissions } = found.principal
  assert.deepEqual([acr, authTime, permissions], ['mfa', 1_700_000_000, ['a:b']])
  const odd = identify(scheme, token({ acr: 7, auth_time: 'now', perms: [] }))
  assert.ok(odd.type === 'authenticated')
  assert.deepEqual([odd.principal.acr, odd.principal.authTime], [undefined, undefined])
})

test('DPP-16: a token that is bound to a key is refused as a bearer token', () => {
  const options: JwtOptions = { issuer: ISSUER, audience: AUDIENCE, keys: HS256 }
  assert.equal(judge(options, token({ cnf: { jkt: 'x' } })), 'token.unbound')
  assert.equal(judge(options, token({ cnf: null })), 'token.unbound')
})
