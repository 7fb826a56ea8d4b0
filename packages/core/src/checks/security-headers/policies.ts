import { at, isPlainObject, type Place, report } from '../../options/read.ts'
import { changeDirectives } from './csp.ts'
import { directiveRow, type Directives, formatDirectives, parseDirectives } from './csp-directives.ts'
import { isDangerous, review } from './csp-review.ts'
import { wrongSource } from './csp-sources.ts'
import { changePermissions, formatPermissions, parsePermissions } from './permissions.ts'
import { endpointsNamed } from './reporting.ts'
import type { HeaderSet, Rows } from './set.ts'

/** The policies among the headers, and what they refer to. */
export interface PolicyBase {
  readonly rows: Rows
  /** URLs of the reporting endpoints, by name. */
  readonly endpoints: ReadonlyMap<string, string>
  /** Dangerous sources of scripts that are wanted. */
  readonly allowed: readonly string[]
}

/** What is said of them. */
export interface PolicyChanges {
  readonly contentSecurityPolicy: unknown
  readonly contentSecurityPolicyReportOnly: unknown
  readonly permissionsPolicy: unknown
  readonly set: HeaderSet
}

/** A header that is a policy, and the option that changes it. */
const POLICIES = {
  csp: { key: 'content-security-policy', name: 'Content-Security-Policy', option: 'contentSecurityPolicy' },
  reportOnly: {
    key: 'content-security-policy-report-only',
    name: 'Content-Security-Policy-Report-Only',
    option: 'contentSecurityPolicyReportOnly',
  },
  permissions: { key: 'permissions-policy', name: 'Permissions-Policy', option: 'permissionsPolicy' },
} as const
type PolicyHeader = (typeof POLICIES)[keyof typeof POLICIES]

/**
 * Applies what the options say of the policies, and reports what they make of one another.
 *
 * @param judged whether to judge the policies: not where another place has written them, and they are judged there
 */
export function changePolicies(
  place: Place,
  changes: PolicyChanges,
  base: PolicyBase,
  judged: boolean,
): void {
  const { rows } = base
  for (const { key, option } of Object.values(POLICIES)) {
    if (changes[option] === undefined || rawName(changes, key) === undefined) continue
    report(
      at(place, option),
      'contradiction',
      'is said in "set" as well.',
      'Leave one out: this one changes what the preset has.',
    )
  }
  change(place, changes, rows, POLICIES.csp)
  if (changes.contentSecurityPolicyReportOnly !== undefined && !rows.has(POLICIES.reportOnly.key))
    rows.set(POLICIES.reportOnly.key, [POLICIES.reportOnly.name, reportingOnly(rows)])
  change(place, changes, rows, POLICIES.reportOnly)
  if (changes.permissionsPolicy !== undefined) {
    const { key, name, option } = POLICIES.permissions
    const permissions = parsePermissions(rows.get(key)?.[1] ?? '')
    changePermissions(at(place, option), changes.permissionsPolicy, permissions)
    put(rows, key, name, formatPermissions(permissions))
  }
  if (!judged) return
  judge(place, changes, base, POLICIES.csp)
  judge(place, changes, base, POLICIES.reportOnly)
  findUnknownEndpoints(place, changes, base)
}

/** The name under which `set` has a text of its own for a header. */
function rawName({ set }: PolicyChanges, key: string): string | undefined {
  return Object.keys(set).find((name) => name.toLowerCase() === key)
}

function change(place: Place, changes: PolicyChanges, rows: Rows, { key, name, option }: PolicyHeader): void {
  if (changes[option] === undefined) return
  const { directives } = parseDirectives(rows.get(key)?.[1] ?? '')
  changeDirectives(at(place, option), changes[option], directives)
  put(rows, key, name, formatDirectives(directives))
}

/** A header that says nothing is not sent. */
function put(rows: Rows, key: string, name: string, value: string): void {
  if (value === '') rows.delete(key)
  else rows.set(key, [rows.get(key)?.[0] ?? name, value])
}

/** What a policy that only reports begins with: what is enforced, without what browsers ignore there. */
function reportingOnly(rows: Rows): string {
  const { directives } = parseDirectives(rows.get(POLICIES.csp.key)?.[1] ?? '')
  const kept: Directives = new Map(
    [...directives].filter(([name]) => directiveRow(name)?.enforcedOnly !== true),
  )
  return formatDirectives(kept)
}

function judge(place: Place, changes: PolicyChanges, base: PolicyBase, header: PolicyHeader): void {
  const row = base.rows.get(header.key)
  if (row === undefined) return
  const said = changes[header.option]
  const raw = rawName(changes, header.key)
  const whole =
    raw !== undefined ? at(at(place, 'set'), raw) : said !== undefined ? at(place, header.option) : place
  review({
    directives: parseDirectives(row[1]).directives,
    enforced: header === POLICIES.csp,
    allowed: new Set(base.allowed),
    endpoints: new Set(base.endpoints.keys()),
    placeOf: (name) =>
      raw === undefined && name !== undefined && isPlainObject(said) && Object.hasOwn(said, name)
        ? at(whole, name)
        : whole,
  })
}

/** HDR-08: a report that names no endpoint goes nowhere, without a word. */
function findUnknownEndpoints(place: Place, changes: PolicyChanges, { rows, endpoints }: PolicyBase): void {
  for (const [key, [, value]] of rows) {
    // Its names are directives, and were looked at.
    if (key.startsWith(POLICIES.csp.key)) continue
    const unknown = endpointsNamed(value).find((name) => !endpoints.has(name))
    if (unknown === undefined) continue
    report(
      at(at(place, 'set'), rawName(changes, key) ?? key),
      'unknown_reference',
      `has report-to ${JSON.stringify(unknown.slice(0, 80))}, which is not an endpoint of "reporting".`,
      "Write reporting: { endpoints: { default: 'https://...' } }, and its name.",
    )
  }
}

/** A source of scripts that nobody would allow without saying that it is dangerous. */
export function readDangerous(value: unknown, place: Place): string | undefined {
  const words = directiveRow('script-src')?.words ?? []
  if (typeof value === 'string' && isDangerous(value) && wrongSource(value, words) === undefined) return value
  return report(
    place,
    'malformed_value',
    'is not a dangerous source of scripts.',
    'Write one such as "\'unsafe-eval\'"; all others need no such word.',
  )
}
