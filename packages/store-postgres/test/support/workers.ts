import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order } from './worker.ts'

/** Starts processes that ask the store on a server; each has set up the store by then. */
export async function startWorkers(count: number, port: number): Promise<readonly ChildProcess[]> {
  const path = fileURLToPath(new URL('worker.ts', import.meta.url))
  const workers = Array.from({ length: count }, () => fork(path, [String(port)]))
  await Promise.all(
    workers.map(async (worker) => {
      const ended = once(worker, 'exit').then(() => Promise.reject(new Error('a worker did not start')))
      // It may end later, and that is no failure.
      ended.catch(() => undefined)
      await Promise.race([once(worker, 'message'), ended])
    }),
  )
  return workers
}

/** Gives all of them the same order at once: what each of them has admitted. */
export async function order(workers: readonly ChildProcess[], what: Order): Promise<readonly number[]> {
  return Promise.all(
    workers.map(async (worker) => {
      const answer = once(worker, 'message')
      worker.send(what)
      const [count] = (await answer) as [number]
      return count
    }),
  )
}
