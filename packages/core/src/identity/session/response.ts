import { withSetCookie } from '../../lib/cookies.ts'

/** What `session` reads of a request: those of node:http and node:http2 fit. */
export interface SessionRequest {
  /** Of its fields, the one that browsers send cookies in. */
  readonly headers: {
    /** All cookies in one text; `undefined` when there are none, and so no session. */
    readonly cookie?: string | undefined
  }
}

/** What `session` writes to: the responses of node:http and node:http2 fit. */
export interface SessionResponse {
  /** Whether it is too late for a cookie: to change a session throws a TypeError then. */
  readonly headersSent: boolean
  /** The field as it stands, so that another cookie stays. */
  readonly getHeader: (name: string) => number | string | string[] | undefined
  /** Sets the field with the cookie of the session. */
  readonly setHeader: (name: string, value: string | readonly string[]) => unknown
}

/** Refuses to begin what can no longer be told to the browser. */
export function checkUnsent(res: SessionResponse): void {
  if (res.headersSent) throw new TypeError('The response is on its way: change the session before it.')
}

/** Sets a cookie beside those of the handler, in place of one of its name, and keeps the response out of caches. */
export function writeCookie(res: SessionResponse, text: string): void {
  const given = res.getHeader('Set-Cookie')
  const existing = given === undefined ? [] : Array.isArray(given) ? given : [String(given)]
  res.setHeader('Set-Cookie', withSetCookie(existing, text))
  // A cache that keeps a Set-Cookie hands one user's session to the next (RFC 9111 §7.3).
  res.setHeader('Cache-Control', 'no-store')
}
