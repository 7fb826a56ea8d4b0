import { type Authenticated, bad, type BadCredentials, type SchemeContext } from '../../contract/scheme.ts'
import { reveal, type Secret } from '../../lib/secret.ts'
import { at } from '../../options/read.ts'
import { type AccessFrom, compileAccess, freezeDeep, grantsOf } from '../jwt/access.ts'
import { badOf, type Rejection, rejection } from '../jwt/rejection.ts'
import { type Cacheable, digestOf, TokenCache } from '../jwt/token-cache.ts'
import { createFetcher, type FetchRules } from '../remote/fetch-json.ts'
import { readRemoteUrl } from '../remote/options.ts'
import type { CompiledTokens, TokenPrincipal, TokenVerdict } from '../tokens.ts'
import { type ActiveToken, type AnswerRules, judgeAnswer, RETRY_AFTER_SECONDS } from './answer.ts'
import { createEndpointFinder, type Endpoint } from './endpoint.ts'

/** The bearer of a token that an authorization server vouches for. */
export interface IntrospectionPrincipal<
  Claims extends object = Record<string, unknown>,
> extends TokenPrincipal {
  readonly scheme: 'introspection'
  readonly issuer: string
  /** What the server says of the token. The members of RFC 7662 §2.2 have been checked; the others are your word. */
  readonly claims: Readonly<Claims>
}

/** The options of introspection, read. */
export interface IntrospectionRules extends FetchRules, Omit<AnswerRules, 'issuer' | 'audience'> {
  readonly issuer: string | undefined
  readonly url: string | undefined
  readonly clientId: string | undefined
  readonly clientSecret: Secret | undefined
  readonly clientAuthentication: 'basic' | 'post'
  readonly audience: readonly string[] | undefined
  readonly maxAge: number
  readonly maxNegativeAge: number
  readonly maxCachedTokens: number
  readonly maxConcurrent: number
  readonly maxTokenLength: number
  readonly scopesFrom: AccessFrom<never> | undefined
  readonly rolesFrom: AccessFrom<never> | undefined
  readonly permissionsFrom: AccessFrom<never> | undefined
}

const TOO_LONG: BadCredentials = Object.freeze(
  bad('token.malformed', 'the token is longer than the policy allows'),
)
const BUSY: BadCredentials = Object.freeze({
  ...bad('dependency.failed', 'too many questions to the authorization server are under way'),
  fields: Object.freeze(['Retry-After', '1']),
})

type Verdict<Claims extends object> = TokenVerdict<IntrospectionPrincipal<Claims>>

interface Answered<Claims extends object> extends Cacheable {
  readonly verdict: Verdict<Claims>
}

/** Compiles how a token is asked about; `undefined`, after a report, when it cannot be. */
export function compileIntrospection<Claims extends object>(
  context: SchemeContext,
  read: IntrospectionRules,
): CompiledTokens<IntrospectionPrincipal<Claims>>['verify'] | undefined {
  const { issuer, clientId, clientSecret } = read
  const { clock } = context
  const place = at(context, read.url === undefined ? 'issuer' : 'url')
  const named = read.url ?? issuer
  const url = named === undefined ? undefined : readRemoteUrl(place, named, read)
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || url === undefined)
    return undefined
  const fetcher = createFetcher(read)
  context.onClose(() => fetcher.close())
  const endpoint: () => Endpoint | Promise<Endpoint> =
    read.url === undefined
      ? createEndpointFinder(issuer, fetcher, read.dangerouslyAllowHttp, clock)
      : () => ({ ok: true, url })
  const { headers, form } = clientProof(read.clientAuthentication, clientId, String(reveal(clientSecret)))
  const rules: AnswerRules = { ...read, issuer }
  const accessOf = compileAccess(read.scopesFrom, read.rolesFrom, read.permissionsFrom)
  const cache = new TokenCache<string, Answered<Claims>>(read.maxCachedTokens)
  const underWay = new Map<string, Promise<Verdict<Claims>>>()

  async function ask(token: string): Promise<ActiveToken | Rejection> {
    const found = await endpoint()
    if (!found.ok) return unavailable(found.reason)
    const answer = await fetcher.postForm(
      found.url,
      { token, token_type_hint: 'access_token', ...form },
      headers,
    )
    return answer.ok ? judgeAnswer(answer.value, rules, clock.now()) : unavailable(answer.reason)
  }

  async function settle(key: string, token: string): Promise<Verdict<Claims>> {
    try {
      const asked = clock.now()
      const answer = await ask(token)
      const verdict = answer.ok ? callerOf(answer) : badOf(answer)
      // A question that was not answered says nothing about the token.
      if (verdict.type === 'authenticated' || verdict.kind !== 'dependency.failed') {
        const age = verdict.type === 'authenticated' ? read.maxAge : read.maxNegativeAge
        const end = answer.ok ? (answer.until ?? Infinity) : Infinity
        cache.set(key, { from: asked, until: Math.min(end, asked + age), verdict })
      }
      return verdict
    } finally {
      underWay.delete(key)
    }
  }

  function callerOf({ claims, subject }: ActiveToken): Verdict<Claims> {
    const access = accessOf(claims)
    if (!access.ok) return badOf(access)
    const principal: IntrospectionPrincipal<Claims> = Object.freeze({
      scheme: 'introspection',
      subject,
      issuer: rules.issuer,
      ...grantsOf(claims, access),
      // The members of RFC 7662 have been checked; the others are what the caller of introspection() says they are.
      claims: freezeDeep(claims) as Claims,
    })
    const found: Authenticated<IntrospectionPrincipal<Claims>> = { type: 'authenticated', principal }
    return Object.freeze(found)
  }

  return (token) => {
    if (token.length > read.maxTokenLength) return TOO_LONG
    const key = digestOf(token)
    const known = cache.get(key, clock.now())
    if (known !== undefined) return known.verdict
    const waiting = underWay.get(key)
    if (waiting !== undefined) return waiting
    // RFC 7662 §4: each made-up token costs a question; what they may cost at once is bounded.
    if (underWay.size >= read.maxConcurrent) return BUSY
    const asking = settle(key, token)
    underWay.set(key, asking)
    return asking
  }
}

function unavailable(reason: string): Rejection {
  return rejection('dependency.failed', `introspection: ${reason}`, RETRY_AFTER_SECONDS)
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined, so that a colon in them is none of the form. */
function clientProof(
  how: 'basic' | 'post',
  clientId: string,
  clientSecret: string,
): { readonly headers: Readonly<Record<string, string>>; readonly form: Readonly<Record<string, string>> } {
  if (how === 'post') return { headers: {}, form: { client_id: clientId, client_secret: clientSecret } }
  const joined = `${formEncode(clientId)}:${formEncode(clientSecret)}`
  return { headers: { Authorization: `Basic ${Buffer.from(joined).toString('base64')}` }, form: {} }
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
