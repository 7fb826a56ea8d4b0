import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { anyOf } from '../../../src/identity/any-of.ts'
import { dpop, type DpopOptions } from '../../../src/identity/dpop.ts'
import { movableClock } from '../../support/clock.ts'
import { found, FREE_TOKEN, proofOf, request, scheme, TOKEN, tokens } from '../../support/dpop.ts'
import { guarded } from '../../support/gate.ts'
import { compiled, outcome, schemeMistakes } from '../../support/schemes.ts'

const ALGS = 'algs="ES256 PS256 Ed25519 EdDSA"'

describe('DPP-16: how a token comes', () => {
  const free = proofOf({ token: FREE_TOKEN })
  const rows: readonly (readonly [string, string, string | undefined, string, string])[] = [
    // name, Authorization, DPoP, with bearer: 'refuse', with bearer: 'unbound'
    ['a bound token as Bearer', `Bearer ${TOKEN}`, undefined, 'token.unbound', 'token.unbound'],
    ['a bound token as Bearer, with a proof', `Bearer ${TOKEN}`, proofOf(), 'token.unbound', 'token.unbound'],
    ['an unbound token as Bearer', `Bearer ${FREE_TOKEN}`, undefined, 'token.unbound', 'alice'],
    ['an unknown token as Bearer', 'Bearer unknown', undefined, 'token.unbound', 'token.malformed'],
    ['no token as Bearer', 'Bearer', undefined, 'credentials.malformed', 'credentials.malformed'],
    ['an unbound token as DPoP', `DPoP ${FREE_TOKEN}`, free, 'token.unbound', 'token.unbound'],
    ['a bound token without a proof', `DPoP ${TOKEN}`, undefined, 'proof.malformed', 'proof.malformed'],
    ['no token', 'DPoP', undefined, 'credentials.malformed', 'credentials.malformed'],
    ['two spaces', `DPoP  ${TOKEN}`, undefined, 'credentials.malformed', 'credentials.malformed'],
    [
      'a list of tokens',
      `DPoP ${TOKEN},${TOKEN}`,
      undefined,
      'credentials.malformed',
      'credentials.malformed',
    ],
    ['more after the token', `DPoP ${TOKEN} x`, undefined, 'credentials.malformed', 'credentials.malformed'],
    ['another scheme', `DPoPX ${TOKEN}`, proofOf(), 'none', 'none'],
    ['Basic', 'Basic YTpi', undefined, 'none', 'none'],
  ]
  for (const [name, authorization, proof, refuse, unbound] of rows) {
    test(`DPP-16: ${name}`, () => {
      const asked = request(proof ?? [], { authorization })
      assert.equal(outcome(found(scheme(), asked)), refuse)
      assert.equal(outcome(found(scheme({ bearer: 'unbound' }), asked)), unbound)
    })
  }

  test('DPP-16: the name of the scheme has no case', () => {
    for (const name of ['dpop', 'DPOP', 'dPoP']) {
      assert.equal(
        outcome(found(scheme(), request(proofOf(), { authorization: `${name} ${TOKEN}` }))),
        'alice',
      )
    }
  })

  test('DPP-16: two Authorization fields, or none', () => {
    const two = request(proofOf(), { fields: [['Authorization', 'Bearer x']] })
    assert.equal(outcome(found(scheme(), two)), 'credentials.repeated')
    assert.equal(outcome(found(scheme(), request(proofOf(), { authorization: '' }))), 'none')
  })

  test('AUT-04: a token in the query beside one in the field is a second credential, also where none is taken there', () => {
    for (const query of ['?access_token=x', '?a=1&access_token=', '?access%5Ftoken=x']) {
      const both = found(scheme(), request(proofOf(), { query }))
      assert.equal('kind' in both ? both.kind : both.type, 'credentials.repeated', query)
    }
    assert.equal(found(scheme(), request(proofOf(), { query: '?token=x' })).type, 'authenticated')
  })

  test('DPP-16: where the tokens may be in the query, one there is a bearer token, or a second credential', () => {
    const more = { queryToo: true }
    const both = request(proofOf(), { query: `?access_token=${FREE_TOKEN}` })
    assert.equal(outcome(found(scheme({}, movableClock(), more), both)), 'credentials.repeated')
    const bound = { ...request([]), query: `?access_token=${TOKEN}`, headers: {} }
    assert.equal(outcome(found(scheme({}, movableClock(), more), bound)), 'token.unbound')
    const ready = scheme({ bearer: 'unbound' }, movableClock(), more)
    assert.equal(outcome(found(ready, bound)), 'token.unbound')
    assert.deepEqual(ready.queryFields, ['access_token'])
  })

  test('DPP-16: bearer tokens that are verified later', async () => {
    const ready = scheme({ bearer: 'unbound' }, movableClock(), { late: true })
    const bound = await ready.identify(request([], { authorization: `Bearer ${TOKEN}` }))
    assert.ok(bound.type === 'bad' && bound.kind === 'token.unbound')
    const free_ = await ready.identify(request([], { authorization: `Bearer ${FREE_TOKEN}` }))
    assert.equal(free_.type, 'authenticated')
  })

  test('DPP-16: no other scheme beside it takes bearer tokens', () => {
    const ready = scheme()
    assert.deepEqual(ready.authSchemes, ['dpop', 'bearer'])
    assert.deepEqual(ready.fields, ['authorization', 'dpop'])
    assert.deepEqual(schemeMistakes(anyOf(dpop(tokens()), tokens())), ['contradiction authenticate[1]'])
  })

  test('DPP-16: on the wire, 401 invalid_token with the challenge', async () => {
    const api = await guarded({ hosts: ['api.example.com'], authenticate: dpop(tokens()) as never })
    try {
      for (const authorization of [`Bearer ${TOKEN}`, `Bearer ${FREE_TOKEN}`]) {
        const fields = ['Host', 'api.example.com', 'Authorization', authorization]
        const { status, headers, body } = await api.send({ path: '/orders', fields })
        assert.equal(status, 401)
        assert.equal(headers['www-authenticate'], `DPoP realm="api", ${ALGS}, error="invalid_token"`)
        assert.equal((JSON.parse(body) as { code: string }).code, 'invalid_token')
      }
    } finally {
      await api.close()
    }
  })
})

