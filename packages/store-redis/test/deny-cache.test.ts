import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Charge, Outcome } from '@gatehouse/core'
import { DenyCache } from '../src/deny-cache.ts'

const MINUTE = { limit: 5, windowMs: 60_000 }
const charge = (key: string, cost = 1): Charge => ({ key, quota: MINUTE, cost })
const refused = (ms: number): Outcome => ({ allowed: false, remaining: 0, resetMs: 60_000, retryAfterMs: ms })
const FREE: Outcome = { allowed: true, remaining: 3, resetMs: 24_000, retryAfterMs: 0 }

function cache({ maxKeys = 100, maxMs = 60_000 } = {}) {
  let time = 0
  const denied = new DenyCache(maxKeys, maxMs, () => time)
  return {
    denied,
    at: (ms: number): void => {
      time = ms
    },
  }
}

describe('the memory of refusals', () => {
  test('RL-24: a key that refused a unit is refused until its wait is over, and not a moment longer', () => {
    const { denied, at } = cache()
    at(1_010)
    // Asked at 1,000, told at 1,010: the server decided in between.
    denied.note([charge('a')], [refused(500)], 1_000)
    assert.equal(denied.refusalOf([charge('a')])?.[0]?.retryAfterMs, 500)
    at(1_499)
    assert.deepEqual(denied.refusalOf([charge('a')]), [
      { allowed: false, remaining: 0, resetMs: 59_511, retryAfterMs: 11 },
    ])
    at(1_500)
    assert.equal(denied.refusalOf([charge('a')]), undefined)
  })

  test('RL-24: nothing is said of another key, another quota, another cost, or a key that is asked for twice', () => {
    const { denied } = cache()
    denied.note([charge('a')], [refused(500)], 0)
    assert.ok(denied.refusalOf([charge('a')]))
    assert.equal(denied.refusalOf([charge('b')]), undefined)
    assert.equal(denied.refusalOf([charge('a', 2)]), undefined)
    assert.equal(denied.refusalOf([charge('a'), charge('a')]), undefined)
    for (const quota of [
      { ...MINUTE, limit: 6 },
      { ...MINUTE, windowMs: 1_000 },
      { ...MINUTE, algorithm: 'fixed-window' as const },
    ]) {
      assert.equal(denied.refusalOf([{ ...charge('a'), quota }]), undefined)
    }
  })

  test('RL-24: a charge of several units that was refused is asked about again: fewer may fit by then', () => {
    const { denied } = cache()
    denied.note([charge('a', 2)], [{ ...refused(500), remaining: 1 }], 0)
    assert.equal(denied.refusalOf([charge('a', 2)]), undefined)
    denied.note([charge('b'), charge('b')], [{ ...FREE, remaining: 1 }, refused(500)], 0)
    assert.equal(denied.refusalOf([charge('b')]), undefined)
  })

  test('RL-07: a call is refused when one of its charges is and the others are known', () => {
    const { denied, at } = cache()
    denied.note([charge('a'), charge('b')], [refused(500), FREE], 0)
    at(100)
    const expected = [
      { ...refused(400), resetMs: 59_900 },
      { ...FREE, resetMs: 23_900 },
    ]
    assert.deepEqual(denied.refusalOf([charge('a'), charge('b')]), expected)
    assert.equal(denied.refusalOf([charge('a'), charge('c')]), undefined)
    assert.equal(denied.refusalOf([charge('b')]), undefined, 'one that is not refused is asked about')
    denied.note([charge('b')], [FREE], 100)
    assert.equal(denied.refusalOf([charge('a'), charge('b')]), undefined, 'what was taken since is not known')
  })

  test('RL-30: a key that was changed is asked about again', () => {
    const { denied } = cache()
    denied.note([charge('a')], [refused(500)], 0)
    denied.forget('a')
    assert.equal(denied.refusalOf([charge('a')]), undefined)
  })

  test('RL-30: what another process changed is noticed in time', () => {
    const { denied, at } = cache({ maxMs: 1_000 })
    denied.note([charge('a')], [refused(50_000)], 0)
    at(999)
    assert.ok(denied.refusalOf([charge('a')]))
    at(1_000)
    assert.equal(denied.refusalOf([charge('a')]), undefined)
  })

  test('RL-22: no more keys are remembered than was said', () => {
    const { denied } = cache({ maxKeys: 2 })
    for (const key of ['a', 'b', 'c']) denied.note([charge(key)], [refused(500)], 0)
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => denied.refusalOf([charge(key)]) !== undefined),
      [false, true, true],
    )
  })

  test('RL-06: a clock of this process that goes back locks nobody', () => {
    const { denied, at } = cache()
    at(1_000)
    denied.note([charge('a')], [refused(500)], 1_000)
    at(999)
    assert.equal(denied.refusalOf([charge('a')]), undefined)
  })
})
