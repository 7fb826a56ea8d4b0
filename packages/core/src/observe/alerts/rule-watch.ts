import { randomBytes } from 'node:crypto'
import type { SecurityEvent } from '../../contract/event.ts'
import type { Clock } from '../../lib/clock.ts'
import type { HalfSipHash } from '../../lib/half-sip-hash.ts'
import { type Alert, type AlertSample, sampleOf } from './alert.ts'
import { KeyCounts } from './key-counts.ts'
import { type CompiledRule, refusePromise } from './rule.ts'
import { keyFor, shownKey } from './subject.ts'

/** How many keys of one rule are told of one by one at a time; more are folded into one alert. */
const ONE_BY_ONE = 5

/** How long keys are gathered before an alert about several of them is told. */
const GATHER_MS = 10_000

/** How long one key is not acted on again while it goes on. */
const ACT_AGAIN_MS = 60_000

/** Of how many counted events a rule remembers what to show. */
const REMEMBERED = 64

const SAMPLES = 5

/** For how many keys it is remembered until when they are not told of again. */
const QUIET_KEYS = 1_024

/** The key under which quiet is kept for what is folded. */
const FOLDED = '\0folded'

/** What a rule is watched with. */
export interface RuleWatchContext {
  readonly clock: Clock
  readonly hash: HalfSipHash
  readonly random: () => number
  /** How many keys are counted at most. */
  readonly capacity: number
  /** Hears what is to be told. */
  readonly tell: (alert: Alert) => void
  /** Hears of each key that crosses the threshold. */
  readonly act: (rule: CompiledRule, alert: Alert) => void
  /** Keeps what has begun, for a look back. */
  readonly keep: (firing: Firing) => void
}

/** An alert as it goes on. */
export interface Firing {
  /** How it stands now. */
  readonly snapshot: () => Alert
}

/** Counts the events of one rule, and says when it fires and when it clears. */
export class RuleWatch {
  readonly rule: CompiledRule
  readonly #context: RuleWatchContext
  readonly #counts: KeyCounts
  /** By slot: the alert that a key has of its own, or the one that it is folded into. */
  readonly #firing = new Map<number, OneFiring>()
  /** By slot: when it was acted on, and how many events came since. Only where there is something to be done. */
  readonly #acted = new Map<number, { at: number; since: number }>()
  #folded: OneFiring | undefined
  #alone = 0
  readonly #quietUntil = new Map<string, number>()
  /** The events that were counted last, and their keys. */
  readonly #last: { readonly key: string; readonly event: SecurityEvent }[] = []
  #next = 0
  /** How many events were counted whose end was not told, where another event tells it. */
  #unclear = 0

