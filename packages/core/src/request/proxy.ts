import type { Cidr } from '../lib/ip.ts'
import { at, optional, type Place, readOptions, report } from '../options/read.ts'
import { flag, integer, list } from '../options/readers.ts'
import {
  byConnection,
  byHops,
  byRanges,
  FORWARDED,
  FORWARDED_FOR,
  oneAddress,
  type Resolve,
} from './forwarding.ts'
import { compilePreset, PRESET_READERS } from './preset.ts'
import type { ProxyPreset } from './proxy-presets.ts'
import { fieldPattern, headerName, proxyRanges } from './proxy-readers.ts'

export type { Forwarding, RawRequest } from './forwarding.ts'

/** What is said of trusted proxies, however they are told. */
export interface TrustedProxyOptions {
  /**
   * Whether to believe the host that the proxies report as well. Say it only when they rewrite `Host`, and set or
   * remove `X-Forwarded-Host` (or the `host` parameter) on every request.
   *
   * @default false
   */
  readonly host?: boolean
  /**
   * With how many leading bits an IPv6 client is counted, 32 to 128.
   *
   * @default 64
   */
  readonly ipv6Prefix?: number
  /**
   * Further fields that are believed of your proxies alone, and are removed from what anybody else sends before a handler
   * sees it: `'x-acme-user'`, or `'x-acme-*'` for all that begin so. Those that are usual are removed anyway.
   */
  readonly identityFields?: readonly string[]
  /** Fields that are removed otherwise, and stay whoever sends them: `'x-user-locale'`. */
  readonly keepFields?: readonly string[]
}

/** Which proxies stand before the server, told by their number. */
export interface TrustedHopsOptions extends TrustedProxyOptions {
  /**
   * How many proxies of yours every request passes, 1 to 16. Each of them must append an entry to the header; the
   * client is the n-th entry from the right, whatever stands left of it.
   *
   * The peer is not looked at: use this only where nobody can reach the server but through those proxies.
   */
  readonly trustedHops: number
  /**
   * The header that the proxies append to.
   *
   * @default 'x-forwarded-for'
   */
  readonly header?: 'x-forwarded-for' | 'forwarded'
}

/** Which proxies stand before the server, told by their addresses. */
export interface TrustedRangesOptions extends TrustedProxyOptions {
  /**
   * Addresses and CIDR ranges of the proxies; `'loopback'` is `127.0.0.0/8` and `::1`, `'private'` is RFC 1918 and
   * `fc00::/7`. The header counts only when the peer is in one of them; the client is the first entry from the
   * right that is in none.
   */
  readonly trustedRanges: readonly string[]
  /**
   * `'x-forwarded-for'`, `'forwarded'`, or the name of a header that holds one address, such as
   * `'cf-connecting-ip'`. The proxies must append to the first two, and replace any other.
   *
   * @default 'x-forwarded-for'
   */
  readonly header?: string
}

/** Which platform stands before the server: what it writes, and where it comes from, is known. */
export interface PresetProxyOptions extends Omit<TrustedProxyOptions, 'host'> {
  /**
   * - `'cloudflare'`: `CF-Connecting-IP`, from its published ranges.
   * - `'google-cloud'`: its external Application Load Balancer; two entries of `X-Forwarded-For`, from the published
   *   ranges of its front ends.
   * - `'aws-alb'`: one entry of `X-Forwarded-For`, from the subnets in `ranges`.
   * - `'azure-front-door'`: `X-Azure-SocketIP`, from the `ranges` of its service tag, with the `id` of yours.
   * - `'fly-io'`: two entries of `X-Forwarded-For`.
   * - `'heroku'`: one entry of `X-Forwarded-For`.
   */
  readonly preset: ProxyPreset
  /**
   * Where the platform connects from, in the place of the ranges that it has published, or where it has published none.
   * Published ranges change: those of this version may be too old, and then `proxy.untrusted` names the preset.
   */
  readonly ranges?: readonly string[]
  /** The id of your Azure Front Door, as in `X-Azure-FDID`: its ranges are those of all of its customers. */
  readonly id?: string
}

