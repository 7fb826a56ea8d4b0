import type { Records, Store } from '../contract/store.ts'
import type { Clock } from '../lib/clock.ts'
import { isPromiseLike } from '../lib/promise.ts'

/** What of a store schemes and idempotency keys use. */
export type RecordStore = Records & Pick<Store, 'take' | 'reset'>

/**
 * A store whose calls are measured: those of the limits are where they are made, these are made in many places. What a call
 * gives is what the store gave, late or not, and what it throws is thrown.
 */
export function measuredRecords(
  store: RecordStore,
  clock: Clock,
  onCall: (ms: number, isAnswered: boolean) => void,
): RecordStore {
  function measured<T>(ask: () => T): T {
    const startedAt = clock.monotonic()
    const over = (isAnswered: boolean): void => onCall(clock.monotonic() - startedAt, isAnswered)
    let answer: T
    try {
      answer = ask()
    } catch (error) {
      over(false)
      throw error
    }
    // A thenable of its own may do its work when it is asked for it, and so each time.
    if (answer instanceof Promise)
      answer.then(
        () => over(true),
        () => over(false),
      )
    else if (!isPromiseLike(answer)) over(true)
    return answer
  }
  return {
    add: (...given) => measured(() => store.add(...given)),
    read: (...given) => measured(() => store.read(...given)),
    write: (...given) => measured(() => store.write(...given)),
    remove: (...given) => measured(() => store.remove(...given)),
    take: (...given) => measured(() => store.take(...given)),
    reset: (...given) => measured(() => store.reset(...given)),
  }
}
