import { PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { embeddedIpv4, type Ip } from '../lib/ip.ts'
import { type IpTable, ipTable } from '../lib/ip-table.ts'
import { optional, type Place, type Reader, readOptions, report } from '../options/read.ts'
import { type AddressList, LiveList, readRanges } from './address/list.ts'

export { type AddressList, addressList } from './address/list.ts'

/**
 * Which clients may come at all, by their addresses: `'192.0.2.7'`, `'10.0.0.0/8'`, `'2001:db8::/32'`, `'loopback'`,
 * `'private'`. The client is who the policy's `proxy` setting says it is.
 *
 * @example
 * { allow: ['192.0.2.0/24', '2001:db8:40::/48'] }
 * @example
 * { deny: addressList(blocked) }
 */
export interface AddressRules {
  /** Only these may come. An {@link AddressList} that is empty lets nobody in. */
  readonly allow?: readonly string[] | AddressList
  /** These may not come, whatever `allow` says. */
  readonly deny?: readonly string[] | AddressList
}

const DENIED: Refusal = Object.freeze(refuse('address.denied', 'the address is in a deny list'))
const NOT_ALLOWED: Refusal = Object.freeze(refuse('address.not-allowed', 'the address is in no allow list'))
const UNKNOWN: Refusal = Object.freeze(
  refuse('address.unknown', 'the address of the client cannot be determined'),
)

/** Addresses to look one up in. */
type Addresses = Pick<IpTable, 'has'>

/** Rules about addresses, read. */
export interface AddressRulesRead {
  readonly allow: Addresses | undefined
  readonly deny: Addresses | undefined
}

/**
 * Compiles the check of a client's address from all rules that bind a route, its policy's and its own. None of them opens
 * what another closes.
 */
export function compileAddress(...rules: readonly (AddressRulesRead | undefined)[]): Guard {
  const allow = rules.flatMap((rule) => rule?.allow ?? [])
  const deny = rules.flatMap((rule) => rule?.deny ?? [])
  if (allow.length + deny.length === 0) return NO_GUARD
  return {
    check: { name: 'address', decide: (request) => decide(request, allow, deny) },
    response: undefined,
  }
}

function decide({ client }: RequestFacts, allow: readonly Addresses[], deny: readonly Addresses[]): Verdict {
  // Nobody knows that it is not one of those who are denied (PRX-12).
  if (client === undefined) return UNKNOWN
  for (const list of deny) if (isDenied(list, client)) return DENIED
  for (const list of allow) if (!list.has(client)) return NOT_ALLOWED
  return PASS
}

/** Behind a translator the IPv4 address inside counts as well: it is the same client, by another way (RFC 6052 §2.1). */
function isDenied(list: Addresses, client: Ip): boolean {
  if (list.has(client)) return true
  const inside = embeddedIpv4(client)
  return inside !== undefined && list.has(inside)
}

/** Reads the option of a policy or a rule. */
export function readAddressRules(place: Place, value: unknown): AddressRulesRead | undefined {
  if (value === undefined) return undefined
  const read = readOptions(place, value, { allow: optional(addresses(1)), deny: optional(addresses(0)) })
  if (read === undefined || Object.values(value as object).some((member) => member !== undefined)) return read
  return report(
    place,
    'missing_option',
    'names no addresses.',
    "Write { deny: ['203.0.113.0/24'] }, or { allow: [...] }.",
  )
}

/** @param min how many there must be; those of an {@link AddressList} come and go */
function addresses(min: number): Reader<Addresses> {
  return (value, place) => {
    if (value instanceof LiveList) return value
    const ranges = readRanges(value, place, min)
    return ranges && ipTable(ranges)
  }
}
