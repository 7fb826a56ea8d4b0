import { parseAuthority } from '../../lib/authority.ts'
import { isVisibleAscii } from '../../lib/chars.ts'
import { isSfKey, sfDictionary, sfString } from '../../lib/structured-fields.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReaders,
  type Place,
  plainObject,
  report,
} from '../../options/read.ts'
import { options } from '../../options/readers.ts'

/** Where browsers send their reports. */
export interface Reporting {
  /**
   * URLs by the names that policies refer to. What no policy names a place for, such as deprecations and interventions, goes
   * to `default`.
   *
   * @example
   * reporting: { endpoints: { default: 'https://api.example.com/reports' } }
   */
  readonly endpoints: Readonly<Record<string, string>>
}

/** Reads `reporting`: the endpoints by name. */
export const readReporting: (value: unknown, place: Place) => ReadonlyMap<string, string> | undefined = (
  value,
  place,
) => readOptions(value, place)?.endpoints

const readOptions = options({
  endpoints: optional<ReadonlyMap<string, string>>(readEndpoints),
} satisfies OptionReaders<Reporting>)

function readEndpoints(value: unknown, place: Place): ReadonlyMap<string, string> | undefined {
  const instead = "Write { default: 'https://api.example.com/reports' }."
  const given = plainObject(place, value, 'an object of URLs', instead)
  const endpoints = new Map<string, string>()
  for (const [name, url] of given === undefined ? [] : entriesOf(place, given)) {
    const where = at(place, name)
    if (!isSfKey(name))
      report(
        where,
        'malformed_value',
        'is not a name: lower-case letters, digits, "_", "-", "." and "*", a letter first.',
        "Write one such as 'default'.",
      )
    else if (typeof url !== 'string' || !isHttpsUrl(url))
      // Reporting §3.2: an endpoint that is not potentially trustworthy is dropped without a word.
      report(where, 'malformed_value', 'is not an https URL.', instead)
    else endpoints.set(name, url)
  }
  return given === undefined ? undefined : endpoints
}

/** An absolute https URL, with a host in canonical form, and without userinfo or fragment. */
function isHttpsUrl(text: string): boolean {
  const [, authority, target = ''] = /^https:\/\/([^/?#]*)(.*)$/s.exec(text) ?? []
  return (
    authority !== undefined &&
    text.length <= 2048 &&
    parseAuthority(authority) !== undefined &&
    (target === '' || isVisibleAscii(target)) &&
    !/[#"\\<>^`{|}]/.test(target) &&
    !/%(?![0-9a-f]{2})/i.test(target)
  )
}

/** Writes `Reporting-Endpoints`: a Dictionary of Strings (Reporting §3.2, RFC 9651 §3.2). */
export function formatEndpoints(endpoints: ReadonlyMap<string, string>): string {
  return sfDictionary(Object.fromEntries([...endpoints].map(([name, url]) => [name, sfString(url)])))
}

/** Fields besides CSP that name an endpoint: `Cross-Origin-Opener-Policy: same-origin; report-to="coop"`. */
const NAMES_ENDPOINT = /;\s*report-to="?([^";,\s]*)"?/gi

/** The names of endpoints in the value of such a field. */
export function endpointsNamed(value: string): readonly string[] {
  return [...value.matchAll(NAMES_ENDPOINT)].map(([, name = '']) => name)
}
