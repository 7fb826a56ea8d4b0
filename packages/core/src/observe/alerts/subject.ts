import type { SecurityEvent } from '../../contract/event.ts'
import { principalKey } from '../../contract/principal.ts'
import { escapeForLog } from '../../lib/chars.ts'
import { sha256 } from '../../lib/digest.ts'
import { networkOf } from '../../lib/ip.ts'
import type { AlertSubject } from './alert.ts'

/** Takes a text from an event; nothing when the event has none. */
export type TextOf = (event: SecurityEvent) => string | undefined

/** Longer keys are counted under their digest. */
const LONGEST_KEY = 256

/** Under what all that a rule counts is one. */
export const ALL = ''

/**
 * The network of a client: an IPv4 address alone, an IPv6 address with its /64, since whoever has one has all of them.
 * Clients whose address cannot be determined have none, and are counted together.
 */
export function clientOf({ client }: SecurityEvent): string {
  return client === undefined ? 'unknown' : networkOf(client)
}

/** The caller or, of a login that failed, the account that somebody tried; nothing when nobody knows either. */
export function accountOf({ principal, account }: SecurityEvent): string | undefined {
  return principal === undefined ? account : principalKey(principal)
}

/** What a rule may count by, and what of events may have to be different. */
export const TEXTS: Readonly<Record<'client' | 'account' | 'kind' | 'path', TextOf>> = {
  client: clientOf,
  account: accountOf,
  kind: ({ kind }) => kind,
  path: ({ path }) => path,
}

/** A key as it is counted: bounded, whatever a function of somebody's own gives. */
export function keyFor(text: string): string {
  return text.length <= LONGEST_KEY ? text : `sha256:${sha256(text).toString('base64url')}`
}

/** A key as an alert shows it. */
export function shownKey(by: AlertSubject, key: string): string | undefined {
  if (by === 'all') return undefined
  return escapeForLog(by === 'account' ? shownAccount(key) : key, LONGEST_KEY)
}

/** The subject, and the issuer that vouches for it; the hash of an account that somebody tried is shown as it is. */
function shownAccount(key: string): string {
  const [prefix, digits] = /^(\d+):/.exec(key) ?? []
  if (prefix === undefined || digits === undefined) return key
  const rest = key.slice(prefix.length)
  const length = Number(digits)
  return length === 0 ? rest : `${rest.slice(length)} (${rest.slice(0, length)})`
}
