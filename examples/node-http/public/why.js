// What a response of the gate means, in words for people.

/** The checks of the gate, in its order, and the handler behind them. */
export const CHECKS = [
  { name: 'request', asks: 'Can it be read in one way only?' },
  { name: 'host', asks: 'Does this server answer for that name?' },
  { name: 'https', asks: 'Did it come over the right scheme?' },
  { name: 'CORS', asks: 'May a page of that origin ask?' },
  { name: 'cross-site', asks: 'If a page of another site sent it, may it?' },
  { name: 'client limit', asks: 'Has this address calls left?' },
  { name: 'token', asks: 'Who is calling?' },
  { name: 'caller limit', asks: 'Has this caller calls left?' },
  { name: 'rights', asks: 'May the caller do this?' },
  { name: 'content', asks: 'Is what it brings of a type, size and form that the API takes?' },
  { name: 'handler', asks: 'The API itself: nothing reaches it that did not pass.' },
]

const HANDLER = 'handler'

/** Limits that count callers; all others count addresses. */
const LIMITS_OF_CALLERS = new Set(['GET /secure-data'])

/** By the code of the gate's problem: which check said no, and why. */
const REFUSALS = {
  bad_request: ['request', () => 'The request is malformed.'],
  invalid_path: [
    'request',
    () => 'The path can be read in two ways, so that a rule and a router could differ.',
  ],
  unsupported_media_type: [
    'content',
    () => 'A page of any site may send this type; the API takes JSON that says so.',
  ],
  content_too_large: ['content', () => 'It is larger than the API takes.'],
  malformed_content: ['content', () => 'It is no JSON, or JSON that readers take in two ways.'],
  duplicate_field: ['request', () => 'A field that may occur once occurs twice.'],
  method_not_allowed: ['request', () => 'No API needs that method.'],
  invalid_host: ['host', () => 'The Host field is missing or malformed.'],
  misdirected_request: ['host', () => 'This server does not answer for that name.'],
  https_required: ['https', () => 'It came over plain http.'],
  cors_preflight_denied: ['CORS', () => 'A page of that origin may not do this.'],
  cross_site_request: ['cross-site', () => 'A page of another site sent it, and it is not one that may.'],
  authentication_required: ['token', () => 'No token came with it, and this route needs to know its caller.'],
  invalid_request: ['token', () => 'The Authorization field is malformed.'],
  invalid_token: ['token', () => 'The token is not one that this server issued, or its time is over.'],
  insufficient_scope: ['rights', ({ scope }) => `The token was issued without the scope ${scope}.`],
  access_denied: ['rights', () => 'The caller is known, and does not have the role.'],
  not_found: [HANDLER, () => 'The gate let it through, and there is no such route.'],
  internal_error: [HANDLER, () => 'Something broke; what it was is for the log alone.'],
}

/** By the error of the token endpoint (RFC 6749 §5.2). */
const GRANT_ERRORS = {
  invalid_grant: 'The name or the password is wrong; which of them is not told.',
  invalid_scope: 'The account may not have that scope, so there is no token at all.',
}

/** What happened: `passed`, `limited` or `refused`, the check that decided, and why. */
export function explain(response, answer) {
  if (response.status === 429) return explainLimit(response, answer)
  const refusal = REFUSALS[answer?.code]
  if (refusal !== undefined) {
    const [check, why] = refusal
    return { outcome: 'refused', check, why: why({ scope: scopeOf(response) }) }
  }
  if (response.ok) {
    const isToken = answer?.access_token !== undefined
    const why = isToken
      ? 'The name and the password are right: here is a token.'
      : 'Every check let it through.'
    return { outcome: 'passed', check: HANDLER, why }
  }
  // The API's own word: a problem with a detail, or an error of the token endpoint.
  const why = GRANT_ERRORS[answer?.error] ?? answer?.detail ?? answer?.error_description ?? answer?.title
  return { outcome: 'refused', check: HANDLER, why: why ?? 'No reason was given.' }
}

/** How many of the checks a request passed before it was decided. */
export function passedBefore(check) {
  return CHECKS.findIndex(({ name }) => name === check)
}

function explainLimit(response, answer) {
  const violated = answer?.['violated-policies'] ?? []
  const ofCaller = violated.some((name) => LIMITS_OF_CALLERS.has(name))
  const seconds = response.headers.get('Retry-After')
  const quota = violated.map((name) => quotaOf(response, name)).find((text) => text !== undefined)
  const whose = ofCaller ? 'this caller' : 'this address'
  return {
    outcome: 'limited',
    check: ofCaller ? 'caller limit' : 'client limit',
    why: `${quota ?? 'All calls'} for ${whose} are used up: the next one in ${seconds}\u00a0s.`,
  }
}

/** `"name";q=10;w=10` of RateLimit-Policy, as people say it. */
function quotaOf(response, name) {
  const items = (response.headers.get('RateLimit-Policy') ?? '').split(', ')
  const item = items.find((each) => each.startsWith(`"${name}";`))
  const [, quota, window] = /;q=(\d+);w=(\d+)/.exec(item ?? '') ?? []
  return quota === undefined ? undefined : `The ${quota} calls in ${window}\u00a0s`
}

function scopeOf(response) {
  return (
    /scope="([^"]*)"/.exec(response.headers.get('WWW-Authenticate') ?? '')?.[1] ?? 'that the route asks for'
  )
}
