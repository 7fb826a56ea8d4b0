/** A length of time: milliseconds, or a number with one unit, as in `'30s'` or `'1.5h'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNITS: Readonly<Record<string, bigint>> = {
  ms: 1n,
  s: 1_000n,
  m: 60_000n,
  h: 3_600_000n,
  d: 86_400_000n,
}

/** Ten years of 365 days: longer is taken for a mistake in the unit. */
const LONGEST = 10 * 365 * 86_400_000

/**
 * Reads a duration as whole milliseconds.
 *
 * A number is milliseconds. Text is one decimal number without sign, exponent or leading zero, and one of
 * `ms`, `s`, `m`, `h`, `d`. The result is a positive integer of at most ten years (3650 days); all else,
 * a fraction of a millisecond included, is `undefined`.
 */
export function parseDuration(value: string | number): number | undefined {
  const milliseconds = typeof value === 'number' ? value : readText(value)
  if (milliseconds === undefined || !Number.isInteger(milliseconds)) return undefined
  return milliseconds > 0 && milliseconds <= LONGEST ? milliseconds : undefined
}

function readText(text: string): number | undefined {
  const match = /^(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,12}))?(ms|s|m|h|d)$/.exec(text)
  if (match === null) return undefined
  const [, whole = '', fraction = '', unit = ''] = match
  // Whole numbers all the way: 1.1 * 1000 is not 1100 in binary floating point.
  const scaled = BigInt(whole + fraction) * (UNITS[unit] ?? 0n)
  const scale = 10n ** BigInt(fraction.length)
  return scaled % scale === 0n ? Number(scaled / scale) : undefined
}

/**
 * A wait in whole seconds, for `Retry-After`: rounded up, so that whoever waits as told is let in, and never 0, which would
 * invite what is refused.
 *
 * @see RFC 9110 §10.2.3
 */
export function secondsToWait(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000))
}