/** No proxy is trusted, as with `'none'`; one of these at least is said. */
export type NoProxyOptions = Omit<TrustedProxyOptions, 'host'>

/** A {@link ProxySetting} in full: proxies told by number, by address, by the name of a platform, or none. */
export type ProxyOptions = TrustedHopsOptions | TrustedRangesOptions | PresetProxyOptions | NoProxyOptions

/**
 * Whose word is believed about a request's client, scheme and host.
 *
 * `'none'`, the default, believes the connection alone: right when clients connect to this server directly. Behind
 * a proxy, say which: by address (`trustedRanges`, the safer way, since a stranger who connects directly is not
 * believed) or by number (`trustedHops`, where addresses change or the proxy comes over a Unix socket).
 *
 * A believed proxy also tells the scheme: in `X-Forwarded-Proto`, or in the `proto` parameter of `Forwarded`. Make
 * sure that it sets or removes these on every request. `true`, a bare number and ranges that hold a large part of
 * the internet are refused when the policy is built.
 *
 * @default 'none'
 * @throws ConfigError from the gate, for every option that cannot be used
 * @example
 * { trustedRanges: ['10.0.0.0/8'] }
 * @example
 * { trustedHops: 2, header: 'forwarded' }
 * @example
 * { trustedRanges: ['173.245.48.0/20', '2400:cb00::/32'], header: 'cf-connecting-ip' }
 * @example
 * { preset: 'cloudflare' }
 * @see RFC 7239, RFC 6177 (why an IPv6 client is a /64)
 */
export type ProxySetting = 'none' | ProxyOptions

/** A compiled `proxy` setting. */
export interface ProxyTrust {
  /** For `addressKey`. */
  readonly ipv6Prefix: number
  /** Judges the forwarding headers of a request; never throws. */
  readonly resolve: Resolve
  /** Names of fields that are believed of proxies alone besides the usual ones, and of those that stay; in lower case. */
  readonly identityFields: readonly string[]
  readonly keepFields: readonly string[]
  /** The header that is believed, and how many entries of it are of proxies; `undefined` where that is not said. */
  readonly header: string | undefined
  readonly hops: number | undefined
  /** Whether no proxy is trusted: then only the problem that {@link ProxyTrust.resolve} may find is news. */
  readonly direct: boolean
}

const DEFAULT_IPV6_PREFIX = 64
const DEFAULTS: Untold = { ipv6Prefix: DEFAULT_IPV6_PREFIX, identityFields: [], keepFields: [] }

/** What every setting may say. */
const COMMON_READERS = {
  ipv6Prefix: optional(integer(32, 128), DEFAULT_IPV6_PREFIX),
  identityFields: optional(list(fieldPattern, { example: "a list of names, such as ['x-acme-user']" }), []),
  keepFields: optional(list(fieldPattern, { example: "a list of names, such as ['x-user-locale']" }), []),
}

const HOW =
  "Write 'none', { trustedRanges: ['10.0.0.0/8'] } with the addresses of your proxies, or { trustedHops: 1 } with their number."

/**
 * Compiles the `proxy` setting of a policy; `undefined` is `'none'`.
 *
 * What cannot be used is reported at `place`, and then no proxy is trusted.
 */
export function compileProxy(place: Place, value: unknown): ProxyTrust {
  if (value === undefined || value === 'none') return trust(DEFAULTS, place, undefined)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    reportForeign(place, value)
    return trust(DEFAULTS, place, undefined)
  }
  const given = value as Readonly<Record<string, unknown>>
  if (given['preset'] !== undefined) {
    const read = readOptions(place, given, { ...PRESET_READERS, ...COMMON_READERS })
    const compiled = read && compilePreset(place, read)
    const { header, hops } = compiled ?? {}
    return trust({ ...DEFAULTS, ...read, header, trustedHops: hops }, place, compiled?.resolve)
  }
  const read = readOptions(place, given, {
    trustedHops: optional(integer(1, 16)),
    trustedRanges: optional(proxyRanges),
    header: optional(headerName, FORWARDED_FOR.header),
    host: optional(flag(), false),
    ...COMMON_READERS,
  })
  return trust(read ?? DEFAULTS, place, read && compileResolve(place, given, read))
}

