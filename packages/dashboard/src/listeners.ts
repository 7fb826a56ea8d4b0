import type { ServerResponse } from 'node:http'

/** What a listener may have unread before messages are left out for it. */
const MAX_UNREAD = 262_144

/** So long a listener whose time has come may take to read the rest, before it is cut off: until then it has its place. */
const REST_MS = 15_000

interface Listener {
  readonly res: ServerResponse
  ends: number
  isEnded: boolean
  isBehind: boolean
}

/** The pages that are open, as responses with server-sent events (HTML §9.2). */
export class Listeners {
  readonly #listeners = new Set<Listener>()
  #dropped = 0

  get size(): number {
    return this.#listeners.size
  }

  /** How many messages were left out, since somebody did not read. */
  get dropped(): number {
    return this.#dropped
  }

  /** @param ends when it has to come again, and through the gate, in milliseconds of the monotonic clock */
  add(res: ServerResponse, signal: AbortSignal, ends: number): void {
    const listener: Listener = { res, ends, isEnded: false, isBehind: false }
    this.#listeners.add(listener)
    const remove = (): void => {
      this.#listeners.delete(listener)
    }
    res.once('close', remove)
    signal.addEventListener('abort', () => {
      remove()
      res.destroy()
    })
  }

  /** Sends `message` to all; `whole` to those who have missed one. */
  send(message: string, whole: () => string): void {
    for (const listener of this.#listeners) {
      if (listener.isEnded) continue
      if (listener.res.writableLength > MAX_UNREAD) {
        this.#dropped++
        listener.isBehind = true
        continue
      }
      listener.res.write(listener.isBehind ? whole() : message)
      listener.isBehind = false
    }
  }

  /** Ends those whose time has come, and cuts off who has not read the rest since; `Infinity` ends all. */
  endBefore(now: number): void {
    for (const listener of this.#listeners) {
      if (listener.ends > now) continue
      if (listener.isEnded) {
        this.#listeners.delete(listener)
        listener.res.destroy()
        continue
      }
      listener.isEnded = true
      listener.ends = now + REST_MS
      listener.res.end()
    }
  }
}
