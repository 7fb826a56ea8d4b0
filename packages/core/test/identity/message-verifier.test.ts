import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { JwtKey } from '../../src/identity/jwt/keys.ts'
import {
  messageVerifier,
  type MessageVerifierOptions,
  type SignedMessage,
} from '../../src/identity/message-verifier.ts'
import { signatureBase } from '../../src/lib/message-signature.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'

/** RFC 9421, Appendix B.1. */
const KEYS: readonly JwtKey[] = [
  {
    kid: 'test-key-rsa-pss',
    alg: 'PS512',
    key: {
      kty: 'RSA',
      e: 'AQAB',
      n: 'r4tmm3r20Wd_PbqvP1s2-QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct-Lh1GH45x28Rw3Ry53mm-oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL-Wokqltd11nqqzi-bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d-nb4bnNkQVklLQ3fVAvJm-xdDOp9LCNCN48V2pnDOkFV6-U9nV5oyc6XI2w',
    },
  },
  {
    kid: 'test-key-ecc-p256',
    alg: 'ES256',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
      y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
    },
  },
  {
    kid: 'test-key-ed25519',
    alg: 'Ed25519',
    key: { kty: 'OKP', crv: 'Ed25519', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' },
  },
  {
    kid: 'test-shared-secret',
    alg: 'HS256',
    key: Buffer.from(
      'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
      'base64',
    ),
  },
]

/** RFC 9421, Appendix B.2. */
const CREATED = 1_618_884_473
const BODY = '{"hello": "world"}'
const REQUEST: SignedMessage = {
  method: 'POST',
  url: 'https://example.com/foo?param=Value&Pet=dog',
  headers: {
    host: 'example.com',
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'content-length': '18',
  },
}
const RESPONSE: SignedMessage = {
  status: 200,
  headers: {
    date: 'Tue, 20 Apr 2021 02:07:56 GMT',
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
    'content-length': '23',
  },
}

interface Vector {
  readonly message: SignedMessage
  readonly content: string
  readonly input: string
  readonly signature: string
}

const VECTORS: Readonly<Record<string, Vector>> = {
  // It covers nothing, and so no content.
  'B.2.1': {
    message: REQUEST,
    content: '',
    input: '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    signature:
      'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
  },
  'B.2.2': {
    message: REQUEST,
    content: BODY,
    input:
      '("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
    signature:
      'LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==',
  },
  'B.2.3': {
    message: REQUEST,
    content: BODY,
    input:
      '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    signature:
      'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
  },
  'B.2.4': {
    message: RESPONSE,
    content: '{"message": "good dog"}',
    input:
      '("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
    signature: 'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==',
  },
  'B.2.5': {
    message: REQUEST,
    content: '',
    input: '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    signature: 'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
  },
  'B.2.6': {
    message: REQUEST,
    content: '',
    input:
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    signature: 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
  },
}

const withFields = (message: SignedMessage, fields: SignedMessage['headers']): SignedMessage => ({
  ...message,
  headers: { ...message.headers, ...fields },
})

type Verify = (message: SignedMessage, content?: string) => Promise<string>

function make(options: Partial<MessageVerifierOptions> = {}, clock = movableClock(CREATED * 1_000)): Verify {
  const { verify } = messageVerifier({ keys: KEYS, components: [], clock, ...options })
  return async (message, content = '') => {
    const verdict = await verify(message, content)
    return verdict.ok ? `ok ${verdict.kid}` : verdict.problem
  }
}

const ALL = '"@method" "@target-uri" "content-digest"'
const digestOf = (content: string, name = 'sha-256'): string =>
  `${name}=:${createHash(name.replace('-', '')).update(content).digest('base64')}:`

/** A request that is signed with the shared secret; what is in parameters is what its sender wrote. */
function signed(
  components = ALL,
  parameters = `;created=${CREATED};keyid="test-shared-secret"`,
  message = REQUEST,
): SignedMessage {
  const text = `(${components})${parameters}`
  const list = components.match(/"[^"]*"(?:;[a-z]+(?:="[^"]*")?)*/g) ?? []
  const base = signatureBase(message, {
    components: list,
    parameters: new Map(),
    text,
    signature: Buffer.alloc(0),
  })
  const { key } = KEYS[3] as unknown as { readonly key: Buffer }
  const mac = createHmac('sha256', key)
    .update(base ?? '')
    .digest('base64')
  return withFields(message, { 'signature-input': `s=${text}`, signature: `s=:${mac}:` })
}

