import { randomBytes } from 'node:crypto'
import type { Principal } from '../../contract/principal.ts'
import { hasControl, isRoleName, isScopeToken, isTextList } from '../../lib/access-names.ts'

/** Who logged in, and what they may do. */
export interface SessionInput<Data = unknown> {
  /** Who the user is: 1 to 255 characters, none of them a control character. */
  readonly subject: string
  /** @default [] */
  readonly scopes?: readonly string[]
  /** @default [] */
  readonly roles?: readonly string[]
  /** What the user may do by name, besides what the policy's `roles` grant. */
  readonly permissions?: readonly string[]
  /** How the user was authenticated, for rules that ask for it. */
  readonly acr?: string
  /** What else the application keeps: a little JSON. The user cannot read it, and everything that changes is stale here. */
  readonly data?: Data
}

/** What of a session may change while it lasts. */
export type SessionChanges<Data = unknown> = Pick<
  SessionInput<Data>,
  'scopes' | 'roles' | 'permissions' | 'data'
>

/** The caller of a session. */
export interface SessionPrincipal<Data = unknown> extends Principal {
  readonly scheme: 'session'
  /** Names the session, for `revoke` and for lists of "where you are signed in". Whoever knows it cannot use it. */
  readonly sessionId: string
  /** When the user logged in, in seconds since the epoch. */
  readonly authTime: number
  /** What `start` was given as `data`. */
  readonly data: Data | undefined
}

/** What a cookie holds. Times are milliseconds since the epoch. */
export interface SessionContent {
  readonly id: string
  readonly subject: string
  /** What the subject's revocation was when the session began; empty for none. */
  readonly epoch: string
  /** When this id was made. */
  readonly issued: number
  /** When the user was authenticated. */
  readonly authenticated: number
  /** When the cookie was last sealed: idle time counts from here. */
  readonly seen: number
  /** When it ends, come what may. */
  readonly end: number
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[] | undefined
  readonly acr: string | undefined
  readonly data: unknown
}

const VERSION = 1

/** A new id: 144 random bits, as text. */
export function newSessionId(): string {
  return randomBytes(18).toString('base64url')
}

/** Whether a text can be an id that {@link newSessionId} made. */
export function isSessionId(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{24}$/.test(text)
}

/**
 * Checks what a handler says about a session: what is wrong here would be compared as something else later (AZ-04).
 *
 * @throws TypeError that names the member, and never shows its value
 */
export function checkInput(input: SessionInput | (SessionChanges & { readonly subject: string })): void {
  if (!isSubject(input.subject)) throw new TypeError('The subject of a session has 1 to 255 characters.')
  check(input.scopes, isScopeToken, 'scopes')
  check(input.roles, isRoleName, 'roles')
  check(input.permissions, isRoleName, 'permissions')
  const { acr } = input as SessionInput
  if (acr !== undefined && (typeof acr !== 'string' || !isRoleName(acr))) {
    throw new TypeError('The acr of a session is a short text.')
  }
  if (input.data !== undefined && jsonOf(input.data) === undefined) {
    throw new TypeError('The data of a session can be written as JSON.')
  }
}

/** Whether a text can be a subject. */
export function isSubject(subject: unknown): subject is string {
  return typeof subject === 'string' && subject !== '' && subject.length <= 255 && !hasControl(subject)
}

function check(names: unknown, fits: (name: string) => boolean, what: string): void {
  if (names === undefined) return
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && fits(name))) {
    throw new TypeError(`The ${what} of a session are a list of names.`)
  }
}

function jsonOf(data: unknown): string | undefined {
  try {
    // A function gives nothing, whatever the type of stringify says.
    return JSON.stringify(data)
  } catch {
    return undefined
  }
}

/** Writes a session in the few letters that a cookie has room for. */
export function writeContent(content: SessionContent): string {
  const { id, subject, epoch, issued, authenticated, seen, end, scopes, roles, permissions, acr, data } =
    content
  const times = [issued, authenticated, seen, end]
  return JSON.stringify({
    v: VERSION,
    i: id,
    s: subject,
    e: epoch,
    t: times,
    sc: scopes,
    ro: roles,
    pe: permissions,
    acr,
    d: data,
  })
}

/**
 * Reads what {@link writeContent} wrote. The seal says that this application wrote it, not that this version of it did:
 * what has another form is no session.
 */
export function readContent(text: string): SessionContent | undefined {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null) return undefined
  const { v, i, s, e, t, sc, ro, pe, acr, d } = value as Readonly<Record<string, unknown>>
  if (v !== VERSION || !isSessionId(i) || !isSubject(s) || typeof e !== 'string') return undefined
  if (!isTimes(t) || !isTextList(sc) || !isTextList(ro) || !(pe === undefined || isTextList(pe)))
    return undefined
  if (acr !== undefined && typeof acr !== 'string') return undefined
  const [issued, authenticated, seen, end] = t
  return {
    id: i,
    subject: s,
    epoch: e,
    issued,
    authenticated,
    seen,
    end,
    scopes: sc,
    roles: ro,
    permissions: pe,
    acr,
    data: d,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isTimes(value: unknown): value is readonly [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every((time) => Number.isSafeInteger(time))
}

/** The caller of a session, made anew for each request: what a handler does to it stays with that request. */
export function principalOf<Data>(content: SessionContent): SessionPrincipal<Data> {
  const { permissions, acr } = content
  return {
    scheme: 'session',
    subject: content.subject,
    issuer: undefined,
    scopes: content.scopes,
    roles: content.roles,
    ...(permissions !== undefined && { permissions }),
    ...(acr !== undefined && { acr }),
    authTime: Math.floor(content.authenticated / 1000),
    sessionId: content.id,
    // What start() was given, by way of JSON: its type is the word of whoever calls session().
    data: content.data as Data | undefined,
  }
}
