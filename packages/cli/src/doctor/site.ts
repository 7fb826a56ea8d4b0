import { randomBytes } from 'node:crypto'
import type { RuleDescription } from '@gatehouse/core'
import { type Answer, fieldOf, isListening, type Send } from './http.ts'
import { askOverHttp2 } from './http2.ts'
import { type IssuerSeen, lookAtIssuer } from './issuer.ts'
import { type HowShaken, lookAtTls, type TlsSeen } from './tls.ts'

/** An answer to a request that claimed something. */
export interface Claimed {
  /** What was claimed: an origin, the name of a field. */
  readonly claim: string
  readonly answer: Answer | undefined
}

/** An answer to a request for a route of the policy, without credentials. */
export interface RouteAsked {
  readonly rule: RuleDescription
  readonly answer: Answer | undefined
}

/** Everything that was seen of a running API; checks look at it, and send nothing. */
export interface Site {
  readonly url: URL
  readonly now: Date
  readonly isHttps: boolean
  readonly isLocal: boolean
  readonly plain: Answer
  /** For a path that is not there. */
  readonly missing: Answer | undefined
  /** For content that is no JSON, at a path that is not there. */
  readonly malformed: Answer | undefined
  /** For a path that cannot be decoded. */
  readonly undecodable: Answer | undefined
  /** The same host over plain http; `undefined` where nothing listens. */
  readonly clear: Answer | undefined
  readonly origins: readonly Claimed[]
  readonly preflights: readonly Claimed[]
  readonly trace: Answer | undefined
  /** A POST by itself, and one that claims to be a GET. */
  readonly posted: Answer | undefined
  readonly overridden: Answer | undefined
  readonly hosts: readonly Claimed[]
  /** A plain http request that claims to have come over https. */
  readonly claimedHttps: Answer | undefined
  /** What was left of a limit: asked twice alike, then under another address. */
  readonly left: readonly (number | undefined)[]
  readonly files: readonly Claimed[]
  readonly securityTxt: Answer | undefined
  readonly routes: readonly RouteAsked[]
  readonly tls: TlsSeen | undefined
  /** What the URL answers over HTTP/2, where that is spoken. */
  readonly http2: Answer | undefined
  readonly issuers: readonly IssuerSeen[]
  /** Every answer that came. */
  readonly answers: readonly Answer[]
}

/** How a site is looked at. */
export interface Survey {
  readonly url: URL
  readonly send: Send
  readonly how: HowShaken
  readonly now: Date
  /** Sends nothing but GET, HEAD and OPTIONS. */
  readonly safe: boolean
  readonly rules: readonly RuleDescription[]
  readonly issuers: readonly string[]
  /** Where plain http is, if that is not port 80. */
  readonly clearUrl: URL | undefined
  readonly say: (step: string) => void
}

/** A name that nobody has (RFC 2606 §2). */
export const STRANGER = 'gatehouse-doctor.example'

/** What is asked for and must not be there. */
const FILES = ['/.env', '/.git/HEAD', '/package.json', '/metrics', '/server-status', '/debug'] as const

/** As many routes of a policy as are asked for. */
const MAX_ROUTES = 40

