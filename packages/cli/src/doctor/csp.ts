import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'

/** The words for a policy that lets in scripts of anybody, in the policy of a gate and in what a server sends. */
export const SCRIPTS_UNSAFE = {
  severity: 'error',
  title: 'The Content-Security-Policy lets in scripts of anybody.',
  why: 'A text that gets into a page unescaped is then run, which is what the policy is there to prevent.',
  instead: `contentSecurityPolicy: { 'script-src': ["'nonce'", "'strict-dynamic'"] }`,
  reference: 'docs/checks/security-headers.md (CSP3)',
} as const

/** What Google's CSP Evaluator finds dangerous in a policy, in a sentence each. */
export function weaknessesOf(policy: string): readonly string[] {
  const { csp } = new CspParser(policy)
  return new CspEvaluator(csp)
    .evaluate()
    .filter(({ severity }) => severity === Severity.HIGH || severity === Severity.SYNTAX)
    .map(({ directive, description }) => `${directive}: ${description}`)
}

/** Whether a policy says who may frame its pages. */
export function saysWhoFrames(policy: string): boolean {
  return new CspParser(policy).csp.directives['frame-ancestors'] !== undefined
}
