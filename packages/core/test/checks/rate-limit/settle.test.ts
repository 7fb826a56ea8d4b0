import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestLimit } from '../../../src/checks/rate-limit/control.ts'
import type { RequestLimit } from '../../../src/contract/limits.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { movableClock } from '../../support/clock.ts'
import { facts } from '../../support/facts.ts'
import { limitsOf, pass, type LimitSettings } from '../../support/limits.ts'
import { changedStore } from '../../support/token-endpoint.ts'

/** A request to a limit of ten of which `before` others have spent a unit each, and its limit as often as it is asked. */
function asked(
  before: number,
  limit: object = {},
  settings: LimitSettings = {},
): { own: () => RequestLimit; end: (status: number) => void } {
  const { rule, clock } = limitsOf({ limit: 10, window: '1h', ...limit }, settings)
  const { client } = rule()
  for (let i = 0; i < before; i++) pass(client, facts())
  const { charged, onEnd } = pass(client, facts())
  assert.ok(charged !== undefined)
  return {
    own: () => requestLimit(charged, 0, clock),
    end: (status) => onEnd?.({ status, complete: true, handled: true }),
  }
}

test('RL-30: what a request has cost is settled once, however often the handler asks for its limit', async () => {
  const { own } = asked(5)
  for (let i = 0; i < 3; i++) assert.equal((await own().settle(0)).remaining, 5)
  assert.equal((await own().settle(2)).remaining, 3)
})

test('RL-13, RL-30: what was settled already is not given back once more at the end of the answer', async () => {
  for (const units of [0, 1, 2]) {
    const { own, end } = asked(5, { count: 'failures' })
    await own().settle(units)
    end(200)
    assert.equal((await own().peek()).remaining, 5)
  }
})

test('RL-30: what a request could not take any more is not given back to it', async () => {
  const { own } = asked(7)
  assert.equal((await own().settle(1_000_000)).remaining, 0)
  assert.equal(
    (await own().settle(0)).remaining,
    1,
    'the unit that it has taken for certain, and none of others',
  )
})

test('RL-21, RL-30: a cost that the store did not take is taken when it is said again', async () => {
  const memory = memoryStore({ clock: movableClock() })
  let fails = true
  const { own } = asked(
    0,
    {},
    {
      store: changedStore(memory, {
        adjust: (adjustments) => {
          if (fails) throw new Error('x')
          return memory.adjust(adjustments)
        },
      }),
    },
  )
  const limit = own()
  await assert.rejects(limit.settle(8))
  fails = false
  assert.equal((await limit.settle(8)).remaining, 2)
})
