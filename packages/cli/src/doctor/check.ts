/** How bad a finding is. */
export type Severity = 'error' | 'warning' | 'info'

/** The worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info']

/** What a check saw. */
export interface Seen {
  /** Where: the path of an option, a route, a URL, a file. */
  readonly where: string
  /** What was seen there, in a sentence; never a secret. */
  readonly detail?: string
  /** What to write there, where that is better known than the row knows it. */
  readonly instead?: string
}

/** One row of the table: what is looked for, why, and what to write instead. */
export interface Check<Subject> {
  /** Stable, and never reused: `policy.any-host`. */
  readonly code: string
  /** How bad it is: `--fail-on` counts from one of these on. */
  readonly severity: Severity
  /** What is wrong, in a few words. */
  readonly title: string
  /** Why it matters. */
  readonly why: string
  /** The line to write. */
  readonly instead: string
  /** Where to read on: a page of the documents, a clause. */
  readonly reference: string
  /** Finds what there is of it; nothing where all is well. */
  readonly find: (subject: Subject) => Iterable<Seen>
}

/** What a check found: its row, and where. */
export interface Finding extends Omit<Check<never>, 'find'>, Seen {
  readonly instead: string
}

/** Asks every check of a table. */
export function findAll<Subject>(checks: readonly Check<Subject>[], subject: Subject): readonly Finding[] {
  const findings: Finding[] = []
  for (const { find, ...row } of checks) for (const seen of find(subject)) findings.push({ ...row, ...seen })
  return findings
}
