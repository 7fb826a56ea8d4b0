import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  generateWebhookSecret,
  hasWebhookSignature,
  isWebhookId,
  readWebhookSecret,
  signWebhook,
  webhookFields,
} from '../../src/lib/standard-webhook.ts'

/** The vector that the reference libraries of Standard Webhooks share. */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

function secret(text: string): Buffer {
  const bytes = readWebhookSecret(text)
  assert.ok(bytes)
  return bytes
}

describe('a webhook', () => {
  test('SIG-01: is signed as the reference vector says', () => {
    assert.equal(signWebhook(secret(VECTOR.secret), VECTOR), VECTOR.signature)
    assert.equal(
      signWebhook(secret(VECTOR.secret), { ...VECTOR, body: Buffer.from(VECTOR.body) }),
      VECTOR.signature,
    )
  })

  test('SIG-01: is sent with a signature for each secret, and without one where there is none', () => {
    const { id, timestamp, body, signature } = VECTOR
    const other = Buffer.alloc(32, 9)
    const fields = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) }
    assert.deepEqual(webhookFields([], VECTOR), fields)
    assert.deepEqual(webhookFields([secret(VECTOR.secret), other], VECTOR), {
      ...fields,
      'webhook-signature': `${signature} ${signWebhook(other, { id, timestamp, body })}`,
    })
  })

  test('SIG-01: its signature is found among those of other secrets and versions', () => {
    const { signature } = VECTOR
    const other = signature.replace('v1,g', 'v1,h')
    for (const field of [signature, `${other} ${signature}`, `v1a,abc ${signature} v2,x`])
      assert.equal(hasWebhookSignature(field, [signature]), true, field)
    const many = Array.from({ length: 16 }, () => other).join(' ')
    for (const field of [
      '',
      ' ',
      other,
      signature.slice(3),
      `v2,${signature.slice(3)}`,
      `${signature}=`,
      signature.slice(0, -1),
      `${many} ${signature}`,
    ])
      assert.equal(hasWebhookSignature(field, [signature]), false, field)
  })

  test('SIG-01: a secret has a prefix and 24 to 64 bytes in canonical Base64', () => {
    assert.equal(readWebhookSecret(generateWebhookSecret())?.length, 32)
    assert.notEqual(generateWebhookSecret(), generateWebhookSecret())
    const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`
    for (const [text, expected] of [
      [of(24), 24],
      [of(64), 64],
      [of(23), undefined],
      [of(65), undefined],
      [of(32).slice(6), undefined],
      [of(32).replace('whsec_', 'whsk__'), undefined],
      [of(32).replace('whsec_', 'WHSEC_'), undefined],
      [`${of(32)} `, undefined],
      [of(32).slice(0, -1), undefined],
      ['', undefined],
    ] as const)
      assert.equal(readWebhookSecret(text)?.length, expected, text)
  })

  test('SIG-01: an id has no full stop, so that no signature fits two messages', () => {
    const key = secret(VECTOR.secret)
    // What is signed is the same, and would be another message.
    assert.equal(
      signWebhook(key, { id: 'a.1', timestamp: 2, body: 'b' }),
      signWebhook(key, { id: 'a', timestamp: 1, body: '2.b' }),
    )
    for (const [id, expected] of [
      ['msg_1', true],
      ['a.1', false],
      ['', false],
      ['a b', false],
      ['é', false],
      ['a'.repeat(257), false],
    ] as const)
      assert.equal(isWebhookId(id), expected, id)
  })
})
