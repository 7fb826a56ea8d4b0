import {
  authenticated,
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
} from '../contract/scheme.ts'
import { quotedString } from '../lib/chars.ts'
import { clearSiteData } from '../lib/clear-site-data.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { at, report } from '../options/read.ts'
import { withRequestParams } from './challenge.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import {
  checkInput,
  isSessionId,
  isSubject,
  newSessionId,
  principalOf,
  type SessionChanges,
  type SessionContent,
  type SessionInput,
  type SessionPrincipal,
} from './session/content.ts'
import { SessionCookie } from './session/cookie.ts'
import { SESSION_READERS, type SessionOptions } from './session/options.ts'
import { checkUnsent, type SessionRequest, type SessionResponse, writeCookie } from './session/response.ts'
import { SessionRecords, type Standing } from './session/revocation.ts'

export type { SessionChanges, SessionInput, SessionPrincipal } from './session/content.ts'
export type { SessionKey } from './session/keys.ts'
export type { SessionOptions } from './session/options.ts'
export type { SessionRequest, SessionResponse } from './session/response.ts'

/**
 * Sessions of browsers: a scheme for a policy, and what a login and a logout need.
 *
 * @typeParam Data what the application keeps in a session
 */
export interface Sessions<Data = unknown> extends Scheme<SessionPrincipal<Data>> {
  /**
   * Begins a session for a user who has just been authenticated, and sets its cookie. The session that the request came
   * with ends: nobody's earlier cookie is ever the key to a login (session fixation).
   *
   * @throws TypeError (as a rejection) before anything is set or ended, when the input is wrong, or more than a cookie
   * can hold, or the response is on its way; whatever the store throws
   * @example
   * await sessions.start(req, res, { subject: user.id, roles: user.roles })
   */
  readonly start: (req: SessionRequest, res: SessionResponse, input: SessionInput<Data>) => Promise<void>
  /**
   * Ends the session of a request, if it has one, and tells the browser to forget what it knows of the site.
   *
   * @throws whatever the store throws (as a rejection): catch it and answer, and the browser forgets the cookie all the
   * same, but a copy of it is still good
   * @example
   * await sessions.end(req, res)
   */
  readonly end: (req: SessionRequest, res: SessionResponse) => Promise<void>
  /**
   * Gives a session another id after its rights have changed; the old cookie is good for nothing from then on. When the
   * session ends is not changed. After the user has been authenticated again, `start` is right.
   *
   * @throws TypeError (as a rejection) when the request has no session that is good, and as `start` does
   * @example
   * await sessions.renew(req, res, { roles: ['admin'] })
   */
  readonly renew: (req: SessionRequest, res: SessionResponse, changes?: SessionChanges<Data>) => Promise<void>
  /**
   * The id of the session that a request came with, or that it has been given; `undefined` without one. Whether the session
   * still counts is not asked: it binds what is issued to a session, such as the token of `crossSiteToken`.
   */
  readonly idOf: (req: SessionRequest) => string | undefined
  /**
   * Ends a session by its id, the `sessionId` of its principal.
   *
   * @throws TypeError (as a rejection) for what is no id; whatever the store throws
   */
  readonly revoke: (sessionId: string) => Promise<void>
  /**
   * Ends every session of a subject that has begun so far: "sign out everywhere", or after a change of password, with a
   * `start` behind it for the browser at hand.
   *
   * @throws TypeError (as a rejection) for what is no subject; whatever the store throws
   */
  readonly revokeSubject: (subject: string) => Promise<void>
}

const REPEATED: BadCredentials = Object.freeze(
  // It is not cleared: the cookie that stays could be the one that somebody else planted.
  bad('credentials.repeated', 'the session cookie came more than once'),
)
const REPLACED: BadCredentials = Object.freeze(
  // Nor is this one: the request was under way when the browser got the cookie that would be lost.
  bad('credentials.revoked', 'the session goes on under another id'),
)

/**
 * Keeps users signed in with a sealed cookie.
 *
 * The cookie holds the whole session, encrypted and authenticated with AES-256-GCM; the store remembers which sessions
 * ended before their time, and is asked for each request. It is `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax`, for
 * the whole host and for no other, and gone when the browser is closed. It is sealed anew when a tenth of the idle time
 * has passed, or another key seals by now, and never lives beyond its absolute end.
 *
 * A browser sends cookies along with requests that other sites make it send: change nothing on GET.
 *
 * @typeParam Data what the application keeps in a session; your word for it, as nothing looks at it
 * @throws ConfigError with every unusable option at once
 * @example
 * const sessions = session({ keys: [{ id: '2026-11', secret: process.env.SESSION_SECRET }], store: memoryStore() })
 * const gate = gatehouse({ hosts, authenticate: sessions, routes: { 'POST /login': { public: 'users log in here' } } })
 * // in the handler of POST /login
 * await sessions.start(req, res, { subject: user.id, roles: user.roles })
 * @see RFC 6265bis; OWASP ASVS 3.3, 7.1 to 7.4
 */
