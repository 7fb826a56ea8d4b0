import { answer, type Answer, type Fields, type Refusal } from '../../contract/check.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { escapeForLog } from '../../lib/chars.ts'
import { type ListLimits, splitList } from '../../lib/field-list.ts'
import { remembered } from '../../lib/remembered.ts'
import type { NameSet } from './names.ts'

/** What a policy says about preflights. */
export interface PreflightOptions {
  /** Methods besides GET, HEAD and POST. */
  readonly methods: readonly string[]
  /** Request fields, in lower case. */
  readonly headers: NameSet
  readonly credentials: boolean
  /** In seconds; `undefined` to leave the field out. */
  readonly maxAge: number | undefined
  readonly privateNetwork: boolean
}

/** Denies preflights for a reason. */
export type DenyPreflight = (reason: string) => Refusal

/** Answers preflights of an allowed origin: 204, or a refusal when the method or a field is not allowed. */
export type AnswerPreflight = (request: RequestFacts, allowOrigin: string) => Answer | Refusal

/** Fetch, "CORS-safelisted method": a browser sends these across origins whatever a server says. */
const ALWAYS_ALLOWED = ['GET', 'HEAD', 'POST']

/** Browsers send a handful of names, sorted, without white space; intermediaries may add a space or an empty element. */
const LIMITS: ListLimits = { maxElements: 64, maxEmpty: 16, maxOws: 1 }

/** For how many origins the answers are kept: patterns and resolvers may allow any number of them. */
const MAX_ANSWERS = 100

/** How much of a name that a client chose stands in a reason. */
const SHOWN = 64

/** Whether the request is a CORS preflight (COR-01; Fetch, "CORS-preflight request"). */
export function isPreflight(request: RequestFacts): boolean {
  if (request.method !== 'OPTIONS') return false
  const { headers } = request
  return headers['access-control-request-method'] !== undefined && headers.origin !== undefined
}

/**
 * The `Vary` of every answer to a preflight. OPTIONS is not cacheable (RFC 9110 §9.3.7), but some caches store it all the
 * same: COR-07.
 */
export function preflightVary(depends: {
  readonly origin: boolean
  readonly privateNetwork: boolean
}): readonly string[] {
  return [
    ...(depends.origin ? ['Origin'] : []),
    'Access-Control-Request-Method',
    'Access-Control-Request-Headers',
    ...(depends.privateNetwork ? ['Access-Control-Request-Private-Network'] : []),
  ]
}

/** Compiles what a policy says about preflights. */
export function compilePreflights(
  options: PreflightOptions,
  vary: readonly string[],
  deny: DenyPreflight,
): AnswerPreflight {
  const methods = new Set([...ALWAYS_ALLOWED, ...options.methods])
  const { any } = options.headers
  const headers = new Set(options.headers.names)
  const allowHeaders = [...(any ? ['*'] : []), ...headers].join(', ')

  const tail: Fields = [
    // "true" in exactly this case, or nothing (Fetch, "CORS check"): COR-11.
    ...(options.credentials ? ['Access-Control-Allow-Credentials', 'true'] : []),
    'Access-Control-Allow-Methods',
    [...methods].join(', '),
    ...(allowHeaders === '' ? [] : ['Access-Control-Allow-Headers', allowHeaders]),
    ...(options.maxAge === undefined ? [] : ['Access-Control-Max-Age', String(options.maxAge)]),
    'Vary',
    vary.join(', '),
  ]
  const privateTail: Fields = [...tail, 'Access-Control-Allow-Private-Network', 'true']
  const answerFor = answers(tail)
  const privateAnswerFor = answers(privateTail)
  // Pages ask for the same fields each time: the last good text is not parsed again.
  let good: string | undefined
  return (request, allowOrigin) => {
    const method = request.headers['access-control-request-method'] ?? ''
    // No folding of case: a browser that asks for patch will send patch, which is not PATCH (COR-15).
    if (!methods.has(method))
      return deny(`The method "${shown(method)}" is not allowed; methods are case-sensitive.`)
    const requested = request.headers['access-control-request-headers']
    if (requested !== good) {
      const problem = headersProblem(requested, headers, any)
      if (problem !== undefined) return deny(problem)
      good = requested
    }
    const wantsPrivate =
      options.privateNetwork && request.headers['access-control-request-private-network'] === 'true'
    return (wantsPrivate ? privateAnswerFor : answerFor)(allowOrigin)
  }
}

/** Answers that are the same for an origin each time; frozen, so that their fields need be looked at once alone. */
function answers(tail: Fields): (allowOrigin: string) => Answer {
  return remembered(MAX_ANSWERS, (allowOrigin) => {
    const fields = Object.freeze(['Access-Control-Allow-Origin', allowOrigin, ...tail])
    return Object.freeze(answer(204, fields, { kind: 'request.preflight' }))
  })
}

/** Why `Access-Control-Request-Headers` is denied; `undefined` when all that it asks for is allowed. */
function headersProblem(
  requested: string | undefined,
  allowed: ReadonlySet<string>,
  any: boolean,
): string | undefined {
  if (requested === undefined) return undefined
  const names = splitList(requested, LIMITS)
  if (names === undefined) return 'Access-Control-Request-Headers is malformed or too long.'
  for (const name of names) {
    // Browsers send lower case (Fetch, "CORS-unsafe request-header names"); folding is for what is not one.
    if (allowed.has(name)) continue
    const folded = name.toLowerCase()
    if (allowed.has(folded)) continue
    // Fetch, "CORS non-wildcard request-header name": * stands for every field but this one (COR-10).
    if (any && folded !== 'authorization') continue
    return `The field "${shown(folded)}" is not allowed.`
  }
  return undefined
}

function shown(text: string): string {
  return escapeForLog(text, SHOWN)
}