describe('a verifier of messages', () => {
  for (const [name, { message, content, input, signature }] of Object.entries(VECTORS)) {
    const given = withFields(message, { 'signature-input': `sig=${input}`, signature: `sig=:${signature}:` })

    test(`SIG-02: believes the vector ${name} of RFC 9421, by the key that it names`, async () => {
      const [, kid] = /keyid="([^"]+)"/.exec(input) ?? []
      assert.equal(await make()(given, content), `ok ${kid}`)
    })

    test(`SIG-02: believes nothing of the vector ${name} that was changed`, async () => {
      const verify = make()
      for (const [, component = ''] of input.split(')')[0]?.matchAll(/[( ]"([^"]+)"/g) ?? []) {
        const changes: Readonly<Record<string, SignedMessage>> = {
          '@method': { ...given, method: 'PUT' },
          '@authority': { ...given, url: 'https://example.org/foo?param=Value&Pet=dog' },
          '@path': { ...given, url: 'https://example.com/./foo?param=Value&Pet=dog' },
          '@query': { ...given, url: 'https://example.com/foo?param=Value&Pet=dog&' },
          '@query-param': { ...given, url: 'https://example.com/foo?param=Value&Pet=cat' },
          '@status': { ...given, status: 201 },
        }
        const changed = changes[component] ?? withFields(given, { [component]: 'sha-256=:AAAA:' })
        assert.equal(await verify(changed, content), 'bad-signature', component)
        const without = withFields(given, { [component]: undefined })
        if (!component.startsWith('@')) assert.equal(await verify(without, content), 'malformed', component)
      }
      for (const changed of [
        input.replace('created=1618884473', 'created=1618884474'),
        input.replace(/;(nonce|tag)="[^"]+"|$/, ';tag="other"'),
      ])
        assert.equal(
          await verify(withFields(given, { 'signature-input': `sig=${changed}` }), content),
          'bad-signature',
        )
      const bytes = Buffer.from(signature, 'base64')
      bytes[7] = (bytes[7] ?? 0) ^ 1
      for (const other of [
        bytes,
        bytes.subarray(1),
        Buffer.concat([Buffer.from(signature, 'base64'), bytes]),
      ])
        assert.equal(
          await verify(withFields(given, { signature: `sig=:${other.toString('base64')}:` }), content),
          'bad-signature',
        )
      if (input.includes('content-digest')) assert.equal(await verify(given, `${content} `), 'bad-digest')
      else assert.equal(await verify(given, BODY), 'uncovered')
    })
  }

  test('SIG-02: what it must cover is asked for: the method and the whole target unless it is said, and any content', async () => {
    const verifier = messageVerifier({ keys: KEYS, clock: movableClock(CREATED * 1_000) })
    const verify: Verify = async (message, content = '') => {
      const verdict = await verifier.verify(message, content)
      return verdict.ok ? `ok ${verdict.kid}` : verdict.problem
    }
    assert.equal(await verify(signed(), BODY), 'ok test-shared-secret')
    assert.equal(await verify(signed('"@method" "@target-uri"')), 'ok test-shared-secret')
    assert.equal(await verify(signed('"@method" "@target-uri"'), BODY), 'uncovered')
    for (const some of ['"@method"', '"@target-uri"', '"@method" "@path" "@query" "@authority"', ''])
      assert.equal(await verify(signed(some)), 'uncovered', some)
    const own = make({ components: ['@authority', '@query-param;name="Pet"', 'date'] })
    assert.equal(await own(signed('"date" "@authority" "@query-param";name="Pet"')), 'ok test-shared-secret')
    assert.equal(await own(signed('"date" "@authority" "@query-param";name="param"')), 'uncovered')
  })

  test('SIG-02: a digest that is covered has to fit, and one that is known has to be there', async () => {
    const verify = make()
    const of = (digest: string, content: string): Promise<string> =>
      verify(signed(ALL, undefined, withFields(REQUEST, { 'content-digest': digest })), content)
    assert.equal(await of(digestOf(BODY), BODY), 'ok test-shared-secret')
    assert.equal(
      await of(`md5=:AAAA:, ${digestOf(BODY)} , ${digestOf(BODY, 'sha-512')}`, BODY),
      'ok test-shared-secret',
    )
    assert.equal(await of(digestOf(''), ''), 'ok test-shared-secret')
    for (const digest of [
      digestOf(''),
      `${digestOf(BODY)}, ${digestOf('', 'sha-512')}`,
      'md5=:AAAA:',
      digestOf(BODY).replace('=:', '='),
      `${digestOf(BODY)}, ${digestOf(BODY)}`,
    ])
      assert.equal(await of(digest, BODY), 'bad-digest', digest)
    assert.equal(await of(digestOf(BODY), ''), 'bad-digest')
  })

  for (const [name, parameters, expected] of [
    ['created just now', `;created=${CREATED}`, 'ok'],
    ['created five minutes ago', `;created=${CREATED - 300}`, 'ok'],
    ['created before', `;created=${CREATED - 301}`, 'out-of-time'],
    ['created in five minutes', `;created=${CREATED + 300}`, 'ok'],
    ['created later', `;created=${CREATED + 301}`, 'out-of-time'],
    ['not created', '', 'out-of-time'],
    ['created at a text', `;created="${CREATED}"`, 'out-of-time'],
    ['created before all time', ';created=-5', 'out-of-time'],
    ['that expires in a second', `;created=${CREATED};expires=${CREATED + 1}`, 'ok'],
    ['that expires now', `;created=${CREATED};expires=${CREATED}`, 'out-of-time'],
    ['that expires at a text', `;created=${CREATED};expires="never"`, 'out-of-time'],
  ] as const) {
    test(`SIG-02: a signature ${name} is ${expected}`, async () => {
      const said = await make()(signed(ALL, `${parameters};keyid="test-shared-secret"`), BODY)
      assert.equal(said.split(' ')[0], expected)
    })
  }

  test('SIG-02: the algorithm is that of the key, whatever the message says', async () => {
    const verify = make()
    const by = (alg: string, kid = 'test-shared-secret'): Promise<string> =>
      verify(signed(ALL, `;created=${CREATED};keyid="${kid}";alg=${alg}`), BODY)
    assert.equal(await by('"hmac-sha256"'), 'ok test-shared-secret')
    for (const alg of ['"HMAC-SHA256"', '"none"', '""', 'hmac-sha256', '"rsa-pss-sha512"'])
      assert.equal(await by(alg), 'wrong-algorithm', alg)
    // A public key is no secret to make a MAC with.
    assert.equal(await by('"hmac-sha256"', 'test-key-rsa-pss'), 'wrong-algorithm')
    assert.equal(
      await verify(signed(ALL, `;created=${CREATED};keyid="test-key-rsa-pss"`), BODY),
      'bad-signature',
    )
    for (const kid of [';keyid="other"', '', ';keyid=test-shared-secret', ';keyid=""'])
      assert.equal(await verify(signed(ALL, `;created=${CREATED}${kid}`), BODY), 'unknown-key', kid)
  })

  test('SIG-02: of several signatures one that fits is enough, and those of another tag are passed over', async () => {
    const good = signed(ALL, `;created=${CREATED};keyid="test-shared-secret";tag="mine"`)
    const { headers } = good
    const both = withFields(good, {
      'signature-input': [`a=("date");created=1;keyid="other"`, String(headers['signature-input'])],
      signature: `a=:AAAA:, ${String(headers['signature'])}`,
    })
    assert.equal(await make()(both, BODY), 'ok test-shared-secret')
    assert.equal(await make({ tag: 'mine' })(both, BODY), 'ok test-shared-secret')
    assert.equal(await make({ tag: 'yours' })(both, BODY), 'malformed')
  })

  test('SIG-02: with a store a message is believed once, as long as it could come again', async () => {
    const clock = movableClock((CREATED - 300) * 1_000)
    const verify = make({ store: memoryStore({ clock }) }, clock)
    const message = (nonce: string): SignedMessage =>
      signed(ALL, `;created=${CREATED};keyid="test-shared-secret"${nonce}`)
    assert.equal(await verify(message(''), BODY), 'malformed')
    assert.equal(await verify(message(';nonce="b"'), BODY), 'ok test-shared-secret')
    const said = await Promise.all([1, 2, 3].map(() => verify(message(';nonce="a"'), BODY)))
    assert.deepEqual(said.toSorted(), ['ok test-shared-secret', 'replayed', 'replayed'])
    clock.advance(600_000)
    assert.equal(await verify(message(';nonce="a"'), BODY), 'replayed')
    clock.advance(1)
    assert.equal(await verify(message(';nonce="a"'), BODY), 'out-of-time')
    const gone = make({ store: { add: () => Promise.reject(new Error('down')) } })
    await assert.rejects(gone(message(';nonce="a"'), BODY), /down/)
  })

  test('ERR-03: every mistake is told at once, and no key', () => {
    assert.throws(
      () =>
        messageVerifier({
          keys: [
            { alg: 'HS256', key: 'S3CRET' },
            { alg: 'HS512', key: 'S3CRET'.repeat(20), kid: 'a' },
            { alg: 'HS256', key: 'S3CRET'.repeat(21) },
          ],
          components: ['Content-Type', '@method"'],
          tolerance: '2h',
          tag: '',
          store: {} as never,
        }),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ path }) => path.replace('messageVerifier.', '')),
          [
            'keys[0].key',
            'keys[0].alg',
            'keys[1].kid',
            'components[0]',
            'components[1]',
            'tag',
            'tolerance',
            'store',
          ],
        )
        assert.doesNotMatch(error.message, /S3CRET/)
        return true
      },
    )
  })
})
