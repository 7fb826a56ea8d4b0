import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Records } from '../../src/contract/store.ts'
import { digest, type DigestOptions } from '../../src/identity/digest.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { HASH, type Making, partOf, type Proof, proofOf, REALM, written } from '../support/digest.ts'
import { facts, type FactsInit } from '../support/facts.ts'
import { start } from '../support/http.ts'
import { compiled, outcomeOf } from '../support/schemes.ts'
import { slowStore } from '../support/token-endpoint.ts'

/*
 * The attacker has seen what a client sent, in a log or on a stretch without TLS, or stands between and changes what is
 * offered and what is answered; the password they do not have.
 */

const SECRET = Buffer.from('a secret of thirty-two bytes or more, for nonces')
const USERS = { printer: { hash: HASH } }

interface Server {
  readonly challenge: () => string
  /** Who comes in with a proof, or the kind of the refusal. */
  readonly say: (proof: Proof, request?: FactsInit) => Promise<string>
}

function server(options: Partial<DigestOptions> = {}, clock: MovableClock = movableClock()): Server {
  const scheme = compiled(digest({ realm: REALM, users: USERS, ...options }), clock)
  return {
    challenge: () => scheme.challenges([])[0] ?? '',
    say: async (proof, request = {}) =>
      outcomeOf(await scheme.identify(facts({ ...request, fields: [['Authorization', written(proof)]] }))),
  }
}

describe('attack: a digest that was seen is sent again', () => {
  test('RFC 7616 §5.5: one count of a nonce is good once, whatever else is changed about it', async () => {
    const { challenge, say } = server()
    const first = challenge()
    const seen = proofOf(first)
    assert.equal(await say(seen), 'printer')
    assert.equal(await say(seen), 'credentials.replayed')
    // Even by the client itself: another cnonce makes no new proof of an old count.
    assert.equal(await say(proofOf(first, { cnonce: 'other' })), 'credentials.replayed')
    const twins: readonly Proof[] = [
      { ...seen, nc: '00000002' },
      { ...seen, nc: '0000000001' },
      { ...seen, nc: '1' },
      { ...seen, nc: '+0000001' },
      { ...seen, nc: '00000001 ' },
      { ...seen, cnonce: 'abcd' },
      { ...seen, nonce: partOf(challenge(), 'nonce') },
      { ...seen, nonce: `${seen['nonce']}=` },
      { ...seen, nonce: `${seen['nonce']} ` },
      { ...seen, response: String(seen['response']).toUpperCase() },
    ]
    for (const twin of twins) assert.match(await say(twin), /^credentials\.(?:malformed|wrong|replayed)$/)
  })

  test('RFC 7616 §5.5: counts may come in any order, and each of them once', async () => {
    const { challenge, say } = server()
    const first = challenge()
    const counts = ['00000003', '00000001', '0000000a', '00000002', 'ffffffff']
    for (const nc of counts) assert.equal(await say(proofOf(first, { nc })), 'printer')
    for (const nc of counts) assert.equal(await say(proofOf(first, { nc })), 'credentials.replayed')
    // In another spelling it would be another key of the store for one count.
    assert.equal(await say(proofOf(first, { nc: '0000000A' })), 'credentials.malformed')
  })

  test('RFC 7616 §5.5: it is remembered until its nonce is over, though a clock is set back', async () => {
    const clock = movableClock()
    const { challenge, say } = server({ store: memoryStore({ clock }), nonceLifetime: '5m' }, clock)
    const seen = proofOf(challenge())
    assert.equal(await say(seen), 'printer')
    clock.advance(299_999)
    assert.equal(await say(seen), 'credentials.replayed')
    clock.advance(1)
    assert.equal(await say(seen), 'credentials.expired')
    clock.jump(-50_000)
    assert.equal(await say(seen), 'credentials.replayed')
  })

  const stores: readonly (readonly [string, (clock: MovableClock) => Records])[] = [
    ['at hand', (clock) => memoryStore({ clock })],
    ['far away', slowStore],
  ]
  for (const [name, make] of stores) {
    test(`RFC 7616 §5.5: of many at once one comes in, on all instances, with a store that is ${name}`, async () => {
      const clock = movableClock()
      const store = make(clock)
      const instances = Array.from({ length: 3 }, () => server({ secret: SECRET, store }, clock))
      const seen = proofOf(instances[0]?.challenge() ?? '')
      const all = Array.from({ length: 10 }, () => instances.map(({ say }) => say(seen)))
      const said = await Promise.all(all.flat())
      assert.equal(said.filter((one) => one === 'printer').length, 1)
      assert.equal(said.filter((one) => one === 'credentials.replayed').length, 29)
    })
  }

  test('RFC 7616 §5.5: on the wire the second is a 401 that says stale, and tells nothing else', async () => {
    const gate = gatehouse({
      hosts: ['127.0.0.1'],
      https: 'dangerouslyAllowHttp',
      authenticate: digest({ realm: REALM, users: USERS }),
    })
    const running = await start(gate.handler((_req, res, pass) => res.end(pass.principal.username)))
    after(() => running.close())
    const call = (...more: readonly string[]): ReturnType<typeof running.send> =>
      running.send({ path: '/jobs?state=open', fields: ['Host', '127.0.0.1', ...more] })
    const first = String((await call()).headers['www-authenticate'])
    const field = written(proofOf(first, { uri: '/jobs?state=open' }))
    assert.equal((await call('Authorization', field)).body, 'printer')
    const again = await call('Authorization', field)
    assert.equal(again.status, 401)
    const challenge = String(again.headers['www-authenticate'])
    assert.match(challenge, /^Digest [^]*stale=true$/)
    assert.notEqual(partOf(challenge, 'nonce'), partOf(first, 'nonce'))
    const twice = await call('Authorization', field, 'Authorization', field)
    assert.equal(twice.status, 400)
  })
})

