import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createEndpointFinder } from '../../../src/identity/introspection/endpoint.ts'
import { FAILED } from '../../../src/identity/remote/failures.ts'
import type { FetchResult } from '../../../src/identity/remote/fetch-json.ts'
import { movableClock } from '../../support/clock.ts'

const ISSUER = 'https://id.example.com'
const URL_OF_IT = `${ISSUER}/introspect`

function finding(): {
  readonly say: (times?: number) => Promise<string>
  readonly asked: () => number
  readonly advance: (ms: number) => void
  answer: FetchResult
} {
  const clock = movableClock()
  let asked = 0
  const all = {
    answer: FAILED.timeout as FetchResult,
    asked: () => asked,
    advance: clock.advance,
    async say(times = 1) {
      let last = ''
      for (let i = 0; i < times; i++) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other is what is tried
        const found = await find()
        last = found.ok ? found.url : found.reason
      }
      return last
    },
  }
  const getJson = (): Promise<FetchResult> => {
    asked++
    return Promise.resolve(all.answer)
  }
  const find = createEndpointFinder(
    ISSUER,
    { getJson, postForm: getJson, close: () => undefined },
    false,
    clock,
  )
  return all
}

const GOOD: FetchResult = {
  ok: true,
  value: { issuer: ISSUER, introspection_endpoint: URL_OF_IT },
  maxAgeMs: undefined,
}

describe('the introspection endpoint of an issuer', () => {
  test('INT-01: it is asked for once a day', async () => {
    const one = finding()
    one.answer = GOOD
    assert.equal(await one.say(10), URL_OF_IT)
    one.advance(86_399_999)
    assert.equal(await one.say(), URL_OF_IT)
    assert.equal(one.asked(), 1)
    one.advance(1)
    await one.say()
    assert.equal(one.asked(), 2)
  })

  test('INT-01: an issuer that fails is not asked once more by each token, but after 1, 2, 4, ... 30 seconds', async () => {
    const one = finding()
    for (const [index, wait] of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].entries()) {
      // oxlint-disable-next-line no-await-in-loop -- time passes in between
      assert.equal(await one.say(20), FAILED.timeout.reason)
      one.advance(wait - 1)
      // oxlint-disable-next-line no-await-in-loop -- time passes in between
      await one.say()
      assert.equal(one.asked(), index + 1)
      one.advance(1)
    }
    one.answer = GOOD
    assert.equal(await one.say(), URL_OF_IT)
    one.advance(86_400_000)
    one.answer = FAILED.timeout
    await one.say()
    one.advance(1_000)
    one.answer = GOOD
    assert.equal(await one.say(), URL_OF_IT)
  })

  test('INT-01: many at once ask once', async () => {
    const one = finding()
    one.answer = GOOD
    await Promise.all([one.say(), one.say(), one.say()])
    assert.equal(one.asked(), 1)
  })

  test('INT-01: metadata that name no endpoint are a failure, too', async () => {
    const one = finding()
    one.answer = { ok: true, value: { issuer: ISSUER }, maxAgeMs: undefined }
    assert.match(await one.say(20), /no introspection endpoint/)
    assert.equal(one.asked(), 1)
  })
})
