import { compileContent } from '../../src/checks/content.ts'
import { crossSiteToken } from '../../src/checks/cross-site/token.ts'
import { checkText } from '../../src/checks/security-headers/csp.ts'
import {
  DIRECTIVES,
  formatDirectives,
  parseDirectives,
} from '../../src/checks/security-headers/csp-directives.ts'
import { wrongSource } from '../../src/checks/security-headers/csp-sources.ts'
import {
  formatPermissions,
  parsePermissions,
  type Permissions,
} from '../../src/checks/security-headers/permissions.ts'
import { compileQuery } from '../../src/checks/request/query.ts'
import { isFieldValue, isVisibleAscii, isWellFormed, quotedString } from '../../src/lib/chars.ts'
import { parseForm } from '../../src/lib/form.ts'
import { type Cidr, formatIp } from '../../src/lib/ip.ts'
import { parseHttpDate } from '../../src/lib/http-date.ts'
import { parseJson } from '../../src/lib/json.ts'
import {
  fieldText,
  fitsContentDigest,
  readSignatures,
  signatureBase,
} from '../../src/lib/message-signature.ts'
import { parseMediaType } from '../../src/lib/media-type.ts'
import { queryProblem } from '../../src/lib/query.ts'
import { hasWebhookSignature, readWebhookSecret } from '../../src/lib/standard-webhook.ts'
import { isSfKey, sfDictionary } from '../../src/lib/structured-fields.ts'
import { legacyReportOf, reportsOf } from '../../src/node/report-collector/report.ts'
import { addressRange } from '../../src/options/ranges.ts'
import type { Place } from '../../src/options/read.ts'
import { OVERRIDE_FIELDS, overrideMethod, OVERRIDING } from '../../src/request/method-override.ts'
import { RequestQuery } from '../../src/request/query.ts'
import { mistakesAt, place } from '../support/compile.ts'
import { outcome as crossSiteOutcome, crossSite } from '../support/cross-site.ts'
import { received } from '../support/received.ts'
import { parser, type Parser } from './parser.ts'

const judgeQuery = compileQuery({ once: ['id'], credentials: ['access_token'], all: false })
/** In shadow mode it looks at what is declared, and reads nothing. */
const content = compileContent(place('content'), { types: ['json', 'form'], encodings: ['gzip', 'br'] }, true)
const isolated = crossSite({ crossSite: { trustedOrigins: ['https://app.example.com'] } })
/** A token of the corpus was made with it, for the cookie. */
const TOKEN = crossSiteToken({
  keys: [{ id: 'fuzz', secret: Buffer.from('a secret of thirty-two bytes, yes') }],
  session: () => 'alice',
})
const COOKIE = { headers: { cookie: `__Host-csrf=${'A'.repeat(43)}` } }
const OVERRIDES: ReadonlySet<string> = new Set(OVERRIDING)
const JSON_LIMITS = { maxDepth: 8, maxKeys: 64, maxItems: 64, loneSurrogates: false }

/** The parsers of what browsers send beside a request, of its content, and of what they are told. */
export const EDGE_PARSERS: readonly Parser[] = [
  parser('CSR-06', 'media-type', parseMediaType, ({ essence, parameters }) =>
    [essence, ...[...parameters].map(([name, value]) => `${name}=${quotedString(value)}`)].join(';'),
  ),
  parser('CSR-06', 'content-type', (text) => declared('Content-Type', text)),
  parser('REQ-13', 'content-encoding', (text) => declared('Content-Encoding', text)),
  parser('REQ-12', 'query', queryOf, written),
  parser('REQ-12', 'query-rules', (text) => judgeQuery(`?${text}`, 'POST')?.kind),
  parser('REQ-11', 'form-content', formOf, written),
  parser('REQ-11', 'json-content', jsonOf, (text) => text),
  parser('REQ-07', 'method-override', methodOf, (method) => method),
  parser('PRX-12', 'address-entry', rangesOf, writeRanges),
  parser('HDR-02', 'csp', directivesOf, formatDirectives),
  parser('HDR-07', 'csp-policy', policyOf, (policy) => policy),
  parser('HDR-02', 'csp-source', sourceOf, (source) => source),
  parser('HDR-02', 'permissions-policy', permissionsOf, formatPermissions),
  parser(
    'HDR-08',
    'structured-key',
    (text) => (isSfKey(text) ? text : undefined),
    (key) => sfDictionary({ [key]: true }),
  ),
  parser('HDR-09', 'report', reportOf),
  parser('CSR-01', 'cross-site', (text) => [
    crossSiteOutcome(isolated, { site: text, cookie: 'a=b' }),
    crossSiteOutcome(isolated, { origin: text, cookie: 'a=b' }),
  ]),
  parser(
    'LOG-06',
    'http-date',
    (text) => parseHttpDate(text, Date.UTC(2026, 0, 1)),
    (ms) => new Date(ms).toUTCString(),
  ),
  parser('SIG-02', 'message-signature', signatureOf),
  parser('SIG-02', 'content-digest', (text) => fitsContentDigest(text, 'hello') || undefined),
  parser('SIG-02', 'signed-url', (text) =>
    signatureBase(
      { method: 'GET', url: text, headers: {} },
      { ...COVERING, text: '', signature: Buffer.of(0) },
    ),
  ),
  parser('SIG-01', 'webhook-secret', readWebhookSecret),
  parser('SIG-01', 'webhook-signature', (text) => hasWebhookSignature(text, ['v1,AAAA']) || undefined),
  parser('CSR-01', 'cross-site-token', (text) => TOKEN.verify(text, COOKIE) || undefined),
]

