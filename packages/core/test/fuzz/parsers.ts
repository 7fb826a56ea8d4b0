import type { JsonWebKey } from 'node:crypto'
import { readPattern } from '../../src/chain/routes.ts'
import { compileCors } from '../../src/checks/cors.ts'
import { expressionProblem } from '../../src/checks/cors/expression.ts'
import { repetitionProblem } from '../../src/checks/cors/repetition.ts'
import { parseKey } from '../../src/checks/idempotency/key.ts'
import { readRecord } from '../../src/checks/idempotency/record.ts'
import { compileRequest } from '../../src/checks/request.ts'
import { hashApiKey, parseApiKey, readKeyHash } from '../../src/identity/api-key-format.ts'
import { parseBasic } from '../../src/identity/basic.ts'
import { bearerToken } from '../../src/identity/bearer.ts'
import { type DigestCredentials, parseDigest } from '../../src/identity/digest/credentials.ts'
import { readProof } from '../../src/identity/dpop/proof.ts'
import { normaliseHtu } from '../../src/identity/dpop/uri.ts'
import { parseForm } from '../../src/lib/form.ts'
import { judgeAnswer } from '../../src/identity/introspection/answer.ts'
import { jwkThumbprint } from '../../src/identity/jwk-thumbprint.ts'
import { readJwks } from '../../src/identity/jwt/jwks.ts'
import { isMembers } from '../../src/identity/jwt/json-part.ts'
import { parseJws } from '../../src/identity/jwt/jws.ts'
import { isKeyText } from '../../src/identity/jwt/secret-text.ts'
import { isPasswordHash } from '../../src/identity/passwords.ts'
import { freshnessOf } from '../../src/identity/remote/freshness.ts'
import { parseScopes } from '../../src/identity/scopes.ts'
import { readContent, writeContent } from '../../src/identity/session/content.ts'
import { formatAuthority, parseAuthority } from '../../src/lib/authority.ts'
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../../src/lib/base64url.ts'
import { escapeForLog, quotedString } from '../../src/lib/chars.ts'
import { cookieName, findCookie } from '../../src/lib/cookies.ts'
import { type Cursor, readTokenOrQuoted } from '../../src/lib/cursor.ts'
import { parseDuration } from '../../src/lib/duration.ts'
import { mergeVary, splitList } from '../../src/lib/field-list.ts'
import { formatIp, parseCidr, parseIp } from '../../src/lib/ip.ts'
import { parseJson } from '../../src/lib/json.ts'
import { type Origin, type OriginPattern, parseOrigin, parseOriginPattern } from '../../src/lib/origin.ts'
import { decodeSegment, pathProblem, splitTarget } from '../../src/lib/path.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { sfString } from '../../src/lib/structured-fields.ts'
import { fieldCertificate } from '../../src/request/certificate.ts'
import { entryAddress, nodeAddress, splitEntries } from '../../src/request/forwarded-for.ts'
import { type ForwardedElement, parseForwarded } from '../../src/request/forwarded.ts'
import type { Verdict } from '../../src/contract/check.ts'
import type { Ip } from '../../src/lib/ip.ts'
import { place } from '../support/compile.ts'
import { PROXY, rawRequest, see, xff } from '../support/forwarding.ts'
import { received } from '../support/received.ts'
import { EDGE_PARSERS } from './edge-parsers.ts'
import { parser, type Parser } from './parser.ts'

const ALGORITHMS = ['ES256', 'RS256', 'Ed25519'] as const
const NOW = 1_800_000_000_000
const RULES = {
  issuer: 'https://id.example.com',
  audience: ['https://api.example.com'],
  clockSkew: 0,
  requiredClaims: ['sub'],
  allowMissingTokenType: true,
}
/** A cookie of the corpus was sealed with it. */
export const SEAL: ReturnType<typeof createSeal> = createSeal(
  [{ id: 'fuzz', secret: Buffer.alloc(32, 7) }],
  'fuzz',
)
const request = compileRequest(place('request'), undefined)
const cors = compileCors(place('cors'), { origins: ['https://app.example.com'] }, { exposed: [] })

/**
 * Every parser of what comes from outside. A new one is a row here and a folder of its name in `corpus/`: its
 * requirement, its name, how it reads, and, where what it read can be written again, how.
 */