interface ProxyRead {
  readonly trustedHops: number | undefined
  readonly trustedRanges: readonly Cidr[] | undefined
  readonly header: string
  readonly host: boolean
}

/** How to resolve, or `undefined` when no proxy is trusted, be it by mistake. */
function compileResolve(
  place: Place,
  given: Readonly<Record<string, unknown>>,
  read: ProxyRead,
): Resolve | undefined {
  const { trustedHops, trustedRanges, header, host } = read
  const says = (key: string): boolean => Object.hasOwn(given, key) && given[key] !== undefined
  if (says('trustedHops') && says('trustedRanges')) {
    return report(place, 'contradiction', 'has both trustedHops and trustedRanges.', 'Keep one of them.')
  }
  if (!says('trustedHops') && !says('trustedRanges')) {
    return WITHOUT_PROXY.some(says) && !says('header') && !says('host')
      ? undefined
      : report(place, 'missing_option', 'does not say which proxies to trust.', HOW)
  }
  if (trustedRanges !== undefined) {
    const advice = `the peer is not in ${place.path}.trustedRanges. If it is a proxy of yours, add its address there.`
    const gateways = { ranges: trustedRanges, advice }
    if (header === FORWARDED.header) return byRanges(FORWARDED, gateways, host)
    return byRanges(header === FORWARDED_FOR.header ? FORWARDED_FOR : oneAddress(header), gateways, host)
  }
  if (trustedHops === undefined) return undefined
  const said = `${place.path}.trustedHops`
  if (header === FORWARDED.header) return byHops(said, FORWARDED, trustedHops, host)
  if (header === FORWARDED_FOR.header) return byHops(said, FORWARDED_FOR, trustedHops, host)
  return report(
    at(place, 'header'),
    'contradiction',
    'holds one address, and says nothing about hops.',
    "Write 'x-forwarded-for' or 'forwarded', or trustedRanges in the place of trustedHops.",
  )
}

/** What can be said where no proxy is trusted. */
const WITHOUT_PROXY = [
  'ipv6Prefix',
  'identityFields',
  'keepFields',
] as const satisfies readonly (keyof NoProxyOptions)[]

/** What a setting says besides whom it trusts. */
interface Untold extends Pick<ProxyTrust, 'ipv6Prefix' | 'identityFields' | 'keepFields'> {
  readonly header?: string | undefined
  readonly trustedHops?: number | undefined
}

function trust(
  { ipv6Prefix, identityFields, keepFields, header, trustedHops }: Untold,
  place: Place,
  resolve: Resolve | undefined,
): ProxyTrust {
  return Object.freeze({
    ipv6Prefix,
    // What one of its proxies writes is the policy's business, whatever it is called.
    identityFields: header === undefined ? identityFields : [...identityFields, header],
    keepFields,
    header: resolve === undefined ? undefined : header,
    hops: resolve === undefined ? undefined : trustedHops,
    resolve: resolve ?? byConnection(place),
    direct: resolve === undefined,
  })
}

/** Names what other packages take for a proxy setting, since that is what people will write (PRX-10). */
function reportForeign(place: Place, value: unknown): void {
  if (value === true) {
    report(place, 'unsafe_value', 'would believe whatever any client writes into a forwarding header.', HOW)
  } else if (typeof value === 'number') {
    const instead = 'Write { trustedHops: 1 } with the number of proxies of yours that append to the header.'
    report(place, 'wrong_type', 'is a bare number.', instead)
  } else if (typeof value === 'string' || Array.isArray(value)) {
    const instead = "Write { trustedRanges: ['10.0.0.0/8'] } with the addresses of your proxies."
    report(place, 'malformed_value', "is not 'none', nor an object of options.", instead)
  } else {
    report(place, 'wrong_type', 'is not a proxy setting.', HOW)
  }
}
