import { type Cidr, parseCidr } from '../lib/ip.ts'
import { at, optional, type OptionReader, type Place, report, required } from '../options/read.ts'
import { fieldValue, oneOf } from '../options/readers.ts'
import { byHops, byRanges, FORWARDED_FOR, type Gateways, oneAddress, type Resolve } from './forwarding.ts'
import { PRESETS, type ProxyPreset, PUBLISHED } from './proxy-presets.ts'
import { proxyRanges } from './proxy-readers.ts'

const NAMES = Object.keys(PRESETS) as readonly ProxyPreset[]

interface PresetRead {
  readonly preset: ProxyPreset | undefined
  readonly ranges: readonly Cidr[] | undefined
  readonly id: string | undefined
}

/** What a setting by the name of a platform may say of it. */
export const PRESET_READERS: { readonly [K in keyof PresetRead]: OptionReader<PresetRead[K]> } = {
  preset: required(oneOf(...NAMES), "Write { preset: 'cloudflare' }."),
  ranges: optional(proxyRanges),
  id: optional(fieldValue('an id', "the id of your Front Door, as in X-Azure-FDID: '55ce4ed1-...'")),
}

/** A row of the table, compiled. */
interface Compiled {
  readonly resolve: Resolve
  readonly header: string
  readonly hops: number | undefined
}

/** Compiles a row of the table with what was said besides; nothing, after a report, where that is not enough. */
export function compilePreset(place: Place, { preset, ranges: given, id }: PresetRead): Compiled | undefined {
  if (preset === undefined) return undefined
  const { header, hops, ranges: known, field } = PRESETS[preset]
  const already = place.mistakes.count
  if (known === 'to be given' && given === undefined && !place.mistakes.has(at(place, 'ranges').path)) {
    const instead = "Write ranges: ['10.0.1.0/24'] with the addresses from which it connects to this server."
    report(
      at(place, 'ranges'),
      'missing_option',
      `is missing: nobody but you knows those of ${preset}.`,
      instead,
    )
  }
  if (known === 'unknown' && given !== undefined) {
    const message = `is not for ${preset}, which says nothing of where it comes from.`
    report(at(place, 'ranges'), 'contradiction', message, 'Leave it out.')
  }
  if (field === undefined && id !== undefined) {
    report(at(place, 'id'), 'contradiction', `is not for ${preset}, which sends none.`, 'Leave it out.')
  }
  if (field !== undefined && id === undefined && !place.mistakes.has(at(place, 'id').path)) {
    const message = `is missing: from the same addresses come all other customers of ${preset}.`
    report(
      at(place, 'id'),
      'missing_option',
      message,
      `Write id: '...', as in the field ${field} of your requests.`,
    )
  }
  if (place.mistakes.count > already) return undefined
  const published =
    typeof known === 'string' ? undefined : known.map(parseCidr).filter((cidr) => cidr !== undefined)
  const ranges = given ?? published
  const gateways: Gateways | undefined = ranges && {
    ranges,
    field: field === undefined || id === undefined ? undefined : [field, id],
    advice: adviceFor(place, preset, given === undefined),
  }
  if (hops !== undefined)
    return { header, hops, resolve: byHops(`${place.path}.preset`, FORWARDED_FOR, hops, false, gateways) }
  // A header that a client can write, too, says nothing of those who come from anywhere.
  return gateways && { header, hops, resolve: byRanges(oneAddress(header), gateways, false) }
}

function adviceFor(place: Place, preset: ProxyPreset, isPublished: boolean): string {
  return isPublished
    ? `the peer is in none of the ranges that ${preset} had published in ${PUBLISHED}. If it is a new one, write all of them into ${place.path}.ranges.`
    : `the peer is not of ${preset} as ${place.path} describes it. If it is, add its address to ${place.path}.ranges.`
}
