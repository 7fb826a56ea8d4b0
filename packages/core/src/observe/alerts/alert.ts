import type { EventOutcome, SecurityEvent } from '../../contract/event.ts'
import type { Kind } from '../../contract/kinds.ts'

/** How much it matters: worth knowing, worth looking at today, worth getting up for. */
export type AlertSeverity = 'info' | 'warning' | 'critical'

/** What an alert is about: a client's address or network, an account, a kind of event, a key of one's own, or all there is. */
export type AlertSubject = 'client' | 'account' | 'kind' | 'key' | 'all'

/** One event of those that an alert counted. */
export interface AlertSample {
  /** When, in UTC: RFC 3339 with milliseconds. */
  readonly time: string
  /** What happened, from the table of kinds. */
  readonly kind: Kind
  /** How it ended: some rules count what was let in, too. */
  readonly outcome: EventOutcome
  /** As it was sent, at most 32 characters of it. */
  readonly method: string
  /** The path without its query, at most 256 characters of it. */
  readonly path: string
  /**
   * The address of the client, or `undefined` when it could not be determined: the whole of it, where `key` has a
   * network.
   */
  readonly client: string | undefined
  /** Who called; `undefined` when nobody was known yet. */
  readonly principal: SecurityEvent['principal']
}

/**
 * What a rule has to say: plain data, safe to print and to send. It holds what events hold, and so no token, key or
 * cookie (LOG-02), and every text that a client chose is escaped (LOG-03).
 */
export interface Alert {
  /** The same while it is firing and when it has cleared. */
  readonly id: string
  /** The name of the rule. */
  readonly rule: string
  /** How urgent it is: as its rule says, however many events there are. */
  readonly severity: AlertSeverity
  /** Whether it goes on; what clears it is calm, or an event that ends its cause: `store.up`. */
  readonly state: 'firing' | 'cleared'
  /** What {@link Alert.key} is. */
  readonly by: AlertSubject
  /** Who or what it is about: `'203.0.113.7'`, `'2001:db8:1:2::/64'`, an account; `undefined` for all there is. */
  readonly key: string | undefined
  /** How many others crossed the threshold of the same rule and are folded into this alert. */
  readonly others: number
  /** How many events there are within the window, at this moment. */
  readonly count: number
  /** How many different values were counted among them, where the rule asks for several. */
  readonly different: number | undefined
  /** How many events were counted since it began to fire, those that made it fire included. */
  readonly total: number
  /** How many it takes. */
  readonly threshold: number
  /** In how many milliseconds. */
  readonly window: number
  /** When it began to fire, in UTC. */
  readonly since: string
  /** When it cleared. */
  readonly until: string | undefined
  /** The last events that were counted before this moment: 5 at most, the oldest first. */
  readonly samples: readonly AlertSample[]
  /** What it means, for people. */
  readonly meaning: string
  /** What to do about it. */
  readonly advice: string
}

/** What of an event an alert shows. */
export function sampleOf(event: SecurityEvent): AlertSample {
  const { time, kind, outcome, method, path, client, principal } = event
  return Object.freeze({ time, kind, outcome, method, path, client, principal })
}
