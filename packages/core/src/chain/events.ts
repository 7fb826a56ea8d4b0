import { randomBytes } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import type { EventOutcome, Observer, SecurityEvent } from '../contract/event.ts'
import { type Kind, KINDS } from '../contract/kinds.ts'
import type { Principal } from '../contract/principal.ts'
import { escapeControls, escapeForLog } from '../lib/chars.ts'
import type { Clock } from '../lib/clock.ts'
import { keyedHash } from '../lib/digest.ts'
import { foldText } from '../lib/fold-text.ts'
import type { Facts } from '../request/facts.ts'

/**
 * Name of the `diagnostics_channel` that every gate of the process publishes its events on.
 *
 * A subscriber that throws is an uncaught exception, as Node has it for every channel: catch what yours throws. An
 * observer of the policy may throw as it likes.
 *
 * @example
 * subscribe(EVENT_CHANNEL, (event) => count((event as SecurityEvent).kind))
 */
export const EVENT_CHANNEL = 'gatehouse:event'

const published = channel(EVENT_CHANNEL)

/** How long a warning of one kind is not repeated. */
const QUIET_MS = 60_000

/** Names of accounts are told under it alone: one name has one hash for every gate of the process. */
const ACCOUNT_KEY = randomBytes(32)

/** How much of a reason is told: more than any check here has to say. */
const MAX_REASON = 1_024

/** How much of the name of an account is looked at. */
const MAX_ACCOUNT = 512

/** What is told of a decision besides the facts of its request. */
export interface Told {
  readonly outcome: EventOutcome
  readonly kind: Kind
  readonly rule: string
  readonly check?: string | undefined
  readonly status?: number | undefined
  readonly reason?: string | undefined
  /** The account that somebody tried, as they wrote it. */
  readonly account?: string | undefined
  /** What was thrown, where something was. */
  readonly error?: unknown
}

/**
 * Tells observers what was decided, after the fact: events wait for the end of the current turn of the event loop, so
 * that an observer costs the request nothing and can break nothing (LOG-04).
 */
export class Events {
  readonly emitter: EventEmitter<{ event: [SecurityEvent] }> = new EventEmitter()
  readonly #clock: Clock
  /** Hears at once; `undefined` where nobody does. */
  readonly #atOnce: Observer | undefined
  #waiting: SecurityEvent[] = []
  #scheduled = false
  #warned = false
  /** When a warning may be told again, by what it is about. */
  readonly #quietUntil = new Map<string, number>()

  /** @param atOnce hears each event while its request waits: it must not throw */
  constructor(clock: Clock, observers: readonly Observer[], atOnce?: Observer) {
    this.#clock = clock
    this.#atOnce = atOnce
    for (const observer of observers) this.emitter.on('event', observer)
  }

  /** Tells one event. Nothing is built when nobody listens. */
  tell(facts: Facts, told: Told): void {
    const isHeardLater = this.emitter.listenerCount('event') > 0 || published.hasSubscribers
    if (!isHeardLater && this.#atOnce === undefined) return
    const event = eventOf(facts, told, this.#clock.now())
    this.#atOnce?.(event)
    if (!isHeardLater) return
    this.#waiting.push(event)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  /**
   * Tells that something is wrong, at most once a minute for each thing: whoever can cause a warning with every request
   * must not be able to bury the log.
   *
   * @param about what the warning is about: a name from the policy or the code, so that there are few of them
   */
  warn(facts: Facts, told: Omit<Told, 'outcome'>, about: string): void {
    const now = this.#clock.monotonic()
    const key = `${told.kind} ${told.rule} ${about}`
    if (now < (this.#quietUntil.get(key) ?? 0)) return
    this.#quietUntil.set(key, now + QUIET_MS)
    this.tell(facts, { ...told, outcome: 'warning' })
  }

  /** Delivers what waits, now. */
  flush(): void {
    this.#scheduled = false
    const events = this.#waiting
    this.#waiting = []
    for (const event of events) {
      // A copy of the listeners, one by one: `emit` would let the first that throws silence the rest.
      for (const listener of this.emitter.rawListeners('event')) this.#deliver(listener, event)
      if (published.hasSubscribers) published.publish(event)
    }
  }

  #deliver(listener: (event: SecurityEvent) => void, event: SecurityEvent): void {
    try {
      const result: unknown = listener.call(this.emitter, event)
      if (result instanceof Promise) result.catch(() => this.#warn())
    } catch {
      this.#warn()
    }
  }

  #warn(): void {
    if (this.#warned) return
    this.#warned = true
    process.emitWarning(
      'An observer of security events failed. Requests are not affected; events may be lost.',
      {
        code: 'GATEHOUSE_OBSERVER',
      },
    )
  }
}

/** The time of the last event, and its text: under load many events are of one millisecond. */
let [lastMs, lastTime] = [Number.NaN, '']

function timeOf(ms: number): string {
  if (ms !== lastMs) {
    lastTime = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastTime
}

/** An event while it is made: its rule is the last of its members, and comes last. */
type Draft = { -readonly [Name in keyof Omit<SecurityEvent, 'rule'>]: SecurityEvent[Name] } & {
  rule?: string
}

/** Who is calling; a caller who is remembered was named before. */
function nameOf({ principal, caller }: Facts): SecurityEvent['principal'] {
  if (principal === undefined) return undefined
  return caller === undefined ? named(principal) : (caller.named ??= named(principal))
}

function named({ issuer, subject }: Principal): SecurityEvent['principal'] {
  return Object.freeze({
    issuer: issuer === undefined ? undefined : escapeForLog(issuer, 256),
    subject: escapeForLog(subject, 256),
  })
}

function eventOf(facts: Facts, told: Told, now: number): SecurityEvent {
  const { account } = told
  const event: Draft = {
    time: timeOf(now),
    outcome: told.outcome,
    kind: told.kind,
    check: told.check,
    code: KINDS[told.kind].code,
    status: told.status,
    // Some are of a scheme or a check of somebody's own, which may quote what a client sent.
    reason: told.reason === undefined ? undefined : escapeControls(told.reason, MAX_REASON),
    requestId: facts.id,
    method: escapeForLog(facts.method, 32),
    path: escapeForLog(facts.path, 256),
    client: facts.clientText,
    peer: facts.peerText,
    principal: nameOf(facts),
  }
  // People write their password where their name belongs (LOG-02).
  if (typeof account === 'string')
    event.account = keyedHash(ACCOUNT_KEY, foldText(account.slice(0, MAX_ACCOUNT)))
  event.rule = told.rule
  // Not enumerable: a message of somebody else's error may hold anything, so no logger prints it by accident (LOG-02).
  if (told.error !== undefined)
    Object.defineProperty(event, 'error', { value: told.error, enumerable: false })
  // One observer must not change what the next one hears.
  return Object.freeze(event) as SecurityEvent
}
