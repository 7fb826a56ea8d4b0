import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Backlog } from '../../src/observe/backlog.ts'

/** Those that begin with a small letter are minor. */
const isMinor = (item: string): boolean => /^[a-z]/.test(item)

describe('a queue before a receiver', () => {
  test('LOG-04: is in order, whatever is minor in it', () => {
    const backlog = new Backlog(10, isMinor)
    for (const item of ['a1', 'B2', 'c3', 'd4', 'E5']) assert.equal(backlog.push(item), undefined)
    assert.deepEqual(backlog.take(3), ['a1', 'B2', 'c3'])
    assert.equal(backlog.push('F6'), undefined)
    assert.deepEqual(backlog.take(10), ['d4', 'E5', 'F6'])
    assert.deepEqual(backlog.take(10), [])
  })

  test('LOG-04: when it is full, the latest minor one makes room for what is not, and nothing for what is', () => {
    const backlog = new Backlog(3, isMinor)
    for (const item of ['a1', 'a2', 'a3']) backlog.push(item)
    assert.equal(backlog.push('a4'), 'a4')
    assert.equal(backlog.push('B5'), 'a3')
    assert.equal(backlog.push('B6'), 'a2')
    assert.equal(backlog.push('B7'), 'a1')
    assert.equal(backlog.push('B8'), 'B8')
    assert.equal(backlog.size, 3)
    assert.deepEqual(backlog.take(9), ['B5', 'B6', 'B7'])
  })

  test('LOG-04: nothing is lost uncounted, and nothing that matters while something minor waits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.oneof(fc.constant('minor'), fc.constant('Major'), fc.nat({ max: 4 })), { maxLength: 60 }),
        (capacity, steps) => {
          const backlog = new Backlog(capacity, isMinor)
          const [lost, taken]: [string[], string[]] = [[], []]
          let pushed = 0
          for (const step of steps) {
            if (typeof step === 'number') {
              taken.push(...backlog.take(step))
              continue
            }
            const item = `${step} ${pushed++}`
            const gone = backlog.push(item)
            if (gone !== undefined) lost.push(gone)
            if (gone === item && !isMinor(item)) {
              const left = backlog.take(capacity)
              assert.ok(!left.some(isMinor), 'it was lost, and a minor one waits')
              taken.push(...left)
            }
            assert.ok(backlog.size <= capacity)
          }
          taken.push(...backlog.take(capacity))
          assert.equal(new Set([...lost, ...taken]).size, pushed)
          assert.equal(lost.length + taken.length, pushed)
          const orders = taken.map((item) => Number(item.split(' ')[1]))
          assert.deepEqual(
            orders,
            orders.toSorted((a, b) => a - b),
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})
