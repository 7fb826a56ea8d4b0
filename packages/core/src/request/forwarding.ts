import { parseAuthority } from '../lib/authority.ts'
import { type Cidr, cidrContains, type Ip } from '../lib/ip.ts'
import type { Place } from '../options/read.ts'
import { entryAddress, fieldText, nodeAddress, type ReceivedFields, splitEntries } from './forwarded-for.ts'
import { type ForwardedElement, parseForwarded } from './forwarded.ts'

/** What a request says before anybody is believed. */
export interface RawRequest extends ReceivedFields {
  /** The other end of the connection; `undefined` over a Unix socket, and once the socket is gone. */
  readonly peer: Ip | undefined
  /** Whether this very connection is TLS. */
  readonly encrypted: boolean
}

/** Something about the forwarding headers that somebody should know. */
export interface ForwardingProblem {
  readonly kind: 'proxy.untrusted' | 'proxy.malformed' | 'proxy.too-few-hops'
  /** Constant text: nothing of the request is in it. */
  readonly reason: string
}

/** What may be believed about a request. */
export interface Forwarding {
  /** The client; `undefined` when it cannot be determined (PRX-04, PRX-05). */
  readonly client: Ip | undefined
  readonly scheme: 'http' | 'https'
  /** The host that a trusted proxy reports: text that `parseAuthority` reads; `undefined` when `Host` counts. */
  readonly host: string | undefined
  readonly problem: ForwardingProblem | undefined
  /** Whether a trusted proxy sent the request, which may be asked for what it reports in other fields. */
  readonly trusted: boolean
}

/** Judges the forwarding headers of a request; never throws. */
export type Resolve = (raw: RawRequest) => Forwarding

/** How one header tells the way of a request, entry by entry from left to right. */
export interface Dialect<E> {
  readonly header: string
  readonly read: (text: string) => readonly E[] | undefined
  readonly address: (entry: E) => Ip | undefined
  /**
   * What the proxy at a place, counted from 1 at the right, says about the request it received; place 0 is no
   * place. `undefined` when it says nothing, and text that is neither scheme nor host when it cannot be told.
   */
  readonly proto: (raw: RawRequest, entries: readonly E[], place: number) => string | undefined
  readonly host: (raw: RawRequest, entries: readonly E[], place: number) => string | undefined
}

/** Text that is neither a scheme nor a host. */
const UNREADABLE = ''

/** `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Host` beside it. */
export const FORWARDED_FOR: Dialect<string> = {
  header: 'x-forwarded-for',
  read: splitEntries,
  address: entryAddress,
  proto: (raw, _, place) => valueAt(raw, 'x-forwarded-proto', place),
  host: (raw, _, place) => valueAt(raw, 'x-forwarded-host', place),
}

/** `Forwarded`, which says all in one field (RFC 7239). */
export const FORWARDED: Dialect<ForwardedElement> = {
  header: 'forwarded',
  read: parseForwarded,
  address: (element) => (element.for === undefined ? undefined : nodeAddress(element.for)),
  proto: (_, elements, place) => elements[elements.length - place]?.proto,
  host: (_, elements, place) => elements[elements.length - place]?.host,
}

/** A header that a proxy sets to one address: two of them are one too many, and make no address. */
export function oneAddress(header: string): Dialect<string> {
  return {
    header,
    read(text) {
      const entries = splitEntries(text)
      return entries?.length === 1 ? entries : undefined
    },
    address: entryAddress,
    // It does not say how many proxies there were, so that a list of schemes cannot be lined up with it.
    proto: (raw) => valueAt(raw, 'x-forwarded-proto', 0),
    host: (raw) => valueAt(raw, 'x-forwarded-host', 0),
  }
}

