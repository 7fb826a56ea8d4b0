import type { Algorithm, Quota } from '@gatehouse/core'
import { LETTERS } from './keys.ts'

/** A quota as the script reads it. */
export interface Counted {
  readonly algorithm: Algorithm
  readonly limit: number
  readonly windowMs: number
  /** Letter, limit, window, and units of time in a millisecond: see core's gcra. */
  readonly words: string
}

/** Twice the capacity is the largest number that is ever computed; it is to be exact. */
const MAX_CAPACITY = 2 ** 52

/** Quotas are few and asked about with each request. */
const known = new WeakMap<Quota, Counted>()

/**
 * The quota as the script reads it.
 *
 * @throws RangeError when it cannot be counted
 */
export function countedOf(quota: Quota): Counted {
  const found = known.get(quota)
  if (found !== undefined && isSame(found, quota)) return found
  const counted = count(quota)
  known.set(quota, counted)
  return counted
}

/** Whether two quotas count alike. */
export function isSame(a: Quota, b: Quota): boolean {
  return (
    a.limit === b.limit && a.windowMs === b.windowMs && (a.algorithm ?? 'gcra') === (b.algorithm ?? 'gcra')
  )
}

function count({ limit, windowMs, algorithm = 'gcra' }: Quota): Counted {
  if (!isPositiveInteger(limit) || !isPositiveInteger(windowMs)) {
    throw new RangeError('The limit and the window of a quota are positive integers')
  }
  if (!Object.hasOwn(LETTERS, algorithm)) throw new RangeError('There is no such algorithm')
  const units = algorithm === 'gcra' ? limit / greatestCommonDivisor(limit, windowMs) : 1
  if (windowMs > MAX_CAPACITY / units) {
    throw new RangeError('The limit and the window of a quota are too large to be counted exactly')
  }
  return { algorithm, limit, windowMs, words: `"${LETTERS[algorithm]}",${limit},${windowMs},${units}` }
}

/** Whether a number can be a limit, a window, a cost or a time. */
export function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

/**
 * Looks that one key has one quota in one call.
 *
 * @throws TypeError when it has two
 */
export function checkQuotas(members: readonly { readonly key: string; readonly quota: Quota }[]): void {
  if (members.length < 2) return
  const quotas = new Map<string, Quota>()
  for (const { key, quota } of members) {
    const other = quotas.get(key)
    if (other !== undefined && !isSame(other, quota)) {
      throw new TypeError('One key has two quotas in one call')
    }
    quotas.set(key, quota)
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
