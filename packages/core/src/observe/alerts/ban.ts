import type { PolicyLimit } from '../../contract/limits.ts'
import { Mistakes } from '../../contract/mistakes.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import type { Duration } from '../../lib/duration.ts'
import { type Cidr, cidrContains, embeddedIpv4, type Ip, parseIp } from '../../lib/ip.ts'
import { addressRange } from '../../options/ranges.ts'
import { at, optional, type OptionReaders, type Place, readOptions } from '../../options/read.ts'
import { duration, having, integer, list } from '../../options/readers.ts'
import type { Alert } from './alert.ts'
import type { AlertAction } from './rule.ts'

/** Options of {@link banWith}. */
export interface BanOptions {
  /**
   * Who is never banned: the addresses of proxies, of partners, of an office that many share. Loopback, private and link-local
   * addresses are never banned anyhow: behind a proxy that the policy does not know, one of them is everybody.
   */
  readonly never?: readonly string[]
  /**
   * How many clients are banned at once: 1 to 10,000. When there are more, nobody else is banned, and a process warning says so: what
   * hits so many is rather a mistake of your own, such as a key that a deploy has broken for everybody.
   *
   * @default 100
   */
  readonly most?: number
  /** @default the clock of this process */
  readonly clock?: Clock
}

/** Addresses that are those of a proxy or of a network's own machines rather than of one client. */
const NEVER = [
  'loopback',
  'private',
  '100.64.0.0/10', // shared by the customers of a carrier (RFC 6598 §7)
  '169.254.0.0/16', // link-local (RFC 3927 §2.1)
  'fe80::/10', // link-local (RFC 4291 §2.5.6)
]

const WIDEST = 48

const TOO_MANY =
  'nobody else is, since it may be a mistake of ours that hits everybody. See the option "most" of banWith.'

const READERS = {
  never: optional(list(addressRange, { example: "a list such as ['198.51.100.0/24']" })),
  most: optional(integer(1, 10_000), 100),
  clock: optional(having<Clock>('a clock', 'systemClock', 'now', 'monotonic'), systemClock),
} satisfies OptionReaders<BanOptions>

/**
 * An action for rules by client: blocks the client of the alert in a limit of the gate for a while, with all that this limit
 * guards. Lift it with `gate.limit(name).of(client).reset()`.
 *
 * The client is who the policy's `proxy` setting says it is, so nobody is banned for an address that somebody else has forged.
 * Still many may share an address, and a page can make a browser send requests: ban for minutes, not for days.
 *
 * @param limit a limit whose `by` is `'client'`
 * @param time for how long: 1 second to 30 days
 * @throws ConfigError with every mistake at once; TypeError when the limit does not count by client
 * @example
 * const gate = gatehouse({ ...policy, rateLimit: { name: 'api', limit: 100, window: '1m' } })
 * const ban = banWith(gate.limit('api'), '15m', { never: ['198.51.100.0/24'] })
 * const alarms = alerts({ rules: { 'token-spraying': { action: ban } } })
 * gate.events.on('event', alarms.observe)
 */
export function banWith(limit: PolicyLimit, time: Duration, options: BanOptions = {}): AlertAction {
  const place: Place = { mistakes: new Mistakes(), path: 'banWith' }
  const known = having<PolicyLimit>('a limit of a gate', "gate.limit('api')", 'of')(limit, at(place, 'limit'))
  const ms = duration('1s', '30d')(time, at(place, 'time'))
  const read = readOptions(place, options, READERS)
  const always = list(addressRange, { example: '' })(NEVER, place) ?? []
  place.mistakes.throwIfAny('banWith')
  const never = [...always.flat(), ...(read?.never?.flat() ?? [])].map(widened)
  const { most = 100, clock = systemClock } = read ?? {}
  const isRoomFor = bounded(most, ms ?? 0, clock)
  // Asks nobody: a limit that counts something else than clients says so now, and not when it is needed.
  known?.of('192.0.2.1')
  return async (alert) => {
    const client = clientOf(alert)
    if (client === undefined || known === undefined || ms === undefined || isIn(never, client.ip)) return
    if (!isRoomFor(client.text)) return
    await known.of(client.text).block(ms)
  }
}

/** Counts who is banned: each of them again is no one more. */
function bounded(most: number, ms: number, clock: Clock): (client: string) => boolean {
  /** When each ban is over, the first to be over first: all of them last as long. */
  const until = new Map<string, number>()
  let isTold = false

  return (client) => {
    const now = clock.monotonic()
    for (const [other, end] of until) {
      if (end > now) break
      until.delete(other)
    }
    const isFull = until.size >= most
    if (!isFull) isTold = false
    if (isFull && !until.has(client)) {
      if (!isTold) process.emitWarning(`${most} clients are banned: ${TOO_MANY}`, { code: 'GATEHOUSE_BAN' })
      isTold = true
      return false
    }
    until.delete(client)
    until.set(client, now + ms)
    return true
  }
}

/** The address that a rule by client counted; nothing for other rules, and for clients that nobody can tell apart. */
function clientOf({ by, key }: Alert): { readonly text: string; readonly ip: Ip } | undefined {
  if (by !== 'client' || key === undefined) return undefined
  // An IPv6 network stands with its length.
  const [text = ''] = key.split('/', 1)
  const ip = parseIp(text)
  return ip && { text, ip }
}

/** A limit blocks whole IPv6 networks, of which the wider ones are rare: who is never banned must not be in one of them. */
function widened(range: Cidr): Cidr {
  return range.version === 6 && range.prefix > WIDEST ? { ...range, prefix: WIDEST } : range
}

function isIn(ranges: readonly Cidr[], ip: Ip): boolean {
  const inside = embeddedIpv4(ip)
  return ranges.some(
    (range) => cidrContains(range, ip) || (inside !== undefined && cidrContains(range, inside)),
  )
}
