import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isLocalName } from '../../lib/authority.ts'
import { dnsModule } from '../../lib/builtins.ts'
import { parseIp } from '../../lib/ip.ts'
import { isGlobalAddress } from '../../lib/ip-ranges.ts'

/** Finds the addresses of a name: `dns.lookup` with `all`. */
export type ResolveAll = (
  name: string,
  options: LookupOptions & { readonly all: true },
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

/** Whether a host of a URL may be asked as far as its text tells: a name may, its addresses are looked at later. */
export function mayAskHost(hostname: string, allowPrivate: boolean): boolean {
  if (allowPrivate) return true
  // A connection to an address is made without a look-up, so nothing would look at it later.
  const ip = parseIp(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname)
  if (ip !== undefined) return isGlobalAddress(ip)
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
  return !isLocalName(name)
}

/**
 * The look-up of a connection, which gives only addresses that may be asked.
 *
 * It stands between the resolver and the socket, so that what is checked is what is connected to: a name that
 * resolves to another address a moment later (DNS rebinding) meets the same test. One address that may not be asked
 * refuses all, for no honest name has both kinds.
 */
export function guardedLookup(
  allowPrivate: boolean,
  resolve: ResolveAll = dnsModule().lookup,
): LookupFunction {
  return (name, options, done) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      const first = addresses?.[0]
      if (error !== null || first === undefined) done(error ?? new Error('no address'), '', 4)
      else if (!allowPrivate && !addresses.every(isGlobal)) done(new ForbiddenAddress(), '', 4)
      else if (options.all === true) done(null, [...addresses])
      else done(null, first.address, first.family)
    })
  }
}

/** A name has an address that may not be asked. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
  constructor() {
    super('the address may not be asked')
  }
}

function isGlobal({ address }: LookupAddress): boolean {
  const ip = parseIp(address)
  return ip !== undefined && isGlobalAddress(ip)
}
