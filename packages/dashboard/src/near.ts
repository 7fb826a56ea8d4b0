import type { Counted, Gate, LimitState } from '@gatehouse/core'
import type { Memory } from './memory.ts'
import type { Near } from './view.ts'

/** What a dashboard asks a gate for. */
export type WatchedGate = Pick<Gate<never>, 'routes' | 'limit' | 'notFound' | 'describe'>

/** Each of them is asked about each limit: so many, and no more. */
const ASKED = 8
const LIMITS = 16

/**
 * Looks where the busiest clients and callers stand with the limits of the policy, and takes nothing. A limit by
 * something else, such as a tenant, has no key of theirs, and a store that does not answer tells nothing.
 */
export async function nearOf(gate: WatchedGate, memory: Memory, now: number): Promise<readonly Near[]> {
  const names = new Set(gate.routes().flatMap((route) => route.limits))
  const { clients, callers } = memory.busiest(now, ASKED)
  const asked: Promise<Near | undefined>[] = []
  for (const limit of [...names].slice(0, LIMITS)) {
    for (const { key } of clients) asked.push(look(gate, limit, key[0] ?? '', addressIn(key[0] ?? '')))
    for (const { key } of callers) {
      const [issuer = '', subject = ''] = key
      asked.push(look(gate, limit, subject, { subject, issuer: issuer === '' ? undefined : issuer }))
    }
  }
  const found = (await Promise.all(asked)).filter((each) => each !== undefined)
  return found.sort((a, b) => shareOf(a) - shareOf(b)).slice(0, 25)
}

/** A limit is asked by address, and finds the network of it by itself. */
function addressIn(network: string): string {
  const end = network.indexOf('/')
  return end === -1 ? network : network.slice(0, end)
}

function shareOf({ blocked, remaining, of }: Near): number {
  return blocked ? -1 : remaining / of
}

async function look(gate: WatchedGate, limit: string, who: string, key: Counted): Promise<Near | undefined> {
  try {
    const state: LimitState = await gate.limit(limit).of(key).peek()
    const { remaining, resetMs, blocked } = state
    // Untouched: of this one it has counted nothing.
    if (remaining >= state.limit && !blocked) return undefined
    return { limit, who, of: state.limit, remaining, resetMs, blocked }
  } catch {
    return undefined
  }
}