/** PRX-07: a single value is what the proxy that sets it says; of several, each proxy has appended its own. */
function valueAt(raw: RawRequest, header: string, place: number): string | undefined {
  const text = fieldText(raw, header)
  if (text === undefined) return undefined
  const values = splitEntries(text)
  if (values === undefined) return UNREADABLE
  return (values.length === 1 ? values[0] : values[values.length - place]) ?? UNREADABLE
}

/** Headers that proxies set, looked for where nobody is believed. */
const NOTICED = [
  'x-forwarded-for',
  'forwarded',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
] as const

/** What is looked for in the requests of an untrusted peer. */
interface Notices {
  /** The problem to report for each header. */
  readonly table: readonly { readonly header: string; readonly problem: ForwardingProblem }[]
  /** The letters that they begin with, a bit each. */
  readonly letters: number
}

function notices(headers: readonly string[], why: string): Notices {
  const table = [...new Set(headers)].map((header) => ({
    header,
    problem: problem('proxy.untrusted', `${header} was ignored: ${why}`),
  }))
  return { table, letters: table.reduce((bits, { header }) => bits | letterOf(header), 0) }
}

/** The bit of the first letter of a name, in either case. */
function letterOf(name: string): number {
  return 1 << (name.charCodeAt(0) & 31)
}

function noticed(raw: RawRequest, { table, letters }: Notices): ForwardingProblem | undefined {
  let found = 0
  for (let i = 0; i < raw.rawHeaders.length; i += 2) found |= letterOf(raw.rawHeaders[i] ?? '')
  // Most requests have no field that begins like one of them.
  if ((found & letters) === 0) return undefined
  for (const notice of table) {
    if (raw.headers[notice.header] !== undefined) return notice.problem
  }
  return undefined
}

function problem(kind: ForwardingProblem['kind'], reason: string): ForwardingProblem {
  return Object.freeze({ kind, reason })
}

/** What the connection alone says. */
function unforwarded(
  raw: RawRequest,
  client: Ip | undefined,
  why: ForwardingProblem | undefined,
): Forwarding {
  return { client, scheme: raw.encrypted ? 'https' : 'http', host: undefined, problem: why, trusted: false }
}

/** What a believed way says: the client that was chosen, and the scheme and host at its place. */
type Finish<E> = (
  raw: RawRequest,
  client: Ip | undefined,
  entries: readonly E[],
  place: number,
  why: ForwardingProblem | undefined,
) => Forwarding

/** @param trustsUnknown whether it is known that a proxy of ours sent the request, though it does not say of whom */
function compileFinish<E>(dialect: Dialect<E>, withHost: boolean, trustsUnknown: boolean): Finish<E> {
  const badScheme = problem(
    'proxy.malformed',
    `The scheme that came with ${dialect.header} is not http or https, or not one per proxy; the scheme of the connection counts.`,
  )
  const badHost = problem(
    'proxy.malformed',
    `The host that came with ${dialect.header} is not a host, or not one per proxy; the Host field counts.`,
  )
  return (raw, client, entries, place, before) => {
    let why = before
    let scheme: 'http' | 'https' = raw.encrypted ? 'https' : 'http'
    const proto = dialect.proto(raw, entries, place)
    if (proto !== undefined) {
      // RFC 3986 §3.1: schemes are case-insensitive.
      const lower = proto.toLowerCase()
      if (lower === 'http' || lower === 'https') scheme = lower
      else why ??= badScheme
    }
    let host: string | undefined
    if (withHost) {
      host = dialect.host(raw, entries, place)
      if (host !== undefined && parseAuthority(host) === undefined) {
        host = undefined
        why ??= badHost
      }
    }
    return { client, scheme, host, problem: why, trusted: trustsUnknown || client !== undefined }
  }
}

function noAddress(header: string): ForwardingProblem {
  return problem(
    'proxy.malformed',
    `The entry of ${header} that names the client is no address, or the field is malformed or too long; the client is unknown.`,
  )
}