export function session<Data = unknown>(options: SessionOptions): Sessions<Data> {
  const rules = readOrThrow(
    'session',
    options,
    SESSION_READERS,
    ['keys', 'store'],
    ({ idle, absolute }, place) => {
      if (idle <= absolute) return
      report(
        at(place, 'absolute'),
        'contradiction',
        'is shorter than "idle".',
        'Write at least the idle time.',
      )
    },
  )
  const { clock, realm, absolute } = rules
  const cookie = new SessionCookie(rules)
  const records = new SessionRecords(rules.store, cookie.name, absolute)
  const forget = rules.clearSiteData.length === 0 ? '' : clearSiteData(rules.clearSiteData)
  /** What a request that is being answered has become: its own cookie is an old one by then. */
  const current = new WeakMap<SessionRequest, SessionContent | 'none'>()

  const clearing = (found: BadCredentials): BadCredentials =>
    Object.freeze({ ...found, fields: Object.freeze(['Set-Cookie', cookie.cleared]) })
  const malformed = clearing(bad('credentials.malformed', 'the Cookie field or its session is malformed'))
  const wrong = clearing(bad('credentials.wrong', 'no key of the policy opens the session'))
  const expired = clearing(bad('credentials.expired', 'the session has expired'))
  const ended = clearing(bad('credentials.revoked', 'the session was ended'))
  const unopened = { none: NO_CREDENTIALS, repeated: REPEATED, malformed, wrong }

  function judge(
    standing: Standing,
    content: SessionContent,
    stale: boolean,
  ): Identification<SessionPrincipal<Data>> {
    if (standing !== 'live') return standing === 'replaced' ? REPLACED : ended
    const found = authenticated(principalOf<Data>(content))
    const now = clock.now()
    return stale || cookie.isDue(content, now)
      ? { ...found, fields: ['Set-Cookie', cookie.text({ ...content, seen: now })] }
      : found
  }

  const compiled: CompiledScheme<SessionPrincipal<Data>> = {
    name: 'session',
    fields: ['cookie'],
    identify(request) {
      const found = cookie.find(request.headers.cookie)
      if (found.type !== 'opened') return unopened[found.type]
      const { content, stale } = found
      if (cookie.isOver(content, clock.now())) return expired
      const standing = records.standing(content, request)
      return isPromiseLike(standing)
        ? standing.then((late) => judge(late, content, stale))
        : judge(standing, content, stale)
    },
    // RFC 9110 §15.5.2 asks for a challenge, and none is registered for cookies; a scheme that browsers do not know
    // opens no dialog.
    challenges: (params) => [withRequestParams(`Session realm=${quotedString(realm)}`, params)],
    describe: () => ({
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: cookie.name } },
      alternatives: [['session']],
    }),
  }

  /** The session of a request, live or not. */
  function sessionOf(req: SessionRequest): SessionContent | undefined {
    const known = current.get(req)
    if (known !== undefined) return known === 'none' ? undefined : known
    const found = cookie.find(req.headers.cookie)
    return found.type === 'opened' ? found.content : undefined
  }

  return {
    name: 'session',
    compile: () => compiled,
    async start(req, res, input) {
      checkUnsent(res)
      checkInput(input)
      const pending = records.epoch(input.subject)
      const epoch = isPromiseLike(pending) ? await pending : pending
      const now = clock.now()
      const { subject, scopes = [], roles = [], permissions, acr, data } = input
      const end = now + absolute
      const times = { issued: now, authenticated: now, seen: now, end }
      const content = { id: newSessionId(), subject, epoch, ...times, scopes, roles, permissions, acr, data }
      const text = cookie.newText(content)
      const before = sessionOf(req)
      const replaced = before === undefined || records.replace(before, now)
      if (isPromiseLike(replaced)) await replaced
      writeCookie(res, text)
      current.set(req, content)
    },
    async end(req, res) {
      checkUnsent(res)
      writeCookie(res, cookie.cleared)
      if (forget !== '') res.setHeader('Clear-Site-Data', forget)
      const content = sessionOf(req)
      current.set(req, 'none')
      if (content !== undefined) await records.end(content, clock.now())
    },
    async renew(req, res, changes = {}) {
      checkUnsent(res)
      const before = sessionOf(req)
      const now = clock.now()
      if (before === undefined || cookie.isOver(before, now)) throw new TypeError(NOTHING_TO_RENEW)
      checkInput({ ...changes, subject: before.subject })
      const { scopes = before.scopes, roles = before.roles } = changes
      const { permissions = before.permissions, data = before.data } = changes
      const fresh = { id: newSessionId(), issued: now, seen: now }
      const content = { ...before, ...fresh, scopes, roles, permissions, data }
      const text = cookie.newText(content)
      // A public route has not looked, and a session that has ended must not begin again.
      const standing = records.standing(before)
      const live = (isPromiseLike(standing) ? await standing : standing) === 'live'
      const replaced = live && records.replace(before, now)
      if (!(isPromiseLike(replaced) ? await replaced : replaced)) throw new TypeError(NOTHING_TO_RENEW)
      writeCookie(res, text)
      current.set(req, content)
    },
    idOf: (req) => sessionOf(req)?.id,
    async revoke(sessionId) {
      if (!isSessionId(sessionId))
        throw new TypeError('The id of a session is the sessionId of its principal.')
      await records.revoke(sessionId)
    },
    async revokeSubject(subject) {
      if (!isSubject(subject)) throw new TypeError('The subject of a session has 1 to 255 characters.')
      await records.revokeSubject(subject)
    },
  }
}

const NOTHING_TO_RENEW = 'The request has no session to renew.'
