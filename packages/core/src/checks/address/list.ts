import { Mistakes } from '../../contract/mistakes.ts'
import type { Cidr, Ip } from '../../lib/ip.ts'
import { type IpTable, ipTable } from '../../lib/ip-table.ts'
import { addressRange } from '../../options/ranges.ts'
import type { Place } from '../../options/read.ts'
import { list } from '../../options/readers.ts'

/** Addresses and ranges that can be replaced while the gate is running. */
export interface AddressList {
  /**
   * Puts other addresses and ranges in the place of all that were there, at once: every request is judged by the old ones
   * or by the new ones.
   *
   * @throws ConfigError with every mistake of the new ones; the old ones stay
   */
  readonly replace: (entries: readonly string[]) => void
  /** How many entries there are. */
  readonly size: number
}

/**
 * Makes a list of addresses and CIDR ranges for `addresses`, which can be replaced while the gate is running. One list may
 * stand in several rules and gates.
 *
 * @param entries as in `addresses`: `'192.0.2.7'`, `'10.0.0.0/8'`, `'2001:db8::/32'`, `'loopback'`, `'private'`
 * @throws ConfigError with every mistake at once
 * @example
 * const blocked = addressList(['203.0.113.0/24'])
 * const gate = gatehouse({ addresses: { deny: blocked }, ... })
 * blocked.replace([...await latest()])
 */
export function addressList(entries: readonly string[]): AddressList {
  return new LiveList(entries)
}

/** A list as the check asks it. */
export class LiveList implements AddressList {
  #table: IpTable
  #size: number

  constructor(entries: unknown) {
    this.#table = readTable(entries)
    this.#size = (entries as readonly string[]).length
  }

  get size(): number {
    return this.#size
  }

  replace(entries: readonly string[]): void {
    // Nothing is replaced before all of it is known to be right.
    this.#table = readTable(entries)
    this.#size = entries.length
  }

  has(ip: Ip): boolean {
    return this.#table.has(ip)
  }
}

function readTable(entries: unknown): IpTable {
  const mistakes = new Mistakes()
  const ranges = readRanges(entries, { mistakes, path: 'addressList' })
  mistakes.throwIfAny()
  return ipTable(ranges ?? [])
}

/** Reads what is written as a list of addresses and ranges. */
export function readRanges(entries: unknown, place: Place, min = 0): readonly Cidr[] | undefined {
  const example = "a list of addresses and ranges, such as ['192.0.2.7', '10.0.0.0/8', '2001:db8::/32']"
  return list(addressRange, { min, example })(entries, place)?.flat()
}
