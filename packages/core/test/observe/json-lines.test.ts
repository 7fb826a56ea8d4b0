import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, test } from 'node:test'
import { jsonLines } from '../../src/observe/json-lines.ts'
import { allowedEvent, eventWith } from '../support/events.ts'

/** A stream that holds one text, and takes the next when it is told. */
function slow() {
  const written: string[] = []
  let next: (() => void) | undefined
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(text: string, _encoding, done) {
      written.push(text)
      next = done
    },
  })
  const drain = async (): Promise<void> => {
    next?.()
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  return { stream, drain, lines: () => written.join('').split('\n').filter(Boolean) }
}

describe('jsonLines()', () => {
  test('LOG-03: writes one line of JSON for each event', () => {
    const lines: string[] = []
    const sink = jsonLines({ write: (text: string) => lines.push(text) > 0 })
    sink(eventWith({ path: '/a\\u000ab' }))
    sink(allowedEvent())
    assert.equal(lines.length, 2)
    for (const line of lines) assert.match(line, /^[^\n]+\n$/)
    assert.deepEqual(JSON.parse(lines[1] ?? ''), JSON.parse(JSON.stringify(allowedEvent())))
    assert.equal(sink.dropped(), 0)
  })

  test('LOG-04: a stream that is full is not written to until it has drained', async () => {
    const { stream, drain, lines } = slow()
    const sink = jsonLines(stream)
    for (let i = 0; i < 1_000; i++) sink(eventWith({ requestId: `${i}` }))
    assert.equal(lines().length, 1)
    assert.ok(stream.writableLength < 1_000, `${stream.writableLength} bytes wait in the stream`)
    for (let i = 0; i < 10; i++) await drain()
    assert.deepEqual(
      lines().map((line) => (JSON.parse(line) as { requestId: string }).requestId),
      Array.from({ length: 1_000 }, (_, index) => `${index}`),
    )
    assert.equal(sink.dropped(), 0)
  })

  test('LOG-04: what finds no room is dropped and counted, and no refusal for what was allowed', async () => {
    const { stream, drain, lines } = slow()
    const sink = jsonLines(stream, { maxWaiting: 100 })
    for (let i = 0; i < 10_000; i++) sink(allowedEvent())
    assert.equal(sink.dropped(), 10_000 - 1 - 100)
    for (let i = 0; i < 100; i++) sink(eventWith())
    assert.deepEqual([sink.droppedByOutcome().allowed, sink.droppedByOutcome().refused], [9_999, 0])
    sink(eventWith())
    assert.equal(sink.droppedByOutcome().refused, 1)
    for (let i = 0; i < 5; i++) await drain()
    assert.equal(lines().filter((line) => line.includes('"refused"')).length, 100)
    assert.equal(lines().length + sink.dropped(), 10_101)
  })

  test('LOG-04: a stream that fails takes nothing more, and does not end the process', async () => {
    const { stream, lines } = slow()
    const sink = jsonLines(stream)
    for (let i = 0; i < 3; i++) sink(eventWith())
    stream.destroy(new Error('gone'))
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    sink(eventWith())
    assert.equal(lines().length, 1)
    assert.equal(sink.dropped(), 3)
  })

  test('LOG-04: what a stream had taken and then lost is counted, too', async () => {
    let fail: ((error: Error) => void) | undefined
    const stream = new Writable({ write: (_chunk, _encoding, done) => void (fail = done) })
    const sink = jsonLines(stream)
    for (let i = 0; i < 20; i++) sink(i % 2 === 0 ? eventWith() : allowedEvent())
    assert.equal(sink.dropped(), 0)
    fail?.(new Error('no space left'))
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    sink(eventWith())
    const { allowed, refused } = sink.droppedByOutcome()
    assert.deepEqual([allowed, refused], [10, 11])
  })

  test('LOG-04: one that throws each time throws at nobody, and each event is counted', () => {
    const sink = jsonLines({
      write() {
        throw new Error('no')
      },
    })
    for (let i = 0; i < 1_000; i++) sink(i % 4 === 0 ? eventWith() : allowedEvent())
    assert.equal(sink.dropped(), 1_000)
    assert.equal(sink.droppedByOutcome().refused, 250)
  })

  test('LOG-04: many observers of one stream add no listener each', () => {
    const { stream } = slow()
    for (let i = 0; i < 50; i++) jsonLines(stream)
    assert.deepEqual([stream.listenerCount('error'), stream.listenerCount('close')], [1, 1])
  })

  test('a stream that was ended is not written to', () => {
    const { stream } = slow()
    stream.end()
    const sink = jsonLines(stream)
    sink(eventWith())
    assert.equal(sink.dropped(), 1)
  })

  test('LOG-04: one that throws when it has drained loses what it was told, and no more', () => {
    let drained: (() => void) | undefined
    let times = 0
    const sink = jsonLines({
      write() {
        if (times++ === 1) throw new Error('no')
        return times > 1
      },
      once: ((_name: string, hear: () => void) => (drained = hear)) as unknown as Writable['once'],
    })
    for (let i = 0; i < 3; i++) sink(eventWith())
    drained?.()
    assert.equal(sink.dropped(), 2)
    sink(eventWith())
    assert.equal(sink.dropped(), 2)
    assert.equal(times, 3)
  })
})
