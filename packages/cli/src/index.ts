/**
 * What the bin `gatehouse` is made of, for those who run it inside of another program.
 *
 * @module
 */
export type { Check, Finding, Seen, Severity } from './doctor/check.ts'
export { ALL_CHECKS, type CheckRow, CHECKS } from './doctor/table.ts'
export { EXIT, type ExitCode, type Io } from './io.ts'
export { run } from './run.ts'
