import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import {
  type WebhookVerdict,
  webhookVerifier,
  type WebhookVerifierOptions,
} from '../../src/identity/webhook-verifier.ts'
import { secret as wrapped } from '../../src/lib/secret.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const SENT_AT = 1_614_265_330
const BODY = '{"test": 2432232314}'
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': String(SENT_AT),
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

type Verify = (headers?: Record<string, string | string[]>, body?: string | Uint8Array) => Promise<string>

function make(
  options: Partial<WebhookVerifierOptions> = {},
  clock: MovableClock = movableClock(SENT_AT * 1_000),
): Verify {
  const verifier = webhookVerifier({ secret: SECRET, store: memoryStore({ clock }), clock, ...options })
  return async (headers = {}, body = BODY) => nameOf(await verifier.verify({ ...HEADERS, ...headers }, body))
}

const nameOf = (verdict: WebhookVerdict): string => (verdict.ok ? 'ok' : verdict.problem)

describe('a webhook verifier', () => {
  test('SIG-01: believes the reference vector', async () => {
    assert.equal(await make()(), 'ok')
    assert.equal(await make()({}, Buffer.from(BODY)), 'ok')
    const other = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
    assert.equal(await make({ secret: [other, SECRET] })(), 'ok')
    assert.equal(await make({ secret: [other, wrapped(SECRET)] })(), 'ok')
    assert.equal(await make({ secret: other })(), 'bad-signature')
  })

  test('SIG-01: believes no message of which any byte has changed', async () => {
    const verify = make()
    for (let at = 0; at < BODY.length; at++) {
      const changed = Buffer.from(BODY)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(await verify({}, changed), 'bad-signature', `byte ${at}`)
    }
    for (const body of ['', `${BODY} `, ` ${BODY}`, BODY.slice(1), '{"test":2432232314}'])
      assert.equal(await verify({}, body), 'bad-signature', body)
    const signature = HEADERS['webhook-signature']
    for (let at = 0; at < signature.length; at++) {
      const changed = Buffer.from(signature)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(
        await verify({ 'webhook-signature': changed.toString() }),
        'bad-signature',
        `character ${at}`,
      )
    }
    assert.equal(await verify({ 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJel' }), 'bad-signature')
    assert.equal(await verify({ 'webhook-timestamp': String(SENT_AT + 1) }), 'bad-signature')
    // None of that was remembered.
    assert.equal(await verify(), 'ok')
  })

  for (const [seconds, expected] of [
    [-301, 'out-of-time'],
    [-300, 'ok'],
    [300, 'ok'],
    [301, 'out-of-time'],
  ] as const) {
    test(`SIG-01: a message is ${expected} ${seconds} seconds after it was sent`, async () => {
      assert.equal(await make({}, movableClock((SENT_AT + seconds) * 1_000))(), expected)
    })
  }

  test('SIG-01: a message that comes again is told apart, as long as it could be believed', async () => {
    const clock = movableClock((SENT_AT - 300) * 1_000)
    const verify = make({}, clock)
    assert.equal(await verify(), 'ok')
    assert.equal(await verify(), 'replayed')
    clock.advance(600_000)
    assert.equal(await verify(), 'replayed')
    clock.advance(1)
    assert.equal(await verify(), 'out-of-time')
  })

  test('SIG-01: of messages that come at once one alone is believed', async () => {
    const verify = make()
    const said = await Promise.all([verify(), verify(), verify()])
    assert.deepEqual(said.toSorted(), ['ok', 'replayed', 'replayed'])
  })

  test('SIG-01: a message whose work failed may come again', async () => {
    const clock = movableClock(SENT_AT * 1_000)
    const { verify } = webhookVerifier({ secret: SECRET, store: memoryStore({ clock }), clock })
    const verdict = await verify(HEADERS, BODY)
    assert.ok(verdict.ok)
    assert.deepEqual([verdict.id, verdict.timestamp], [HEADERS['webhook-id'], SENT_AT])
    await verdict.forget()
    assert.equal((await verify(HEADERS, BODY)).ok, true)
  })

  const malformed: readonly (readonly [name: string, headers: Record<string, string | string[]>])[] = [
    ['an id with a full stop', { 'webhook-id': 'a.b' }],
    ['an empty id', { 'webhook-id': '' }],
    ['two ids', { 'webhook-id': ['a', 'b'] }],
    ['a time with a sign', { 'webhook-timestamp': `+${SENT_AT}` }],
    ['a time with a zero before it', { 'webhook-timestamp': `0${SENT_AT}` }],
    ['a time with a fraction', { 'webhook-timestamp': `${SENT_AT}.0` }],
    ['a time in hexadecimal', { 'webhook-timestamp': '0x6037BC32' }],
    ['a time that is none', { 'webhook-timestamp': 'NaN' }],
    ['two signatures', { 'webhook-signature': ['v1,a', 'v1,b'] }],
  ]
  for (const [name, headers] of malformed) {
    test(`SIG-01: ${name} is malformed`, async () => {
      assert.equal(await make()(headers), 'malformed')
    })
  }

  test('SIG-01: a message without one of the fields is malformed', async () => {
    const { verify } = webhookVerifier({ secret: SECRET, store: memoryStore() })
    for (const name of Object.keys(HEADERS))
      assert.equal(nameOf(await verify({ ...HEADERS, [name]: undefined }, BODY)), 'malformed')
  })

  test('SIG-01: a store that fails, or gives something else than true, lets nothing pass', async () => {
    const remove = (): boolean => true
    const store = { remove, add: () => Promise.reject(new Error('down')) }
    await assert.rejects(make({ store })(), /down/)
    const other = { remove, add: () => 'yes' as unknown as boolean }
    assert.equal(await make({ store: other })(), 'replayed')
  })

  test('ERR-03: no secret at all is a mistake', () => {
    // Nothing would fit, and nobody would know why.
    assert.throws(() => webhookVerifier({ secret: [], store: memoryStore() }), ConfigError)
  })

  test('ERR-03: every mistake is told at once, and no secret', () => {
    assert.throws(
      () =>
        webhookVerifier({
          secret: ['whsec_c2VjcmV0', SECRET],
          tolerance: '2h',
        } as unknown as WebhookVerifierOptions),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ path }) => path),
          ['webhookVerifier.secret[0]', 'webhookVerifier.store', 'webhookVerifier.tolerance'],
        )
        assert.doesNotMatch(error.message, /c2VjcmV0/)
        return true
      },
    )
  })
})
