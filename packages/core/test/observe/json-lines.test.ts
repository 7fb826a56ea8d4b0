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
    assert.equal(sink.dropped(), 10_000 - 1 - 75)
    for (let i = 0; i < 25; i++) sink(eventWith())
    for (let i = 0; i < 5; i++) await drain()
    assert.equal(lines().filter((line) => line.includes('"refused"')).length, 25)
    assert.equal(lines().length + sink.dropped(), 10_025)
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

  test('a stream that was ended is not written to', () => {
    const { stream } = slow()
    stream.end()
    const sink = jsonLines(stream)
    sink(eventWith())
    assert.equal(sink.dropped(), 1)
  })

  test('LOG-04: one that throws when it has drained loses what waits, and no more', () => {
    let drained: (() => void) | undefined
    let times = 0
    const sink = jsonLines({
      write() {
        if (times++ > 0) throw new Error('no')
        return false
      },
      once: ((_name: string, hear: () => void) => (drained = hear)) as unknown as Writable['once'],
    })
    for (let i = 0; i < 3; i++) sink(eventWith())
    drained?.()
    // What it was about to write when it threw is lost, too, and was handed over: whether it arrived nobody knows.
    sink(eventWith())
    assert.equal(sink.dropped(), 1)
  })
})
