import { type Refusal, refuse } from '../../contract/check.ts'
import type { RequestFacts } from '../../contract/request.ts'
import type { Quota } from '../../contract/store.ts'
import { sfString } from '../../lib/structured-fields.ts'
import { policyItem } from '../../limiting/fields.ts'
import { isPositiveInteger } from '../../limiting/gcra.ts'
import { keyPart, keyPrefix } from '../../limiting/keys.ts'
import { compileKeys, type CountedBy, type KeyContext, type Keys, needsCaller, notUsable } from './key.ts'
import type { BanRead, LimitRead } from './read.ts'

/** A limit ready to be counted. */
export interface Limit {
  readonly name: string
  readonly quota: Quota
  /** Whether it counts callers, who are known only after authentication. */
  readonly afterAuthentication: boolean
  readonly keys: Keys
  /** What a request costs. Throws what the policy's function throws, and when it gives no cost. */
  readonly costOf: (request: RequestFacts) => number
  /** Whether a request counts, by the status of its answer; `undefined` when all do. */
  readonly counts: ((status: number) => boolean) | undefined
  readonly ban: BanRead | undefined
  readonly whenStoreFails: LimitRead['whenStoreFails']
  readonly whenUnknown: LimitRead['whenUnknown']
  /** The one counter of all requests without a key, where they share one. */
  readonly sharedKey: string
  /** Its part of `RateLimit-Policy`. */
  readonly policyItem: string
  /** Its name as the fields write it. */
  readonly item: string
  /** What partition keys are made with; `undefined` when the fields carry none. */
  readonly secret: Buffer | undefined
  /** What the problem of a request says that it alone refuses. */
  readonly violated: Violated
  readonly unknown: Refusal
  readonly keyFailed: Refusal
  readonly costFailed: Refusal
}

/** Members of a problem: draft-ietf-httpapi-ratelimit-headers-11 §8. */
type Violated = NonNullable<Refusal['members']>

/** What the problem of a request says that some limits refuse. */
export function violatedBy(limits: readonly { readonly name: string }[]): Violated {
  return Object.freeze({ 'violated-policies': limits.map(({ name }) => name) })
}

/** Compiles a limit. */
export function compileLimit(
  read: LimitRead,
  secret: Buffer,
  context: Omit<KeyContext, 'ipv6Prefix' | 'normalize'>,
): Limit {
  const { name, quota, by, normalize, ipv6Prefix, cost, whenUnknown } = read
  return {
    name,
    quota,
    afterAuthentication: read.afterAuthentication || needsCaller(by),
    keys: compileKeys(name, by, { ...context, normalize, ipv6Prefix }),
    costOf: typeof cost === 'number' ? () => cost : (request) => costFrom(cost(request)),
    counts: countsBy(read.count),
    ban: read.ban,
    whenStoreFails: read.whenStoreFails,
    whenUnknown,
    sharedKey: keyPrefix(name) + keyPart('unknown', ''),
    policyItem: policyItem(name, quota),
    item: sfString(name),
    secret: read.partitionKey ? secret : undefined,
    violated: violatedBy([{ name }]),
    ...refusalsOf(name, by),
  }
}

function refusalsOf(
  name: string,
  by: readonly CountedBy[],
): Pick<Limit, 'unknown' | 'keyFailed' | 'costFailed'> {
  const said =
    by.length === 1 && by[0] === 'client'
      ? `the limit ${name} counts clients, and the address of this one cannot be determined`
      : `the limit ${name} found nothing to count the request by`
  return {
    unknown: Object.freeze(refuse('limit.address-unknown', said)),
    keyFailed: Object.freeze(
      refuse(
        'dependency.failed',
        `the function "by" or "normalize" of the limit ${name} threw, or gave no text`,
      ),
    ),
    costFailed: Object.freeze(
      refuse(
        'dependency.failed',
        `the function "cost" of the limit ${name} threw, or gave no positive integer`,
      ),
    ),
  }
}

function countsBy(count: LimitRead['count']): Limit['counts'] {
  if (typeof count === 'function') {
    return (status) => {
      try {
        // What is no boolean is no reason to give anything back.
        const said: unknown = count({ status })
        return said !== false
      } catch {
        return true
      }
    }
  }
  if (count === 'failures') return (status) => status >= 400 && status < 500
  return count === 'successes' ? (status) => status < 400 : undefined
}

function costFrom(value: unknown): number {
  if (typeof value !== 'number' || !isPositiveInteger(value)) throw notUsable(value)
  return value
}
