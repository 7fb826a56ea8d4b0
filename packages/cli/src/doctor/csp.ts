import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'

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
