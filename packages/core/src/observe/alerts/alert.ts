import type { EventOutcome, SecurityEvent } from '../../contract/event.ts'
import type { Kind } from '../../contract/kinds.ts'

/** How much it matters: worth knowing, worth looking at today, worth getting up for. */
export type AlertSeverity = 'info' | 'warning' | 'critical'

/** What an alert is about: a client's address or network, an account, a kind of event, a key of one's own, or all there is. */
export type AlertSubject = 'client' | 'account' | 'kind' | 'key' | 'all'

/** One event of those that an alert counted. */
export interface AlertSample {
  readonly time: string
  readonly kind: Kind
  readonly outcome: EventOutcome
  readonly method: string
  readonly path: string
  readonly client: string | undefined
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
  readonly severity: AlertSeverity
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
