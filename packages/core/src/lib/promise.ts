/**
 * Whether a callback answered with something to wait for.
 *
 * Query builders are thenables and no promises, so `instanceof` would take one for an answer.
 */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Goes on with an answer: now, or when it has come. What is thrown is a rejection only where something waits. */
export function goOn<T, R>(answer: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}
