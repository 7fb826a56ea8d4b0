/** What is kept and shown, of each no more than this: the handler and the page hold to the same. */
export const KEPT = {
  /** The seconds that have counts: an hour. */
  seconds: 3_600,
  refusals: 200,
  warnings: 50,
  alerts: 50,
} as const
