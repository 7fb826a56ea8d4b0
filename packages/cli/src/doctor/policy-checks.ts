import type { Check } from './check.ts'
import { ACCESS_CHECKS } from './policy-access-checks.ts'
import { LIMIT_CHECKS } from './policy-limit-checks.ts'
import { TRANSPORT_CHECKS } from './policy-transport-checks.ts'
import { WEB_CHECKS } from './policy-web-checks.ts'
import { WORKING_CHECKS } from './policy-working-checks.ts'
import type { PolicySubject } from './subject.ts'

/** What is looked for in a policy that builds. */
export const POLICY_CHECKS: readonly Check<PolicySubject>[] = [
  ...TRANSPORT_CHECKS,
  ...ACCESS_CHECKS,
  ...LIMIT_CHECKS,
  ...WEB_CHECKS,
  ...WORKING_CHECKS,
]
