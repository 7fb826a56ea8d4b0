import type { Kind } from './kinds.ts'
import type { KnownCaller } from './known-caller.ts'
import type { Principal } from './principal.ts'
import type { RequestFacts } from './request.ts'
import type { Charge, Counters, Outcome, Quota } from './store.ts'

/** Header fields as a flat list: name, value, name, value, ... in the order they are sent. */
export type Fields = readonly string[]

/** The check lets the request go on. */
export interface Passed {
  readonly type: 'pass'
  /** Fields that the final response carries, whatever it will be: `RateLimit`, `RateLimit-Policy`, ... */
  readonly fields: Fields | undefined
  /**
   * More of them as text that is ready: `name: value` and CRLF, each. For fields of every response, whose names the plan of
   * the finisher knows and whose values can be sent.
   */
  readonly lines?: string
  /** Who is calling, when this check found out. */
  readonly principal: Principal | undefined
  /** What was found out about them before, where somebody remembers them. */
  readonly caller?: KnownCaller | undefined
  /** What went wrong all the same, for the log: a resolver that failed, say. */
  readonly warning: Warning | undefined
  /** What was decided on the way, when there is something to tell or to hand on. */
  readonly grant?: Grant
  /** What the request was charged, for whoever settles it later. */
  readonly charged?: Charged
  /** Hears how the response ended: a count that depends on it is settled, a permit is given back. */
  readonly onEnd?: OnEnd
  /** Wants the response of the handler. */
  readonly capture?: Capture
  /** The content of the request that this check read, in a box since it may be anything. */
  readonly content?: { readonly value: unknown }
  /** How much of the content whoever reads it may get. */
  readonly bounds?: ContentBounds
}

/** How much content a request may have that its handler reads, and what it is refused with beyond that. */
export interface ContentBounds {
  readonly maxBytes: number
  readonly deadlineMs: number
  readonly tooLarge: Refusal
  readonly late: Refusal
}

/** Wants the response of the handler: it is copied while it is written, and hears one of the two, or neither. */
export interface Capture {
  /** How many bytes of content are copied. */
  readonly maxBytes: number
  /** Hears the response when the handler has completed it, whether or not the client is still there. */
  readonly onResponse: (response: CapturedResponse) => void | Promise<void>
  /** Hears that the request was refused, or found no route: no handler has seen it. */
  readonly onRefused: () => void | Promise<void>
}

/** A response as its handler made it. */
export interface CapturedResponse {
  readonly status: number
  /** What the handler set, and nothing of what the gate adds. */
  readonly fields: Fields
  /** `undefined` when there was more of it than was asked for. */
  readonly body: Buffer | undefined
}

/** How a response ended. */
export interface ResponseEnd {
  /** Its status; 0 when none was sent. */
  readonly status: number
  /** Whether all of it was handed to the connection; not when the client went away before. */
  readonly complete: boolean
  /** Whether its request came to the handler: no check stopped it. */
  readonly handled: boolean
}

/** Hears how a response ended: once, and never before the check has passed. */
export type OnEnd = (end: ResponseEnd) => void

/** What a request was charged by some limits: entries at one index belong together. */
export interface Charged {
  readonly limits: readonly { readonly name: string }[]
  readonly charges: readonly Charge[]
  readonly outcomes: readonly Outcome[]
  /** Where it was counted: the store, or what stands in for it. */
  readonly counters: Counters
  /** When, by the monotonic clock of the policy. */
  readonly atMs: number
  /** Whether the store took it; of a request that was refused it took nothing. */
  readonly taken: boolean
  /** The limits that did not count it: it is exempt from them, or the store failed and they are open. */
  readonly uncounted: readonly { readonly name: string; readonly quota: Quota }[]
  /** What has become of it since: filled by whoever settles it, one entry for each charge. */
  readonly tabs: ChargedTab[]
}

/** What a request has cost by one limit, as it stands. */
export interface ChargedTab {
  readonly counters: Counters
  readonly charge: Charge
  /** What was said last. */
  said: number
  /** How much of that was taken for certain: no more is ever given back. */
  paid: number
  /** Until when, by the monotonic clock, the last of it has come back by itself. */
  untilMs: number
}

/** What a check found out besides that the request may go on. */
export interface Grant {
  /** Why the request was let through, for the log: bounded, and harmless in a line of it (AZ-08). */
  readonly reason: string | undefined
  /** The object that was loaded and decided about, in a box since it may be anything. */
  readonly object: { readonly value: unknown } | undefined
}

