import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sentBy } from '../../src/observe/post.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toUTCString()

describe('when a receiver wants to be asked again', () => {
  const rows: readonly (readonly [
    what: string,
    retryAfter: string | undefined,
    date: string | undefined,
    ms: unknown,
  ])[] = [
    ['says nothing', undefined, undefined, undefined],
    ['says seconds', '120', undefined, 120_000],
    ['says more seconds than anybody waits', '999999999999', undefined, 999_999_999_999_000],
    ['says a date', at(90), undefined, 90_000],
    ['says a date, and has another time', at(3_690), at(3_600), 90_000],
    ['says a date, and an ill-formed time', at(90), 'now', 90_000],
    ['says a date that has passed', at(-90), undefined, 0],
    ['says an obsolete form of a date', 'Thursday, 01-Jan-26 12:01:00 GMT', undefined, 60_000],
    ['says nonsense', 'soon', undefined, undefined],
    ['says a fraction', '1.5', undefined, undefined],
    ['says less than nothing', '-1', undefined, undefined],
    ['says too many digits', '9'.repeat(400), undefined, undefined],
  ]
  for (const [what, retryAfter, date, afterMs] of rows)
    test(`LOG-06: one that ${what}`, () => {
      for (const status of [408, 429, 500, 503])
        assert.deepEqual(sentBy({ status, retryAfter, date }, NOW), {
          type: 'later',
          reason: `the answer was ${status}`,
          afterMs,
        })
    })

  test('LOG-06: a success and a refusal need no date', () => {
    assert.deepEqual(sentBy({ status: 204, retryAfter: at(90) }, NOW), { type: 'sent' })
    assert.equal(sentBy({ status: 308, retryAfter: at(90) }, NOW).type, 'refused')
  })
})
