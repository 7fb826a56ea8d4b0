import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { Listeners } from '../src/listeners.ts'

/** A response whose reader is as slow as the test says. */
class Slow extends EventEmitter {
  readonly written: string[] = []
  writableLength = 0
  isDestroyed = false
  isEnded = false
  /** Whether somebody reads to the end. */
  isRead = true

  write(text: string): boolean {
    this.written.push(text)
    return this.writableLength === 0
  }

  end(): void {
    this.isEnded = true
    if (this.isRead) this.emit('close')
  }

  destroy(): void {
    this.isDestroyed = true
    this.emit('close')
  }
}

function listening(ends = Infinity): {
  readonly slow: Slow
  readonly listeners: Listeners
  readonly abort: AbortController
} {
  const slow = new Slow()
  const listeners = new Listeners()
  const abort = new AbortController()
  listeners.add(slow as unknown as ServerResponse, abort.signal, ends)
  return { slow, listeners, abort }
}

describe('pages that are open', () => {
  test('LOG-04: a page that does not read is sent nothing more, and then the whole state', () => {
    const { slow, listeners } = listening()
    listeners.send('1', () => 'whole')
    slow.writableLength = 300_000
    listeners.send('2', () => 'whole')
    listeners.send('3', () => 'whole')
    assert.equal(listeners.dropped, 2)
    slow.writableLength = 0
    listeners.send('4', () => 'whole')
    listeners.send('5', () => 'whole')
    assert.deepEqual(slow.written, ['1', 'whole', '5'])
  })

  test('LOG-04: a page that does not read what is left at its end keeps its place, and is then cut off', () => {
    const { slow, listeners } = listening(10_000)
    slow.writableLength = 300_000
    slow.isRead = false
    listeners.endBefore(9_999)
    assert.ok(!slow.isEnded)
    listeners.endBefore(10_000)
    assert.ok(slow.isEnded)
    assert.equal(listeners.size, 1)
    slow.writableLength = 1_000
    listeners.send('x', () => 'whole')
    assert.deepEqual(slow.written, [], 'nothing is written after the end')
    listeners.endBefore(24_999)
    assert.ok(!slow.isDestroyed)
    listeners.endBefore(25_000)
    assert.ok(slow.isDestroyed)
    assert.equal(listeners.size, 0)
  })

  test('a page whose request was aborted is gone', () => {
    const { slow, listeners, abort } = listening()
    abort.abort()
    assert.ok(slow.isDestroyed)
    assert.equal(listeners.size, 0)
  })
})
