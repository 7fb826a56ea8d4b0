import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResponseEnd } from '../../../src/contract/check.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { movableClock } from '../../support/clock.ts'
import { facts } from '../../support/facts.ts'
import { field, limitsOf, pass, refusal } from '../../support/limits.ts'
import { changedStore } from '../../support/token-endpoint.ts'

/** Lets a request through, and ends it. */
function ended(limits: ReturnType<typeof limitsOf>, end: Partial<ResponseEnd>, after = 0): void {
  const verdict = pass(limits.rule().client, facts())
  limits.clock.advance(after)
  verdict.onEnd?.({ status: 200, complete: true, handled: true, ...end })
}

/** How many requests are let through at once. */
function room(limits: ReturnType<typeof limitsOf>): number {
  return Number(/r=(\d+)/.exec(field(pass(limits.rule().client, facts()), 'RateLimit') ?? '')?.[1]) + 1
}

const rows: readonly (readonly [name: string, count: unknown, status: number, counts: boolean])[] = [
  ['a failure of failures', 'failures', 401, true],
  ['a 404 of failures', 'failures', 404, true],
  ['an answer of failures', 'failures', 200, false],
  ['a redirect of failures', 'failures', 302, false],
  ['an error of the server of failures', 'failures', 500, false],
  ['an answer of successes', 'successes', 200, true],
  ['a failure of successes', 'successes', 404, false],
  ['what a function says', ({ status }: ResponseEnd) => status === 404, 404, true],
  ['what a function denies', ({ status }: ResponseEnd) => status === 404, 200, false],
  ['where a function throws', () => assert.fail('x'), 200, true],
  ['where a function says nothing', () => undefined, 200, true],
  ['where nothing is said', undefined, 500, true],
]
for (const [name, count, status, counts] of rows) {
  test(`RL-13: ${name} ${counts ? 'counts' : 'is given back'}`, () => {
    const limits = limitsOf({ limit: 3, window: '1h', ...(count === undefined ? {} : { count }) })
    ended(limits, { status })
    assert.equal(room(limits), counts ? 2 : 3)
  })
}

test('RL-29: who looks for what is not there is limited by that alone', () => {
  const limits = limitsOf({ limit: 3, window: '1h', count: ({ status }: ResponseEnd) => status === 404 })
  for (let i = 0; i < 100; i++) ended(limits, { status: 200 })
  for (let i = 0; i < 3; i++) ended(limits, { status: 404 })
  refusal(limits.rule().client, facts())
})

test('RL-20: a client that goes away before its answer gets nothing back', () => {
  const limits = limitsOf({ limit: 3, window: '1h', count: 'failures' })
  ended(limits, { status: 200, complete: false })
  ended(limits, { status: 0, complete: false })
  assert.equal(room(limits), 1)
})

test('RL-13: of any number of requests at once no more get in than the limit, whatever comes of them', () => {
  const limits = limitsOf({ limit: 3, window: '1h', count: 'failures' })
  const { client } = limits.rule()
  const passed = [1, 2, 3].map(() => pass(client, facts()))
  refusal(client, facts())
  for (const verdict of passed) verdict.onEnd?.({ status: 200, complete: true, handled: true })
  assert.equal(room(limits), 3)
})

test('RL-13: no more is given back than has not come back by itself', () => {
  const limits = limitsOf({ limit: 3, window: '3s', count: 'failures' })
  const { client } = limits.rule()
  const slow = pass(client, facts())
  limits.clock.advance(1_000)
  // The slow one has come back by itself; these two have not.
  pass(client, facts())
  pass(client, facts())
  slow.onEnd?.({ status: 200, complete: true, handled: true })
  assert.equal(room(limits), 1)
})

test('RL-13: a part that has not come back yet is given back to the millisecond', () => {
  const limits = limitsOf({ limit: 3, window: '3s', count: 'failures' })
  const { client } = limits.rule()
  const slow = pass(client, facts())
  pass(client, facts())
  pass(client, facts())
  limits.clock.advance(400)
  slow.onEnd?.({ status: 200, complete: true, handled: true })
  const refused = limits.clock
  // 600 ms of the first have not come back: with the 400 that have, there is room for one.
  pass(client, facts())
  refused.advance(999)
  refusal(client, facts())
  refused.advance(1)
  pass(client, facts())
})

for (const algorithm of ['sliding-window', 'fixed-window']) {
  test(`RL-13: a ${algorithm} gives back what it still counts, and nothing else`, () => {
    const limits = limitsOf({ limit: 3, window: '16s', count: 'failures', algorithm })
    ended(limits, { status: 200 }, 5_000)
    assert.equal(room(limits), 3)
    const late = limitsOf({ limit: 3, window: '16s', count: 'failures', algorithm })
    const { client } = late.rule()
    const slow = pass(client, facts())
    late.clock.advance(18_000)
    pass(client, facts())
    slow.onEnd?.({ status: 200, complete: true, handled: true })
    assert.equal(room(late), 2)
  })
}

test('RL-21: a store that fails to give back keeps the count, and throws at nobody', async () => {
  for (const adjust of [
    () => {
      throw new Error('x')
    },
    async () => Promise.reject(new Error('x')),
  ]) {
    const store = changedStore(memoryStore({ clock: movableClock() }), { adjust })
    const limits = limitsOf({ limit: 3, window: '1h', count: 'failures' }, { store })
    ended(limits, { status: 200 })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(room(limits), 2)
  }
})