/** What a signature covers, of whatever URL. */
const COVERING = {
  components: [
    '"@authority"',
    '"@path"',
    '"@query"',
    '"@scheme"',
    '"@request-target"',
    '"@query-param";name="a"',
  ],
  parameters: new Map<string, string>(),
}

/** A `Signature-Input`, beside signatures of two labels; its fields are read as text, too. */
function signatureOf(text: string): unknown {
  const message = { headers: { 'signature-input': text, signature: 'a=:AAAA:, b=:AAAA:', 'x-field': text } }
  fieldText(message, 'x-field')
  return readSignatures(message)
}

function declared(name: string, text: string): string {
  const lines = [
    ['Host', 'a'],
    ['Content-Length', '2'],
    ...(name === 'Content-Type' ? [] : [['Content-Type', 'application/json']]),
    [name, text],
  ] as [string, string][]
  const verdict = content.check?.decide(received({ method: 'POST', lines }))
  if (verdict === undefined || verdict instanceof Promise) throw new Error('it is decided at once')
  return verdict.type === 'refusal' ? verdict.kind : verdict.type
}

type Pairs = readonly (readonly [name: string, value: string])[]

/** The parameters that a handler sees; the WHATWG parser sees the same ones. */
function queryOf(text: string): Pairs | undefined {
  if (!/^[!-~]*$/.test(text) || queryProblem(text) !== undefined) return undefined
  return alike([...new RequestQuery(`?${text}`, 'first')], text)
}

function formOf(text: string): Pairs | undefined {
  const form = parseForm(text, 100)
  return form && alike([...form], text)
}

function alike(pairs: Pairs, text: string): Pairs {
  const whatwg = JSON.stringify([...new URLSearchParams(`?${text}`)])
  if (JSON.stringify(pairs) !== whatwg) throw new Error(`WHATWG reads ${whatwg}`)
  return pairs
}

function written(pairs: Pairs): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

/** As text: what is read can be written as UTF-8 and be read again, half a surrogate pair could not. */
function jsonOf(text: string): string | undefined {
  // Bytes that are no UTF-8 have been refused.
  if (!isWellFormed(text)) return undefined
  const read = parseJson(text, JSON_LIMITS)
  if (!read.ok) return undefined
  return JSON.stringify(read.value, (name, value: unknown) => {
    if (name === '__proto__') throw new Error('no name reaches a prototype')
    return value
  })
}

function methodOf(text: string): string | undefined {
  const methods = OVERRIDE_FIELDS.map((name) => {
    const request = { method: 'POST', headers: { [name]: text } }
    const safe = { method: 'GET', headers: { [name]: text } }
    overrideMethod(request, OVERRIDES)
    overrideMethod(safe, OVERRIDES)
    if (safe.method !== 'GET') throw new Error('a safe method stays what it is')
    return request.method
  })
  const [method = 'POST'] = methods
  if (methods.some((each) => each !== method)) throw new Error('each field asks for the same')
  if (method !== 'POST' && !OVERRIDES.has(method)) throw new Error('it is a method that may be asked for')
  return method === 'POST' ? undefined : method
}

function rangesOf(text: string): readonly Cidr[] | undefined {
  return faultless((where) => addressRange(text, where))
}

/** What stands for several ranges is a name, and has no other spelling. */
function writeRanges(ranges: readonly Cidr[], text: string): string {
  const [range, ...more] = ranges
  return range === undefined || more.length > 0 ? text : `${formatIp(range)}/${range.prefix}`
}

/** What was read at a place where nothing was wrong. */
function faultless<T>(read: (where: Place) => T): T | undefined {
  const where = place('option')
  const value = read(where)
  return mistakesAt(where).length === 0 ? value : undefined
}

function directivesOf(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const { directives } = parseDirectives(text)
  return directives.size === 0 ? undefined : directives
}

/** What may be sent: one policy, which says in the field what it says here. */
function policyOf(text: string): string | undefined {
  return faultless((where) => {
    const parsed = parseDirectives(text)
    checkText(where, parsed)
    if (mistakesAt(where).length > 0) return undefined
    const policy = formatDirectives(parsed.directives)
    // A comma begins another policy (CSP3 §2.2.2).
    if (!/^[ -+\--~]+$/.test(policy)) throw new Error(`a policy is one, of ASCII: ${policy}`)
    return policy
  })
}

function sourceOf(text: string): string | undefined {
  if (wrongSource(text, DIRECTIVES['script-src'].words) !== undefined) return undefined
  if (!isVisibleAscii(text) || /[;,]/.test(text)) throw new Error('a source is one word')
  return text
}

function permissionsOf(text: string): Permissions | undefined {
  return faultless((where) => {
    const permissions = parsePermissions(text, where)
    if (mistakesAt(where).length === 0 && !isFieldValue(formatPermissions(permissions)))
      throw new Error('it can be sent')
    return permissions
  })
}

/** Reports of both kinds: bounded, and with nothing that a log could trip over. */
function reportOf(text: string): unknown {
  const json = parseJson(text)
  if (!json.ok) return undefined
  const rules = { urls: 'path', maxReports: 20 } as const
  const reports = reportsOf(json.value, rules) ?? legacyReportOf(json.value, text.slice(0, 1024), rules)
  if (reports === undefined) return undefined
  const shown = reports.flatMap(({ type, url, userAgent, body }) => [
    type,
    url,
    userAgent,
    ...Object.keys(body),
    ...Object.values(body).map(String),
  ])
  for (const each of shown) {
    if (/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u.test(each))
      throw new Error('nothing moves the cursor of whoever reads it')
    if (each.length > 1024) throw new Error('a text is bounded')
  }
  return reports
}
