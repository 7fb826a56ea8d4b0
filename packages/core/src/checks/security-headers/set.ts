import { isFieldValue, isToken } from '../../lib/chars.ts'
import { nearest } from '../../lib/spelling.ts'
import { at, entriesOf, type Place, plainObject, report } from '../../options/read.ts'
import { checkText } from './csp.ts'
import { parseDirectives } from './csp-directives.ts'
import { parsePermissions } from './permissions.ts'

/** Field values by their name in lower case, in the order they are sent. */
export type Rows = Map<string, readonly [name: string, value: string]>

/** What `set` says, entry by entry. */
export type HeaderSet = Readonly<Record<string, string | false>>

/** Fields that something else decides, by name in lower case, with what to do instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['strict-transport-security', 'Write https: { hsts: { ... } } in the policy.'],
  ['reporting-endpoints', "Write reporting: { endpoints: { default: 'https://...' } }."],
  ['clear-site-data', 'Set it in the handler of the logout: clearSiteData([...]) gives the value.'],
  ...[
    'connection',
    'content-length',
    'date',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ].map((name) => [name, 'Leave it to node:http.'] as const),
  ...['content-encoding', 'content-type', 'location', 'set-cookie', 'vary', 'www-authenticate'].map(
    (name) => [name, 'Set it in the handler that knows it.'] as const,
  ),
])

/** Fields whose text is read as browsers read it: a typo in a directive would switch it off without a word. */
const CHECKED: ReadonlyMap<string, (place: Place, text: string) => void> = new Map([
  ['content-security-policy', checkPolicy],
  ['content-security-policy-report-only', checkPolicy],
  ['permissions-policy', (place, text) => void parsePermissions(text, place)],
])

function checkPolicy(place: Place, text: string): void {
  // CSP3 §2.2.2: a comma begins another policy, which every change would be lost on.
  if (text.includes(','))
    report(
      place,
      'malformed_value',
      'has a comma, which begins another policy.',
      "Write ';' between directives.",
    )
  else checkText(place, parseDirectives(text))
}

/** Applies one entry of `set`, or reports why it cannot be. */
export function changeRow(
  rows: Rows,
  name: string,
  wanted: string | false,
  removed: ReadonlySet<string>,
  place: Place,
): void {
  const key = name.toLowerCase()
  const elsewhere = key.startsWith('access-control-')
    ? 'Write cors: { ... } in the policy.'
    : ELSEWHERE.get(key)
  if (elsewhere !== undefined) {
    report(place, 'contradiction', 'is not a header that every response has alike.', elsewhere)
  } else if (key === 'x-content-type-options' && wanted !== 'nosniff') {
    // HDR-01, ASVS 3.4.4: on all responses. What needs sniffing needs a Content-Type.
    report(
      place,
      'unsafe_value',
      'lets browsers guess content types.',
      'Leave it out, and send a Content-Type.',
    )
  } else if (wanted === false) {
    if (!rows.delete(key)) reportUnknown(rows, name, place)
  } else if (removed.has(key)) {
    report(
      place,
      'contradiction',
      'is taken off every response, because it tells what runs here.',
      `Leave it out, or write dangerouslyKeep: ['${name}'] as well.`,
    )
  } else {
    CHECKED.get(key)?.(place, wanted)
    rows.set(key, [rows.get(key)?.[0] ?? name, wanted])
  }
}

function reportUnknown(rows: Rows, name: string, place: Place): void {
  const names = [...rows.values()].map(([known]) => known)
  const near = nearest(name, names)
  report(
    place,
    'unknown_reference',
    'is not a header of the preset, so it cannot be left out.',
    near === undefined ? `Known here: ${names.join(', ')}.` : `Did you mean "${near}"?`,
  )
}

/** Reads `set`: what is wrong with an entry is reported at it, and the entry left out. */
export function readSet(value: unknown, place: Place): HeaderSet | undefined {
  const given = plainObject(
    place,
    value,
    'an object of headers',
    "Write { 'Referrer-Policy': 'same-origin' }.",
  )
  if (given === undefined) return undefined
  const read: [string, string | false][] = []
  const seen = new Set<string>()
  for (const [name, wanted] of entriesOf(place, given)) {
    const where = at(place, name)
    const key = name.toLowerCase()
    if (!isToken(name)) {
      report(
        where,
        'malformed_value',
        'is not the name of a header.',
        "Write one, such as 'Referrer-Policy'.",
      )
    } else if (seen.has(key)) {
      report(where, 'duplicate_value', 'is said twice: header names have no case.', 'Leave one out.')
    } else if (wanted === false || isValue(wanted, where)) {
      read.push([name, wanted])
    }
    seen.add(key)
  }
  return Object.fromEntries(read)
}

/** HDR-07, RFC 9110 §5.5: what could end the field and begin another never gets as far as a response. */
function isValue(value: unknown, place: Place): value is string {
  if (typeof value !== 'string') {
    report(
      place,
      'wrong_type',
      'is neither a text nor false.',
      'Write the value of the header, or false to leave it out.',
    )
    return false
  }
  if (value !== '' && value === value.trim() && isFieldValue(value)) return true
  report(
    place,
    'malformed_value',
    'is not the value of a header.',
    'Write latin1 text without control characters, and without white space at its ends.',
  )
  return false
}
