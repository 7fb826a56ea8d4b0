import type { Store } from '../contract/store.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { type Answer, type Call, type Method, readQuestion, reply } from './cluster-store-messages.ts'

/** Sends to the worker that asked; whether it is still there is for this to find out. */
export type Send = (message: object) => void

/** How each method is called with what came out of a message: the store itself refuses numbers that are none. */
const CALLS: Readonly<Record<Method, (store: Store, args: readonly never[]) => unknown>> = {
  take: (store, [charges]) => store.take(charges as never),
  peek: (store, [charges]) => store.peek(charges as never),
  adjust: (store, [adjustments]) => store.adjust(adjustments as never),
  block: (store, [keys, ms]) => store.block(keys as never, ms as never),
  reset: (store, [keys]) => store.reset(keys as never),
  add: (store, [key, value, ttlMs]) => store.add(key as never, value as never, ttlMs as never),
  read: (store, [keys]) => store.read(keys as never),
  write: (store, [key, value, ttlMs]) => store.write(key as never, value as never, ttlMs as never),
  remove: (store, [key]) => store.remove(key as never),
}

/**
 * Answers a message of a worker from a store; any message that is no question is somebody else's.
 *
 * What the store knows at once goes back in one message, and so does what it comes to know within one turn. Nothing is
 * kept of a worker, so one that dies leaves nothing behind but what it has counted.
 */
export function answerFrom(store: Store, message: unknown, send: Send): void {
  const asked = readQuestion(message)
  if (asked === undefined) return
  let late: Answer[] = []
  const answerLate = (answer: Answer): void => {
    if (late.push(answer) > 1) return
    setImmediate(() => {
      send(reply(asked.from, late))
      late = []
    })
  }
  const answers = asked.calls.flatMap((call) => {
    const answer = answerTo(store, call)
    if (!(answer instanceof Promise)) return [answer]
    void answer.then(answerLate)
    return []
  })
  if (answers.length > 0) send(reply(asked.from, answers))
}

function answerTo(store: Store, [id, method, args]: Call): Answer | Promise<Answer> {
  try {
    const value = CALLS[method](store, args as readonly never[])
    return isPromiseLike(value) ? lateAnswer(id, value) : [id, value]
  } catch (error) {
    return failure(id, error)
  }
}

async function lateAnswer(id: number, value: PromiseLike<unknown>): Promise<Answer> {
  try {
    return [id, await value]
  } catch (error) {
    return failure(id, error)
  }
}

function failure(id: number, error: unknown): Answer {
  return error instanceof Error
    ? [id, null, error.name, error.message]
    : [id, null, 'Error', 'The store of the primary failed']
}
