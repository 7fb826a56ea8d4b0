import type { IncomingMessage } from 'node:http'
import type { Events } from '../chain/events.ts'
import { randomId } from '../lib/digest.ts'
import type { Facts } from '../request/facts.ts'
import type { ProxyTrust } from '../request/proxy.ts'
import {
  findingsOf,
  PROBE_FIELD,
  probeFields,
  type ProxyFinding,
  sendProbe,
  type Sighting,
  sightingOf,
  unreachable,
  UNSEEN,
} from './check-proxy.ts'

/** The requests that a gate sends to itself, over the way that its clients take. */
export class ProxyProbes {
  readonly #events: Events
  readonly #trust: ProxyTrust
  /** Those that are under way, by what they are known by. */
  readonly #underWay = new Map<string, (sighting: Sighting, facts: Facts) => void>()

  constructor(events: Events, trust: ProxyTrust) {
    this.#events = events
    this.#trust = trust
  }

  /** Sends one, and tells what is wrong with what came of it. */
  async check(
    url: string,
    { timeout }: { readonly timeout?: number } = {},
  ): Promise<readonly ProxyFinding[]> {
    const asked = new URL(url)
    if (asked.protocol !== 'https:' && asked.protocol !== 'http:')
      throw new TypeError('The URL is not one of http.')
    const id = randomId()
    let seen: Sighting | undefined
    let at: Facts | undefined
    this.#underWay.set(id, (sighting, facts) => {
      seen = sighting
      at = facts
    })
    const failure = await sendProbe(asked, probeFields(asked, id, this.#trust.header), timeout)
    this.#underWay.delete(id)
    if (seen === undefined || at === undefined) {
      return [failure === undefined ? UNSEEN : unreachable(failure)]
    }
    const findings = findingsOf(asked, seen, this.#trust)
    for (const { code, message, instead } of findings) {
      const told = { kind: 'proxy.misconfigured', rule: 'default', reason: `${message} ${instead}` } as const
      this.#events.warn(at, told, code)
    }
    return findings
  }

  /** Whether a request may be one of them: no other is looked at for it. */
  get isUnderWay(): boolean {
    return this.#underWay.size > 0
  }

  /** Notes what a request of its own looks like here. */
  note(req: IncomingMessage, facts: Facts): void {
    const id = req.headers[PROBE_FIELD]
    if (typeof id === 'string') this.#underWay.get(id)?.(sightingOf(facts, this.#trust), facts)
  }
}
