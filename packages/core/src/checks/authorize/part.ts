import type { Fields, Refusal, Verdict } from '../../contract/check.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Principal } from '../../contract/principal.ts'
import type { RequestFacts } from '../../contract/request.ts'

/**
 * The order in which the parts of a rule are asked, whatever order the user wrote them in, with the reason for each
 * place. That there is a caller at all comes before the first: nothing can be asked of nobody (AZ-02).
 *
 * This table is the only place that knows it: the check and `gate.explain` both go through what it orders.
 */
export const PARTS = [
  { name: 'deny', reason: 'Who is shut out is shut out whatever else they may do.' },
  {
    name: 'scopes',
    reason:
      'What the credential is for bounds what its owner may do with it; its refusal is the one that tells a client how to do better.',
  },
  { name: 'roles', reason: 'What the caller is, is compared without asking anybody.' },
  { name: 'permissions', reason: 'They come from roles for the most part.' },
  {
    name: 'tenant',
    reason:
      'Whose things these are comes before anything is loaded, and before a challenge would tell of them.',
  },
  { name: 'stepUp', reason: 'Only who would get in is sent to log in again.' },
  {
    name: 'when',
    reason: 'A function of the policy may cost: it is asked of callers with all of the above.',
  },
  { name: 'object', reason: 'It loads something: the costliest, and it needs all the rest.' },
] as const

/** The name of a part, as rules write it. */
export type PartName = (typeof PARTS)[number]['name']

/** One part of a rule, ready to be asked of a caller who is known. */
export interface Part {
  readonly name: PartName
  /** What it asks for, in words: `one of the roles admin, editor`. */
  readonly asks: string
  /** Whether it calls functions of the policy, which may need the whole request, cost, or wait. */
  readonly calls: boolean
  /** Synchronous unless a function of the policy truly waits. Never throws. */
  readonly decide: (principal: Principal, request: RequestFacts) => Verdict | Promise<Verdict>
}

/** Makes the refusal of a caller who is known: as its kind, or as if nothing were there. */
export type Deny = (kind: Kind, reason: string, fields?: Fields) => Refusal
