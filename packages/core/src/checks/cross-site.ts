import { type Check, type Fields, PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { escapeForLog } from '../lib/chars.ts'
import { at, type Place } from '../options/read.ts'
import { hasAmbientCredentials, hasOnlyExplicitCredentials } from '../request/ambient.ts'
import type { CorsTrust } from './cors.ts'
import { isOwnOrigin } from './cors/origins.ts'
import {
  type CrossSiteRead,
  type Isolation,
  readCrossSite,
  refuseOpenIsolation,
} from './cross-site/options.ts'
import { TOKEN_FIELD } from './cross-site/token.ts'

export type { CrossSiteOptions, Isolation } from './cross-site/options.ts'
export { type CrossSiteToken, crossSiteToken, type CrossSiteTokenOptions } from './cross-site/token.ts'

/** What the check is compiled with. */
export interface CrossSiteContext {
  /** What `cors` says of origins; `undefined` without it. */
  readonly cors: CorsTrust | undefined
  /** Request fields with keys of the policy's scheme, in lower case: no page can set one without a preflight. */
  readonly keyFields: readonly string[]
}

/** The check for rules, and for those of them that are exempt. */
export interface CrossSiteGuards {
  readonly enforced: Guard
  /** @param isExempt whether the path is spelled exactly as the rule spells it (CSR-03) */
  readonly exempt: (isExempt: (path: string) => boolean) => Guard
  /** The same for a rule with CORS settings of its own. */
  readonly withCors: (place: Place, cors: CorsTrust | undefined) => CrossSiteGuards
}

/** What changes nothing, where handlers keep to RFC 9110 §9.2.1. TRACE is refused before. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const NO_FIELDS: Fields = []

/** What is isolated depends on these, and on whose page asks. */
const ISOLATED_VARY = 'Origin, Sec-Fetch-Dest, Sec-Fetch-Mode, Sec-Fetch-Site'

const NO_TOKEN: Refusal = Object.freeze(
  refuse('cross-site.token-missing', `there is a cookie and no ${TOKEN_FIELD} field`),
)
const WRONG_TOKEN: Refusal = Object.freeze(
  refuse('cross-site.token-wrong', 'the token is malformed, or of another session, browser or key'),
)

/** Off, in the words of the policy. */
export const NO_CROSS_SITE: CrossSiteGuards = Object.freeze({
  enforced: NO_GUARD,
  exempt: () => NO_GUARD,
  withCors: () => NO_CROSS_SITE,
})

/**
 * Compiles the option `crossSite`, and what holds without it: what a page of another origin makes a browser send is
 * refused when it could change something, unless the origin is trusted.
 *
 * @see W3C Fetch Metadata Request Headers §2.3 (Sec-Fetch-Site); RFC 6454 §7 (Origin); OWASP ASVS 3.5.1
 */
export function compileCrossSite(place: Place, value: unknown, context: CrossSiteContext): CrossSiteGuards {
  const read = readCrossSite(place, value)
  refuseOpenIsolation(at(place, 'isolate'), read.isolate, context.cors)
  return compileGuards(read, context)
}

function compileGuards(read: CrossSiteRead, context: CrossSiteContext): CrossSiteGuards {
  const { trustedOrigins, isolate, token } = read
  const { cors, keyFields } = context
  const trusted = new Set(trustedOrigins)

  /** `null` is in no list: every site can make a frame of that origin. */
  function trusts(origin: string, request: RequestFacts): boolean {
    if (trusted.has(origin)) return true
    const trust = cors?.trusts(origin, request)
    return trust === 'fully' || (trust !== undefined && !hasAmbientCredentials(request))
  }

  /** Whether the page that sent a request may act here: change something, or open a connection. */
  function judge(request: RequestFacts): Verdict {
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const isUpgrade = request.isUpgrade === true
    if (site === undefined) {
      // Fails open: a client that is no browser says neither, and a browser of today says one of them at least. What is left
      // are browsers of before 2020 and the form of another site; SameSite cookies stop those, and a token does.
      if (origin === undefined) return PASS
      // A plain page of the same host is another origin: whoever is in between can write it (CSR-04). Behind a proxy that
      // ends TLS, scheme and host are those that the browser sees (CSR-11).
      if (isOwnOrigin(origin, request)) return PASS
      // No address bar opens a WebSocket: of an upgrade, `none` is no word of a browser.
    } else if (site === 'same-origin' || (site === 'none' && !isUpgrade)) return PASS
    if (origin !== undefined && trusts(origin, request)) return PASS
    return isUpgrade ? judgeListener(request) : judgeSender(request)
  }

  /**
   * Where everybody may read, everybody may listen, but not as the user of the browser (WS-01). An upgrade leads nowhere and
   * logs nobody in, as a form does: that is why `*` is no trust in anything else (CSR-05). No page can set a field of a
   * handshake, so what token comes with it tells nothing of the page.
   */
  function judgeListener(request: RequestFacts): Verdict {
    const mayListen =
      cors?.everyOrigin === true && request.headers.origin !== undefined && !hasAmbientCredentials(request)
    return mayListen ? PASS : refused('cross-site.refused', request)
  }

  /**
   * A token that somebody put there is nothing that a browser sends by itself: a program did, or a page that a preflight
   * allowed to (CSR-07). A request without any credentials is held to the rule: a page could log its visitor in as somebody
   * else, and see what is then done under that name.
   */
  function judgeSender(request: RequestFacts): Verdict {
    return hasOnlyExplicitCredentials(request, keyFields) ? PASS : refused('cross-site.refused', request)
  }

  /** Says which row of the table it was. What a client chose is escaped and bounded. */
  function refused(kind: 'cross-site.refused' | 'cross-site.load-refused', request: RequestFacts): Refusal {
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const where =
      site === undefined ? 'there is no Sec-Fetch-Site' : `Sec-Fetch-Site is "${escapeForLog(site, 32)}"`
    if (origin === undefined) return refuse(kind, `${where}, and there is no Origin to trust`)
    const how =
      cors?.trusts(origin, request) === undefined
        ? cors?.everyOrigin === true
          ? 'is not trusted: under "*" of cors it may read, and not act'
          : 'is not trusted'
        : 'may act without the credentials of the user alone: its cors has no "credentials"'
    return refuse(kind, `${where}, and the origin "${escapeForLog(origin, 128)}" ${how}`)
  }

  function decideSafe(request: RequestFacts, mode: Isolation): Verdict {
    const { headers } = request
    const site = headers['sec-fetch-site']
    if (site === undefined) {
      // Fails open, as above: what is not said is not known. A page that asks by CORS says it, over plain http, too.
      if (headers.origin === undefined || isOwnOrigin(headers.origin, request)) return PASS
    } else if (site === 'same-origin' || site === 'none') return PASS
    if (mode === 'resources' && isNavigation(request)) return PASS
    if (headers.origin !== undefined && trusts(headers.origin, request)) return PASS
    return refused('cross-site.load-refused', request)
  }

  function withToken(request: RequestFacts, verdict: Verdict): Verdict {
    if (token === undefined || verdict.type !== 'pass' || request.headers.cookie === undefined) return verdict
    const given = request.headers[TOKEN_NAME]
    if (given === undefined) return NO_TOKEN
    return token.verify(given, request) ? PASS : WRONG_TOKEN
  }

  function decide(request: RequestFacts): Verdict {
    if (request.isUpgrade === true) return judge(request)
    if (!SAFE.has(request.method)) return withToken(request, judge(request))
    return isolate === undefined ? PASS : decideSafe(request, isolate)
  }

  const response =
    isolate === undefined
      ? undefined
      : ({
          name: 'cross-site',
          wins: 'gate',
          names: [],
          fields: () => NO_FIELDS,
          vary: ISOLATED_VARY,
        } as const)
  const guard = (check: Check['decide']): Guard => ({
    check: { name: 'cross-site', decide: check },
    response,
  })
  return {
    enforced: guard(decide),
    exempt: (isExempt) => guard((request) => (isExempt(request.path) ? PASS : decide(request))),
    withCors(place, own) {
      refuseOpenIsolation(place, isolate, own)
      return compileGuards(read, { ...context, cors: own })
    },
  }
}

const TOKEN_NAME = TOKEN_FIELD.toLowerCase()

/** Whether a link, or the address bar after a redirect, leads here: the page of the other site is gone (ASVS 3.5.8). */
function isNavigation({ method, headers }: RequestFacts): boolean {
  return (
    method !== 'OPTIONS' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    // A frame, an object and an embed have words of their own.
    headers['sec-fetch-dest'] === 'document'
  )
}
