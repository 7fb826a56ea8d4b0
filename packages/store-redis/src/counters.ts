import type { Adjustment, Charge, Outcome } from '@gatehouse/core'
import type { Batcher } from './batch.ts'
import { blockCall, type Claim, counterCall, type CounterCall, resetCall, takeCall } from './calls.ts'
import type { Keys, Place } from './keys.ts'
import type { Told } from './outcomes.ts'
import { countedOf } from './quotas.ts'

/** What is taken of a counter besides a charge, when there is room, to be spent by this process. */
export interface Ahead {
  readonly units: number
  /** For how long at most it is kept, in milliseconds. */
  readonly holdMs: number
}

/** Members of one call whose keys have a hash tag in common, by their numbers in the call. */
interface Group {
  readonly tag: string
  readonly members: readonly number[]
}

/** Keys that are blocked or forgotten by one script: it is to be short. */
const MAX_KEYS = 250

/** The counters of a store, as they lie on the server. */
export class Counters {
  readonly #batcher: Batcher
  readonly #keys: Keys

  constructor(batcher: Batcher, keys: Keys) {
    this.#batcher = batcher
    this.#keys = keys
  }

  /**
   * Takes all charges or none.
   *
   * Where they lie behind several hash tags, each tag decides for itself, and what one has taken is given back when
   * another refuses or fails. In between it counts as spent.
   */
  async take(charges: readonly Charge[], ahead: readonly Ahead[]): Promise<readonly Told[]> {
    const isLease = ahead.some(({ units }) => units > 0)
    const claims = charges.map(({ key, quota, cost }, index) => {
      const { units = 0, holdMs = 0 } = ahead[index] ?? {}
      return this.#claim(key, quota, isLease ? [cost, units, holdMs] : [cost])
    })
    const call = isLease ? 'lease' : 'take'
    const groups = groupsOf(claims)
    if (groups.length === 1) return this.#ask(call, claims)
    const settled = await Promise.allSettled(groups.map(async (group) => this.#askGroup(call, claims, group)))
    const taken = settled.map((each) => (each.status === 'fulfilled' ? each.value : undefined))
    if (taken.every((told) => told !== undefined && isAllowed(told))) return inOrder(groups, taken)

    const given = await Promise.all(
      groups.map(async (group, index) => this.#giveBack(claims, group, taken[index])),
    )
    const failed = settled.find((each) => each.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return inOrder(groups, given)
  }

  /** Takes charges that have one hash tag, and ahead nothing; `false` when they have several, and then nothing is asked. */
  takeTogether(
    charges: readonly Charge[],
    resolve: (outcomes: readonly Outcome[]) => void,
    reject: (error: unknown) => void,
  ): boolean {
    const places = charges.map(({ key }) => this.#keys.placeOf(key))
    const tag = places[0]?.tag ?? ''
    if (places.some((place) => place.tag !== tag)) return false
    this.#batcher.send(tag, { call: takeCall(charges, places), resolve, reject })
    return true
  }

  /** Whether there is room, and what there is now: each tag says it of its own. */
  async peek(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    const claims = charges.map(({ key, quota, cost }) => this.#claim(key, quota, [cost]))
    const groups = groupsOf(claims)
    const told = await Promise.all(groups.map(async (group) => this.#askGroup('peek', claims, group)))
    return inOrder(groups, told).map(({ outcome }) => outcome)
  }

  async adjust(adjustments: readonly Adjustment[]): Promise<readonly Outcome[]> {
    const claims = adjustments.map(({ key, quota, units, withinMs = -1 }) =>
      this.#claim(key, quota, [units, withinMs]),
    )
    const groups = groupsOf(claims)
    const told = await Promise.all(groups.map(async (group) => this.#askGroup('adjust', claims, group)))
    return inOrder(groups, told).map(({ outcome }) => outcome)
  }

  async block(keys: readonly string[], ms: number): Promise<void> {
    await this.#onPlaces(keys, (tag, places) => this.#batcher.ask(tag, blockCall(places, ms)))
  }

  async reset(keys: readonly string[]): Promise<void> {
    await this.#onPlaces(keys, (tag, places) => this.#batcher.ask(tag, resetCall(places)))
  }

  async #onPlaces(
    keys: readonly string[],
    ask: (tag: string, places: readonly Place[]) => Promise<unknown>,
  ): Promise<void> {
    const members = keys.map((key) => ({ place: this.#keys.placeOf(key) }))
    const asked: Promise<unknown>[] = []
    for (const group of groupsOf(members)) {
      const places = of(members, group).map(({ place }) => place)
      for (let from = 0; from < places.length; from += MAX_KEYS) {
        asked.push(ask(group.tag, places.slice(from, from + MAX_KEYS)))
      }
    }
    await Promise.all(asked)
  }

  #claim(key: string, quota: Charge['quota'], fields: readonly number[]): Claim {
    return { place: this.#keys.placeOf(key), counted: countedOf(quota), fields }
  }

  async #askGroup(call: CounterCall, claims: readonly Claim[], group: Group): Promise<readonly Told[]> {
    return this.#ask(call, of(claims, group))
  }

  #ask(call: CounterCall, claims: readonly Claim[]): Promise<readonly Told[]> {
    return this.#batcher.ask(claims[0]?.place.tag ?? '', counterCall(call, claims))
  }

  /** Gives back what a tag has taken; what cannot be given back stays spent, until it comes back by itself. */
  async #giveBack(
    claims: readonly Claim[],
    group: Group,
    taken: readonly Told[] | undefined,
  ): Promise<readonly Told[]> {
    if (taken === undefined || !isAllowed(taken)) return taken ?? []
    const own = of(claims, group)
    const undo = own.map((claim, index) => {
      const { granted = 0, now = 0 } = taken[index] ?? {}
      return withFields(claim, [(claim.fields[0] ?? 0) + granted, now])
    })
    try {
      const told = (await this.#ask('undo', undo)).map(untaken)
      // Of a counter that was charged twice, what is there when both were given back.
      const last = new Map(own.map(({ place }, index) => [place.name, told[index]]))
      return own.flatMap(({ place }) => last.get(place.name) ?? [])
    } catch {
      return taken.map((told) => ({ ...told, granted: 0 }))
    }
  }
}

function withFields({ place, counted }: Claim, fields: readonly number[]): Claim {
  return { place, counted, fields }
}

function isAllowed(told: readonly Told[]): boolean {
  return told.every(({ outcome }) => outcome.allowed)
}

/** A charge that would be allowed, were it not for the others of its call. */
function untaken({ outcome, now }: Told): Told {
  const { remaining, resetMs } = outcome
  return { outcome: { allowed: true, remaining, resetMs, retryAfterMs: 0 }, granted: 0, now }
}

function groupsOf(members: readonly { readonly place: Place }[]): readonly Group[] {
  const groups = new Map<string, number[]>()
  for (const [index, { place }] of members.entries()) {
    const group = groups.get(place.tag)
    if (group === undefined) groups.set(place.tag, [index])
    else group.push(index)
  }
  return [...groups].map(([tag, indices]) => ({ tag, members: indices }))
}

function of<T>(all: readonly T[], { members }: Group): readonly T[] {
  return members.flatMap((index) => all[index] ?? [])
}

function inOrder(groups: readonly Group[], told: readonly (readonly Told[] | undefined)[]): readonly Told[] {
  const all: Told[] = []
  for (const [number, { members }] of groups.entries()) {
    for (const [index, member] of members.entries()) {
      const each = told[number]?.[index]
      if (each !== undefined) all[member] = each
    }
  }
  return all
}