describe('attack: the nonce of a digest is somebody else’s', () => {
  const own = (): Server => server({ secret: SECRET })
  const others: readonly (readonly [string, () => string])[] = [
    ['of a server with another secret', () => server().challenge()],
    ['of a server with another realm', () => server({ secret: SECRET, realm: 'else' }).challenge()],
  ]
  for (const [name, challenge] of others) {
    test(`RFC 7616 §5.4: one ${name} is not good here`, async () => {
      const { challenge: ours, say } = own()
      const nonce = partOf(challenge(), 'nonce')
      assert.equal(await say(proofOf(ours(), { nonce })), 'credentials.expired')
    })
  }

  test('RFC 7616 §5.4: nobody makes one, or gives one a longer life', async () => {
    const { challenge, say } = own()
    const nonce = Buffer.from(partOf(challenge(), 'nonce'), 'base64url')
    for (let i = 0; i < nonce.length; i++) {
      for (const bit of [0x01, 0x80]) {
        const other = Buffer.from(nonce)
        other[i] = (other[i] ?? 0) ^ bit
        const found = await say(proofOf(challenge(), { nonce: other.toString('base64url') }))
        assert.equal(found, 'credentials.expired', `byte ${i}`)
      }
    }
    const made = ['', 'x', '0'.repeat(46), 'A'.repeat(4000), nonce.toString('hex')]
    for (const text of made) {
      const found = await say(proofOf(challenge(), { nonce: text }))
      assert.match(found, /^credentials\.(?:expired|malformed)$/)
    }
  })

  test('RFC 7616 §3.3: what is told is stale, a client that does not know the password is not told', async () => {
    const { challenge, say } = own()
    const nonce = partOf(server().challenge(), 'nonce')
    assert.equal(await say(proofOf(challenge(), { nonce }, { password: 'guess' })), 'credentials.wrong')
  })
})

