import { type OnEnd, PASS, type Refusal, refuse, type ResponseEnd } from '../../contract/check.ts'
import { type Guard, NO_GUARD } from '../../contract/guard.ts'
import type { RequestFacts } from '../../contract/request.ts'
import type { Clock } from '../../lib/clock.ts'
import { AdaptiveLimit } from '../../limiting/adaptive.ts'
import { keyPart, keyPrefix } from '../../limiting/keys.ts'
import type { Permits } from '../../limiting/permits.ts'
import { compileKeys, type KeyContext, needsCaller } from '../rate-limit/key.ts'
import type { ConcurrencyRead } from './read.ts'

/** A limit ready to be asked. */
export interface Concurrency {
  readonly name: string
  /** Whether it counts callers, who are known only after authentication. */
  readonly afterAuthentication: boolean
  /** Whether it is of the server and not of a client or caller. */
  readonly ofServer: boolean
  /** Takes a permit: gives what gives it back, the refusal when there is none, nothing for a request that needs none. */
  readonly take: (request: RequestFacts) => OnEnd | Refusal | undefined
}

/** What limits are compiled with. */
export interface ConcurrencyParts extends Omit<KeyContext, 'ipv6Prefix' | 'normalize'> {
  readonly permits: Permits
  readonly clock: Clock
}

/** Compiles a limit. */
export function compileConcurrency(read: ConcurrencyRead, parts: ConcurrencyParts): Concurrency {
  const { name, most, by } = read
  return {
    name,
    afterAuthentication: needsCaller(by),
    ofServer: by.length === 0,
    take:
      typeof most === 'number'
        ? fixed(read, most, parts)
        : adaptive(name, new AdaptiveLimit(most), parts.clock),
  }
}

function fixed(read: ConcurrencyRead, limit: number, parts: ConcurrencyParts): Concurrency['take'] {
  const { name, by, ipv6Prefix, whenUnknown } = read
  const { permits } = parts
  const { ofRequest } = compileKeys(name, by, { ...parts, ipv6Prefix, normalize: undefined })
  const sharedKey = keyPrefix(name) + keyPart('unknown', '')
  const unknown = refuse('limit.address-unknown', `the limit ${name} found nothing to count the request by`)
  const keyFailed = refuse(
    'dependency.failed',
    `a function of "by" of the limit ${name} threw, or gave no text`,
  )
  // What all clients spend together, none of them has exceeded: that is the server's capacity (RFC 6585 §4).
  const full = by.every((word) => word === 'route') ? capacityRefusals(name) : [exceeded(name)]
  let refused = 0
  return (request) => {
    let key: string | undefined
    try {
      key = ofRequest(request)
    } catch {
      return keyFailed
    }
    if (key === undefined) {
      if (whenUnknown === 'refuse') return unknown
      if (whenUnknown === 'exempt') return undefined
      key = sharedKey
    }
    const taken = key
    return permits.take(taken, limit) ? () => permits.release(taken) : full[refused++ % full.length]
  }
}

function adaptive(name: string, limit: AdaptiveLimit, clock: Clock): Concurrency['take'] {
  const full = capacityRefusals(name)
  let refused = 0
  return () => {
    const startedAt = clock.monotonic()
    if (!limit.take(startedAt)) return full[refused++ % full.length]
    return (end) => limit.release(startedAt, clock.monotonic(), tellingOf(end))
  }
}

/** A flood of quick refusals and errors must not make all else look slow. */
function tellingOf({ status, complete, handled }: ResponseEnd): 'sample' | 'at-least' | 'nothing' {
  if (!handled || status >= 500) return 'nothing'
  return complete ? 'sample' : 'at-least'
}

function exceeded(name: string): Refusal {
  return refuse(
    'concurrency.exceeded',
    `as many requests are under way as the limit ${name} allows`,
    ['Retry-After', '1'],
    { 'violated-policies': [name] },
  )
}

/** Those who are refused together shall not come back together. */
function capacityRefusals(name: string): readonly Refusal[] {
  return ['1', '2', '3'].map((seconds) =>
    refuse(
      'concurrency.capacity',
      `as many requests are under way as the limit ${name} lets the server take`,
      ['Retry-After', seconds],
      { 'violated-policies': [name] },
    ),
  )
}

/** A check that takes a permit of each limit, or of none. */
export function concurrencyGuard(name: string, limits: readonly Concurrency[]): Guard {
  if (limits.length === 0) return NO_GUARD
  return {
    check: {
      name,
      decide(request) {
        const held: OnEnd[] = []
        for (const limit of limits) {
          const taken = limit.take(request)
          if (taken === undefined) continue
          if (typeof taken !== 'function') {
            for (const release of held) release(NEVER_RAN)
            return taken
          }
          held.push(taken)
        }
        if (held.length === 0) return PASS
        // Emptied by the first call: a permit that was given back twice would be somebody else's (RL-16).
        const onEnd: OnEnd = (end) => {
          for (const release of held.splice(0)) release(end)
        }
        return { ...PASS, onEnd }
      },
    },
    response: undefined,
  }
}

const NEVER_RAN: ResponseEnd = Object.freeze({ status: 0, complete: false, handled: false })