export const PARSERS: readonly Parser[] = [
  parser('REQ-02', 'authority', parseAuthority, formatAuthority),
  parser('REQ-04', 'target', splitTarget, ({ path, query, authority }) =>
    path === '*'
      ? path
      : `${authority === undefined ? '' : `http://${authority}`}${path}${query && `?${query}`}`,
  ),
  parser('REQ-05', 'path', segmentsOf, (segments) => segments.map(encodeURIComponent).join('/')),
  parser('REQ-05', 'request-target', (url) => outcome(request.check?.decide(received({ url })))),
  parser('REQ-08', 'content-type-line', (text) =>
    outcome(
      request.check?.decide(
        received({
          lines: [
            ['Host', 'a'],
            ['Content-Type', text],
            ['Origin', text],
          ],
        }),
      ),
    ),
  ),
  parser('COR-13', 'origin', parseOrigin, writeOrigin),
  parser('COR-13', 'origin-pattern', parseOriginPattern, writePattern),
  parser(
    'COR-16',
    'field-list',
    (text) => splitList(text, LIST),
    (elements) => elements.join(', '),
  ),
  parser('COR-16', 'request-headers', (text) => outcome(cors.check?.decide(preflight(text)))),
  parser(
    'COR-08',
    'vary',
    (text) => mergeVary(text, ['Origin']),
    (merged) => merged,
  ),
  parser('COR-26', 'expression', (text) => problemOf(text)),
  parser('PRX-08', 'ip', parseIp, formatIp),
  parser('PRX-12', 'cidr', parseCidr, (range) => `${formatIp(range)}/${range.prefix}`),
  parser('PRX-03', 'forwarded-for', splitEntries, (entries) => entries.join(', ')),
  parser('PRX-05', 'forwarded-for-entry', entryAddress, formatIp),
  parser('PRX-06', 'forwarded-node', nodeAddress, writeNode),
  parser('PRX-06', 'forwarded', parseForwarded, (elements) => elements.map(writeElement).join(', ')),
  parser('PRX-05', 'forwarding', (text) =>
    see({ trustedRanges: ['10.0.0.0/8'] }, rawRequest(PROXY, xff(text))),
  ),
  parser('MTL-01', 'client-certificate', fieldCertificate, (der) => `:${encodeBase64(der)}:`),
  parser('CKE-01', 'cookie', cookieOf, (value) => `sid=${value}`),
  parser('CKE-01', 'cookie-name', cookieName, (name) => `${name}=`),
  parser(
    'CKE-01',
    'seal',
    (text) => SEAL.open(text),
    ({ text }) => SEAL.seal(text),
  ),
  parser('CKE-01', 'session-content', contentOf, (content) => content),
  parser('JWT-09', 'base64url', decodeBase64url, encodeBase64url),
  parser('BSC-01', 'base64', decodeBase64, encodeBase64),
  parser('REQ-11', 'json', jsonOf, (text) => text),
  parser('ERR-03', 'duration', parseDuration, (milliseconds) => `${milliseconds}ms`),
  parser('ERR-03', 'route-pattern', patternOf, ({ method, path }) => `${method && `${method} `}${path}`),
  parser('AUT-06', 'bearer', tokenOf, (token) => `Bearer ${token}`),
  parser(
    'BSC-01',
    'basic',
    basicOf,
    ({ username, password }) => `Basic ${encodeBase64(`${username}:${password}`)}`,
  ),
  parser('AUT-06', 'digest', digestOf, writeDigest),
  parser('KEY-01', 'api-key', parseApiKey, (_, text) => text),
  parser('KEY-01', 'key-hash', readKeyHash, (hash) => hash),
  parser('KEY-01', 'key-digest', hashApiKey),
  parser('AUT-16', 'password-hash', isPasswordHash),
  parser('AUT-04', 'form', parseForm, (form) => new URLSearchParams([...form]).toString()),
  parser('AZ-04', 'scopes', parseScopes, (scopes) => scopes.join(' ')),
  parser('JWT-02', 'jws', jwsOf, (parts) => parts.join('.')),
  parser('JWT-19', 'secret', (text) => isKeyText(Buffer.from(text, 'latin1'))),
  parser('JWKS-04', 'jwks', (text) => ofJson(text, (value) => readJwks(value, ALGORITHMS)?.keys.length)),
  parser('JWKS-04', 'thumbprint', (text) =>
    ofJson(text, (value) => (isMembers(value) ? jwkThumbprint(value as JsonWebKey) : undefined)),
  ),
  parser(
    'JWKS-05',
    'cache-control',
    (text) => freshnessOf(text, '0'),
    (fresh) => `max-age=${fresh / 1000}`,
  ),
  parser('INT-01', 'introspection', (text) => ofJson(text, (value) => judgeAnswer(value, RULES, NOW))),
  parser('DPP-02', 'dpop-proof', (text) => readProof(text, new Set(ALGORITHMS))),
  parser('DPP-13', 'htu', normaliseHtu, (uri) => uri),
  parser('IDM-01', 'idempotency-key', parseKey, sfString),
  parser('IDM-01', 'idempotency-record', readRecord, ({ body, ...kept }) =>
    JSON.stringify({ ...kept, body: encodeBase64(body) }),
  ),
  parser('LOG-03', 'log', logged),
  parser('AUT-01', 'quoted', unquoted, quotedString),
  ...EDGE_PARSERS,
]

const LIST = { maxElements: 64, maxEmpty: 16, maxOws: 1 }

