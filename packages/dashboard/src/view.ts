import type { Alert, EventOutcome, RouteDescription, SecurityEvent } from '@gatehouse/core'

/** How many events there were, by how they ended. */
export type Outcomes = Readonly<Record<EventOutcome, number>>

/**
 * One second in which something happened: when, in seconds since the epoch; how many events were allowed, answered,
 * refused, would have been refused, and warned; and how many were refused, by the check that did.
 */
export type Second = readonly [
  at: number,
  allowed: number,
  answered: number,
  refused: number,
  wouldRefuse: number,
  warnings: number,
  byCheck: Readonly<Record<string, number>>,
]

/** An event, as the page lists it. */
export interface Told extends Pick<
  SecurityEvent,
  | 'time'
  | 'outcome'
  | 'kind'
  | 'check'
  | 'status'
  | 'reason'
  | 'requestId'
  | 'method'
  | 'path'
  | 'client'
  | 'rule'
> {
  /** The number of the event: later ones have higher ones. */
  readonly id: number
  /** The subject of the caller. */
  readonly caller: string | undefined
  /** The account that somebody tried to log in to: a hash of its name. */
  readonly account: string | undefined
}

/** One of those that come most often. Counts are kept for a hundred at once, so they are between two numbers. */
export interface Ranked {
  /** What is counted: an address, say, or the parts of a finding. */
  readonly key: readonly string[]
  /** It was counted this often at least. */
  readonly atLeast: number
  /** And this often at most: it may have been counted before it was among the hundred. */
  readonly atMost: number
  /** When it was first counted, as far as is known, in milliseconds since the epoch. */
  readonly first: number
  /** When it was counted last, in milliseconds since the epoch. */
  readonly last: number
  /** How often each kind was, as far as is known; the most frequent first. */
  readonly kinds: readonly (readonly [kind: string, count: number])[]
}

/** Where somebody stands with a limit: what of it is spent. */
export interface Near {
  /** The name of the limit. */
  readonly limit: string
  /** An address, a network of IPv6, or the subject of a caller. */
  readonly who: string
  /** How much the limit allows. */
  readonly of: number
  /** How much of that is left. */
  readonly remaining: number
  /** In how many milliseconds all of it is there again. */
  readonly resetMs: number
  /** Whether it refuses all: somebody was blocked or banned for a time. */
  readonly blocked: boolean
}

/** What of an alert the page shows. */
export interface ShownAlert
  extends
    Pick<
      Alert,
      'id' | 'rule' | 'severity' | 'state' | 'count' | 'threshold' | 'since' | 'meaning' | 'advice'
    >,
    Partial<Pick<Alert, 'key' | 'until'>> {
  /** How many others are folded into it. */
  readonly others?: number | undefined
}

/** A rule of the gate that is watched. */
export interface ShownRoute extends RouteDescription {
  /** What it asks of whoever calls it, one text for each part: see `routeAsks` of the core. */
  readonly asks: readonly string[]
}

/** All that the page shows: plain data, sent as JSON. */
export interface View {
  /** What stands on top of the page and in the tab: the option `title`. */
  readonly title: string
  /** When this was looked up, in milliseconds since the epoch. */
  readonly now: number
  /** Since when it watches, in milliseconds since the epoch: nothing from before is counted. */
  readonly started: number
  /** How often each outcome was since then; what a handler refuses is no longer counted as `allowed`. */
  readonly totals: Outcomes
  /** The seconds of the last hour in which something happened, the oldest first. */
  readonly seconds: readonly Second[]
  /** The last 200, the newest first. */
  readonly refusals: readonly Told[]
  /** The last 50, the newest first: what is wrong, and refused nobody. */
  readonly warnings: readonly Told[]
  /** Who was refused most often: IPv4 addresses, and IPv6 networks. */
  readonly offenders: readonly Ranked[]
  /** What checks in shadow mode would have refused: check, rule and reason. */
  readonly shadow: readonly Ranked[]
  /** Who was refused by a limit: client, rule and reason. */
  readonly limited: readonly Ranked[]
  /** Who of the busiest is near a limit; `null` when no gate is watched. */
  readonly near: readonly Near[] | null
  /** Since when the store of the limits of a gate fails; `null` when none does. */
  readonly storeDown: {
    /** When the first of them began to fail, in UTC: RFC 3339. */
    readonly since: string
    /** What its event said; an empty text when it said nothing. */
    readonly reason: string
  } | null
  /** `null` without alerts. */
  readonly alerts: {
    /** What fires now. */
    readonly active: readonly ShownAlert[]
    /** The last ones, the newest first, those that fire still included. */
    readonly recent: readonly ShownAlert[]
  } | null
  /** `null` when no gate is watched. */
  readonly routes: readonly ShownRoute[] | null
  /** The checks of the gate that is watched, in the order in which they run; `null` when none is. */
  readonly order: readonly string[] | null
  /** How many pages are open. */
  readonly listeners: number
  /** How many messages were left out since a page could not keep up; it gets all of it anew. */
  readonly dropped: number
}

/** What has changed since the last message: of seconds and lists of events what is new, of the rest all of it. */
export type Update = Partial<View>