/** Looks at a running API with a few dozen requests, one after the other. `undefined` when it does not answer. */
export async function survey(asked: Survey): Promise<Site | undefined> {
  const { url, say, safe } = asked
  const answers: Answer[] = []
  const send: Send = async (to, ask) => {
    const answer = await asked.send(to, ask)
    if (answer !== undefined) answers.push(answer)
    return answer
  }
  const get = (path: string): Promise<Answer | undefined> => send(new URL(path, url))
  say(`asking ${url.origin}`)
  const plain = await send(url)
  if (plain === undefined) return undefined
  const nowhere = `/gatehouse-doctor-${randomBytes(6).toString('hex')}`

  say('what is not there, and what is malformed')
  const missing = await get(nowhere)
  const malformed = safe
    ? undefined
    : await send(new URL(nowhere, url), {
        method: 'POST',
        body: '{"',
        headers: { 'content-type': 'application/json' },
      })
  const undecodable = await get('/%E0%A4%A')

  say('plain http')
  const clear = await askInClear(asked, send)

  say('other origins')
  const origins = await each(originsFor(url), (origin) => send(url, { headers: { origin } }))
  const preflights = await each(originsFor(url).slice(0, 2), (origin) =>
    send(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'authorization',
        'access-control-request-private-network': 'true',
      },
    }),
  )

  say('methods')
  const trace = safe ? undefined : await send(url, { method: 'TRACE' })
  const posted = safe ? undefined : await send(new URL(nowhere, url), { method: 'POST' })
  const overridden =
    safe || posted === undefined
      ? undefined
      : await send(new URL(nowhere, url), { method: 'POST', headers: { 'x-http-method-override': 'DELETE' } })

  say('hosts and proxies')
  const hosts = await each(['host', 'x-forwarded-host', 'forwarded'], (name) =>
    send(url, { headers: { [name]: name === 'forwarded' ? `host=${STRANGER};proto=https` : STRANGER } }),
  )
  const claimedHttps =
    url.protocol === 'http:' ? await send(url, { headers: { 'x-forwarded-proto': 'https' } }) : undefined
  const left: (number | undefined)[] = []
  for (const from of [undefined, undefined, '203.0.113.77', '203.0.113.78']) {
    // oxlint-disable-next-line no-await-in-loop -- each counts after the one before
    left.push(leftOf(await send(url, { headers: from === undefined ? {} : { 'x-forwarded-for': from } })))
  }

  say('files that should not be there')
  const files = await each(FILES, get)
  const securityTxt = await get('/.well-known/security.txt')

  say('routes of the policy')
  const routes = await askRoutes(asked, send)

  say('TLS')
  const isHttps = url.protocol === 'https:'
  const tls = isHttps ? await lookAtTls(url, asked.how) : undefined
  const http2 = tls?.isHttp2 === true ? await askOverHttp2(url, asked.how) : undefined

  say('issuers')
  const issuers: IssuerSeen[] = []
  for (const issuer of asked.issuers) {
    // oxlint-disable-next-line no-await-in-loop
    const seen = await lookAtIssuer(issuer, asked.send)
    if (seen !== undefined) issuers.push(seen)
  }
  return {
    url,
    now: asked.now,
    isHttps,
    isLocal: /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname),
    plain,
    missing,
    malformed,
    undecodable,
    clear,
    origins,
    preflights,
    trace,
    posted,
    overridden,
    hosts,
    claimedHttps,
    left,
    files,
    securityTxt,
    routes,
    tls,
    http2,
    issuers,
    answers,
  }
}

/** Origins that no policy lists, each made to get past another mistake. */
function originsFor(url: URL): readonly string[] {
  return [
    `https://${STRANGER}`,
    'null',
    // Past a comparison of the beginning, of the end, and past a dot that stands for any character.
    `https://${url.hostname}.${STRANGER}`,
    `https://gatehouse-doctor-${url.hostname}`,
    `http://${url.hostname.replace('.', 'x')}`,
  ]
}

async function each(
  claims: readonly string[],
  ask: (claim: string) => Promise<Answer | undefined>,
): Promise<readonly Claimed[]> {
  const claimed: Claimed[] = []
  // oxlint-disable-next-line no-await-in-loop -- one after the other, out of politeness
  for (const claim of claims) claimed.push({ claim, answer: await ask(claim) })
  return claimed
}

async function askInClear({ url, clearUrl, how }: Survey, send: Send): Promise<Answer | undefined> {
  if (clearUrl !== undefined) return send(clearUrl)
  if (url.protocol !== 'https:' || url.port !== '') return undefined
  const clear = new URL(url)
  clear.protocol = 'http:'
  return (await isListening(url.hostname, 80, how)) ? send(clear) : undefined
}

/** Asks for each route that can be asked for without changing anything. */
async function askRoutes({ rules, url }: Survey, send: Send): Promise<readonly RouteAsked[]> {
  const asked: RouteAsked[] = []
  for (const rule of rules.slice(0, MAX_ROUTES)) {
    if (rule.source !== 'routes' || !rule.methods.some((method) => method === 'GET' || method === '*'))
      continue
    const path = rule.pattern.replace(/:\w+/g, 'gatehouse-doctor').replace(/\*$/, 'gatehouse-doctor')
    // oxlint-disable-next-line no-await-in-loop
    asked.push({ rule, answer: await send(new URL(path, url)) })
  }
  return asked
}

/** What is left of the limit that is nearest to its end, as the usual fields tell it. */
function leftOf(answer: Answer | undefined): number | undefined {
  const draft = fieldOf(answer, 'ratelimit')
  const inDraft =
    draft === undefined ? [] : [...draft.matchAll(/\b(?:r|remaining)=(\d+)/g)].map(([, n]) => Number(n))
  const plain = ['x-ratelimit-remaining', 'ratelimit-remaining']
    .map((name) => fieldOf(answer, name))
    .filter((text) => text !== undefined && /^\d+$/.test(text))
    .map(Number)
  const all = [...inDraft, ...plain]
  return all.length === 0 ? undefined : Math.min(...all)
}