describe('attack: a digest is moved to another request', () => {
  test('RFC 7616 §3.4.6: one for a target is good for no other, nor for another spelling of it', async () => {
    const { challenge, say } = server()
    const uri = '/jobs/7?state=open'
    const targets = [
      '/jobs/8?state=open',
      '/jobs/7?state=open&all=1',
      '/jobs/7',
      '/jobs/7?',
      '/jobs/7/?state=open',
      '//jobs/7?state=open',
      '/x/../jobs/7?state=open',
      '/%6aobs/7?state=open',
      '/JOBS/7?state=open',
      'http://api.example.com/jobs/7?state=open',
      '*',
    ]
    const proof = proofOf(challenge(), { uri })
    for (const target of targets) assert.equal(await say(proof, { target }), 'credentials.malformed', target)
    // The other way round: a target is told that is not the one of the request.
    for (const told of targets) {
      assert.equal(await say({ ...proof, uri: told }, { target: uri }), 'credentials.malformed', told)
      assert.equal(await say({ ...proof, uri: told }, { target: told }), 'credentials.wrong', told)
    }
    assert.equal(await say(proof, { target: uri }), 'printer', 'none of it has used the proof up')
  })

  test('RFC 7616 §3.4.3: one for a method is good for no other', async () => {
    const { challenge, say } = server()
    const proof = proofOf(challenge())
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'get']) {
      assert.equal(await say(proof, { method }), 'credentials.wrong', method)
    }
    assert.equal(await say(proof), 'printer')
  })

  test('RFC 7616 §3.4.2: one of a user is good for no other', async () => {
    const bob = { hash: HASH.replace(/^./, (char) => (char === '0' ? '1' : '0')) }
    const { challenge, say } = server({ users: { ...USERS, bob } })
    const proof = proofOf(challenge())
    for (const username of ['bob', 'Printer', 'printer ', 'nobody', '__proto__']) {
      assert.equal(await say({ ...proof, username }), 'credentials.wrong', username)
    }
    for (const [name, value] of [
      ['realm', 'else'],
      ['opaque', 'else'],
    ] as const) {
      assert.equal(await say({ ...proof, [name]: value }), 'credentials.wrong', name)
    }
  })
})

describe('attack: a digest is made weaker than what was offered', () => {
  // RFC 2069: no count, no client nonce, and so a table of answers can be made beforehand.
  const old: Making = { joined: (a1, a2, { nonce }) => `${a1}:${nonce}:${a2}` }
  const md5: Making = { hash: 'md5' }
  const rows: readonly (readonly [name: string, changes: Proof, making: Making])[] = [
    ['MD5, and it says so', { algorithm: 'MD5' }, md5],
    ['MD5, as it is without a name', { algorithm: '' }, md5],
    ['MD5, which calls itself SHA-256', {}, md5],
    ['MD5 with sessions', { algorithm: 'MD5-sess' }, md5],
    ['SHA-1', { algorithm: 'SHA' }, { hash: 'sha1' }],
    ['SHA-256 with sessions', { algorithm: 'SHA-256-sess' }, {}],
    ['SHA-512-256, which was not offered', { algorithm: 'SHA-512-256' }, { hash: 'sha512-256' }],
    ['two algorithms', { algorithm: 'SHA-256, algorithm=MD5' }, {}],
    ['no qop', { qop: '' }, old],
    ['no qop, count and client nonce', { qop: '', nc: '', cnonce: '' }, old],
    ['an empty qop', { qop: '""' }, old],
    ['qop, and the response of old', {}, old],
    ['the qop that protects a body, which was not offered', { qop: 'auth-int' }, {}],
    ['two qops', { qop: '"auth,auth-int"' }, {}],
    ['a qop in another case', { qop: 'AUTH' }, {}],
    ['no client nonce', { cnonce: '' }, {}],
    ['no count', { nc: '' }, {}],
    ['a count of zero', { nc: '00000000' }, {}],
    ['no response', { response: '' }, {}],
    ['a response of zeros', { response: '0'.repeat(64) }, {}],
  ]
  for (const [name, changes, making] of rows) {
    test(`RFC 7616 §5.8: ${name}, from a client that knows the password`, async () => {
      const { challenge, say } = server()
      assert.match(await say(proofOf(challenge(), changes, making)), /^credentials\.(?:malformed|wrong)$/)
    })
  }

  test('RFC 7616 §5.8: the challenge offers nothing weaker, and the policy cannot', () => {
    const offered = server().challenge()
    assert.equal(offered.match(/algorithm=/g)?.length, 1)
    assert.match(offered, /qop="auth", algorithm=SHA-256,/)
    for (const algorithm of ['MD5', 'SHA-256-sess', 'sha-256']) {
      assert.throws(() => server({ algorithm } as never), /authenticate\.algorithm/)
    }
  })
})
