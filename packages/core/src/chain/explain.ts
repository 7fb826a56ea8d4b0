import type { AccessGuard } from '../checks/authorize.ts'
import type { Part, PartName } from '../checks/authorize/part.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import type { CompiledPolicy } from './compile.ts'

/** A request that somebody asks about; it need not have happened. */
export interface Asked<P extends Principal = Principal> {
  /** As it would be sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string
  /** The path, with a query if it has one. */
  readonly path: string
  /** Who would be calling; nobody unless given. */
  readonly principal?: P
  /**
   * The parts of the path that the pattern names.
   *
   * @default what the path says
   */
  readonly params?: Readonly<Record<string, string>>
}

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

/** The facts that a question has; whoever asks for another is noted, and gets none. */
export class AskedFacts implements RequestFacts {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly query: string
  readonly principal: Principal | undefined
  params: Readonly<Record<string, string>> = {}
  #lacked: string | undefined = undefined

  constructor({ method, path, principal }: Asked) {
    const mark = path.indexOf('?')
    this.method = method
    this.target = path
    this.path = mark === -1 ? path : path.slice(0, mark)
    this.query = mark === -1 ? '' : path.slice(mark)
    this.principal = principal
  }

  /** The first fact since last time that was asked for and is not there. */
  takeLacked(): string | undefined {
    const lacked = this.#lacked
    this.#lacked = undefined
    return lacked
  }

  #lack(name: string): never {
    this.#lacked ??= name
    throw new TypeError(`There is no request, and so no ${name}.`)
  }

  get id(): never {
    return this.#lack('id')
  }

  get headers(): never {
    return this.#lack('headers')
  }

  get rawHeaders(): never {
    return this.#lack('rawHeaders')
  }

  get httpVersion(): never {
    return this.#lack('httpVersion')
  }

  get peer(): never {
    return this.#lack('peer')
  }

  get client(): never {
    return this.#lack('client')
  }

  get clientKey(): never {
    return this.#lack('clientKey')
  }

  get scheme(): never {
    return this.#lack('scheme')
  }

  get authority(): never {
    return this.#lack('authority')
  }

  get clientCertificate(): never {
    return this.#lack('clientCertificate')
  }

  get forwardedCertificate(): never {
    return this.#lack('forwardedCertificate')
  }

  /** Nobody waits for an answer that could go away. */
  get signal(): AbortSignal {
    return new AbortController().signal
  }

  count(): never {
    return this.#lack('fields')
  }
}
