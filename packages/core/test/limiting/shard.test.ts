import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Shard } from '../../src/limiting/shard.ts'

/** What a shard is to say of an entry. */
interface Entry {
  readonly high: number
  readonly low: number
  readonly moment: number
  readonly id: number
  readonly extra: number
}

const PREFIX = 0x5a00_0000
const DAY = 86_400_000

/** A shard, and a map that says what is in it. */
function both() {
  const shard = new Shard(PREFIX, 64)
  const known = new Map<number, Entry>()
  const put = (entry: Entry): void => {
    const place = shard.find(entry.high, entry.low)
    assert.equal(place >= 0, known.has(entry.low))
    if (place < 0) shard.insert(entry.high, entry.low, entry.moment, entry.id, entry.extra)
    else shard.put(place, entry.moment, entry.id, entry.extra)
    known.set(entry.low, entry)
  }
  const move = ({ low }: Entry, moment: number): void => {
    const entry = known.get(low)
    if (entry === undefined) return
    shard.move(shard.find(entry.high, low), moment)
    known.set(low, { ...entry, moment })
  }
  const remove = ({ low }: Entry): void => {
    const entry = known.get(low)
    if (entry === undefined) return
    shard.remove(shard.find(entry.high, low))
    known.delete(low)
  }
  const check = (): void => {
    assert.equal(shard.count, known.size)
    for (const entry of known.values()) {
      const { high, low, moment, id, extra } = entry
      const place = shard.find(high, low)
      assert.ok(shard.isTaken(place) && shard.isAt(place, high, low))
      const said = { high: shard.high(place), low: shard.low(place), moment: shard.moment(place) }
      assert.deepEqual(
        { ...said, id: shard.id(place), extra: shard.extra(place) },
        { high, low, moment, id, extra },
      )
    }
  }
  /** Removes what is over at a moment, as a sweep does, and holds it to the map. */
  const sweep = (now: number): void => {
    for (let place = 0; (place = shard.findOver(place, shard.end, now)) < shard.end;) shard.remove(place)
    for (const { low, moment } of known.values()) if (moment <= now) known.delete(low)
    shard.trim()
  }
  return { shard, put, move, remove, check, sweep }
}

/** Few, so that they meet, and lie near one place of the table. */
const hashes = fc
  .record({ near: fc.integer({ min: 0, max: 3 }), rest: fc.integer({ min: 0, max: 40 }) })
  .map(({ near, rest }) => ({ high: (near << 30) | rest, low: PREFIX | (near << 12) | rest }))

const moments = fc.oneof(
  fc.integer({ min: 1, max: DAY }),
  fc.integer({ min: 40 * DAY, max: 60 * DAY }),
  fc.integer({ min: 2 ** 32 - 2, max: 2 ** 32 + 2 }),
  fc.integer({ min: 1, max: 2 ** 48 - 1 }),
)

const plain = fc.record({ id: fc.integer({ min: 1, max: 254 }), extra: fc.constant(0) })
const wide = fc.record({
  id: fc.integer({ min: 1, max: 65_535 }),
  extra: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
})

for (const [name, rest] of [
  ['what most say', plain],
  ['large ids, and more to keep', wide],
] as const) {
  test(`RL-09: a shard says of each entry what was put there, of ${name}, whatever the moments`, () => {
    const steps = fc.record({
      what: fc.constantFrom('put', 'put', 'put', 'put', 'move', 'remove', 'sweep'),
      hash: hashes,
      moment: moments,
      rest,
    })
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 120 }), (trace) => {
        const { put, move, remove, check, sweep } = both()
        for (const { what, hash, moment, rest: said } of trace) {
          const entry = { ...hash, moment, ...said }
          if (what === 'put') put(entry)
          else if (what === 'move') move(entry, moment)
          else if (what === 'remove') remove(entry)
          else sweep(moment)
          check()
        }
      }),
      { numRuns: 200 },
    )
  })
}

test('RL-09: a shard that lives for years counts on from later moments, and says the same', () => {
  const { shard, put, check, sweep } = both()
  for (let day = 0; day < 4_000; day++) {
    const low = PREFIX | (day & 0xff)
    put({
      high: Math.imul(day, 0x9e37_79b1),
      low: low | (day << 8),
      moment: (day + 31) * DAY,
      id: 1,
      extra: 0,
    })
    sweep(day * DAY)
    if (day % 50 === 0) check()
  }
  assert.equal(shard.count, 31)
})