/** Something that decides nothing and that somebody should know. */
export interface Warning {
  readonly kind: Kind
  /** Why, for the log: constant text and public names only. */
  readonly reason: string
  /** Whether it is told each time, and not once a minute: a change that no client can bring about at will. */
  readonly every?: true
}

/** The check stops the request; the client gets a problem (RFC 9457), the log gets the reason. */
export interface Refusal {
  readonly type: 'refusal'
  /** What happened, for the log; the table of kinds gives the client's code, status and title. */
  readonly kind: Kind
  /** Why, for the log alone. Never a secret, and never sent (AUT-07). */
  readonly reason: string
  /** Fields of the refusal: `WWW-Authenticate`, `Retry-After`, `Allow`, ... */
  readonly fields: Fields | undefined
  /** More of them as text that is ready, as {@link Passed.lines}; their names are the refusal's, for no handler is asked. */
  readonly lines?: string
  /** Further members of the problem object that are safe to show, such as `violated-policies`. */
  readonly members: Readonly<Record<string, unknown>> | undefined
  /** What else somebody should know. */
  readonly warning?: Warning
  /** Whether the connection ends with it, so that the rest of the content need not be read. */
  readonly closes?: true
  /** What the request was to be charged: in shadow mode it goes on, and its handler settles what it costs all the same. */
  readonly charged?: Charged
  /** What was thrown, where something was: for the events alone, which no logger prints it from by accident (LOG-02). */
  readonly error?: unknown
  /** The account that somebody tried, as they wrote it: events have a keyed hash of it. */
  readonly account?: string
}

/** The check answers in the handler's place, and that is no refusal: an allowed CORS preflight. */
export interface Answer {
  readonly type: 'answer'
  readonly status: number
  readonly fields: Fields
  /** What happened, for the log. */
  readonly kind: Kind
  /** The content; none for a preflight. */
  readonly body: string | Uint8Array | undefined
  /** Fields as a handler sets them: the gate has the same say over them. */
  readonly given?: Fields
}

/** What a check decides. */
export type Verdict = Passed | Refusal | Answer

/**
 * One guard of the chain: a pure verdict on the facts of a request.
 *
 * It writes to nothing: the runner collects fields, the finisher writes them, the chain emits the event. It
 * returns a promise only when it truly waits; the chain awaits only then. One that throws is a refusal.
 */
export interface Check {
  readonly name: string
  /** Whether it never waits longer than its own deadline: that of the policy is not for it. */
  readonly hasDeadline?: true
  readonly decide: (request: RequestFacts) => Verdict | Promise<Verdict>
}

/** The verdict of a check that has nothing to say. */
export const PASS: Passed = Object.freeze({
  type: 'pass',
  fields: undefined,
  principal: undefined,
  warning: undefined,
})

/** Lets the request go on, with fields for its response. */
export function passWith(fields: Fields): Passed {
  return { type: 'pass', fields, principal: undefined, warning: undefined }
}

/**
 * Lets the request go on as `principal`.
 *
 * @param caller what is known of them
 */
export function passAs(principal: Principal, caller?: KnownCaller): Passed {
  return caller === undefined
    ? { type: 'pass', fields: undefined, principal, warning: undefined }
    : { type: 'pass', fields: undefined, principal, warning: undefined, caller }
}

/** Lets the request go on, and tells that something is wrong. */
export function passWarning(kind: Kind, reason: string): Passed {
  return { type: 'pass', fields: undefined, principal: undefined, warning: { kind, reason } }
}

/** Lets the request go on, with what was decided on the way. */
export function passGranting(grant: Grant): Passed {
  return { type: 'pass', fields: undefined, principal: undefined, warning: undefined, grant }
}

/**
 * Stops the request.
 *
 * @param kind a row of the table of kinds; it decides status, code and title
 * @param reason why, for the log: constant text and public names only
 */
export function refuse(
  kind: Kind,
  reason: string,
  fields?: Fields,
  members?: Readonly<Record<string, unknown>>,
): Refusal {
  return { type: 'refusal', kind, reason, fields, members }
}

/** The same verdict, with what was thrown on the way to it. */
export function withError<V extends object>(verdict: V, error: unknown): V & { readonly error: unknown } {
  return { ...verdict, error }
}

/** Answers in the handler's place. */
export function answer(
  status: number,
  fields: Fields,
  { kind, body }: { readonly kind: Kind; readonly body?: string | Uint8Array },
): Answer {
  return { type: 'answer', status, fields, kind, body }
}
