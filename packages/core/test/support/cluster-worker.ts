/*
 * A worker of a cluster: it asks the store of its primary what the test tells it to.
 */
import cluster from 'node:cluster'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { clusterStore, serveClusterStore } from '../../src/limiting/cluster-store.ts'

/** Calls of a store: the method, and what it is called with. */
export type Asked = readonly [
  method: 'take' | 'peek' | 'adjust' | 'block' | 'reset' | 'add' | 'read' | 'write' | 'remove',
  args: readonly unknown[],
]

/** What the test says. */
export type ToWorker =
  /** Makes all these calls in one turn; answers with what each gave, or with the name of what it threw. */
  | { readonly test: 'call'; readonly calls: readonly Asked[] }
  /** Builds what belongs to the primary; answers with the mistakes. */
  | { readonly test: 'serve' }
  /** Lets go of everything that the worker itself holds, with a call under way. */
  | { readonly test: 'let-go' }

/** What the worker says. */
export type FromWorker =
  { readonly test: 'ready' } | { readonly test: 'answer'; readonly id: number; readonly value: unknown }

const store = clusterStore({ timeout: '20s' })

function tell(message: FromWorker): void {
  process.send?.(message)
}

async function call([method, args]: Asked): Promise<unknown> {
  try {
    return await (store[method] as (...given: readonly unknown[]) => unknown)(...args)
  } catch (error) {
    return (error as Error).name
  }
}

function mistakes(): unknown {
  try {
    serveClusterStore()
    return undefined
  } catch (error) {
    return error instanceof ConfigError ? error.mistakes : String(error)
  }
}

process.on('message', (message: (ToWorker & { readonly id: number }) | null) => {
  // What the store is told comes by here, too, as it would in an application.
  if (message === null) return
  if (message.test === 'call') {
    void Promise.all(message.calls.map(call)).then((value) => tell({ test: 'answer', id: message.id, value }))
  } else if (message.test === 'serve') {
    tell({ test: 'answer', id: message.id, value: mistakes() })
  } else if (message.test === 'let-go') {
    void call(['peek', [[{ key: 'a', quota: { limit: 1, windowMs: 1_000 }, cost: 1 }]]])
    cluster.worker?.process.channel?.unref()
  }
})
tell({ test: 'ready' })
