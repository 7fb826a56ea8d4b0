import type { Finding, Severity } from './check.ts'

/** A finding that was silenced, with the reason. */
export interface Silenced {
  readonly finding: Finding
  readonly reason: string
}

/** What doctor found. */
export interface Report {
  /** The file of the policy, as it is reported; `undefined` without one. */
  readonly policy: string | undefined
  readonly url: string | undefined
  /** How many checks were asked. */
  readonly asked: number
  /** The worst first. */
  readonly findings: readonly Finding[]
  readonly silenced: readonly Silenced[]
}

/** How many findings there are of a severity. */
export function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length
}
