import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { format, inspect } from 'node:util'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import {
  alerts,
  apiKey,
  basic,
  crossSiteToken,
  digest,
  dpop,
  gatehouse,
  introspection,
  jwt,
  type Policy,
  secret,
  session,
  signJwt,
  slackAlerts,
  tokenIssuer,
  webhook,
  webhookAlerts,
  webhookVerifier,
} from '../../src/index.ts'

// A token, a policy or a key that somebody logs: what is held must not come out by any printer.
const TEXT = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA'
const BYTES = Buffer.from(TEXT, 'base64url')
const OTHER = 'another-secret-of-a-client-0123456789'
const { privateKey } = generateKeyPairSync('ed25519')
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const scalar = String(createPrivateKey(pem).export({ format: 'jwk' }).d)

/** How each of the secrets looks where it is printed. */
const LOOKS = [
  TEXT,
  OTHER,
  Buffer.from(OTHER).toString('base64'),
  scalar,
  BYTES.toString('latin1'),
  BYTES.toString('hex').slice(0, 16),
  // As inspect shows bytes, and JSON a buffer.
  inspect(BYTES).slice(8, 30),
  JSON.stringify([...BYTES]).slice(1, 30),
  pem.slice(30, 70),
]

/** All that a program prints things with, without a look at the hidden places of a prototype. */
function printed(value: unknown): string {
  return [
    inspect(value, { depth: null, showHidden: true, maxArrayLength: null, getters: true }),
    inspect(value, { depth: null, customInspect: false, maxArrayLength: null }),
    json(value),
    format('%o %j %s', value, undefined, value),
    String(value),
  ].join('\n')
}

function json(value: unknown): string {
  const seen = new Set<unknown>()
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null) return each
    if (seen.has(each)) return undefined
    seen.add(each)
    return each
  })
}

const clock = movableClock()
const store = memoryStore({ clock })
const keys = [{ id: '2026-01', secret: TEXT }]
const wrapped = [{ id: '2026-01', secret: secret(TEXT) }]
const schemes = {
  jwt: jwt({ issuer: 'https://id.example.com', audience: 'api', keys: { alg: 'HS256', key: OTHER } }),
  dpop: dpop(jwt({ issuer: 'https://id.example.com', audience: 'api', keys: { alg: 'Ed25519', key: pem } }), {
    nonce: { secret: TEXT },
  }),
  introspection: introspection({
    issuer: 'https://id.example.com',
    audience: 'api',
    clientId: 'api',
    clientSecret: OTHER,
  }),
  digest: digest({ users: {}, secret: TEXT }),
  apiKey: apiKey({ keys: [] }),
}
const issuer = tokenIssuer({
  issuer: 'https://id.example.com',
  audience: 'api',
  key: { alg: 'Ed25519', key: pem, kid: 'a' },
})
const signing = `whsec_${Buffer.from(OTHER).toString('base64')}`
const receivers = [
  slackAlerts({ url: `https://hooks.example.com/${TEXT}` }),
  webhookAlerts({ url: `https://hooks.example.com/${TEXT}`, secret: signing }),
]
const things: Readonly<Record<string, unknown>> = {
  ...schemes,
  session: session({ keys, store }),
  'session with wrapped secrets': session({ keys: wrapped, store }),
  crossSiteToken: crossSiteToken({ keys, session: () => undefined }),
  tokenIssuer: issuer,
  basic: basic({ verify: (_name, password) => (password === OTHER ? { subject: 'a' } : undefined) }),
  webhook: webhook({
    url: `https://hooks.example.com/${TEXT}`,
    secret: signing,
    headers: { 'X-Key': OTHER },
  }),
  slackAlerts: receivers[0],
  webhookAlerts: receivers[1],
  alerts: alerts({ deliver: receivers }),
  webhookVerifier: webhookVerifier({ secret: signing, store }),
}

describe('a secret that somebody logs', () => {
  for (const [name, value] of Object.entries(things)) {
    test(`LOG-02: is not in what is printed of ${name}`, () => {
      const text = printed(value)
      for (const look of LOOKS) assert.equal(text.includes(look), false, look)
    })
  }

  test('LOG-02: is not in what is printed of a policy and its gate', () => {
    const policy: Policy = {
      hosts: ['api.example.com'],
      clock,
      store,
      authenticate: schemes.jwt,
      crossSite: { token: crossSiteToken({ keys: wrapped, session: () => undefined }) },
    }
    const gate = gatehouse(policy)
    for (const value of [policy, gate, gate.routes(), gate.openapi()])
      for (const look of LOOKS) assert.equal(printed(value).includes(look), false, look)
  })

  test('LOG-02: is not in a mistake about it', () => {
    for (const bad of [TEXT.slice(0, 20), secret(TEXT.slice(0, 20)), BYTES.subarray(0, 9)]) {
      try {
        session({ keys: [{ id: 'a', secret: bad }], store })
        assert.fail('it is too short')
      } catch (error) {
        const text = printed(error)
        assert.ok(text.includes('out_of_range'))
        assert.equal(text.includes(TEXT.slice(0, 12)), false)
      }
    }
  })
})

test('LOG-02: a wrapped secret does what the secret itself does', () => {
  const claims = { iss: 'https://id.example.com', sub: 'alice' }
  const plain = signJwt(claims, { key: { alg: 'HS256', key: OTHER } })
  assert.equal(signJwt(claims, { key: { alg: 'HS256', key: secret(OTHER) } }), plain)
})
