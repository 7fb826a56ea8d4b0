import type { Sample } from '../../src/statistics.ts'

/** What was measured of the floor in one round, unless it is said otherwise. */
export const FLOOR: Sample = {
  scenario: 'allowed',
  stack: 'floor',
  round: 1,
  requests: 1000,
  seconds: 1,
  perSecond: 30_000,
  p50: 1,
  p99: 2,
  cpuMicros: 20,
  userMicros: 12,
  systemMicros: 8,
  rssBytes: 50e6,
  besideMicros: undefined,
}