  constructor(rule: CompiledRule, context: RuleWatchContext) {
    this.rule = rule
    this.#context = context
    this.#counts = new KeyCounts({
      windowMs: rule.windowMs,
      capacity: rule.by === 'all' ? 1 : context.capacity,
      // Room for more than it takes, so that values that are gone do not stand in the way of new ones.
      differentMost: rule.atLeast === 0 ? 0 : rule.atLeast * 2,
      hash: context.hash,
      random: context.random,
    })
  }

  /** Whether time alone may change what it says. */
  get isBusy(): boolean {
    return this.#firing.size > 0
  }

  observe(event: SecurityEvent): void {
    const { rule } = this
    if (rule.clearedBy.includes(event.kind)) this.#mayClearAll()
    if (!rule.counts(event)) return
    this.#unclear++
    const text = refusePromise(rule.keyOf(event))
    if (typeof text !== 'string') return
    const now = this.#context.clock.monotonic()
    const value = refusePromise(rule.differentOf?.(event))
    const key = keyFor(text)
    const known = this.#counts.slotOf(key)
    // What has calmed down since is over before it begins anew.
    if (known !== undefined && this.#firing.has(known)) this.#look(known, now)
    const slot = this.#counts.add(key, typeof value === 'string' ? value : undefined, now)
    if (slot < 0) return
    this.#remember(key, event)
    const firing = this.#firing.get(slot)
    if (firing === undefined) return this.#mayFire(slot, now)
    firing.total++
    this.#mayActAgain(slot, firing, now)
    if (!firing.isTold) this.#mayTell(firing, now)
  }

  /** Clears what has calmed down, and tells what was put off. */
  tick(): void {
    const now = this.#context.clock.monotonic()
    for (const slot of this.#firing.keys()) this.#look(slot, now)
    for (const firing of this.#current()) {
      // Of several that are folded it is told again when they have become more: who keeps some firing hides no others.
      if (!firing.isTold || firing.others > firing.othersTold) this.#mayTell(firing, now)
    }
  }

  active(): readonly Alert[] {
    this.tick()
    return this.#current().map((firing) => firing.snapshot())
  }

  #current(): readonly OneFiring[] {
    return [...new Set(this.#firing.values())]
  }

  #mayFire(slot: number, now: number): void {
    const { rule } = this
    const count = this.#counts.count(slot, now)
    if (count < rule.threshold) return
    if (rule.atLeast > 0 && this.#counts.different(slot, now) < rule.atLeast) return
    this.#counts.hold(slot, true)
    const isAlone = this.#folded === undefined && this.#alone < ONE_BY_ONE
    const firing = isAlone ? this.#begin(slot, now) : this.#fold(slot, now)
    firing.total += count
    this.#firing.set(slot, firing)
    if (isAlone) this.#alone++
    this.#act(slot, firing, now)
    this.#mayTell(firing, now)
  }

  #act(slot: number, firing: OneFiring, now: number): void {
    if (this.rule.action === undefined) return
    this.#acted.set(slot, { at: now, since: 0 })
    this.#context.act(this.rule, firing === this.#folded ? this.#about(slot, firing) : firing.snapshot())
  }

  /** What was done does not last for ever, and who goes on keeps the alert from clearing: then it is done again. */
  #mayActAgain(slot: number, firing: OneFiring, now: number): void {
    const acted = this.#acted.get(slot)
    if (acted === undefined) return
    acted.since++
    if (acted.since >= this.rule.threshold && now >= acted.at + ACT_AGAIN_MS) this.#act(slot, firing, now)
  }

  #begin(slot: number, tellFrom: number): OneFiring {
    const { rule } = this
    const firing: OneFiring = {
      id: randomBytes(9).toString('base64url'),
      slot,
      key: shownKey(rule.by, this.#counts.keyOf(slot)),
      since: this.#time(),
      until: undefined,
      tellFrom,
      isTold: false,
      others: 0,
      othersTold: 0,
      members: 1,
      total: 0,
      samples: this.#samples(slot),
      end: undefined,
      snapshot: () => firing.end ?? this.#snapshot(firing),
    }
    this.#context.keep(firing)
    return firing
  }

  #fold(slot: number, now: number): OneFiring {
    const folded = this.#folded
    if (folded === undefined) return (this.#folded = this.#begin(slot, now + GATHER_MS))
    folded.others++
    folded.members++
    return folded
  }

  /** What is said of one key of those that are folded, for an action. */
  #about(slot: number, folded: OneFiring): Alert {
    const count = this.#counts.count(slot, this.#context.clock.monotonic())
    return Object.freeze({
      ...this.#snapshot(folded, count),
      key: shownKey(this.rule.by, this.#counts.keyOf(slot)),
      others: 0,
      total: count,
      samples: this.#samples(slot),
    })
  }

  /** Tells of an alert, unless it is to be quiet about its key for a while yet. */
  #mayTell(firing: OneFiring, now: number): void {
    const key = firing === this.#folded ? FOLDED : this.#counts.keyOf(firing.slot)
    if (now < Math.max(firing.tellFrom, this.#quietUntil.get(key) ?? 0)) return
    firing.isTold = true
    firing.othersTold = firing.others
    firing.tellFrom = now + GATHER_MS
    this.#quiet(key, now)
    this.#context.tell(firing.snapshot())
  }

  #quiet(key: string, now: number): void {
    const until = this.#quietUntil
    // The one that was told of last is the last to be forgotten.
    until.delete(key)
    until.set(key, now + this.rule.quietMs)
    const [oldest] = until.keys()
    if (until.size > QUIET_KEYS && oldest !== undefined) until.delete(oldest)
  }

  /** Looks whether a key has calmed down. */
  #look(slot: number, now: number): void {
    const { rule } = this
    if (rule.clearedBy.length > 0 || this.#counts.count(slot, now) >= rule.clearBelow) return
    this.#clear(slot)
  }

  /** Of several gates each tells of its own end: what one of them has still to tell goes on. */
  #mayClearAll(): void {
    this.#unclear = Math.max(this.#unclear - 1, 0)
    if (this.#unclear > 0) return
    for (const slot of this.#firing.keys()) this.#clear(slot)
  }

  #clear(slot: number): void {
    const firing = this.#firing.get(slot)
    if (firing === undefined) return
    const isFolded = firing === this.#folded
    this.#firing.delete(slot)
    this.#counts.hold(slot, false)
    firing.members--
    if (!isFolded) this.#alone--
    if (firing.members > 0) return
    const now = this.#context.clock.monotonic()
    // What was being gathered is told before it is over.
    if (isFolded && !firing.isTold && now >= (this.#quietUntil.get(FOLDED) ?? 0)) {
      firing.tellFrom = now
      this.#mayTell(firing, now)
    }
    firing.until = this.#time()
    firing.end = this.#snapshot(firing)
    if (isFolded) this.#folded = undefined
    if (firing.isTold) this.#context.tell(firing.end)
  }

  #snapshot(firing: OneFiring, count?: number): Alert {
    const { rule } = this
    const now = this.#context.clock.monotonic()
    const isOver = firing.until !== undefined
    const isFolded = firing === this.#folded
    return Object.freeze({
      id: firing.id,
      rule: rule.name,
      severity: rule.severity,
      state: isOver ? 'cleared' : 'firing',
      by: rule.by,
      key: firing.key,
      others: firing.others,
      // The sum of several is added up only where it is shown: a storm acts on each of them.
      count: count ?? this.#countOf(firing, now),
      different: rule.atLeast === 0 || isFolded ? undefined : this.#counts.different(firing.slot, now),
      total: firing.total,
      threshold: rule.threshold,
      window: rule.windowMs,
      since: firing.since,
      until: firing.until,
      samples: firing.samples,
      meaning: rule.meaning,
      advice: rule.advice,
    })
  }

  /** Of several that are folded, the sum. */
  #countOf(firing: OneFiring, now: number): number {
    if (firing !== this.#folded) return this.#counts.count(firing.slot, now)
    let sum = 0
    for (const [slot, other] of this.#firing) if (other === firing) sum += this.#counts.count(slot, now)
    return sum
  }

  #remember(key: string, event: SecurityEvent): void {
    this.#last[this.#next] = { key, event }
    this.#next = (this.#next + 1) % REMEMBERED
  }

  #samples(slot: number): readonly AlertSample[] {
    const found: AlertSample[] = []
    const key = this.#counts.keyOf(slot)
    for (let back = 1; back <= REMEMBERED && found.length < SAMPLES; back++) {
      const one = this.#last[(this.#next - back + REMEMBERED) % REMEMBERED]
      if (one?.key === key) found.unshift(sampleOf(one.event))
    }
    return Object.freeze(found)
  }

  #time(): string {
    return new Date(this.#context.clock.now()).toISOString()
  }
}

/** An alert of one key, or of several that are folded. */
interface OneFiring extends Firing {
  readonly id: string
  /** The slot of the key that it began with. */
  readonly slot: number
  readonly key: string | undefined
  readonly since: string
  until: string | undefined
  /** From when on it may be told. */
  tellFrom: number
  isTold: boolean
  /** How many keys were folded into it besides the first. */
  others: number
  /** How many of them were told of. */
  othersTold: number
  /** How many keys are still above. */
  members: number
  total: number
  readonly samples: readonly AlertSample[]
  /** How it stood when it cleared. */
  end: Alert | undefined
}
