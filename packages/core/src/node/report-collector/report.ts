import { escapeForLog } from '../../lib/chars.ts'
import { isPlainObject } from '../../options/read.ts'

/** What a browser reported, made harmless: bounded in length and number, and with nothing in it that a log could trip over. */
export interface BrowserReport {
  /** `csp-violation`, `permissions-policy-violation`, `deprecation`, `intervention`, `crash`, ... */
  readonly type: string
  /** The page that it is about. */
  readonly url: string
  /** How many milliseconds it waited in the browser. */
  readonly age: number
  /** What the browser says it is. */
  readonly userAgent: string
  /** What it says, under the names of the Reporting API: `effectiveDirective`, `blockedURL`. */
  readonly body: Readonly<Record<string, string | number | boolean>>
}

/** How a report is written down. */
export interface ReportRules {
  /** Whether a URL loses its userinfo, query and fragment, which carry secrets. */
  readonly urls: 'path' | 'full'
  /** The most reports of one request. */
  readonly maxReports: number
}

const MAX_TEXT = 1024
const MAX_AGENT = 256
const MAX_MEMBERS = 32
/** Reports wait for minutes, not for years. */
const MAX_AGE = 7 * 86_400_000

/** The names of `report-uri` (CSP2 §4.4), as the Reporting API has them (CSP3 §5.1). */
const CSP_NAMES: ReadonlyMap<string, string> = new Map([
  ['blocked-uri', 'blockedURL'],
  ['column-number', 'columnNumber'],
  ['document-uri', 'documentURL'],
  ['effective-directive', 'effectiveDirective'],
  ['line-number', 'lineNumber'],
  ['original-policy', 'originalPolicy'],
  ['script-sample', 'sample'],
  ['source-file', 'sourceFile'],
  ['status-code', 'statusCode'],
  ['violated-directive', 'violatedDirective'],
])

/** The reports of `application/reports+json`; `undefined` for what is no list of them. */
export function reportsOf(value: unknown, rules: ReportRules): readonly BrowserReport[] | undefined {
  if (!Array.isArray(value)) return undefined
  const reports = value
    .slice(0, rules.maxReports)
    .map((one: unknown) => reportOf(one, rules))
    .filter((one) => one !== undefined)
  return value.length > 0 && reports.length === 0 ? undefined : reports
}

function reportOf(value: unknown, rules: ReportRules): BrowserReport | undefined {
  if (!isPlainObject(value)) return undefined
  const { type, url, age, user_agent: userAgent, body } = value
  if (typeof type !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(type)) return undefined
  return Object.freeze({
    type,
    url: textOf('url', url, rules),
    age: typeof age === 'number' && age >= 0 ? Math.min(Math.round(age), MAX_AGE) : 0,
    userAgent: agentOf(userAgent),
    body: bodyOf(body, rules),
  })
}

/** The report of `application/csp-report`; `undefined` for what is none. */
export function legacyReportOf(
  value: unknown,
  userAgent: string | undefined,
  rules: ReportRules,
): readonly BrowserReport[] | undefined {
  const given = isPlainObject(value) ? value['csp-report'] : undefined
  if (!isPlainObject(given)) return undefined
  const renamed = Object.entries(given).map(
    ([name, member]) => [CSP_NAMES.get(name) ?? name, member] as const,
  )
  return [
    Object.freeze({
      type: 'csp-violation',
      url: textOf('url', given['document-uri'], rules),
      age: 0,
      userAgent: agentOf(userAgent),
      body: bodyOf(Object.fromEntries(renamed), rules),
    }),
  ]
}

function agentOf(value: unknown): string {
  return typeof value === 'string' ? escapeForLog(value, MAX_AGENT) : ''
}

/** The members of a body that are a text, a number or a boolean; what is nested says nothing that a log needs. */
function bodyOf(value: unknown, rules: ReportRules): BrowserReport['body'] {
  const body: [string, string | number | boolean][] = []
  for (const [name, member] of isPlainObject(value) ? Object.entries(value) : []) {
    if (body.length === MAX_MEMBERS) break
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name)) continue
    if (typeof member === 'string') body.push([name, textOf(name, member, rules)])
    else if (typeof member === 'boolean' || (typeof member === 'number' && Number.isFinite(member)))
      body.push([name, member])
  }
  return Object.freeze(Object.fromEntries(body))
}

/** Absolute URLs in a text; the bound on the scheme keeps a long word cheap. */
const URLS = /[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>]*/gi

function textOf(name: string, value: unknown, { urls }: ReportRules): string {
  if (typeof value !== 'string') return ''
  // What is cut here is beyond what is kept, whatever is taken out.
  const text = value.slice(0, 4 * MAX_TEXT)
  return escapeForLog(urls === 'full' ? text : withoutSecrets(name, text), MAX_TEXT)
}

function withoutSecrets(name: string, text: string): string {
  const isUrl = /^(?:referrer|.*(?:url|uri|file))$/i.test(name)
  // What has no host, `data:` and `blob:` above all, is content rather than a place.
  const opaque = isUrl ? /^([a-z][a-z0-9+.-]{0,15}:)(?!\/\/)/i.exec(text)?.[1] : undefined
  if (opaque !== undefined) return opaque
  const shown = text.replace(URLS, publicPart)
  return isUrl ? (shown.split(/[?#]/, 1)[0] ?? '') : shown
}

/** A URL without its userinfo, query and fragment. */
function publicPart(url: string): string {
  const start = url.indexOf('://') + 3
  const whole = url.split(/[?#]/, 1)[0] ?? ''
  const slash = whole.indexOf('/', start)
  const end = slash === -1 ? whole.length : slash
  const userinfo = whole.lastIndexOf('@', end - 1)
  return userinfo < start ? whole : whole.slice(0, start) + whole.slice(userinfo + 1)
}

/** What happened, in one line for the log. */
export function summaryOf({ type, url, body }: BrowserReport): string {
  const { effectiveDirective, violatedDirective, blockedURL, policyId, id, message } = body
  const what = effectiveDirective ?? violatedDirective ?? policyId ?? id ?? message ?? ''
  const parts = [`${type} on ${url === '' ? 'a page' : url}`]
  if (what !== '') parts.push(`: ${what}`)
  if (blockedURL !== undefined && blockedURL !== '') parts.push(` stopped ${blockedURL}`)
  return parts.join('')
}