describe('DPP-18: challenges name the algorithms', () => {
  const rows: readonly (readonly [
    string,
    DpopOptions,
    readonly (readonly [string, string])[],
    readonly string[],
  ])[] = [
    ['without an error', {}, [], [`DPoP realm="api", ${ALGS}`]],
    ['with an error', {}, [['error', 'invalid_token']], [`DPoP realm="api", ${ALGS}, error="invalid_token"`]],
    ['of one algorithm', { algorithms: ['EdDSA'] }, [], ['DPoP realm="api", algs="EdDSA"']],
    ['beside Bearer', { bearer: 'unbound' }, [], [`DPoP realm="api", ${ALGS}`, 'Bearer realm="api"']],
    [
      'beside Bearer, with an error of both',
      { bearer: 'unbound' },
      [['error', 'invalid_token']],
      [`DPoP realm="api", ${ALGS}, error="invalid_token"`, 'Bearer realm="api", error="invalid_token"'],
    ],
    [
      'beside Bearer, with an error of DPoP alone',
      { bearer: 'unbound' },
      [['error', 'use_dpop_nonce']],
      [`DPoP realm="api", ${ALGS}, error="use_dpop_nonce"`, 'Bearer realm="api"'],
    ],
    [
      'with the scope that is needed',
      { bearer: 'unbound' },
      [
        ['error', 'insufficient_scope'],
        ['scope', 'a b'],
      ],
      [
        `DPoP realm="api", ${ALGS}, error="insufficient_scope", scope="a b"`,
        'Bearer realm="api", error="insufficient_scope", scope="a b"',
      ],
    ],
  ]
  for (const [name, options, params, expected] of rows) {
    test(`DPP-18: ${name}`, () => assert.deepEqual(scheme(options).challenges(params), expected))
  }

  test('DPP-18: the realm of the tokens is quoted', () => {
    const ready = scheme({}, movableClock(), { realm: 'a "b"' })
    assert.deepEqual(ready.challenges([]), [`DPoP realm="a \\"b\\"", ${ALGS}`])
  })

  test('DPP-18: OpenAPI knows it as an http scheme, and the bearer tokens where they are taken', () => {
    assert.deepEqual(scheme().describe?.().alternatives, [['dpop']])
    const both = scheme({ bearer: 'unbound' }).describe?.()
    assert.deepEqual(both?.alternatives, [['dpop'], ['test']])
    assert.deepEqual(Object.keys(both.securitySchemes), ['test', 'dpop'])
  })
})

