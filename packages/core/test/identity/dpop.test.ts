import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import type { RequestFacts } from '../../src/contract/request.ts'
import { dpop, type DpopAlgorithm, type DpopOptions } from '../../src/identity/dpop.ts'
import { jwkThumbprint } from '../../src/identity/jwk-thumbprint.ts'
import { movableClock } from '../support/clock.ts'
import {
  found,
  FREE_TOKEN,
  proofOf,
  type ProofInit,
  publicJwk,
  request,
  scheme,
  signedText,
  testTokens,
  thumbprintOf,
  TOKEN,
} from '../support/dpop.ts'
import { compiled, outcome } from '../support/schemes.ts'
import { NOW, pairFor } from '../support/tokens.ts'

/** What becomes of a request, as the kind or the subject. */
function outcomeOf(asked: RequestFacts, options: DpopOptions = {}): string {
  return outcome(found(scheme(options), asked))
}

/** What becomes of a proof that differs from a good one. */
function proofOutcome(init: ProofInit, options: DpopOptions = {}): string {
  return outcomeOf(request(proofOf(init)), options)
}

function claimRows(name: string, expected: string, rows: readonly (readonly [string, ProofInit])[]): void {
  describe(name, () => {
    for (const [row, init] of rows) test(`${name}: ${row}`, () => assert.equal(proofOutcome(init), expected))
  })
}

test('DPP-01: a token with one good proof is accepted, at once', () => {
  const identified = found(scheme(), request())
  assert.ok(identified.type === 'authenticated')
  assert.equal(identified.principal.subject, 'alice')
  assert.equal(identified.fields, undefined)
})

describe('DPP-01: exactly one DPoP field', () => {
  const rows: readonly (readonly [string, RequestFacts])[] = [
    ['none', request([])],
    ['two', request([proofOf(), proofOf()])],
    ['the same twice', request(Array.from({ length: 2 }, () => 'x'))],
    ['two in one line', request(`${proofOf()}, ${proofOf()}`)],
    ['an empty one', request('')],
  ]
  for (const [name, asked] of rows) {
    test(`DPP-01: ${name}`, () => assert.equal(outcomeOf(asked), 'proof.malformed'))
  }
})

