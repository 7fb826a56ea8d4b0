import type { Decision } from '../contract/decision.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import { optional, type OptionReader, type Place, readOptions, report, required } from './read.ts'
import { callback } from './readers.ts'

/**
 * How the gate decides about the one object that a request names, before the handler runs (OWASP API1).
 *
 * The object is loaded; its owners pass at once; of anybody else `may` decides, if there is one. The handler finds the
 * object as `pass.object`, so that it works with the very object that was decided about.
 *
 * @typeParam P the principal of the policy's `authenticate`
 * @typeParam T what `load` gives; write it as the type of the parameters of `owner` and `may`
 * @example
 * object: {
 *   load: ({ id }) => orders.find(id),
 *   owner: (order: Order) => order.customer,
 *   may: (caller, order: Order) => caller.roles.includes('support') && order.state === 'open',
 * }
 */
export interface ObjectRule<P extends Principal = Principal, T = never> {
  /**
   * Gives the object; `undefined` or `null` when it does not exist. It is called for callers alone for whom the rest of
   * the rule holds. One that throws or rejects is a refusal.
   *
   * @param params the parts of the path that the pattern names, decoded
   */
  readonly load: (params: Readonly<Record<string, string>>, principal: P, request: RequestFacts) => unknown
  /**
   * Who owns the object: a subject, or several; `undefined` when nobody does. Compared exactly with the subject of the
   * caller. Where several issuers vouch for callers, two of them may use one subject for two people: compare
   * `principalKey(principal)` in {@link ObjectRule.may} instead.
   */
  readonly owner?: (object: T) => string | readonly string[] | undefined
  /** Decides for callers who do not own the object; asked as {@link Predicate} is. */
  readonly may?: (
    principal: P,
    object: T,
    request: RequestFacts,
  ) => boolean | Decision | Promise<boolean | Decision>
  /**
   * What a caller sees when the object does not exist.
   *
   * @default 404
   */
  readonly missingAs?: 403 | 404
  /**
   * What a caller sees who may not touch the object. 404 is the answer for an object that does not exist, byte for
   * byte, so that nobody finds out by trying which ids do.
   *
   * @default 404
   */
  readonly deniedAs?: 403 | 404
}

/** An {@link ObjectRule}, read. */
export interface ObjectRead {
  readonly load: (
    params: Readonly<Record<string, string>>,
    principal: Principal,
    request: RequestFacts,
  ) => unknown
  readonly owner: ((object: unknown) => unknown) | undefined
  readonly may: ((principal: Principal, object: unknown, request: RequestFacts) => unknown) | undefined
  readonly missingAs: 403 | 404
  readonly deniedAs: 403 | 404
}

const READERS = {
  load: required(callback<ObjectRead['load']>('({ id }) => the object'), 'Write ({ id }) => the object.'),
  owner: optional(callback<NonNullable<ObjectRead['owner']>>('(object) => the subject of its owner')),
  may: optional(callback<NonNullable<ObjectRead['may']>>('(principal, object) => true or false')),
  missingAs: optional<403 | 404>(readDenialStatus, 404),
  deniedAs: optional<403 | 404>(readDenialStatus, 404),
} satisfies { readonly [K in keyof ObjectRule]-?: OptionReader<unknown> }

/** Reads the `object` of a rule. */
export function readObject(value: unknown, place: Place): ObjectRead | 'handler' | undefined {
  if (value === 'handler') return value
  if (typeof value === 'string') {
    return report(
      place,
      'malformed_value',
      'is not one of the known words.',
      "Write 'handler' or { load, owner }.",
    )
  }
  const before = place.mistakes.count
  const read = readOptions(place, value, READERS)
  if (read === undefined) return undefined
  const { load, owner, may } = read
  if (owner === undefined && may === undefined && place.mistakes.count === before) {
    report(
      place,
      'missing_option',
      'loads an object, and does not say who may touch it.',
      'Write owner: (object) => the subject of its owner, or may: (principal, object) => true or false.',
    )
  }
  return load === undefined ? undefined : { ...read, load }
}

/** Reads the status that a caller sees who may not pass. */
export function readDenialStatus(value: unknown, place: Place): 403 | 404 | undefined {
  return value === 403 || value === 404
    ? value
    : report(place, 'out_of_range', 'is not a status of a denial.', 'Write 403 or 404.')
}
