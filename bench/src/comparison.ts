import { type Spread, spreadOf } from './statistics.ts'

/** One number of a part, as each round had it. */
export interface Rounds {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
  readonly lowerIsBetter: boolean
}

/** Two lists of the same number, of several processes each, and what is better. */
export interface Sides {
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** Whether a lower number is the better one. */
  readonly lowerIsBetter: boolean
}

/** From where on a difference counts. */
export interface Thresholds {
  /** How many times worse the middle must be: 1.1 is a tenth. */
  readonly factor: number
  /** How likely chance alone may make such a difference, at most. */
  readonly chance: number
}

export type Finding = 'worse' | 'better' | 'same' | 'unsure' | 'too few'

/** What became of a number. */
export interface Comparison {
  readonly finding: Finding
  /** How many times worse it is now: above 1 is worse. */
  readonly factor: number
  /** The factor that is in doubt no more, with 95 of 100: the nearest to 1 of the interval. */
  readonly interval: { readonly low: number; readonly high: number }
  /** How likely chance alone makes such a difference. */
  readonly chance: number
  readonly before: Spread
  readonly after: Spread
}

/**
 * Tells a change from noise.
 *
 * It is a change when two things hold. The ranks of the two sides are further apart than chance makes them (Mann and
 * Whitney's test: it asks nothing of how the numbers are spread, and one slow process is one rank, however slow it was).
 * And the middles are apart by more than the threshold: with enough processes any difference becomes significant, of
 * which most do not matter.
 *
 * Traps: the numbers of one process are no sample, since it keeps its luck; there must be a process for each. And twenty
 * rows that are compared at 0.05 have one that differs by chance, so the threshold is lower than is usual.
 */
export function compareSides({ before, after, lowerIsBetter }: Sides, thresholds: Thresholds): Comparison {
  const spreads = { before: spreadOf(before), after: spreadOf(after) }
  // A cost without its floor may come out at nothing or below: there is no ratio then.
  const ratioOf = (now: number, then: number): number => (lowerIsBetter ? now / then : then / now)
  const isPositive = [...before, ...after].every((value) => value > 0)
  const factor = isPositive ? ratioOf(spreads.after.median, spreads.before.median) : Number.NaN
  const chance = chanceOf(before, after)
  const interval = isPositive ? intervalOf(before, after, ratioOf) : { low: Number.NaN, high: Number.NaN }
  return {
    finding: findingOf(factor, chance, [before, after], thresholds),
    factor,
    interval,
    chance,
    ...spreads,
  }
}

function findingOf(
  factor: number,
  chance: number,
  sides: readonly (readonly number[])[],
  { factor: least, chance: most }: Thresholds,
): Finding {
  const [n = 0, m = 0] = sides.map(({ length }) => length)
  // With so few even the clearest difference may be chance.
  if (clearest(n, m) > most) return 'too few'
  if (Number.isNaN(factor)) return 'unsure'
  const isLarge = factor > least || factor < 1 / least
  if (chance <= most) return isLarge ? (factor > 1 ? 'worse' : 'better') : 'same'
  return isLarge ? 'unsure' : 'same'
}

/** The chance of sides of such sizes that lie wholly apart: the least there can be. */
function clearest(n: number, m: number): number {
  let ways = 1
  for (let i = 1; i <= n; i++) ways = (ways * (m + i)) / i
  return Math.min(1, 2 / ways)
}

/**
 * Mann and Whitney's test, of both sides, exact: how likely two lists are whose ranks are as far apart as these, where
 * both come of the same.
 */
export function chanceOf(left: readonly number[], right: readonly number[]): number {
  const n = left.length
  const m = right.length
  if (n === 0 || m === 0) return 1
  // Half for each tie: the sum is then no whole number, and is looked up on its safe side.
  let u = 0
  for (const a of left) for (const b of right) u += a > b ? 1 : a === b ? 0.5 : 0
  const least = Math.ceil(Math.min(u, n * m - u))
  const ways = waysOf(n, m)
  let below = 0
  let all = 0
  for (const [index, count] of ways.entries()) {
    all += count
    if (index <= least) below += count
  }
  return Math.min(1, (2 * below) / all)
}

/** In how many orders of both lists each sum of ranks comes about. */
function waysOf(n: number, m: number): readonly number[] {
  // The coefficients of the Gaussian binomial: multiplied by (1 - q^(m+i)), divided by (1 - q^i), for each of n.
  const size = n * m + 1
  const ways: number[] = Array.from({ length: size }, (_, index) => (index === 0 ? 1 : 0))
  for (let i = 1; i <= n; i++) {
    for (let at = size - 1; at >= m + i; at--) ways[at] = (ways[at] ?? 0) - (ways[at - m - i] ?? 0)
    for (let at = i; at < size; at++) ways[at] = (ways[at] ?? 0) + (ways[at - i] ?? 0)
  }
  return ways
}

/** Hodges and Lehmann's interval of the ratio, with at least 95 of 100. */
function intervalOf(
  before: readonly number[],
  after: readonly number[],
  ratioOf: (now: number, then: number) => number,
): { readonly low: number; readonly high: number } {
  const ratios = after.flatMap((now) => before.map((then) => ratioOf(now, then))).toSorted((a, b) => a - b)
  const ways = waysOf(before.length, after.length)
  const all = ways.reduce((sum, count) => sum + count, 0)
  let below = 0
  let cut = 0
  for (const count of ways) {
    below += count
    if (below / all > 0.025) break
    cut += 1
  }
  return { low: ratios[cut] ?? Number.NaN, high: ratios[ratios.length - 1 - cut] ?? Number.NaN }
}
