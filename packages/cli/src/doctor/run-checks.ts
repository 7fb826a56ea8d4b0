import type { Check } from './check.ts'

/** How the run itself went. */
export interface Run {
  /** The URL that did not answer, and why. */
  readonly unreachable: { readonly url: string; readonly why: string | undefined } | undefined
}

/** What is said of the run itself. */
export const RUN_CHECKS: readonly Check<Run>[] = [
  {
    code: 'site.unreachable',
    severity: 'error',
    title: 'The URL does not answer.',
    why: 'Nothing could be looked at there.',
    instead: 'gatehouse doctor --url https://api.example.com/ // while it runs',
    reference: 'docs/guides/doctor.md',
    *find({ unreachable }) {
      if (unreachable !== undefined)
        yield {
          where: unreachable.url,
          ...(unreachable.why !== undefined && { detail: `It is: ${unreachable.why}.` }),
        }
    },
  },
]
