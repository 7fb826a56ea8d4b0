import type { ServerResponse } from 'node:http'

/** What a listener may have unread before messages are left out for it. */
const MAX_UNREAD = 262_144

/** After so many messages that were left out in a row, one a second, it is not there any more. */
const MAX_BEHIND = 60

interface Listener {
  readonly res: ServerResponse
  readonly ends: number
  behind: number
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
    const listener = { res, ends, behind: 0 }
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
      if (listener.res.writableLength > MAX_UNREAD) {
        this.#dropped++
        listener.behind++
        if (listener.behind > MAX_BEHIND) this.#cut(listener)
        continue
      }
      listener.res.write(listener.behind === 0 ? message : whole())
      listener.behind = 0
    }
  }

  /** Ends those whose time has come; `Infinity` ends all. */
  endBefore(now: number): void {
    for (const listener of this.#listeners) {
      if (listener.ends > now) continue
      this.#listeners.delete(listener)
      listener.res.end()
    }
  }

  #cut(listener: Listener): void {
    this.#listeners.delete(listener)
    listener.res.destroy()
  }
}
