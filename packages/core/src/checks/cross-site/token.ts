import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { decodeBase64url, encodeBase64url } from '../../lib/base64url.ts'
import { findCookie, setCookieText } from '../../lib/cookies.ts'
import type { SealingKey } from '../../lib/seal.ts'
import { bytesOf } from '../../lib/secret.ts'
import { optional, type OptionReaders, required } from '../../options/read.ts'
import { callback, flag } from '../../options/readers.ts'
import { readKeys, type SessionKey } from '../../identity/session/keys.ts'
import {
  type SessionRequest,
  type SessionResponse,
  writeCookie,
  checkUnsent,
} from '../../identity/session/response.ts'
import { readOrThrow } from '../../options/read-or-throw.ts'

/** How tokens are made. */
export interface CrossSiteTokenOptions {
  /** The first key signs, each of them is good: to replace one, put the new one first. */
  readonly keys: readonly SessionKey[]
  /**
   * Says which session a request belongs to; `undefined` for none. A token is good for that session alone: whoever plants
   * cookies from a sibling domain has none of it.
   *
   * @example
   * session: (request) => sessions.idOf(request)
   */
  readonly session: (request: SessionRequest) => string | undefined
  /**
   * For development without https: the cookie is then neither `Secure` nor `__Host-`, and a sibling domain can plant it.
   *
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean
}

/** A signed double-submit token against cross-site requests. */
export interface CrossSiteToken {
  /**
   * Gives a token for the page that is being answered, and sets the cookie that it goes with, if the browser has none. Each
   * is another text; all of them are good until the session ends.
   *
   * @throws TypeError when the response is on its way
   * @example
   * const token = csrf.issue(req, res)
   * res.end(`<form method="post"><input type="hidden" name="csrf" value="${token}">`)
   */
  readonly issue: (req: SessionRequest, res: SessionResponse) => string
  /**
   * Whether a token was issued to the session and browser of a request: for a field of a form. What comes in the field
   * `X-CSRF-Token` the gate verifies itself.
   *
   * @example
   * if (!csrf.verify(form.get('csrf'), req)) return void res.writeHead(403).end()
   */
  readonly verify: (token: unknown, req: SessionRequest) => boolean
}

/** The request field that carries a token. */
export const TOKEN_FIELD = 'X-CSRF-Token'

/** Of the cookie, and of what is signed. */
const BYTES = 32

/** An id of a key, a dot, and twice as many bytes in base64url. */
const MAX_TOKEN = 32 + 1 + 86

const READERS = {
  keys: required(readKeys, "Write keys: [{ id: '2026-11', secret }]."),
  session: required(
    callback<CrossSiteTokenOptions['session']>('(request) => sessions.idOf(request)'),
    'Write session: (request) => sessions.idOf(request); of an application without sessions, () => undefined.',
  ),
  dangerouslyAllowHttp: optional(flag(), false),
} satisfies OptionReaders<CrossSiteTokenOptions>

/**
 * Makes tokens against cross-site requests, for those who need more than what browsers say of a request: for browsers of
 * before 2020, or because somebody asks for it.
 *
 * It is the signed double submit of OWASP: the cookie (`__Host-`, `Secure`, `HttpOnly`, `SameSite=Strict`) is random, and
 * the token is an HMAC of it and of the session, so that neither is worth anything without the other. A token looks
 * different each time it is given out, which keeps compressed pages from telling it (BREACH).
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const csrf = crossSiteToken({ keys, session: (request) => sessions.idOf(request) })
 * const gate = gatehouse({ hosts, authenticate: sessions, crossSite: { token: csrf } })
 * @see OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Signed Double-Submit Cookie"
 */
export function crossSiteToken(options: CrossSiteTokenOptions): CrossSiteToken {
  const { keys, session, dangerouslyAllowHttp } = readOrThrow('crossSiteToken', options, READERS, [
    'keys',
    'session',
  ])
  const name = dangerouslyAllowHttp ? 'csrf' : '__Host-csrf'
  const derived = new Map(keys.map((key) => [key.id, derive(key)]))
  const [{ id: current, ...first }] = keys
  const signing = derived.get(current) ?? derive({ id: current, ...first })
  /** The cookies of responses that are not sent yet: one page may have two forms. */
  const pending = new WeakMap<SessionRequest, Buffer>()

  /** The HMAC of a session and a cookie: each is delimited by its length, so that no two pairs give the same bytes. */
  function sign(key: Buffer, cookie: Buffer, req: SessionRequest): Buffer {
    const id: unknown = session(req)
    if (id !== undefined && typeof id !== 'string')
      throw new TypeError('The function "session" gave no text.')
    const bound = id === undefined ? '-' : `${Buffer.byteLength(id)}:${id}`
    return createHmac('sha256', key).update(`${bound}|`).update(cookie).digest()
  }

  return {
    issue(req, res) {
      checkUnsent(res)
      const known = cookieOf(req, name) ?? pending.get(req)
      const cookie = known ?? randomBytes(BYTES)
      if (known === undefined) {
        pending.set(req, cookie)
        const value = encodeBase64url(cookie)
        writeCookie(res, setCookieText({ name, value, secure: !dangerouslyAllowHttp, sameSite: 'Strict' }))
      } else res.setHeader('Cache-Control', 'no-store')
      const pad = randomBytes(BYTES)
      return `${current}.${encodeBase64url(Buffer.concat([pad, xor(pad, sign(signing, cookie, req))]))}`
    },
    verify(token, req) {
      if (typeof token !== 'string' || token.length > MAX_TOKEN) return false
      const dot = token.indexOf('.')
      const key = derived.get(token.slice(0, Math.max(dot, 0)))
      const bytes = key === undefined ? undefined : decodeBase64url(token.slice(dot + 1))
      const cookie = cookieOf(req, name)
      if (key === undefined || cookie === undefined || bytes?.length !== 2 * BYTES) return false
      const given = xor(bytes.subarray(0, BYTES), bytes.subarray(BYTES))
      return timingSafeEqual(given, sign(key, cookie, req))
    },
  }
}

/** Of two cookies of the name one is somebody else's, and nobody can say which: then there is none. */
function cookieOf({ headers }: SessionRequest, name: string): Buffer | undefined {
  const found = headers.cookie === undefined ? undefined : findCookie(headers.cookie, name)
  const bytes = found?.type === 'found' ? decodeBase64url(found.value) : undefined
  return bytes?.length === BYTES ? bytes : undefined
}

/** Keys of its own, so that a secret which seals sessions, too, signs nothing for the other. */
function derive({ id, secret }: SealingKey): Buffer {
  return Buffer.from(hkdfSync('sha256', bytesOf(secret), '', `gatehouse/cross-site/v1/${id}`, BYTES))
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)))
}
