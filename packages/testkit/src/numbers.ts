/** A whole number from 0 to `max`, both included. */
export type Numbers = (max: number) => number

/** Whole numbers from a seed (xorshift32): the same ones in every run, so that a failure comes again. */
export function numbersFrom(seed: number): Numbers {
  let state = seed | 1
  return (max) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % (max + 1)
  }
}

/** One of a list. */
export function oneOf<T>(number: Numbers, list: readonly [T, ...T[]]): T {
  return list[number(list.length - 1)] ?? list[0]
}
