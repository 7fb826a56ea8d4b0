import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileShed, type Priority, type ShedGuards } from '../../src/checks/shed.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { Guard } from '../../src/contract/guard.ts'
import { mistakesAt, place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { decide, field, refusal } from '../support/limits.ts'

const NEVER = (): never => assert.fail('nothing is to be measured')

/** Guards on a loop that is as late as the test says. */
function shed(options: object = {}): { readonly guards: ShedGuards; readonly late: (ms: unknown) => void } {
  let delay: unknown = 0
  const guards = compileShed(place(''), { maxDelay: '100ms', delay: () => delay, ...options }, NEVER)
  return { guards, late: (ms) => (delay = ms) }
}

/** How many of a hundred requests are refused. */
function refused(guard: Guard): number {
  if (guard.check === undefined) return 0
  return Array.from({ length: 100 }, () => decide(guard, facts())).filter(({ type }) => type === 'refusal')
    .length
}

const rows: readonly (readonly [late: number, low: number, normal: number])[] = [
  [0, 0, 0],
  [50, 0, 0],
  [75, 50, 0],
  [100, 100, 0],
  [125, 100, 25],
  [150, 100, 50],
  [200, 100, 100],
  [5_000, 100, 100],
]

describe('shed', () => {
  for (const [ms, low, normal] of rows) {
    test(`REQ-15: ${ms} of 100 allowed milliseconds late: ${low} % of low, ${normal} % of normal, none of critical`, () => {
      const { guards, late } = shed()
      late(ms)
      const shares = (['low', 'normal', 'critical'] as Priority[]).map((priority) =>
        refused(guards[priority]),
      )
      for (const [index, share] of [low, normal, 0].entries())
        assert.ok(Math.abs((shares[index] ?? 0) - share) <= 1, String(shares))
    })
  }

  test('the share is refused evenly: every second request, and not the first half', () => {
    const { guards, late } = shed()
    late(150)
    const types = Array.from({ length: 6 }, () => decide(guards.normal, facts()).type)
    assert.deepEqual(types, ['pass', 'refusal', 'pass', 'refusal', 'pass', 'refusal'])
  })

  test('a refusal is 503 with the type of reduced capacity, and not all come back at once', () => {
    const { guards, late } = shed()
    late(1_000)
    const waits = [1, 2, 3, 4].map(() => {
      const { kind, fields, members } = refusal(guards.normal, facts())
      assert.equal(KINDS[kind].code, 'reduced_capacity')
      assert.equal(members, undefined)
      return fields?.[1]
    })
    assert.deepEqual(waits, ['1', '2', '3', '1'])
    assert.equal(field(refusal(guards.low, facts()), 'Retry-After'), '1')
  })

  test('load that is gone is shed no more', () => {
    const { guards, late } = shed()
    late(1_000)
    assert.equal(refused(guards.normal), 100)
    late(10)
    assert.equal(refused(guards.normal), 0)
  })

  for (const [name, junk] of Object.entries({
    'not a number': Number.NaN,
    negative: -1,
    'a text': '200',
    nothing: undefined,
    'a promise': Promise.resolve(1),
  })) {
    test(`a delay that is none is a failed dependency, for all but critical routes: ${name}`, () => {
      const { guards, late } = shed()
      late(junk)
      assert.equal(refusal(guards.normal, facts()).kind, 'dependency.failed')
      assert.equal(guards.critical.check, undefined)
    })
  }

  test('a delay that throws is a failed dependency', () => {
    const { guards } = shed({ delay: () => assert.fail('no word of this') })
    assert.equal(refusal(guards.low, facts()).kind, 'dependency.failed')
  })

  test('without the option nothing is measured, and nothing shed', () => {
    const guards = compileShed(place(''), undefined, NEVER)
    for (const guard of Object.values(guards)) assert.equal(guard.check, undefined)
  })

  test('unless the policy says otherwise 200 milliseconds are allowed, as the gate measures them', () => {
    let delay = 200
    const guards = compileShed(place(''), {}, () => () => delay)
    assert.equal(refused(guards.normal), 0)
    delay = 400
    assert.equal(refused(guards.normal), 100)
  })

  test('ERR-03: mistakes are reported at their place', () => {
    const root = place('shed')
    for (const value of [7, { maxDelay: 1 }, { delay: 7 }, { max: 1 }])
      compileShed(root, value, () => () => 0)
    assert.deepEqual(
      mistakesAt(root).map(({ path, code }) => [path, code]),
      [
        ['shed', 'wrong_type'],
        ['shed.maxDelay', 'out_of_range'],
        ['shed.delay', 'wrong_type'],
        ['shed.max', 'unknown_option'],
      ],
    )
  })
})