/** The segments of a path that nobody can read in two ways, decoded; the WHATWG parser sees the same ones. */
function segmentsOf(path: string): readonly string[] | undefined {
  if (!path.startsWith('/') || pathProblem(path) !== undefined) return undefined
  const decoded = path.split('/').map(decodeSegment)
  const whatwg = new URL(`http://a${path}`).pathname.split('/').map(decodeSegment)
  if (path.includes('?')) return undefined
  if (JSON.stringify(decoded) !== JSON.stringify(whatwg)) throw new Error(`WHATWG reads ${whatwg.join('/')}`)
  return decoded.map((segment) => {
    if (segment === undefined) throw new Error('a segment without a problem is decoded')
    return segment
  })
}

function outcome(verdict: Verdict | Promise<Verdict> | undefined): string {
  if (verdict === undefined || verdict instanceof Promise) throw new Error('it is decided at once')
  return verdict.type === 'refusal' ? verdict.kind : verdict.type
}

function preflight(headers: string): ReturnType<typeof received> {
  return received({
    method: 'OPTIONS',
    lines: [
      ['Host', 'api.example.com'],
      ['Origin', 'https://app.example.com'],
      ['Access-Control-Request-Method', 'PUT'],
      ['Access-Control-Request-Headers', headers],
    ],
  })
}

function writeOrigin({ scheme, host, kind, port }: Origin): string {
  return `${scheme}://${formatAuthority({ host, kind, port })}`
}

function writePattern({ port, subdomains, ...origin }: OriginPattern): string {
  const text = writeOrigin({ ...origin, port: port === '*' ? undefined : port })
  return `${subdomains ? text.replace('://', '://*.') : text}${port === '*' ? ':*' : ''}`
}

function problemOf(source: string): unknown {
  let expression: RegExp
  try {
    expression = new RegExp(source)
  } catch {
    return undefined
  }
  return [expressionProblem(expression)?.code, repetitionProblem(expression)]
}

function writeNode(ip: Ip): string {
  return ip.version === 6 ? `[${formatIp(ip)}]` : formatIp(ip)
}

function writeElement(element: ForwardedElement): string {
  const pairs = Object.entries(element as unknown as Readonly<Record<string, string | undefined>>)
  const written = pairs.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quotedString(value)}`],
  )
  // An element of nothing known is still one.
  return written.length === 0 ? 'x=x' : written.join(';')
}

function cookieOf(field: string): string | undefined {
  const found = findCookie(field, 'sid')
  return found.type === 'found' ? found.value : undefined
}

/** As text: what has one spelling is compared. */
function contentOf(text: string): string | undefined {
  const content = readContent(text)
  return content && writeContent(content)
}

/** As text, for the same reason. */
function jsonOf(text: string): string | undefined {
  const read = parseJson(text)
  return read.ok ? JSON.stringify(read.value) : undefined
}

function ofJson<T>(text: string, read: (value: unknown) => T): T | undefined {
  const json = parseJson(text)
  return json.ok ? read(json.value) : undefined
}

function patternOf(text: string): { readonly method: string; readonly path: string } | undefined {
  const pattern = readPattern(place('routes'), text)
  if (pattern === undefined) return undefined
  return {
    method: pattern.method ?? '',
    path: `/${[...pattern.segments, ...(pattern.wild ? ['*'] : [])].join('/')}`,
  }
}

function authorization(text: string): ReturnType<typeof received> {
  return received({
    lines: [
      ['Host', 'a'],
      ['Authorization', text],
    ],
  })
}

function tokenOf(text: string): string | undefined {
  const found = bearerToken(authorization(text), false)
  return typeof found === 'string' ? found : undefined
}

function basicOf(text: string): { readonly username: string; readonly password: string } | undefined {
  const read = parseBasic(text)
  return read.type === 'credentials' ? { username: read.username, password: read.password } : undefined
}

function digestOf(text: string): DigestCredentials | undefined {
  const read = parseDigest(text)
  return read.type === 'credentials' ? read.credentials : undefined
}

function writeDigest(credentials: DigestCredentials): string {
  const username = Buffer.from(credentials.username, 'utf8').toString('latin1')
  const pairs = Object.entries({ ...credentials, username, algorithm: 'SHA-256', qop: 'auth' })
  return `Digest ${pairs.map(([name, value]) => `${name}=${quotedString(value)}`).join(', ')}`
}

/** The parts, from what was read of them. */
function jwsOf(text: string): readonly string[] | undefined {
  const jws = parseJws(text, 8192)
  if (!jws.ok) return undefined
  return [...jws.signed.split('.'), encodeBase64url(jws.signature)]
}

/** Nothing that moves the cursor, breaks the line or reorders it is left. */
function logged(text: string): string {
  const line = escapeForLog(text)
  if (/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u.test(line)) {
    throw new Error('a line of a log is one line')
  }
  if (line.length > 512) throw new Error('a line of a log is bounded')
  return line
}

function unquoted(text: string): string | undefined {
  const cursor: Cursor = { text, at: 0 }
  const value = readTokenOrQuoted(cursor)
  return cursor.at === text.length ? value : undefined
}
