import type { Fields } from '../contract/check.ts'
import type { ResponseFields } from '../contract/guard.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  readOptions,
  report,
} from '../options/read.ts'
import { anything, list, oneOf } from '../options/readers.ts'
import type { ContentSecurityPolicy } from './security-headers/csp-directives.ts'
import { noncedFields } from './security-headers/nonce.ts'
import type { PermissionsPolicy } from './security-headers/permissions.ts'
import { changePolicies, type PolicyBase, readDangerous } from './security-headers/policies.ts'
import { HEADER_TABLE, type HeaderPreset } from './security-headers/presets.ts'
import { REMOVED_HEADERS } from './security-headers/removed.ts'
import { formatEndpoints, readReporting, type Reporting } from './security-headers/reporting.ts'
import { changeRow, type HeaderSet, readSet, type Rows } from './security-headers/set.ts'

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
   * @default `'api'`; in a rule, what the policy says
   */
  readonly preset?: HeaderPreset
  /**
   * Changes of the Content-Security-Policy, directive by directive.
   *
   * @example
   * contentSecurityPolicy: { 'script-src': ["'nonce'", "'strict-dynamic'"] }
   */
  readonly contentSecurityPolicy?: ContentSecurityPolicy
  /**
   * A policy that only reports: to try one before it is enforced. It begins with what is enforced.
   *
   * @example
   * contentSecurityPolicyReportOnly: { 'style-src': ["'self'"], 'report-to': 'default' }
   */
  readonly contentSecurityPolicyReportOnly?: ContentSecurityPolicy
  /**
   * Who may use which feature of a browser.
   *
   * @example
   * permissionsPolicy: { camera: ['self'] }
   */
  readonly permissionsPolicy?: PermissionsPolicy
  /** Where browsers send their reports; what a policy names in `report-to` stands here. */
  readonly reporting?: Reporting
  /**
   * Headers to add or to say otherwise, by name; `false` leaves out one of the preset. `X-Content-Type-Options` cannot
   * be changed, and headers that another part of the policy decides are written there.
   *
   * @default `{}`
   */
  readonly set?: Readonly<Record<string, string | false>>
  /**
   * What becomes of the `Cache-Control` of a handler on the answers to authenticated callers: nothing but `no-store` is
   * sent (`'no-store'`), it stays if it keeps the answer out of shared caches (`'private'`), or it stays whatever it says
   * (`'handler'`). Where the handler says nothing, it is `no-store` with each of them.
   *
   * @default `'no-store'`
   */
  readonly authenticatedCache?: AuthenticatedCache
  /**
   * Sources of scripts that a policy may have although they let in scripts of anybody: `["'unsafe-eval'"]`.
   *
   * @default `[]`
   */
  readonly dangerouslyAllowScripts?: readonly string[]
  /**
   * Headers that a handler may send although they tell what runs here: `['SourceMap']`. All others of that kind are
   * taken off every response.
   *
   * @default `[]`
   */
  readonly dangerouslyKeep?: readonly string[]
}

/** Who decides whether answers to authenticated callers may be stored (HDR-03). */
export type AuthenticatedCache = 'no-store' | 'private' | 'handler'

/** What the finisher puts on, and takes off, every response. */
export interface CompiledSecurityHeaders {
  readonly responses: readonly ResponseFields[]
  /** Names in lower case. */
  readonly removed: ReadonlySet<string>
  readonly cache: AuthenticatedCache
  /** Whether a policy has room for a nonce. */
  readonly nonced: boolean
  /** What a rule begins with that changes it. */
  readonly base: PolicyBase
}

const READERS = {
  preset: optional(oneOf('api', 'page')),
  contentSecurityPolicy: optional(anything<unknown>()),
  contentSecurityPolicyReportOnly: optional(anything<unknown>()),
  permissionsPolicy: optional(anything<unknown>()),
  reporting: optional(readReporting),
  set: optional<HeaderSet>(readSet, {}),
  authenticatedCache: optional(oneOf('no-store', 'private', 'handler')),
  dangerouslyAllowScripts: optional(list(readDangerous, { example: '["\'unsafe-eval\'"]' })),
  dangerouslyKeep: optional(list(readKept, { example: "['SourceMap']" })),
} satisfies OptionReaders<SecurityHeadersOptions>

/** Whether options say something of what is judged; what another place says is judged there. */
function saysPolicy(read: OptionsRead<typeof READERS>): boolean {
  return (
    read.contentSecurityPolicy !== undefined ||
    read.contentSecurityPolicyReportOnly !== undefined ||
    read.reporting !== undefined ||
    read.dangerouslyAllowScripts !== undefined ||
    Object.keys(read.set).some((name) => /^content-security-policy/i.test(name))
  )
}

/**
 * Compiles the headers of every response.
 *
 * @param value the `headers` of a policy or rule; `undefined` is `'api'`
 * @param policy what the policy says, for a rule that changes it
 */
export function compileSecurityHeaders(
  place: Place,
  value: unknown,
  policy?: CompiledSecurityHeaders,
): CompiledSecurityHeaders {
  const isWord = value === undefined || typeof value === 'string'
  const read = readOptions(place, isWord ? {} : value, READERS)
  const preset = isWord ? (READERS.preset.read(value, place) ?? 'api') : read?.preset
  const from = preset === undefined ? policy : undefined
  const rows: Rows = new Map(from?.base.rows ?? presetRows(preset ?? 'api'))
  const kept = read?.dangerouslyKeep
  const removed =
    kept === undefined && from !== undefined
      ? from.removed
      : new Set([...REMOVED_HEADERS].filter((name) => kept?.includes(name) !== true))
  for (const [name, wanted] of Object.entries(read?.set ?? {}))
    changeRow(rows, name, wanted, removed, at(at(place, 'set'), name))

  const endpoints = read?.reporting ?? from?.base.endpoints ?? new Map<string, string>()
  if (endpoints.size === 0) rows.delete('reporting-endpoints')
  else rows.set('reporting-endpoints', ['Reporting-Endpoints', formatEndpoints(endpoints)])
  const base = { rows, endpoints, allowed: read?.dangerouslyAllowScripts ?? from?.base.allowed ?? [] }
  if (read !== undefined) changePolicies(place, read, base, from === undefined || saysPolicy(read))
  const response = responseFields(rows)
  return {
    responses: [NOSNIFF, response],
    removed,
    cache: read?.authenticatedCache ?? from?.cache ?? 'no-store',
    nonced: response.withNonce !== undefined,
    base,
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
  return {
    name: 'headers',
    // The handler knows what it answers with: a page of its own may need another policy than the preset (HDR-04).
    wins: 'handler',
    names: offered.map(([key]) => key),
    ...noncedFields(offered.map(([, row]) => row)),
    vary: undefined,
  }
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
