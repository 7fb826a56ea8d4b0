import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RateLimitFields } from '../../../src/checks/rate-limit/field-modes.ts'
import { facts } from '../../support/facts.ts'
import { fieldsOf, limitsOf, pass, refusal } from '../../support/limits.ts'

const BURST = { name: 'burst', limit: 2, window: '10s' }
const DAY = { name: 'day', limit: 100, window: '1d' }
// 2026-01-01T00:00:00Z
const EPOCH = Date.UTC(2026, 0, 1) / 1000

const rows: readonly (readonly [
  mode: RateLimitFields,
  passed: readonly string[],
  refused: readonly string[],
])[] = [
  [
    'draft-11',
    [
      'RateLimit-Policy',
      '"burst";q=2;w=10, "day";q=100;w=86400',
      'RateLimit',
      '"burst";r=1;t=5, "day";r=99;t=864',
    ],
    [
      'RateLimit-Policy',
      '"burst";q=2;w=10, "day";q=100;w=86400',
      'RateLimit',
      '"burst";r=0;t=5, "day";r=98;t=1728',
    ],
  ],
  [
    'draft-7',
    ['RateLimit-Policy', '2;w=10, 100;w=86400', 'RateLimit', 'limit=2, remaining=1, reset=5'],
    ['RateLimit-Policy', '2;w=10, 100;w=86400', 'RateLimit', 'limit=2, remaining=0, reset=5'],
  ],
  [
    'draft-6',
    [
      'RateLimit-Policy',
      '2;w=10, 100;w=86400',
      'RateLimit-Limit',
      '2',
      'RateLimit-Remaining',
      '1',
      'RateLimit-Reset',
      '5',
    ],
    [
      'RateLimit-Policy',
      '2;w=10, 100;w=86400',
      'RateLimit-Limit',
      '2',
      'RateLimit-Remaining',
      '0',
      'RateLimit-Reset',
      '5',
    ],
  ],
  [
    'x-ratelimit',
    ['X-RateLimit-Limit', '2', 'X-RateLimit-Remaining', '1', 'X-RateLimit-Reset', String(EPOCH + 5)],
    ['X-RateLimit-Limit', '2', 'X-RateLimit-Remaining', '0', 'X-RateLimit-Reset', String(EPOCH + 5)],
  ],
  ['none', [], []],
]
for (const [mode, passed, refused] of rows) {
  test(`RL-12: the fields of ${mode} tell where a request stands, the limit that leaves least where there is room for one`, () => {
    const { client } = limitsOf([BURST, DAY], { fields: [mode] }).rule()
    assert.deepEqual(fieldsOf(pass(client, facts())), passed)
    pass(client, facts())
    assert.deepEqual(fieldsOf(refusal(client, facts())), ['Retry-After', '5', ...refused])
  })
}

test('RL-12: several ways are told one after the other', () => {
  const { client } = limitsOf(BURST, { fields: ['draft-11', 'x-ratelimit'] }).rule()
  const names = fieldsOf(pass(client, facts())).filter((_, index) => index % 2 === 0)
  assert.deepEqual(names, [
    'RateLimit-Policy',
    'RateLimit',
    'X-RateLimit-Limit',
    'X-RateLimit-Remaining',
    'X-RateLimit-Reset',
  ])
})

test('RL-12: a limit that refuses is told before one that leaves less of a larger one', () => {
  const { client } = limitsOf(
    [
      { ...BURST, cost: () => 3 },
      { ...DAY, limit: 1_000_000, cost: 999_999 },
    ],
    { fields: ['draft-7'] },
  ).rule()
  assert.equal(fieldsOf(refusal(client, facts())).at(-1), 'limit=2, remaining=2, reset=10')
})
