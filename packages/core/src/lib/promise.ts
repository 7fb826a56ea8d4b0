/**
 * Whether a callback answered with something to wait for.
 *
 * Query builders are thenables and no promises, so `instanceof` would take one for an answer.
 */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
