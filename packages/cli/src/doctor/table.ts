import type { Check } from './check.ts'
import { MISTAKE_CHECKS } from './mistake-checks.ts'
import { POLICY_CHECKS } from './policy-checks.ts'
import { PROJECT_CHECKS } from './project-checks.ts'
import { RUN_CHECKS } from './run-checks.ts'
import { SITE_CHECKS } from './site-checks.ts'

/** A row of the table, without how it looks. */
export type CheckRow = Omit<Check<never>, 'find'>

/** Every check there is, by what it looks at. */
export const CHECKS: Readonly<Record<'mistake' | 'policy' | 'site' | 'project', readonly CheckRow[]>> = {
  mistake: MISTAKE_CHECKS,
  policy: POLICY_CHECKS,
  site: [...RUN_CHECKS, ...SITE_CHECKS],
  project: PROJECT_CHECKS,
}

/** Every row, in the order of the table. */
export const ALL_CHECKS: readonly CheckRow[] = Object.values(CHECKS).flat()

/** Every code. */
export const CODES: ReadonlySet<string> = new Set(ALL_CHECKS.map(({ code }) => code))
