import type { ServerResponse } from 'node:http'
import type { Capture } from '../contract/check.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { captureResponse } from './capture.ts'

/** A response that is captured: for whom, and how that is stopped. */
interface Captured {
  readonly capture: Capture
  readonly stop: () => void
}

/** Who wants the response of one request, as its handler makes it. */
export class Captures {
  #captured: readonly Captured[] = []
  readonly #fail: (error: unknown) => void

  /** @param fail hears that whoever keeps a response could not: it has left by then */
  constructor(fail: (error: unknown) => void) {
    this.#fail = fail
  }

  /** Has the response copied for somebody. */
  add(res: ServerResponse, capture: Capture): void {
    const stop = captureResponse(res, capture.maxBytes, (response) =>
      this.#hand(() => capture.onResponse(response)),
    )
    this.#captured = [...this.#captured, { capture, stop }]
  }

  /** No handler will see the request: what it would have answered is nobody's to keep. */
  release(): void {
    const captured = this.#captured
    this.stop()
    for (const { capture } of captured) this.#hand(() => capture.onRefused())
  }

  /** Copies no more, and tells nobody. */
  stop(): void {
    for (const { stop } of this.#captured) stop()
    this.#captured = []
  }

  #hand(hand: () => void | Promise<void>): void {
    try {
      const handed = hand()
      if (isPromiseLike(handed)) handed.then(undefined, this.#fail)
    } catch (error) {
      this.#fail(error)
    }
  }
}
