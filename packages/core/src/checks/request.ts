import { PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import type { Guard } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { parseAuthority } from '../lib/authority.ts'
import { METHODS } from '../lib/http.ts'
import { type PathProblem, pathProblem, splitTarget } from '../lib/path.ts'
import { type OptionReaders, optional, type Place, readOptions } from '../options/read.ts'
import { distinctList, integer, oneOf, options, textThat } from '../options/readers.ts'
import { OVERRIDING, type OverridingMethod } from '../request/method-override.ts'
import type { Counting } from '../request/query.ts'
import { fieldsRefusal } from './request/fields.ts'
import { compileQuery, type JudgeQuery } from './request/query.ts'
import { CLOSE, malformed, METHOD_REFUSED } from './request/refusals.ts'

/** How requests are to be read where there is more than one way. */
export interface RequestOptions {
  /**
   * Which methods a POST may be taken for that names one in `X-HTTP-Method-Override`, `X-HTTP-Method` or
   * `X-Method-Override`. Rules, checks, `req.method` and the router then see that method. Without it, what names another
   * method than the request has is refused.
   *
   * @example
   * methodOverride: ['PATCH', 'DELETE']
   */
  readonly methodOverride?: readonly OverridingMethod[]
  /**
   * Whether a path may have parameters (`/a;v=1`). One that would fall under another rule without them is refused anyway.
   *
   * @default `'allow'`
   */
  readonly pathParameters?: 'allow' | 'refuse'
  /**
   * How many octets a request-target may have: path and query. node:http counts it among the fields besides, of which it
   * takes 16 KiB in all unless the server says otherwise (`maxHeaderSize`).
   *
   * @default 8192
   */
  readonly maxTarget?: number
  /** Parameters of the query that come more than once. */
  readonly query?: QueryOptions
}

/** What becomes of parameters of the query that come more than once. */
export interface QueryOptions {
  /**
   * Parameters that something is decided by: each may come once, and without brackets. Those that the scheme of the policy
   * reads are such parameters anyway.
   *
   * @example
   * once: ['account', 'redirect_uri']
   */
  readonly once?: readonly string[]
  /**
   * Of every other: `'refuse'` refuses the request; of `'first'` and `'last'` the one is what `pass.query.get` gives. Who
   * reads `req.url`, or what a framework made of it, gets what that makes of it.
   *
   * @default `'first'`
   */
  readonly repeated?: 'first' | 'last' | 'refuse'
}

const SLASH = 0x2f

/**
 * TRACE echoes what a script may not read, TRACK is its twin, and CONNECT asks for a proxy (ASVS 13.4.4); TRACK is
 * refused by not being in the list of node:http.
 */
const ACCEPTED: ReadonlySet<string> = new Set(
  METHODS.filter((name) => name !== 'TRACE' && name !== 'CONNECT'),
)

const TARGET: Refusal = malformed('the request-target has none of the forms that its method may have')
const FOREIGN: Refusal = malformed('the request-target names another host than the Host field')
const VERSION: Refusal = malformed('the version of HTTP is none that the connection can have', CLOSE)
const LONG: Refusal = Object.freeze(
  refuse('request.target-too-long', 'the request-target is longer than the policy allows'),
)
const PARAMETERS: Refusal = Object.freeze(
  refuse('request.path-ambiguous', 'the path has parameters, which the policy refuses'),
)

const PATH_REASONS: Readonly<Record<PathProblem, string>> = {
  'encoded-slash': 'the path has an encoded slash',
  'encoded-backslash': 'the path has an encoded backslash',
  'encoded-nul': 'the path has an encoded NUL',
  backslash: 'the path has a backslash',
  'double-slash': 'the path has an empty segment',
  'dot-segment': 'the path has a dot segment, raw or encoded',
  'bad-percent': 'the path has percent-encoding that is not well-formed UTF-8',
  control: 'the path has a space or control character',
  'non-ascii': 'the path has a character outside ASCII',
  'encoded-control': 'the path has an encoded control character',
  fragment: 'the path has a fragment',
}

const QUERY_READERS = {
  once: optional(
    distinctList(textThat(isParameterName, 'the name of a parameter', "one name, such as 'account'"), {
      example: "a list of names, such as ['account']",
    }),
    [],
  ),
  repeated: optional(oneOf('first', 'last', 'refuse'), 'first'),
} satisfies OptionReaders<QueryOptions>

const READERS = {
  methodOverride: optional(
    distinctList(oneOf(...OVERRIDING), { min: 1, example: "a list of methods, such as ['PATCH', 'DELETE']" }),
  ),
  pathParameters: optional(oneOf('allow', 'refuse'), 'allow'),
  // RFC 9112 §3: a server should take at least 8000 octets of request-line.
  maxTarget: optional(integer(256, 1_048_576), 8192),
  query: optional(options(QUERY_READERS)),
} satisfies OptionReaders<RequestOptions>

/** The check of a request's shape, and what the gate does before it and after it. */
export interface RequestGuard extends Guard {
  /** The methods that a POST may be taken for; `undefined` when it may not. */
  readonly overriding: ReadonlySet<string> | undefined
  /** Which value of a parameter of the query counts that comes more than once. */
  readonly counts: Counting
}

/**
 * Compiles the check of a request's shape, ahead of every rule: whatever two readers could take differently is
 * refused, so that no rule decides about another request than the handler answers.
 *
 * @param credentials the parameters of the query that the scheme reads
 * @see RFC 9112 §3.2 (request-target), §6 (length); RFC 9110 §5.3 (field order), §9.3.8 (TRACE)
 */
export function compileRequest(
  place: Place,
  value: unknown,
  credentials: readonly string[] = [],
): RequestGuard {
  const read = readOptions(place, value === undefined ? {} : value, READERS)
  const { once = [], repeated = 'first' } = read?.query ?? {}
  const shape: Shape = {
    isPlain: read?.pathParameters === 'refuse',
    maxTarget: read?.maxTarget ?? Infinity,
    judgeQuery: compileQuery({ once, credentials, all: repeated === 'refuse' }),
  }
  return {
    check: { name: 'request', decide: (request) => decide(request, shape) },
    response: undefined,
    overriding: read?.methodOverride && new Set(read.methodOverride),
    // Where none comes more than once, the first is the last.
    counts: repeated === 'last' ? 'last' : 'first',
  }
}

/** What is asked of the shape of every request. */
interface Shape {
  /** Whether a path has no parameters. */
  readonly isPlain: boolean
  readonly maxTarget: number
  readonly judgeQuery: JudgeQuery
}

/** Characters that no reader of a query gives a meaning to, so that there is one reading of the name. */
function isParameterName(text: string): boolean {
  return /^[\w.~-]{1,64}$/.test(text)
}

function decide(request: RequestFacts, shape: Shape): Verdict {
  if (!ACCEPTED.has(request.method)) return METHOD_REFUSED
  if (request.httpVersion !== '1.1' && !isVersion(request)) return VERSION
  return targetRefusal(request, shape) ?? fieldsRefusal(request) ?? PASS
}

/**
 * node:http takes HTTP/0.9 and HTTP/2.0 from the first line of a request, without being asked for either. A request that
 * came as HTTP/2 has `:method`, which no field line of HTTP/1 can be (RFC 9113 §8.3.1).
 */
function isVersion({ httpVersion, headers }: RequestFacts): boolean {
  return httpVersion === '1.0' || (httpVersion === '2.0' && headers[':method'] !== undefined)
}

function targetRefusal(
  request: RequestFacts,
  { isPlain, maxTarget, judgeQuery }: Shape,
): Refusal | undefined {
  if (request.target.length > maxTarget) return LONG
  if (request.target.charCodeAt(0) !== SLASH) {
    const refusal = unusualTargetRefusal(request)
    if (refusal !== undefined) return refusal
  }
  const problem = pathProblem(request.path)
  if (problem !== undefined) return refuse('request.path-ambiguous', PATH_REASONS[problem])
  if (isPlain && request.path.includes(';')) return PARAMETERS
  return judgeQuery(request.query, request.method)
}

/** RFC 9112 §3.2: what is not in origin-form is in absolute-form, or the `*` of OPTIONS. */
function unusualTargetRefusal(request: RequestFacts): Refusal | undefined {
  if (request.target === '*') return request.method === 'OPTIONS' ? undefined : TARGET
  const authority = splitTarget(request.target)?.authority
  if (authority === undefined) return TARGET
  return namesHost(request, authority) ? undefined : FOREIGN
}

/**
 * Whether the authority of an absolute-form target is the one of `Host`.
 *
 * RFC 9112 §3.2.2 has a server ignore `Host` here; whatever stands behind this one may not, so a difference is refused.
 */
function namesHost(request: RequestFacts, authority: string): boolean {
  const target = parseAuthority(authority)
  const host = parseAuthority(request.headers.host ?? '')
  if (target === undefined || host === undefined || target.host !== host.host) return false
  const standard = request.target.slice(0, 6).toLowerCase() === 'https:' ? 443 : 80
  return (target.port ?? standard) === (host.port ?? standard)
}
