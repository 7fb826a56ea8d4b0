import { type Fields, PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import type { Guard, ResponseFields } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { type Authority, formatHost, isLocalName, parseAuthority } from '../lib/authority.ts'
import { isVisibleAscii } from '../lib/chars.ts'
import { at, optional, type OptionReaders, type Place, readOptions, report } from '../options/read.ts'
import { distinctList, integer, oneOf, token } from '../options/readers.ts'
import type { HostList } from './hosts.ts'
import { DEFAULT_STS, type HstsOptions, readHsts } from './hsts.ts'

/**
 * What becomes of requests that come over plain http.
 *
 * `'redirect'` sends those without credentials to https with a 308 and refuses the rest; `'refuse'` refuses all of
 * them; `'dangerouslyAllowHttp'` lets them in, for development on a machine of your own. Browsers never follow a
 * redirect of a CORS preflight, so a page that calls the API over http fails in either mode, as it should.
 *
 * Behind a proxy that ends TLS, set `proxy` as well: until the proxy is trusted, everything it sends looks plain.
 */
export type HttpsSetting = 'redirect' | 'refuse' | 'dangerouslyAllowHttp' | HttpsOptions

/** {@link HttpsSetting}, in full. */
export interface HttpsOptions {
  /**
   * See {@link HttpsSetting}.
   *
   * @default `'redirect'`
   */
  readonly mode?: 'redirect' | 'refuse' | 'dangerouslyAllowHttp'
  /**
   * The port of the https server, for redirects.
   *
   * @default 443
   */
  readonly port?: number
  /**
   * The host that redirects go to, without a port. Without it they go to the host of the request, which is one of
   * the policy's `hosts`; a policy that lets in any host must say one.
   */
  readonly host?: string
  /**
   * What `Strict-Transport-Security` says on responses over https; `false` leaves it to the handler, or to a proxy.
   *
   * @default one year for this host alone
   */
  readonly hsts?: HstsOptions | false
  /**
   * Further request fields that carry credentials. Those of the policy's `authenticate`, `Authorization`, `Cookie` and
   * the usual names of API keys are known.
   *
   * @default `[]`
   */
  readonly credentialFields?: readonly string[]
}

/** What the check knows of the rest of the policy. */
export interface HttpsContext {
  /** Where a redirect may go. It is asked again here, because the check of hosts may be in shadow mode. */
  readonly hosts: HostList
  /** Whether the policy lets in every host, so that the request's own is nobody's word. */
  readonly anyHost: boolean
  /** The request fields in which the policy's schemes look for credentials. */
  readonly credentialFields: readonly string[]
  /** The query parameters in which they do. */
  readonly credentialQueryFields?: readonly string[]
}

const SLASH = 0x2f

/** Fields in which credentials travel whatever the policy says: somebody's key is out, even when it is not ours. */
const CREDENTIAL_FIELDS = [
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'apikey',
  'x-auth-token',
  'x-access-token',
] as const

const READERS = {
  mode: optional(oneOf('redirect', 'refuse', 'dangerouslyAllowHttp'), 'redirect'),
  port: optional(integer(1, 65_535)),
  host: optional(readLocationHost),
  hsts: optional(readHsts, DEFAULT_STS),
  credentialFields: optional(
    distinctList(token('the name of a request field', "'x-partner-key'"), { example: "['x-partner-key']" }),
    [],
  ),
} satisfies OptionReaders<HttpsOptions>

const REFUSED: Refusal = Object.freeze(refuse('https.refused', 'the request came over plain http'))
const NOWHERE: Refusal = Object.freeze(
  refuse('https.refused', 'the request came over plain http, and no redirect can name what it asked for'),
)

/**
 * Compiles the check that keeps plain http out, and `Strict-Transport-Security` for the responses over https.
 *
 * @param value the `https` of a policy; `undefined` is `'redirect'`
 * @see RFC 9110 §15.4.9 (308), RFC 6797 §7, §8.1.1
 */
export function compileHttps(place: Place, value: unknown, context: HttpsContext): Guard {
  const isWord = value === undefined || typeof value === 'string'
  const read = readOptions(place, isWord ? {} : value, READERS)
  const mode = isWord ? READERS.mode.read(value, place) : (read?.mode ?? 'redirect')
  const host = read?.host
  if (mode !== 'redirect') reportUnused(place, mode, { host, port: read?.port })
  if (mode === 'redirect' && host === undefined && context.anyHost) {
    report(
      isWord ? place : at(place, 'host'),
      'contradiction',
      'has no host to redirect to: the policy lets in every host, and a request could redirect to any of them.',
      "Write https: { mode: 'redirect', host: 'api.example.com' }, or https: 'refuse'.",
    )
  }
  const response = strictTransport(read?.hsts ?? DEFAULT_STS)
  if (mode === 'dangerouslyAllowHttp') return { check: undefined, response }

  const port = read?.port === undefined || read.port === 443 ? '' : `:${read.port}`
  const hostOf = host === undefined ? listedHost(context) : () => host
  const refusePlain = mode === 'refuse' ? () => REFUSED : redirect(hostOf, port)
  const credentials = credentialRefusals([...context.credentialFields, ...(read?.credentialFields ?? [])])
  const parameters = new Map(
    (context.credentialQueryFields ?? []).map((name) => [name, inClear(`${name} of the query`)]),
  )

  function decide(request: RequestFacts): Verdict {
    if (request.scheme === 'https') return PASS
    for (const [name, refusal] of credentials) if (request.headers[name] !== undefined) return refusal
    return parameterRefusal(request.query, parameters) ?? refusePlain(request)
  }
  return { check: { name: 'https', decide }, response }
}

/** An option that says something about redirects, where there are none, is a mistake somewhere. */
function reportUnused(place: Place, mode: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    report(
      at(place, name),
      'contradiction',
      `is for redirects, and the mode is '${mode}'.`,
      "Leave it out, or write mode: 'redirect'.",
    )
  }
}

