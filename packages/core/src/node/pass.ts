import type { ServerResponse } from 'node:http'
import type { Events } from '../chain/events.ts'
import type { Kind } from '../contract/kinds.ts'
import type { Pass } from '../contract/pass.ts'
import type { Principal } from '../contract/principal.ts'
import { escapeForLog } from '../lib/chars.ts'
import { formatIp } from '../lib/ip.ts'
import type { Facts } from '../request/facts.ts'

/** The pass of one request: a view of its facts, with an abort signal that is made when somebody asks for it. */
export class RequestPass<P extends Principal> implements Pass<P> {
  readonly rule: string
  readonly #facts: Facts
  readonly #res: ServerResponse
  readonly #events: Events
  #controller: AbortController | undefined = undefined

  constructor(facts: Facts, res: ServerResponse, rule: string, events: Events) {
    this.rule = rule
    this.#events = events
    this.#facts = facts
    this.#res = res
  }

  get id(): string {
    return this.#facts.id
  }

  get client(): string | undefined {
    const { client } = this.#facts
    return client === undefined ? undefined : formatIp(client)
  }

  get params(): Readonly<Record<string, string>> {
    return this.#facts.params
  }

  get authenticated(): boolean {
    return this.#facts.principal !== undefined
  }

  get principal(): P {
    const { principal } = this.#facts
    if (principal === undefined) {
      throw new TypeError(
        'Nobody is authenticated on a public route: ask pass.authenticated before pass.principal.',
      )
    }
    // The gate runs no scheme but the policy's own, and that one gives principals of type P.
    return principal as P
  }

  tell(outcome: 'allowed' | 'refused' | 'warning', kind: Kind, reason: string): void {
    this.#events.tell(this.#facts, { outcome, kind, rule: this.rule, reason: escapeForLog(reason) })
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    const res = this.#res
    const gone = (): void => {
      if (!res.writableFinished) controller.abort()
    }
    if (res.destroyed || res.closed) gone()
    else res.once('close', gone)
    return controller.signal
  }
}
