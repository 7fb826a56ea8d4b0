import { findCookie, setCookieText } from '../../lib/cookies.ts'
import { createSeal, type Seal } from '../../lib/seal.ts'
import { readContent, type SessionContent, writeContent } from './content.ts'
import type { SessionRules } from './options.ts'

/** What a request says of its session. */
export type SessionFound =
  | { readonly type: 'none' | 'repeated' | 'malformed' | 'wrong' }
  /** The seal is whole; whether the session still counts is another question. */
  | { readonly type: 'opened'; readonly content: SessionContent; readonly stale: boolean }

const NONE: SessionFound = Object.freeze({ type: 'none' })
const WRONG: SessionFound = Object.freeze({ type: 'wrong' })

/** A later key may have a longer id, and its cookie has to fit, too. */
const ROOM = 40

/** The cookie of a session, and how long it is good. */
export class SessionCookie {
  readonly name: string
  /** The Set-Cookie value that removes it. */
  readonly cleared: string
  readonly #rules: Pick<SessionRules, 'idle' | 'absolute' | 'sameSite'>
  readonly #secure: boolean
  readonly #seal: Seal

  constructor(
    rules: Pick<SessionRules, 'keys' | 'idle' | 'absolute' | 'name' | 'sameSite' | 'dangerouslyAllowHttp'>,
  ) {
    this.#rules = rules
    this.#secure = !rules.dangerouslyAllowHttp
    // RFC 6265bis §4.1.3.2: no other host can set it, and no page of another path.
    this.name = this.#secure ? `__Host-${rules.name}` : rules.name
    // The name is the purpose: a value that is moved to another cookie does not open.
    this.#seal = createSeal(rules.keys, `session:${this.name}`)
    this.cleared = this.#set('', 0)
  }

  /** Finds and opens the session in a Cookie field. */
  find(field: string | undefined): SessionFound {
    if (field === undefined) return NONE
    const found = findCookie(field, this.name)
    if (found.type !== 'found') return found
    const opened = this.#seal.open(found.value)
    const content = opened && readContent(opened.text)
    return content === undefined ? WRONG : { type: 'opened', content, stale: opened?.stale === true }
  }

  /** The Set-Cookie value of a session that goes on. */
  text(content: SessionContent): string {
    return this.#set(this.#seal.seal(writeContent(content)))
  }

  /**
   * The Set-Cookie value of a session that begins.
   *
   * @throws TypeError when it is more than a cookie can hold
   */
  newText(content: SessionContent): string {
    const sealed = this.#seal.seal(writeContent(content))
    try {
      this.#set(sealed + '-'.repeat(ROOM))
    } catch {
      throw new TypeError('The session is more than a cookie can hold (4096 bytes): keep less in its data.')
    }
    return this.#set(sealed)
  }

  /** Whether a session has expired: one that ends now has. */
  isOver(content: SessionContent, now: number): boolean {
    const { idle, absolute } = this.#rules
    // What the cookie says of its end is from when it began; a lifetime that was shortened since holds for it, too.
    return now >= Math.min(content.end, content.authenticated + absolute, content.seen + idle)
  }

  /** Whether so much idle time has gone that the session is sealed anew: not for each request, nor too late. */
  isDue(content: SessionContent, now: number): boolean {
    return now - content.seen >= this.#rules.idle / 10
  }

  #set(value: string, maxAge?: number): string {
    const { sameSite } = this.#rules
    const cookie = { name: this.name, value, secure: this.#secure, sameSite }
    return setCookieText(maxAge === undefined ? cookie : { ...cookie, maxAge })
  }
}
