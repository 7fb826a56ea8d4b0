import { type EventOutcome, type Kind, networkOf, type SecurityEvent } from '@gatehouse/core'
import { KEPT } from './kept.ts'
import { Ranking } from './ranking.ts'
import { Requests } from './requests.ts'
import { Seconds } from './seconds.ts'
import type { Outcomes, Ranked, Second, Told } from './view.ts'

/** How many of a ranking are shown. */
const SHOWN = 25

/** Refused by a handler that the gate had let it in to: a login that failed, a row that is not there. */
const BY_HANDLER = '(handler)'
/** Refused before there was a request that a check could look at. */
const BY_NONE = '(no check)'

/** What is remembered of the events: in bounded room, whatever comes and however often. */
export class Memory {
  readonly started: number
  /** How many bits of an IPv6 address are one client: whoever has one address has all of its network (RFC 6177). */
  ipv6Prefix = 64
  readonly #seconds = new Seconds()
  readonly #requests = new Requests()
  readonly #totals: Record<EventOutcome, number> = {
    allowed: 0,
    answered: 0,
    refused: 0,
    'would-refuse': 0,
    warning: 0,
  }
  readonly #refusals: Told[] = []
  readonly #warnings: Told[] = []
  readonly #offenders = new Ranking()
  readonly #shadow = new Ranking()
  readonly #limited = new Ranking()
  readonly #clients = new Ranking()
  readonly #callers = new Ranking()
  #last = 0
  /** Several gates may tell it, each of a store of its own: how many of them fail, and since when the first does. */
  #storesDown = 0
  #storeDown: { readonly since: string; readonly reason: string } | null = null

  constructor(started: number) {
    this.started = started
  }

  /** The number of the last event. */
  get last(): number {
    return this.#last
  }

  get totals(): Outcomes {
    return { ...this.#totals }
  }

  get storeDown(): { readonly since: string; readonly reason: string } | null {
    return this.#storeDown
  }

  hear(event: SecurityEvent, now: number): void {
    const { outcome, kind, check, client, principal } = event
    this.#last++
    this.#count(event, now)
    const who = client === undefined ? '(unknown)' : networkOf(client, this.ipv6Prefix)
    if (outcome === 'warning') {
      keep(this.#warnings, toldOf(event, this.#last), KEPT.warnings)
      this.#hearStore(event)
      return
    }
    this.#clients.count(now, [who], kind)
    if (principal !== undefined) this.#callers.count(now, [principal.issuer ?? '', principal.subject], kind)
    if (outcome === 'would-refuse') {
      this.#shadow.count(now, [check ?? '', event.rule, event.reason ?? ''], kind)
    } else if (outcome === 'refused') {
      keep(this.#refusals, toldOf(event, this.#last), KEPT.refusals)
      this.#offenders.count(now, [who], kind)
      if (OF_LIMITS.has(kind)) this.#limited.count(now, [who, event.rule, event.reason ?? ''], kind)
    }
  }

  /** Each request is counted once, whatever its handler tells of it besides. */
  #count({ outcome, check, requestId }: SecurityEvent, now: number): void {
    let by = check ?? BY_NONE
    if (outcome === 'allowed' && !this.#requests.letIn(requestId, now)) return
    if (outcome === 'refused' && check === undefined) {
      const letIn = this.#requests.refused(requestId, now)
      if (letIn === 'again') return
      if (letIn !== undefined) {
        by = BY_HANDLER
        this.#seconds.takeBack(letIn)
        this.#totals.allowed--
      }
    }
    this.#seconds.count(now, outcome, by)
    this.#totals[outcome]++
  }

  #hearStore({ kind, time, reason }: SecurityEvent): void {
    if (kind === 'store.down') {
      this.#storesDown++
      this.#storeDown ??= { since: time, reason: reason ?? '' }
    } else if (kind === 'store.up') {
      this.#storesDown = Math.max(0, this.#storesDown - 1)
      if (this.#storesDown === 0) this.#storeDown = null
    }
  }

  /** The first second of which counts went down since this was asked: it is to be sent anew. */
  takeChanged(): number {
    return this.#seconds.takeChanged()
  }

  secondsSince(from: number, now: number): readonly Second[] {
    return this.#seconds.since(from, now)
  }

  /** Those after the event of that number, the newest first. */
  refusals(after = 0): readonly Told[] {
    return this.#refusals.filter(({ id }) => id > after).reverse()
  }

  warnings(): readonly Told[] {
    return this.#warnings.toReversed()
  }

  offenders(now: number): readonly Ranked[] {
    return this.#offenders.list(now, SHOWN)
  }

  shadow(now: number): readonly Ranked[] {
    return this.#shadow.list(now, SHOWN)
  }

  limited(now: number): readonly Ranked[] {
    return this.#limited.list(now, SHOWN)
  }

  /** Who sends most, refused or not: networks, and callers with their issuers. */
  busiest(
    now: number,
    most: number,
  ): { readonly clients: readonly Ranked[]; readonly callers: readonly Ranked[] } {
    return { clients: this.#clients.list(now, most), callers: this.#callers.list(now, most) }
  }
}

/** What was refused since somebody has had as much as there is for them. */
const OF_LIMITS: ReadonlySet<Kind> = new Set<Kind>([
  'limit.exceeded',
  'limit.blocked',
  'limit.banned',
  'limit.address-unknown',
  'concurrency.exceeded',
  'concurrency.capacity',
  'login.limited',
])

function keep(list: Told[], told: Told, most: number): void {
  list.push(told)
  if (list.length > most) list.shift()
}

function toldOf(event: SecurityEvent, id: number): Told {
  const { time, outcome, kind, check, status, reason, requestId, method, path, client, rule } = event
  const { account } = event
  const caller = event.principal?.subject
  return {
    id,
    time,
    outcome,
    kind,
    check,
    status,
    reason,
    requestId,
    method,
    path,
    client,
    caller,
    account,
    rule,
  }
}
