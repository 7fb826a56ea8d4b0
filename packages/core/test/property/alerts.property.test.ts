import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HalfSipHash, SEED_BYTES } from '../../src/lib/half-sip-hash.ts'
import { watchAlerts } from '../../src/observe/alerts.ts'
import { KeyCounts, PARTS } from '../../src/observe/alerts/key-counts.ts'
import { securityEvent } from '../support/alert-events.ts'
import { evenLots } from '../support/lots.ts'
import { movableTimers } from '../support/timers.ts'

const WINDOW = 30_000
const PART = WINDOW / PARTS

const hash = new HalfSipHash(randomBytes(SEED_BYTES))

/** Events of few keys with few values, with time going by in steps of any size. */
const steps = fc.array(
  fc.record({
    wait: fc.oneof(fc.nat(50), fc.nat(3 * PART), fc.nat(2 * WINDOW)),
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.constantFrom('1', '2', '3', '4', '5'),
  }),
  { maxLength: 200 },
)

interface Seen {
  readonly at: number
  readonly key: string
  readonly value: string
}

/** What the events of a key within a window that ends now are, looked up one by one. */
function within(seen: readonly Seen[], key: string, now: number, window: number): readonly Seen[] {
  return seen.filter((one) => one.key === key && one.at > now - window)
}

describe('alerts, on any events', () => {
  test('LOG-06: a window counts no event that is not within it, and all but those of one part of it', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const counts = new KeyCounts({
          windowMs: WINDOW,
          capacity: 8,
          differentMost: 10,
          hash,
          random: evenLots(),
        })
        const seen: Seen[] = []
        let now = 1_000
        for (const { wait, key, value } of all) {
          now += wait
          seen.push({ at: now, key, value })
          const slot = counts.add(key, value, now)
          const most = within(seen, key, now, WINDOW)
          const fewest = within(seen, key, now, WINDOW - PART)
          const count = counts.count(slot, now)
          assert.ok(
            count <= most.length && count >= fewest.length,
            `${fewest.length} ${count} ${most.length}`,
          )
          const different = counts.different(slot, now)
          assert.ok(different <= new Set(most.map((one) => one.value)).size)
          assert.ok(different >= new Set(fewest.map((one) => one.value)).size)
        }
      }),
    )
  })

  test('LOG-06: a rule never fires below its threshold, and always at it when the events are not at the edge of the window', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 2, max: 4 }),
        (all, extra, atLeast) => {
          const threshold = atLeast + extra
          const timers = movableTimers()
          const alarms = watchAlerts(
            {
              clock: timers.clock,
              quiet: 0,
              own: [
                {
                  name: 'own',
                  when: ({ kind }) => kind === 'request.allowed',
                  by: ({ client }) => client,
                  threshold,
                  window: WINDOW,
                  different: { what: 'path', atLeast },
                },
              ],
            },
            { startTimer: timers.startTimer, random: evenLots() },
          )
          const isFiring = (key: string): boolean => alarms.active().some((alert) => alert.key === key)
          const seen: Seen[] = []
          for (const { wait, key, value } of all) {
            timers.clock.advance(wait)
            const at = timers.clock.monotonic()
            seen.push({ at, key, value })
            const wasActive = isFiring(key)
            alarms.observe(
              securityEvent({ kind: 'request.allowed', outcome: 'allowed', client: key, path: value }),
            )
            const isActive = isFiring(key)
            const reaches = (window: number): boolean => {
              const found = within(seen, key, at, window)
              return found.length >= threshold && new Set(found.map((one) => one.value)).size >= atLeast
            }
            if (reaches(WINDOW - PART)) assert.ok(isActive, 'it fires')
            // It begins at the threshold, and not before.
            if (isActive && !wasActive) assert.ok(reaches(WINDOW), 'it fires too early')
            // Hysteresis: what fires has at least half of the threshold.
            if (isActive) assert.ok(within(seen, key, at, WINDOW).length >= Math.ceil(threshold / 2))
          }
        },
      ),
    )
  })

  test('LOG-06: memory holds as many keys as it may, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 300 }), (keys) => {
        const counts = new KeyCounts({
          windowMs: WINDOW,
          capacity: 16,
          differentMost: 4,
          hash,
          random: evenLots(),
        })
        for (const [index, key] of keys.entries()) {
          const slot = counts.add(key, key, 1_000 + index)
          assert.equal(counts.keyOf(slot), key)
          assert.ok(counts.count(slot, 1_000 + index) >= 1)
        }
        assert.ok(counts.size <= 16)
      }),
    )
  })

  test('LOG-06: what takes the place of another begins at nothing, and is the only one there', () => {
    const counts = new KeyCounts({
      windowMs: WINDOW,
      capacity: 1,
      differentMost: 2,
      hash,
      random: evenLots(),
    })
    for (let i = 0; i < 5; i++) counts.add('a', `${i}`, 1_000)
    const slot = counts.add('b', 'x', 1_000)
    assert.deepEqual([counts.count(slot, 1_000), counts.different(slot, 1_000)], [1, 1])
    assert.equal(counts.slotOf('a'), undefined)
    assert.equal(counts.count(slot, 1_000 + WINDOW), 0)
    assert.equal(counts.keyOf(counts.add('a', undefined, 1_000 + WINDOW)), 'a')
  })

  test('LOG-06: more events than a part of the window can count are as many as it can, until it is over', () => {
    const counts = new KeyCounts({
      windowMs: WINDOW,
      capacity: 1,
      differentMost: 0,
      hash,
      random: evenLots(),
    })
    for (let i = 0; i < 70_000; i++) counts.add('a', undefined, 1_000)
    assert.equal(counts.count(0, 1_000), 65_535)
    assert.equal(counts.count(0, 1_000 + WINDOW), 0)
  })

  test('LOG-06: a key that is held stays, and what finds no room is not counted', () => {
    const counts = new KeyCounts({
      windowMs: WINDOW,
      capacity: 2,
      differentMost: 0,
      hash,
      random: evenLots(),
    })
    for (const key of ['a', 'b']) counts.hold(counts.add(key, undefined, 1_000), true)
    for (let i = 0; i < 100; i++) assert.equal(counts.add(`c${i}`, undefined, 1_000), -1)
    counts.hold(counts.slotOf('b') ?? -1, false)
    for (let i = 0; i < 100; i++) assert.equal(counts.add(`d${i}`, undefined, 1_000), 1)
    assert.equal(counts.keyOf(0), 'a')
  })
})
