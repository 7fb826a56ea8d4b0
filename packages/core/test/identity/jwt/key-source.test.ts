import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { keyLoader } from '../../../src/identity/jwt/key-source.ts'
import { FAILED } from '../../../src/identity/remote/failures.ts'
import { movableClock } from '../../support/clock.ts'
import { HOUR, published } from '../../support/remote-keys.ts'

const ISSUER = 'https://id.example.com'
const METADATA = `${ISSUER}/.well-known/openid-configuration`
const KEYS = 'https://keys.example.com/keys'
const OTHER_KEYS = 'https://keys.example.com/other'

/** A loader of the keys of an issuer, and the answers that it gets, by URL; what is not there is down. */
function loaderOf(
  answers: Map<string, unknown>,
  source: Parameters<typeof keyLoader>[0] = { issuer: ISSUER },
) {
  const asked: string[] = []
  const clock = movableClock()
  const getJson = (url: string) => {
    asked.push(url)
    return Promise.resolve(
      answers.has(url) ? ({ ok: true, value: answers.get(url), maxAgeMs: 5 } as const) : FAILED.connection,
    )
  }
  return { load: keyLoader(source, ['ES256'], { getJson }, clock, false), asked, clock }
}

const metadata = (jwksUri: unknown = KEYS) => ({ issuer: ISSUER, jwks_uri: jwksUri })
const set = { keys: [published('a'), { kty: 'other' }] }

describe('loading keys', () => {
  test('JWKS-01: from a URL of the policy asks nobody else', async () => {
    const { load, asked } = loaderOf(new Map([[KEYS, set]]), { jwksUri: KEYS })
    const loaded = await load()
    assert.ok(loaded.ok)
    assert.deepEqual(
      loaded.keys.map((key) => key.kid),
      ['a'],
    )
    assert.equal(loaded.maxAgeMs, 5)
    assert.deepEqual(asked, [KEYS])
  })

  test('JWKS-05: from an issuer asks for its metadata once a day', async () => {
    const { load, asked, clock } = loaderOf(
      new Map<string, unknown>([
        [METADATA, metadata()],
        [KEYS, set],
      ]),
    )
    assert.equal((await load()).ok, true)
    clock.advance(24 * HOUR - 1)
    assert.equal((await load()).ok, true)
    assert.deepEqual(asked, [METADATA, KEYS, KEYS])
    clock.advance(1)
    assert.equal((await load()).ok, true)
    assert.deepEqual(asked, [METADATA, KEYS, KEYS, METADATA, KEYS])
  })

  test('JWKS-03: asks for the metadata again after keys were not to be had', async () => {
    const answers = new Map<string, unknown>([
      [METADATA, metadata()],
      [OTHER_KEYS, set],
    ])
    const { load, asked } = loaderOf(answers)
    assert.equal(await load(), FAILED.connection)
    answers.set(METADATA, metadata(OTHER_KEYS))
    assert.equal((await load()).ok, true)
    assert.deepEqual(asked, [METADATA, KEYS, METADATA, OTHER_KEYS])
  })

  const failing: readonly [name: string, answers: Map<string, unknown>][] = [
    ['no metadata', new Map([[KEYS, set]])],
    ['metadata without URL', new Map([[METADATA, { issuer: ISSUER }]])],
    ['metadata with a URL of http', new Map([[METADATA, metadata('http://keys.example.com/keys')]])],
    ['metadata of another issuer', new Map([[METADATA, { ...metadata(), issuer: 'https://evil.example' }]])],
    [
      'a set that is refused',
      new Map<string, unknown>([
        [METADATA, metadata()],
        [KEYS, { keys: [{ kty: 'oct' }] }],
      ]),
    ],
    [
      'no set',
      new Map<string, unknown>([
        [METADATA, metadata()],
        [KEYS, []],
      ]),
    ],
  ]
  for (const [name, answers] of failing) {
    test(`JWKS-07: ${name} is a failure without a name in its reason`, async () => {
      const loaded = await loaderOf(answers).load()
      assert.equal(loaded.ok, false)
      assert.doesNotMatch(loaded.ok ? '' : loaded.reason, /example|https?:/)
    })
  }
})