describe('DPP-05: options that cannot be used', () => {
  const rows: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['an HMAC', { algorithms: ['HS256'] }, ['malformed_value authenticate.dpop.algorithms[0]']],
    ['none', { algorithms: ['none'] }, ['malformed_value authenticate.dpop.algorithms[0]']],
    ['no algorithm', { algorithms: [] }, ['out_of_range authenticate.dpop.algorithms']],
    ['one twice', { algorithms: ['ES256', 'ES256'] }, ['duplicate_value authenticate.dpop.algorithms[1]']],
    ['a long window', { maxAge: '1h' }, ['out_of_range authenticate.dpop.maxAge']],
    ['a large skew', { clockSkew: '5m' }, ['out_of_range authenticate.dpop.clockSkew']],
    ['a nonce without a secret', { nonce: {} }, ['missing_option authenticate.dpop.nonce.secret']],
    ['a short secret', { nonce: { secret: 'c2hvcnQ' } }, ['out_of_range authenticate.dpop.nonce.secret']],
    [
      'a secret that is a sentence',
      { nonce: { secret: 'no base64url, but long enough' } },
      ['malformed_value authenticate.dpop.nonce.secret'],
    ],
    ['a placeholder', { nonce: { secret: 'A'.repeat(43) } }, ['unsafe_value authenticate.dpop.nonce.secret']],
    [
      'a short secret of two',
      { nonce: { secret: [randomBytes(32), 'c2hvcnQ'] } },
      ['out_of_range authenticate.dpop.nonce.secret[1]'],
    ],
    ['no secret of a list', { nonce: { secret: [] } }, ['out_of_range authenticate.dpop.nonce.secret']],
    ['a secret that is none', { nonce: { secret: 1 } }, ['wrong_type authenticate.dpop.nonce.secret']],
    [
      'a long lifetime',
      { nonce: { secret: randomBytes(32), lifetime: '1d' } },
      ['out_of_range authenticate.dpop.nonce.lifetime'],
    ],
    ['any bearer', { bearer: 'any' }, ['malformed_value authenticate.dpop.bearer']],
    ['a store without add', { store: {} }, ['wrong_type authenticate.dpop.store']],
    ['an unknown option', { algs: ['ES256'] }, ['unknown_option authenticate.dpop.algs']],
    ['no options', null, ['wrong_type authenticate.dpop']],
  ]
  for (const [name, options, expected] of rows) {
    test(`DPP-05: ${name}`, () => {
      assert.deepEqual(schemeMistakes(dpop(tokens(), options as DpopOptions)), expected)
    })
  }

  test('DPP-05: a scheme that has no tokens', () => {
    assert.deepEqual(schemeMistakes(dpop({} as never)), ['wrong_type authenticate'])
  })

  test('DPP-05: nothing is accepted while the options cannot be used', () => {
    const broken = dpop(tokens(), { nonce: { secret: 'c2hvcnQ' } })
    assert.throws(() => compiled(broken))
  })
})
