import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Charge } from '@gatehouse/core'
import { until } from './servers.ts'
import type { Order, Report, Work } from './worker.ts'

/**
 * Asserts that a limit was admitted, and no more. What was counted while the answer got lost is nobody's: so many may be
 * missing as calls have failed.
 */
export function assertAdmitted({ admitted, failed }: Report, limit: number, words: string): void {
  assert.ok(
    admitted <= limit && admitted + failed >= limit,
    `${words}: ${admitted} admitted, ${failed} failed`,
  )
}

/** Processes that send load, all to the same store. */
export class Workers {
  readonly #children: readonly ChildProcess[]
  readonly #reports = new Map<ChildProcess, Report>()
  #stopped = 0

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children
    for (const child of children) {
      child.on('message', (message) => {
        if (message === 'stopped') this.#stopped++
        else if (message !== 'ready') this.#reports.set(child, message as Report)
      })
    }
  }

  /** Starts one process for each work. */
  static async start(works: readonly Work[]): Promise<Workers> {
    const path = fileURLToPath(new URL('worker.ts', import.meta.url))
    const children = works.map((work) => fork(path, [JSON.stringify(work)]))
    const ready = children.map(async (child) => {
      const ended = once(child, 'exit').then(() => {
        throw new Error('a worker did not start')
      })
      await Promise.race([once(child, 'message'), ended])
      // It may end later, and that is no failure.
      ended.catch(() => {})
    })
    await Promise.all(ready)
    return new Workers(children)
  }

  /** Lets each ask so many times at once. */
  async burst(charge: Charge, times: number): Promise<Report> {
    const answered = this.#children.map(async (child) => once(child, 'message'))
    this.#tell({ do: 'burst', charge, times })
    await Promise.all(answered)
    return this.told
  }

  /** Lets each ask again and again. */
  load(charge: Charge): void {
    this.#tell({ do: 'load', charge })
  }

  /** What all of them have told by now. */
  get told(): Report {
    const sum = { admitted: 0, refused: 0, failed: 0 }
    for (const { admitted, refused, failed } of this.#reports.values()) {
      sum.admitted += admitted
      sum.refused += refused
      sum.failed += failed
    }
    return sum
  }

  /** Waits until each of them has been refused so often more: the limit holds again, wherever they ask. */
  async refused(times: number): Promise<Report> {
    const before = this.#children.map((child) => this.#reports.get(child)?.refused ?? 0)
    await until('they are refused', () =>
      this.#children.every((child, index) => {
        const { refused } = this.#reports.get(child) ?? { refused: 0 }
        return refused >= (before[index] ?? 0) + times
      }),
    )
    return this.told
  }

  /** Lets them finish. */
  async stop(): Promise<Report> {
    this.#tell({ do: 'stop' })
    await until('they stop', () => this.#stopped === this.#children.length)
    return this.told
  }

  end(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }

  #tell(order: Order): void {
    for (const child of this.#children) child.send(order)
  }
}
