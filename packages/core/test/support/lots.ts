/** Numbers from 0 to 1, the same for every run, and no part of the range without one for long: steps of the golden ratio. */
export function evenLots(): () => number {
  let next = 0
  return () => (next = (next + 0.618_033_988_749_895) % 1)
}
