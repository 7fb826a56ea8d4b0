/**
 * Whether a callback answered with something to wait for.
 *
 * Query builders are thenables and no promises, so `instanceof` would take one for an answer.
 */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    // Asked for outright: `in` costs a list, which is what stores answer with, more than the rest of the call.
    typeof (value as { readonly then?: unknown }).then === 'function'
  )
}

/** Goes on with an answer: now, or when it has come. What is thrown is a rejection only where something waits. */
export function goOn<T, R>(answer: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}

/**
 * Asks what may answer at once, answer late, throw or reject, and judges the answer: late only when the answer is. It never
 * throws, and never rejects.
 *
 * @param failed what it comes to when the question fails, or the judge does; it is handed what was thrown
 */
export function judged<T>(
  ask: () => unknown,
  judge: (given: unknown) => T,
  failed: (error: unknown) => T,
): T | Promise<T> {
  try {
    const given = ask()
    return isPromiseLike(given) ? judgedLate(given, judge, failed) : judge(given)
  } catch (error) {
    return failed(error)
  }
}

async function judgedLate<T>(
  pending: PromiseLike<unknown>,
  judge: (given: unknown) => T,
  failed: (error: unknown) => T,
): Promise<T> {
  try {
    return judge(await pending)
  } catch (error) {
    return failed(error)
  }
}
