import type { Check } from './check.ts'
import type { PolicySubject } from './subject.ts'

/** The order of the checks has this many: in shadow mode all of them. */
const MANY = 10

/** How it is run and watched. */
export const WORKING_CHECKS: readonly Check<PolicySubject>[] = [
  {
    code: 'policy.shadow-all',
    severity: 'error',
    title: 'Every check only tells what it would refuse.',
    why: 'The gate stands open: shadow mode is for the days before it is closed.',
    instead: 'Leave shadow out.',
    reference: 'docs/guides/shadow-mode.md',
    *find(policy) {
      if (shadowed(policy).length >= MANY) yield { where: 'shadow' }
    },
  },
  {
    code: 'policy.shadow-some',
    severity: 'warning',
    title: 'A check only tells what it would refuse.',
    why: 'Shadow mode is for the days in which a new check is tried; what was left on protects nobody.',
    instead: 'Leave shadow out.',
    reference: 'docs/guides/shadow-mode.md',
    *find(policy) {
      const names = shadowed(policy)
      if (names.length > 0 && names.length < MANY)
        yield { where: 'shadow', detail: `It is ${names.join(', ')}.` }
    },
  },
  {
    code: 'policy.no-observer',
    severity: 'warning',
    title: 'Nobody hears what the gate refuses.',
    why: 'An attack is noticed when it has succeeded, and nobody can say later what happened (OWASP A09:2021).',
    instead: 'observe: jsonLines()',
    reference: 'docs/guides/events-and-logs.md',
    *find({ observers }) {
      if (observers === 0) yield { where: 'observe' }
    },
  },
]

function shadowed({ rules }: PolicySubject): readonly string[] {
  return rules[0]?.shadow ?? []
}
