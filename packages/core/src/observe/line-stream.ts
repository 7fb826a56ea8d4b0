import type { Writable } from 'node:stream'
import type { SecurityEvent } from '../contract/event.ts'
import { Backlog } from './backlog.ts'
import { isMinor, Losses, type LossyObserver } from './sink.ts'

/** A stream that lines are written to; one that is no stream of node needs only `write`. */
export type LineStream = Pick<Writable, 'write'> &
  Partial<Pick<Writable, 'once' | 'on' | 'destroyed' | 'writableEnded'>>

/** What is written to a stream, and how much waits for it. */
export interface LineRules {
  /** What warnings call it. */
  readonly name: string
  readonly maxWaiting: number
  readonly lineOf: (event: SecurityEvent) => string
}

/** How many are written at once when a stream has drained. */
const BATCH = 256

/** What is to be done when a stream is gone: one listener for all, since standard output may have many observers. */
const watched = new WeakMap<LineStream, Set<() => void>>()

function whenGone(stream: LineStream, lose: () => void): void {
  const known = watched.get(stream)
  known?.add(lose)
  if (known !== undefined || typeof stream.on !== 'function') return
  const all = new Set([lose])
  watched.set(stream, all)
  const tell = (): void => {
    for (const each of all) each()
  }
  // Without a listener the first error of a log would be the end of the process (LOG-04).
  stream.on('error', tell)
  stream.on('close', tell)
}

/**
 * Writes events to a stream as lines. While it is full they wait, so many; while it fails they are lost, and counted.
 */
export function lineStream(stream: LineStream, { name, maxWaiting, lineOf }: LineRules): LossyObserver {
  const backlog = new Backlog(maxWaiting, isMinor)
  const losses = new Losses(name)
  let isFull = false
  let isGone = false

  /** What it has taken it may still lose: a stream of node tells of each write what became of it. */
  function write(events: readonly SecurityEvent[]): void {
    const text = events.map(lineOf).join('')
    try {
      if (typeof stream.once !== 'function') {
        stream.write(text)
        return
      }
      const isDrained = stream.write(text, (error) => {
        if (error) losses.note(events)
      })
      if (isDrained) return
      isFull = true
      stream.once('drain', drained)
    } catch {
      losses.note(events)
    }
  }

  function drained(): void {
    isFull = false
    while (!isFull && backlog.size > 0) write(backlog.take(BATCH))
  }

  function lose(): void {
    isGone = true
    losses.note(backlog.take(maxWaiting))
  }

  whenGone(stream, lose)

  const observe = (event: SecurityEvent): void => {
    if (isGone || stream.destroyed === true || stream.writableEnded === true) return losses.note([event])
    if (!isFull) return write([event])
    const lost = backlog.push(event)
    if (lost !== undefined) losses.note([lost])
  }
  const { dropped, droppedByOutcome } = losses
  return Object.assign(observe, { dropped, droppedByOutcome })
}
