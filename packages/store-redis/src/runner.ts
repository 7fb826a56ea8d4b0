import type { Engine } from './clients.ts'
import { SCRIPT, SCRIPT_SHA1 } from './script.ts'

/** Scripts that may be on their way at once; what comes on top is rejected, and not kept in memory. */
const MAX_PENDING = 1_000

/** Runs the script, by its name where the server knows it. */
export class Runner {
  readonly #engine: Engine
  #wasReady = false
  #pending = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * One round trip; two when the server has lost the script: after a restart, a failover, SCRIPT FLUSH (RL-08).
   *
   * @throws at once when the client has lost its connection: what it would keep for later is of no use by then
   */
  async run(keys: string[], args: string[]): Promise<readonly unknown[]> {
    this.#checkReady()
    if (this.#pending >= MAX_PENDING) throw new Error('Too many calls wait for Redis')
    this.#pending++
    try {
      const reply = await this.#ask(keys, args)
      if (!Array.isArray(reply)) throw new Error('Redis gave no list')
      return reply
    } finally {
      this.#pending--
    }
  }

  async #ask(keys: string[], args: string[]): Promise<unknown> {
    try {
      return await this.#engine.evalsha(SCRIPT_SHA1, keys, args)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return this.#engine.eval(SCRIPT, keys, args)
    }
  }

  #checkReady(): void {
    const ready = this.#engine.ready()
    if (ready === true) this.#wasReady = true
    // Until it has been connected once, the client may well be about to.
    else if (ready === false && this.#wasReady) throw new Error('The Redis client is not connected')
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
