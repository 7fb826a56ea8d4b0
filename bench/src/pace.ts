/** What of autocannon's client is used: it asks itself for its next request. */
interface Asking {
  _doRequest: () => void
}

/**
 * Lets so many requests go in a second, evenly, whoever sends them.
 *
 * Traps: autocannon's own rate lets each connection send what it may in a second at once and then wait for the next
 * second: bursts at full load, and a p99 of nothing else. So its client is held here, each time that it would ask, until
 * a request is due. And an answer that is late makes the next request of its connection late, which a client that
 * measured from there would not see (coordinated omission): the time of an answer is taken from when its request
 * was due, not from when it was sent.
 */
export class Pace {
  readonly #intervalMs: number
  readonly #waiting: (() => void)[] = []
  readonly #due = new WeakMap<object, number>()
  #next: number

  constructor(perSecond: number, now: number = performance.now()) {
    this.#intervalMs = 1000 / perSecond
    this.#next = now
  }

  /** Holds a client whenever it would ask. */
  hold(given: object): void {
    const client = given as Asking
    const ask = client._doRequest.bind(client)
    client._doRequest = () => {
      this.#waiting.push(() => {
        this.#due.set(client, this.#next)
        ask()
      })
    }
  }

  /** Lets go who is due. */
  turn(now: number = performance.now()): void {
    while (now >= this.#next) {
      const ask = this.#waiting.shift()
      // Nobody is free: the request stays due, and what it waits counts.
      if (ask === undefined) return
      ask()
      this.#next += this.#intervalMs
    }
  }

  /** How long ago a client's request was due, in milliseconds. */
  since(client: object, now: number): number {
    return now - (this.#due.get(client) ?? now)
  }
}
