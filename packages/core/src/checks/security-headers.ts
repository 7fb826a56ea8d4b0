import type { Fields } from '../contract/check.ts'
import type { ResponseFields } from '../contract/guard.ts'
import { isFieldValue, isToken } from '../lib/chars.ts'
import { nearest } from '../lib/spelling.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReaders,
  type Place,
  plainObject,
  readOptions,
  report,
} from '../options/read.ts'
import { list, oneOf } from '../options/readers.ts'
import { HEADER_TABLE, type HeaderPreset } from './header-presets.ts'
import { REMOVED_HEADERS } from './removed-headers.ts'

/**
 * The security headers of every response: `'api'` for what answers with data, `'page'` for what answers with HTML
 * of its own, or one of them with changes.
 *
 * Whatever a handler sets itself stays as it is, and an event says so.
 */
export type SecurityHeadersSetting = HeaderPreset | SecurityHeadersOptions

/** {@link SecurityHeadersSetting}, with changes. */
export interface SecurityHeadersOptions {
  /**
   * What to begin with.
   *
   * @default `'api'`
   */
  readonly preset?: HeaderPreset
  /**
   * Headers to add or to say otherwise, by name; `false` leaves out one of the preset. `X-Content-Type-Options` cannot
   * be changed, and headers that another part of the policy decides are written there.
   *
   * @default `{}`
   */
  readonly set?: Readonly<Record<string, string | false>>
  /**
   * Whether the answers to authenticated callers get `Cache-Control: no-store`, or what the handler says, which may be
   * nothing.
   *
   * @default `'no-store'`
   */
  readonly authenticatedCache?: 'no-store' | 'handler'
  /**
   * Headers that a handler may send although they tell what runs here: `['SourceMap']`. All others of that kind are
   * taken off every response.
   *
   * @default `[]`
   */
  readonly dangerouslyKeep?: readonly string[]
}

/** What the finisher puts on, and takes off, every response. */
export interface CompiledSecurityHeaders {
  readonly responses: readonly ResponseFields[]
  /** Names in lower case. */
  readonly removed: ReadonlySet<string>
  /** Whether answers to authenticated callers may not be stored (HDR-03). */
  readonly noStore: boolean
}

/** Fields that something else decides, by name in lower case, with what to do instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['strict-transport-security', 'Write https: { hsts: { ... } } in the policy.'],
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

/** Field values by their name in lower case, in the order they are sent. */
type Rows = Map<string, readonly [name: string, value: string]>

const READERS = {
  preset: optional(oneOf('api', 'page'), 'api'),
  set: optional(readSet, {}),
  authenticatedCache: optional(oneOf('no-store', 'handler'), 'no-store'),
  dangerouslyKeep: optional(list(readKept, { example: "['SourceMap']" }), []),
} satisfies OptionReaders<SecurityHeadersOptions>

/**
 * Compiles the headers of every response.
 *
 * @param value the `headers` of a policy or rule; `undefined` is `'api'`
 */
export function compileSecurityHeaders(place: Place, value: unknown): CompiledSecurityHeaders {
  const isWord = value === undefined || typeof value === 'string'
  const read = readOptions(place, isWord ? {} : value, READERS)
  const preset = isWord ? READERS.preset.read(value, place) : (read?.preset ?? 'api')
  const rows = presetRows(preset)
  const removed = new Set(REMOVED_HEADERS)
  for (const name of read?.dangerouslyKeep ?? []) removed.delete(name)
  for (const [name, wanted] of Object.entries(read?.set ?? {})) {
    change(rows, name, wanted, removed, at(at(place, 'set'), name))
  }
  return {
    responses: [NOSNIFF, responseFields(rows)],
    removed,
    noStore: read?.authenticatedCache !== 'handler',
  }
}

/** The one field that no handler has a better value for: on all responses, whatever it says (HDR-01, ASVS 3.4.4). */
const NOSNIFF: ResponseFields = Object.freeze({
  name: 'headers',
  wins: 'gate',
  names: ['x-content-type-options'],
  fields: () => NOSNIFF_FIELDS,
  vary: undefined,
})
const NOSNIFF_FIELDS: Fields = Object.freeze(['X-Content-Type-Options', 'nosniff'])

function presetRows(preset: HeaderPreset): Rows {
  const rows: Rows = new Map()
  for (const row of HEADER_TABLE) rows.set(row.name.toLowerCase(), [row.name, row[preset]])
  return rows
}

function responseFields(rows: Rows): ResponseFields {
  const offered = [...rows].filter(([key]) => !NOSNIFF.names.includes(key))
  const fields: Fields = Object.freeze(offered.flatMap(([, row]) => row))
  return {
    name: 'headers',
    // The handler knows what it answers with: a page of its own may need another policy than the preset (HDR-04).
    wins: 'handler',
    names: offered.map(([key]) => key),
    fields: () => fields,
    vary: undefined,
  }
}

/** Applies one entry of `set`, or reports why it cannot be. */
function change(
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
function readSet(value: unknown, place: Place): Readonly<Record<string, string | false>> | undefined {
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

function readKept(value: unknown, place: Place): string | undefined {
  const key = typeof value === 'string' ? value.toLowerCase() : ''
  if (REMOVED_HEADERS.has(key)) return key
  return report(
    place,
    'unknown_reference',
    'is not a header that is taken off.',
    'Leave it out: handlers may send it.',
  )
}