/** The host of a request, where the policy's list has it. */
function listedHost({ hosts, anyHost }: HttpsContext): (request: RequestFacts) => string | undefined {
  return ({ authority, scheme }) =>
    authority !== undefined && !anyHost && hosts.includes(authority, scheme)
      ? formatHost(authority)
      : undefined
}

function redirect(
  hostOf: (request: RequestFacts) => string | undefined,
  port: string,
): (request: RequestFacts) => Refusal {
  return (request) => {
    const host = hostOf(request)
    // Not every target can be a Location: not the `*` of OPTIONS, nor what the check of the request refuses, which
    // comes here when that check is in shadow mode.
    if (host === undefined || request.path.charCodeAt(0) !== SLASH) return NOWHERE
    const location = `https://${host}${port}${request.path}${request.query}`
    if (!isVisibleAscii(location)) return NOWHERE
    return refuse('https.redirected', 'the request came over plain http, without credentials', [
      'Location',
      location,
    ])
  }
}

/**
 * A credential that came in clear is refused and not redirected: a client whose calls succeed would go on sending it
 * in clear (TLS-01, ASVS 4.1.2).
 */
function credentialRefusals(names: readonly string[]): ReadonlyMap<string, Refusal> {
  const all = new Set([...CREDENTIAL_FIELDS, ...names.map((name) => name.toLowerCase())])
  return new Map([...all].map((name) => [name, inClear(`${name} field`)]))
}

function inClear(what: string): Refusal {
  return Object.freeze(
    refuse('https.credential-in-clear', `the ${what} travelled in clear: replace what it held`),
  )
}

/** The refusal for the first parameter of a query that carries a credential. A Location would hold it once more. */
function parameterRefusal(query: string, refusals: ReadonlyMap<string, Refusal>): Refusal | undefined {
  if (refusals.size === 0) return undefined
  let start = query.startsWith('?') ? 1 : 0
  while (start < query.length) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand < 0 ? query.length : ampersand
    const pair = query.slice(start, end)
    const equals = pair.indexOf('=')
    const refusal = refusals.get(decodedName(equals < 0 ? pair : pair.slice(0, equals)))
    if (refusal !== undefined) return refusal
    start = end + 1
  }
  return undefined
}

/** A name as the scheme reads it; one that cannot be decoded is no credential's. */
function decodedName(name: string): string {
  if (!name.includes('%')) return name
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function strictTransport(sts: string | false): ResponseFields | undefined {
  if (sts === false) return undefined
  const fields: Fields = Object.freeze(['Strict-Transport-Security', sts])
  const none: Fields = Object.freeze([])
  return {
    name: 'https',
    // RFC 6797 §6.1, §7.2: once, and never over plain http. A handler's own would make two, or the wrong one.
    wins: 'gate',
    names: ['strict-transport-security'],
    fields: (request) => (request.scheme === 'https' && isKnowable(request.authority) ? fields : none),
    vary: undefined,
  }
}

/** RFC 6797 §8.1.1: no browser notes an IP address. Noted for localhost, it would break whatever else runs there. */
function isKnowable(authority: Authority | undefined): boolean {
  if (authority === undefined) return true
  const { kind, host } = authority
  return kind === 'name' && !isLocalName(host)
}

function readLocationHost(value: unknown, place: Place): string | undefined {
  if (typeof value !== 'string')
    return report(place, 'wrong_type', 'is not a host.', "Write 'api.example.com'.")
  const authority = parseAuthority(value)
  if (authority === undefined || authority.port !== undefined) {
    return report(
      place,
      'malformed_value',
      'is not a host without a port.',
      'Write a name such as \'api.example.com\'; a port other than 443 goes into "port".',
    )
  }
  return formatHost(authority)
}
