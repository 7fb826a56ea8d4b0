/** So many requests are remembered at once. */
const KEPT_IDS = 4_096

/** A handler that takes longer than that to refuse is counted besides. */
const KEPT_MS = 60_000

/** What became of a request that the gate had let in. */
interface LetIn {
  readonly at: number
  isRefused: boolean
}

/**
 * The last requests that were let in, by their ids: an event of a handler is about one of them, and counts no second
 * request. A login that fails was let in to the handler that refused it, and is one that was refused.
 */
export class Requests {
  readonly #letIn = new Map<string, LetIn>()

  /** A request was let in, or its handler tells of it; gives whether it is to be counted. */
  letIn(id: string, now: number): boolean {
    if (this.#find(id, now) !== undefined) return false
    this.#letIn.delete(id)
    this.#letIn.set(id, { at: now, isRefused: false })
    for (const [oldest] of this.#letIn) {
      if (this.#letIn.size <= KEPT_IDS) break
      this.#letIn.delete(oldest)
    }
    return true
  }

  /**
   * A handler has refused. Gives when that request was counted as let in, `'again'` when it was counted as refused since,
   * and nothing when it is not known.
   */
  refused(id: string, now: number): number | 'again' | undefined {
    const known = this.#find(id, now)
    if (known === undefined) return undefined
    if (known.isRefused) return 'again'
    known.isRefused = true
    return known.at
  }

  #find(id: string, now: number): LetIn | undefined {
    const known = this.#letIn.get(id)
    return known === undefined || now - known.at > KEPT_MS ? undefined : known
  }
}