/** Who the proxies are, besides what they write. */
export interface Gateways {
  /** Where their connections come from. */
  readonly ranges: readonly Cidr[]
  /** A field in which they say whose they are, in lower case, and what they say. */
  readonly field?: readonly [name: string, value: string] | undefined
  /** What to do about a peer that is none of them and writes their header. */
  readonly advice: string
}

/** The way of a request that none of the proxies sent. */
function compileStrangers(header: string, { advice }: Gateways): Resolve {
  const untrusted = notices([header, ...NOTICED], advice)
  return (raw) => unforwarded(raw, raw.peer, noticed(raw, untrusted))
}

function isOneOf({ ranges, field }: Gateways, { peer, headers }: RawRequest): boolean {
  if (peer === undefined || !isIn(ranges, peer)) return false
  return field === undefined || headers[field[0]] === field[1]
}

/**
 * PRX-04: the n-th entry from the right; of those that come from `gateways` alone, where they are known.
 *
 * @param said the option that tells how many there are
 */
export function byHops<E>(
  said: string,
  dialect: Dialect<E>,
  hops: number,
  withHost: boolean,
  gateways?: Gateways,
): Resolve {
  const stranger = gateways && compileStrangers(dialect.header, gateways)
  const finish = compileFinish(dialect, withHost, gateways !== undefined)
  const malformed = noAddress(dialect.header)
  const tooFew = problem(
    'proxy.too-few-hops',
    `${dialect.header} has fewer entries than ${said} says: ${hops}. The request came past a proxy, or there are fewer.`,
  )
  return (raw) => {
    if (gateways !== undefined && stranger !== undefined && !isOneOf(gateways, raw)) return stranger(raw)
    const text = fieldText(raw, dialect.header)
    const entries = text === undefined ? [] : dialect.read(text)
    if (entries === undefined) return finish(raw, undefined, [], hops, malformed)
    const entry = entries[entries.length - hops]
    // Somebody has found another way in: what the missing proxy would have vouched for is not believed either.
    if (entry === undefined) return unforwarded(raw, undefined, tooFew)
    const client = dialect.address(entry)
    return finish(raw, client, entries, hops, client === undefined ? malformed : undefined)
  }
}

/** PRX-02 and PRX-05: from a trusted peer, the first entry from the right that is not trusted itself. */
export function byRanges<E>(dialect: Dialect<E>, gateways: Gateways, withHost: boolean): Resolve {
  const { ranges } = gateways
  const stranger = compileStrangers(dialect.header, gateways)
  const finish = compileFinish(dialect, withHost, true)
  const malformed = noAddress(dialect.header)
  return (raw) => {
    const { peer } = raw
    if (!isOneOf(gateways, raw)) return stranger(raw)
    const text = fieldText(raw, dialect.header)
    // The proxy speaks for itself, as in a health check.
    if (text === undefined) return finish(raw, peer, [], 0, undefined)
    const entries = dialect.read(text)
    if (entries === undefined) return finish(raw, undefined, [], 0, malformed)
    let client: Ip | undefined
    let hop = 0
    for (; hop < entries.length; hop++) {
      const entry = entries[entries.length - 1 - hop]
      client = entry === undefined ? undefined : dialect.address(entry)
      if (client === undefined || !isIn(ranges, client)) break
    }
    // When all are trusted, the left-most made the request.
    const chosen = Math.min(hop + 1, entries.length)
    return finish(raw, client, entries, chosen, client === undefined ? malformed : undefined)
  }
}

function isIn(ranges: readonly Cidr[], ip: Ip): boolean {
  for (const range of ranges) {
    if (cidrContains(range, ip)) return true
  }
  return false
}

/** PRX-01: nobody is believed. */
export function byConnection(place: Place): Resolve {
  const untrusted = notices(
    NOTICED,
    `the policy trusts no proxy. If a proxy of yours sends it, set ${place.path} to { trustedRanges: [its address] }.`,
  )
  return (raw) => unforwarded(raw, raw.peer, noticed(raw, untrusted))
}
