import type { AccessGuard } from '../checks/authorize.ts'
import type { Part, PartName } from '../checks/authorize/part.ts'
import type { Principal } from '../contract/principal.ts'
import { type Asked, AskedFacts } from './asked.ts'
import type { CompiledPolicy } from './compile.ts'

/** What one part of a rule says of a request. */
export interface PartExplained {
  /** `caller` is the question whether anybody is authenticated at all. */
  readonly part: PartName | 'caller'
  /**
   * `'not-asked'`: a part before it refuses. `'needs-request'`: a function of the policy asked for what only a real
   * request has.
   */
  readonly holds: boolean | 'not-asked' | 'needs-request'
  /** What is asked for, or, where it does not hold, the reason that the log would get. */
  readonly why: string
}

/** Why a request would be let through, or would not. */
export interface Explanation {
  /** The rule that binds it: its pattern, or `default`. */
  readonly rule: string
  /** Whether authorization would let it through; what the other checks would say is not asked. */
  readonly allowed: boolean | 'unknown'
  /** Each part of the rule, in the order in which they are asked. */
  readonly parts: readonly PartExplained[]
}

/**
 * Explains what the rules say of a request that there is not. It asks the very parts that the check is made of, so the
 * two cannot disagree.
 */
export async function explain(policy: Pick<CompiledPolicy, 'match'>, asked: Asked): Promise<Explanation> {
  const facts = new AskedFacts(asked)
  const { name, access } = policy.match(facts)
  if (asked.params !== undefined) facts.params = asked.params
  const parts = await explainParts(access, facts)
  const holds = new Set(parts.map((part) => part.holds))
  const allowed = holds.has(false) ? false : holds.has('needs-request') ? 'unknown' : true
  return { rule: name, allowed, parts }
}

async function explainParts({ caller, parts }: AccessGuard, facts: AskedFacts): Promise<PartExplained[]> {
  const { principal } = facts
  if (caller === 'none') return [{ part: 'caller', holds: true, why: 'the rule asks for no caller' }]
  if (principal === undefined) {
    const why = caller === 'optional' ? 'the rule takes whoever presents nothing' : 'nobody is authenticated'
    return [
      { part: 'caller', holds: caller === 'optional', why },
      ...parts.map(({ name, asks }): PartExplained => ({ part: name, holds: 'not-asked', why: asks })),
    ]
  }
  const explained: PartExplained[] = [{ part: 'caller', holds: true, why: 'somebody is authenticated' }]
  let refused = false
  for (const part of parts) {
    // A function of the policy is promised a caller for whom all before it holds; what only compares is told anyway.
    const one: PartExplained =
      refused && part.calls
        ? { part: part.name, holds: 'not-asked', why: part.asks }
        : // oxlint-disable-next-line no-await-in-loop -- in their order: what refuses decides what is asked next
          await explainPart(part, principal, facts)
    refused ||= one.holds === false
    explained.push(one)
  }
  return explained
}

async function explainPart(part: Part, principal: Principal, facts: AskedFacts): Promise<PartExplained> {
  const verdict = await part.decide(principal, facts)
  const lacked = facts.takeLacked()
  // Whatever was said after a fact was missing, it might be another with it.
  if (lacked !== undefined) {
    return { part: part.name, holds: 'needs-request', why: `asks for the ${lacked} of a request` }
  }
  return verdict.type === 'refusal'
    ? { part: part.name, holds: false, why: verdict.reason }
    : {
        part: part.name,
        holds: true,
        why: (verdict.type === 'pass' ? verdict.grant?.reason : undefined) ?? part.asks,
      }
}