describe('DPP-02: one well-formed JWT', () => {
  const good = proofOf()
  const [header = '', payload = '', signature = ''] = good.split('.')
  const rows: readonly (readonly [string, string])[] = [
    ['two parts', `${header}.${payload}`],
    ['four parts', `${good}.${signature}`],
    ['JSON serialization', JSON.stringify({ protected: header, payload, signature })],
    ['padding', `${header}=.${payload}.${signature}`],
    ['left-over bits', `${header}.${payload}.${signature.slice(0, -1)}_`],
    ['the other alphabet', `${header}.${payload}.+${signature.slice(1)}`],
    ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`],
    ['a header that is a list', `${Buffer.from('[]').toString('base64url')}.${payload}.${signature}`],
    ['a name twice in the header', signedText('{"typ":"dpop+jwt","typ":"dpop+jwt"}', '{}')],
    ['longer than 4096', proofOf({ claims: { more: 'x'.repeat(4096) } })],
    ['a critical extension', proofOf({ header: { crit: ['exp'], exp: NOW } })],
    ['an unencoded payload', proofOf({ header: { b64: true } })],
    ['a payload that is no JSON', signedText(Buffer.from(header, 'base64url').toString(), 'claims')],
    [
      'a name twice in the payload',
      signedText(Buffer.from(header, 'base64url').toString(), '{"jti":"a","jti":"b"}'),
    ],
  ]
  for (const [name, text] of rows) {
    test(`DPP-02: ${name}`, () => assert.equal(outcomeOf(request(text)), 'proof.malformed'))
  }
})

claimRows('DPP-03', 'proof.malformed', [
  ...['jti', 'htm', 'htu', 'iat', 'ath'].flatMap((name) => [
    [`without ${name}`, { claims: { [name]: undefined } }] as const,
    [`${name} is null`, { claims: { [name]: null } }] as const,
    [`${name} is of another type`, { claims: { [name]: name === 'iat' ? '1' : 1 } }] as const,
  ]),
  ['nonce is a number', { claims: { nonce: 1 } }],
])

claimRows('DPP-04', 'proof.malformed', [
  ['no typ', { header: { typ: undefined } }],
  ['JWT', { header: { typ: 'JWT' } }],
  ['at+jwt', { header: { typ: 'at+jwt' } }],
  ['a list', { header: { typ: ['dpop+jwt'] } }],
  ['more of it', { header: { typ: 'dpop+jwt2' } }],
])

test('DPP-04: a type is a media type, of any case, with or without application/', () => {
  assert.equal(proofOutcome({ header: { typ: 'application/DPoP+JWT' } }), 'alice')
})

claimRows('DPP-05', 'proof.malformed', [
  ['none', { header: { alg: 'none' } }],
  ['no alg', { header: { alg: undefined } }],
  ['HS256', { header: { alg: 'HS256' } }],
  ['es256', { header: { alg: 'es256' } }],
  ['asymmetric, and not allowed', { alg: 'RS256' }],
  ['a number', { header: { alg: 256 } }],
])

describe('DPP-05: every algorithm with a key pair can be allowed', () => {
  const algorithms: readonly DpopAlgorithm[] = [
    'ES256',
    'ES384',
    'ES512',
    'PS256',
    'RS512',
    'Ed25519',
    'EdDSA',
  ]
  for (const alg of algorithms) {
    test(`DPP-05: ${alg}`, () => {
      const bound = testTokens({ [TOKEN]: { jkt: thumbprintOf(pairFor(alg)) } })
      const ready = compiled(dpop(bound, { algorithms: [alg] }))
      assert.equal(outcome(found(ready, request(proofOf({ alg })))), 'alice')
    })
  }
})

describe('DPP-06: the proof verifies with the key that it brings', () => {
  test('DPP-06: signed with another key', () => {
    const [, , signature = ''] = proofOf({ pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }) }).split(
      '.',
    )
    const [header = '', payload = ''] = proofOf().split('.')
    assert.equal(outcomeOf(request(`${header}.${payload}.${signature}`)), 'proof.bad-signature')
  })
  test('DPP-06: changed after it was signed', () => {
    const [header = '', , signature = ''] = proofOf().split('.')
    const [, payload = ''] = proofOf().split('.')
    assert.equal(outcomeOf(request(`${header}.${payload}.${signature}`)), 'proof.bad-signature')
  })
  test('DPP-06: a signature of zeros', () => {
    const [header = '', payload = ''] = proofOf().split('.')
    const zeros = Buffer.alloc(64).toString('base64url')
    assert.equal(outcomeOf(request(`${header}.${payload}.${zeros}`)), 'proof.bad-signature')
  })
  test('DPP-06: a proof without a signature', () => {
    const [header = '', payload = ''] = proofOf().split('.')
    assert.equal(outcomeOf(request(`${header}.${payload}.`)), 'proof.bad-signature')
  })
})

const KEY = publicJwk(pairFor('ES256'))
claimRows('DPP-07', 'proof.malformed', [
  ['the private key', { header: { jwk: pairFor('ES256').privateKey.export({ format: 'jwk' }) } }],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map(
    (name) => [`a private member ${name}`, { header: { jwk: { ...KEY, [name]: '' } } }] as const,
  ),
  ['a secret', { header: { jwk: { kty: 'oct', k: 'c2VjcmV0' } } }],
  ['no key', { header: { jwk: undefined } }],
  ['a list of keys', { header: { jwk: [KEY] } }],
  ['a key set', { header: { jwk: { keys: [KEY] } } }],
  ['a key of no known kind', { header: { jwk: { ...KEY, kty: 'XX' } } }],
  ['a coordinate that is no text', { header: { jwk: { ...KEY, x: 1 } } }],
  ['a key beside the address of another', { header: { jku: 'https://evil.example/keys' } }],
  ['a key beside a certificate', { header: { x5c: ['MIIB'] } }],
  // These pass for the key of the token, since a thumbprint takes no notice of what a JWK says about itself.
  ['a key that is meant for encryption', { header: { jwk: { ...KEY, use: 'enc' } } }],
  ['a key that is meant for another algorithm', { header: { jwk: { ...KEY, alg: 'ES384' } } }],
])

test('DPP-07: a weak RSA key is refused, though a token be bound to it', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const ready = compiled(dpop(testTokens({ [TOKEN]: { jkt: thumbprintOf(pair) } })))
  assert.equal(outcome(found(ready, request(proofOf({ alg: 'PS256', pair })))), 'proof.malformed')
})

test('DPP-07: a point of small order is refused, though a token be bound to it', () => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).fill(1, 0, 1).toString('base64url') }
  const ready = compiled(dpop(testTokens({ [TOKEN]: { jkt: jwkThumbprint(jwk) } })))
  const asked = request(proofOf({ alg: 'Ed25519', header: { jwk } }))
  assert.equal(outcome(found(ready, asked)), 'proof.malformed')
})

claimRows('DPP-08', 'proof.mismatch', [
  ['another method', { claims: { htm: 'POST' } }],
  ['the method in lower case', { claims: { htm: 'get' } }],
  ['a list of methods', { claims: { htm: 'GET,POST' } }],
  ['an empty method', { claims: { htm: '' } }],
])

claimRows('DPP-09', 'proof.mismatch', [
  ['another path', { claims: { htu: 'https://api.example.com/order' } }],
  ['a path below', { claims: { htu: 'https://api.example.com/orders/1' } }],
  ['a slash at the end', { claims: { htu: 'https://api.example.com/orders/' } }],
  ['another host', { claims: { htu: 'https://api.example.org/orders' } }],
  ['another scheme', { claims: { htu: 'http://api.example.com/orders' } }],
  ['another port', { claims: { htu: 'https://api.example.com:8443/orders' } }],
  ['the path alone', { claims: { htu: '/orders' } }],
  ['a user in the URI', { claims: { htu: 'https://api.example.com@evil.example/orders' } }],
  ['an empty text', { claims: { htu: '' } }],
])

test('DPP-09: the URI is the external one, as far as proxies are believed', () => {
  const asked = request(proofOf(), { scheme: 'http' })
  assert.equal(outcomeOf(asked), 'proof.mismatch')
  const known = request(proofOf({ claims: { htu: 'http://api.example.com/orders' } }), { scheme: 'http' })
  assert.equal(outcomeOf(known), 'alice')
})

test('DPP-09: a request without a readable host, or with the target *, fits no proof', () => {
  assert.equal(outcomeOf(request(proofOf(), { authority: undefined })), 'proof.mismatch')
  assert.equal(outcomeOf(request(proofOf(), { path: '*' })), 'proof.mismatch')
})

describe('DPP-10: the nonce matches when one is demanded', () => {
  const nonce = { secret: Buffer.from('a secret of more than thirty-two characters') }
  const needed = 'proof.nonce-needed'
  test('DPP-10: no nonce', () => assert.equal(proofOutcome({}, { nonce }), needed))
  test('DPP-10: another nonce', () =>
    assert.equal(proofOutcome({ claims: { nonce: 'guessed' } }, { nonce }), needed))
  test('DPP-10: the nonce of the refusal', () => {
    const ready = scheme({ nonce })
    const refused = found(ready, request())
    assert.ok(refused.type === 'bad')
    const [, given] = refused.fields ?? []
    assert.equal(outcome(found(ready, request(proofOf({ claims: { nonce: given } })))), 'alice')
  })
  test('DPP-10: where none is demanded, one changes nothing', () =>
    assert.equal(proofOutcome({ claims: { nonce: 'of another server' } }), 'alice'))
})

describe('DPP-11: the time is inside the window', () => {
  const rows: readonly (readonly [string, number, string])[] = [
    ['now', 0, 'alice'],
    ['one second before the end', -59, 'alice'],
    ['at the end', -60, 'proof.expired'],
    ['long ago', -100_000, 'proof.expired'],
    ['as far ahead as the skew', 30, 'alice'],
    ['further ahead', 31, 'proof.expired'],
    ['for ever ahead', 1e300, 'proof.expired'],
    ['a fraction of a second', -0.5, 'alice'],
  ]
  for (const [name, offset, expected] of rows) {
    test(`DPP-11: ${name}`, () => assert.equal(proofOutcome({ claims: { iat: NOW + offset } }), expected))
  }
  test('DPP-11: a number beyond all numbers is none', () => {
    const [header = ''] = proofOf().split('.')
    const claims = JSON.stringify({ jti: 'a', htm: 'GET', htu: 'x', ath: 'x' }).replace('}', ',"iat":1e999}')
    const text = signedText(Buffer.from(header, 'base64url').toString(), claims)
    assert.equal(outcomeOf(request(text)), 'proof.malformed')
  })
  test('DPP-11: the window is an option', () => {
    const options: DpopOptions = { maxAge: '10s', clockSkew: '0s' }
    assert.equal(proofOutcome({ claims: { iat: NOW - 10 } }, options), 'proof.expired')
    assert.equal(proofOutcome({ claims: { iat: NOW + 1 } }, options), 'proof.expired')
    assert.equal(proofOutcome({ claims: { iat: NOW - 9 } }, options), 'alice')
  })
})

describe('DPP-12: the proof is for this token, and the token for this key', () => {
  test('DPP-12: the hash of another token', () =>
    assert.equal(proofOutcome({ token: 'another-token' }), 'proof.mismatch'))
  test('DPP-12: the token itself in place of its hash', () =>
    assert.equal(proofOutcome({ claims: { ath: TOKEN } }), 'proof.mismatch'))
  test('DPP-12: the key of somebody else', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    assert.equal(proofOutcome({ pair }), 'token.unbound')
  })
  const jkt = thumbprintOf(pairFor('ES256'))
  const rows: readonly (readonly [string, unknown])[] = [
    ['a cnf that is a text', jkt],
    ['a cnf that is null', null],
    ['a cnf without jkt', { kid: jkt }],
    ['a jkt that is a list', { jkt: [jkt] }],
    ['a jkt of another spelling', { jkt: `${jkt}=` }],
    ['an empty jkt', { jkt: '' }],
    ['a certificate besides, which nobody checks here', { jkt, 'x5t#S256': 'x' }],
  ]
  for (const [name, cnf] of rows) {
    test(`DPP-12: ${name}`, () => {
      const ready = compiled(dpop(testTokens({ [TOKEN]: cnf })))
      assert.equal(outcome(found(ready, request())), 'token.unbound')
    })
  }
  test('DPP-12: members of a cnf that nobody knows change nothing (RFC 7800 §3.1)', () => {
    const ready = compiled(dpop(testTokens({ [TOKEN]: { jkt, other: 1 } })))
    assert.equal(outcome(found(ready, request())), 'alice')
  })
  test('DPP-12: a token that is bad is refused as the token scheme has it', () => {
    const asked = request(proofOf({ token: 'stolen' }), { authorization: 'DPoP stolen' })
    assert.equal(outcomeOf(asked), 'token.malformed')
  })
  test('DPP-12: a token that is verified later is bound all the same', async () => {
    const ready = scheme({}, movableClock(), { late: true })
    const good = await ready.identify(request())
    assert.equal(good.type, 'authenticated')
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const stolen = await ready.identify(request(proofOf({ pair })))
    assert.ok(stolen.type === 'bad' && stolen.kind === 'token.unbound')
    const free = request(proofOf({ token: FREE_TOKEN }), { authorization: `DPoP ${FREE_TOKEN}` })
    const unbound = await ready.identify(free)
    assert.ok(unbound.type === 'bad' && unbound.kind === 'token.unbound')
  })
})

test('DPP-06: no key is read, and no proof used up, before the token is good and bound to that key', () => {
  const used: string[] = []
  const store = { add: (key: string) => used.push(key) > 0 }
  const ready = scheme({ store })
  const pair = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const asked = [
    request(proofOf({ token: 'stolen' }), { authorization: 'DPoP stolen' }),
    request(proofOf({ alg: 'PS256', pair })),
  ]
  assert.deepEqual(
    asked.map((one) => outcome(found(ready, one))),
    ['token.malformed', 'token.unbound'],
  )
  const [header = '', payload = ''] = proofOf().split('.')
  assert.equal(outcome(found(ready, request(`${header}.${payload}.AAAA`))), 'proof.bad-signature')
  assert.deepEqual(used, [])
  assert.equal(outcome(found(ready, request())), 'alice')
  assert.equal(used.length, 1)
})
