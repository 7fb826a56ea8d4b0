import type { Algorithm, Quota } from '@gatehouse/core'

/** A quota as the functions of the database read it. */
export interface Counted {
  /** The letter of the algorithm. */
  readonly kind: string
  readonly limit: number
  readonly windowMs: number
  /** Units of time in a millisecond: see core's gcra. */
  readonly unitsPerMs: number
}

const KINDS: Readonly<Record<Algorithm, string>> = { gcra: 'g', 'sliding-window': 's', 'fixed-window': 'f' }

/** Twice the capacity is the largest number that is ever computed; in JavaScript, too, it is to be exact. */
const MAX_CAPACITY = 2 ** 52

/**
 * The quota as the functions of the database read it.
 *
 * @throws RangeError when it cannot be counted
 */
export function countedOf({ limit, windowMs, algorithm = 'gcra' }: Quota): Counted {
  if (!isPositiveInteger(limit) || !isPositiveInteger(windowMs)) {
    throw new RangeError('The limit and the window of a quota are positive integers')
  }
  if (!Object.hasOwn(KINDS, algorithm)) throw new RangeError('There is no such algorithm')
  const unitsPerMs = algorithm === 'gcra' ? limit / greatestCommonDivisor(limit, windowMs) : 1
  if (windowMs > MAX_CAPACITY / unitsPerMs) {
    throw new RangeError('The limit and the window of a quota are too large to be counted exactly')
  }
  return { kind: KINDS[algorithm], limit, windowMs, unitsPerMs }
}

/** Whether two quotas count alike. */
export function isSame(a: Counted, b: Counted): boolean {
  return a.kind === b.kind && a.limit === b.limit && a.windowMs === b.windowMs
}

/** Whether a number can be a limit, a window, a cost or a time. */
export function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
