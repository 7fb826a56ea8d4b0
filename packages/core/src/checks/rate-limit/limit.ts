import { type Refusal, refuse } from '../../contract/check.ts'
import { principalKey } from '../../contract/principal.ts'
import type { RequestFacts } from '../../contract/request.ts'
import type { Quota } from '../../contract/store.ts'
import { addressKey } from '../../lib/ip.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import { sfString } from '../../lib/structured-fields.ts'
import { policyItem } from '../../limiting/fields.ts'
import { isPositiveInteger } from '../../limiting/gcra.ts'
import { keyPrefix, keyValue } from '../../limiting/keys.ts'
import type { LimitRead } from './options.ts'

/** A limit ready to be counted. */
export interface Limit {
  readonly name: string
  readonly quota: Quota
  /** Whether it counts callers, who are known only after authentication. */
  readonly afterAuthentication: boolean
  /** The key of a request's counter; `undefined` when it has none. Throws what the policy's function throws. */
  readonly keyOf: (request: RequestFacts) => string | undefined
  /** What a request costs. Throws what the policy's function throws, and when it gives no cost. */
  readonly costOf: (request: RequestFacts) => number
  readonly whenUnknown: LimitRead['whenUnknown']
  /** The one counter of all requests without a key, where they share one. */
  readonly sharedKey: string
  /** Its part of `RateLimit-Policy`. */
  readonly policyItem: string
  /** Its name as the fields write it. */
  readonly item: string
  /** What partition keys are made with; `undefined` when the fields carry none. */
  readonly secret: Buffer | undefined
  readonly unknown: Refusal
  readonly keyFailed: Refusal
  readonly costFailed: Refusal
}

/**
 * Compiles a limit.
 *
 * @param route the rule that a limit of the whole policy is compiled for; empty for a limit of a rule
 */
export function compileLimit(read: LimitRead, route: string, secret: Buffer): Limit {
  const { name, quota, by, cost, whenUnknown } = read
  return {
    name,
    quota,
    afterAuthentication: by !== 'client' && by !== 'route',
    keyOf: keyMaker(read, route),
    costOf: typeof cost === 'number' ? () => cost : (request) => costFrom(cost(request)),
    whenUnknown,
    sharedKey: keyPrefix(name, 'unknown'),
    policyItem: policyItem(name, quota),
    item: sfString(name),
    secret: read.partitionKey ? secret : undefined,
    unknown: Object.freeze(
      refuse(
        'limit.address-unknown',
        typeof by === 'function'
          ? `the function "by" of the limit ${name} gave no key`
          : `the limit ${name} counts clients, and the address of this one cannot be determined`,
      ),
    ),
    keyFailed: Object.freeze(
      refuse('dependency.failed', `the function "by" of the limit ${name} threw, or gave no text`),
    ),
    costFailed: Object.freeze(
      refuse(
        'dependency.failed',
        `the function "cost" of the limit ${name} threw, or gave no positive integer`,
      ),
    ),
  }
}

function keyMaker({ name, by, ipv6Prefix }: LimitRead, route: string): Limit['keyOf'] {
  const client = keyPrefix(name, by === 'principal' ? 'anonymous' : 'client')
  // The address is canonical already: one client has one key, however it is written (RL-27).
  const byClient = ({ clientKey }: RequestFacts): string | undefined =>
    clientKey === undefined ? undefined : client + keyValue(clientKey)
  if (by === 'client' && ipv6Prefix !== undefined) {
    // PRX-09: a rung of a ladder counts the same client by another part of its address.
    return ({ client: address }) =>
      address === undefined ? undefined : client + keyValue(addressKey(address, ipv6Prefix))
  }
  if (by === 'client') return byClient
  if (by === 'route') {
    const key = `${keyPrefix(name, 'route')}=${route}`
    return () => key
  }
  if (by === 'principal') {
    const caller = keyPrefix(name, 'principal')
    return (request) => {
      const { principal } = request
      return principal === undefined ? byClient(request) : caller + keyValue(principalKey(principal))
    }
  }
  const own = keyPrefix(name, 'own')
  return (request) => {
    const value: unknown = by(request)
    if (value === undefined || value === '') return undefined
    if (typeof value !== 'string') throw notUsable(value)
    return own + keyValue(value)
  }
}

function costFrom(value: unknown): number {
  if (typeof value !== 'number' || !isPositiveInteger(value)) throw notUsable(value)
  return value
}

/**
 * What a function of the policy gave cannot be used. A promise is waited for by nobody, so its rejection is taken
 * care of here: it would end the process.
 */
function notUsable(value: unknown): TypeError {
  if (isPromiseLike(value)) void value.then(undefined, () => undefined)
  return new TypeError('A function of a limit gave something else than a key or a cost')
}
