import { parseSetCookie } from 'set-cookie-parser'
import type { Check } from './check.ts'
import { saysWhoFrames, SCRIPTS_UNSAFE, weaknessesOf } from './csp.ts'
import { type Answer, fieldOf, typeOf } from './http.ts'
import type { Site } from './site.ts'

/** Fields that tell what runs behind them, besides `Server`. */
const DISCLOSING = [
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  'x-generator',
  'x-runtime',
  'x-version',
]

/** Fields that every response must have, and that the error paths of frameworks lose. */
const LOST = ['strict-transport-security', 'x-content-type-options', 'content-security-policy']

/** What a session is usually called. */
const SESSION = /sess|sid$|^sid|token|auth|jwt|login|csrf/i

/** What responses carry. */
export const FIELD_CHECKS: readonly Check<Site>[] = [
  {
    code: 'site.no-nosniff',
    severity: 'warning',
    title: 'There is no X-Content-Type-Options: nosniff.',
    why: 'A browser may take what it is given for a script or a page, whatever the server says it is.',
    instead: "headers: 'api'",
    reference: 'docs/checks/security-headers.md',
    *find({ plain }) {
      if (fieldOf(plain, 'x-content-type-options')?.toLowerCase() !== 'nosniff') yield { where: plain.url }
    },
  },
  {
    code: 'site.no-csp',
    severity: 'warning',
    title: 'There is no Content-Security-Policy.',
    why: 'A text that gets into a response unescaped is run by the browser that opens it.',
    instead: "headers: 'api' // or 'page', for what answers with HTML",
    reference: 'docs/checks/security-headers.md (CSP3)',
    *find({ plain }) {
      if (fieldOf(plain, 'content-security-policy') === undefined) yield { where: plain.url }
    },
  },
  {
    code: 'site.csp-weak',
    ...SCRIPTS_UNSAFE,
    *find({ plain }) {
      const csp = fieldOf(plain, 'content-security-policy')
      if (csp === undefined) return
      for (const detail of weaknessesOf(csp)) yield { where: plain.url, detail }
    },
  },
  {
    code: 'site.frameable',
    severity: 'warning',
    title: 'Every page of the web may put this one into a frame.',
    why: 'It is laid under what a visitor believes to click on.',
    instead: "headers: 'page' // frame-ancestors 'none'",
    reference: 'docs/checks/security-headers.md (CSP3 §6.4.2)',
    *find({ plain }) {
      if (typeOf(plain) !== 'text/html' || fieldOf(plain, 'x-frame-options') !== undefined) return
      if (!saysWhoFrames(fieldOf(plain, 'content-security-policy') ?? '')) yield { where: plain.url }
    },
  },
  {
    code: 'site.no-referrer-policy',
    severity: 'info',
    title: 'A page does not say what its links tell of it.',
    why: 'Browsers that do not know a better default hand its whole URL on to other sites.',
    instead: "headers: 'page'",
    reference: 'docs/checks/security-headers.md',
    *find({ plain }) {
      if (typeOf(plain) === 'text/html' && fieldOf(plain, 'referrer-policy') === undefined)
        yield { where: plain.url }
    },
  },
  {
    code: 'site.fields-lost',
    severity: 'warning',
    title: 'An error comes without the security headers.',
    why: 'The error path of the framework clears what was set before, and errors are what an attacker can cause.',
    instead: 'app.use(guard(gate)) before all else, and gate.attach(server)',
    reference: 'docs/checks/security-headers.md',
    *find({ plain, missing, malformed, undecodable }) {
      for (const answer of [missing, malformed, undecodable]) {
        if (answer === undefined) continue
        const lost = LOST.filter(
          (name) => fieldOf(plain, name) !== undefined && fieldOf(answer, name) === undefined,
        )
        if (lost.length > 0)
          yield { where: answer.url, detail: `${answer.status} comes without ${lost.join(', ')}.` }
      }
    },
  },
  {
    code: 'site.http2-differs',
    severity: 'warning',
    title: 'Over HTTP/2 the answer is another one.',
    why: 'Something else answers there than what was looked at: browsers speak HTTP/2, and get what nobody has tried.',
    instead: 'One gate for both: createSecureServer({ allowHTTP1: true }, gate.handler(...))',
    reference: 'docs/checks/security-headers.md (RFC 9113)',
    *find({ plain, http2 }) {
      if (http2 === undefined) return
      const lost = LOST.filter(
        (name) => fieldOf(plain, name) !== undefined && fieldOf(http2, name) === undefined,
      )
      if (lost.length > 0) yield { where: http2.url, detail: `It comes without ${lost.join(', ')}.` }
      // A limit may have been reached in between.
      const isOther = Math.floor(http2.status / 100) !== Math.floor(plain.status / 100)
      if (isOther && http2.status !== 429)
        yield { where: http2.url, detail: `It is a ${http2.status}, and over HTTP/1.1 a ${plain.status}.` }
    },
  },
  {
    code: 'site.xss-protection',
    severity: 'info',
    title: 'X-XSS-Protection is switched on.',
    why: 'The filter is gone from browsers, and where it is left it can be used to switch off scripts of the page.',
    instead: 'Leave it out.',
    reference: 'docs/checks/security-headers.md',
    *find({ plain }) {
      if (fieldOf(plain, 'x-xss-protection')?.startsWith('1') === true) yield { where: plain.url }
    },
  },
  {
    code: 'site.powered-by',
    severity: 'warning',
    title: 'A field tells what runs here.',
    why: 'Whoever looks for a server with a certain hole finds it by that field.',
    instead: "app.disable('x-powered-by') // the gate takes it off by itself",
    reference: 'docs/checks/security-headers.md',
    *find({ plain, missing }) {
      const told = new Set<string>()
      for (const answer of [plain, missing])
        for (const name of DISCLOSING) if (fieldOf(answer, name) !== undefined) told.add(name)
      for (const name of told) yield { where: plain.url, detail: `It is ${name}.` }
    },
  },
  {
    code: 'site.server-version',
    severity: 'info',
    title: 'Server names a version.',
    why: 'Whoever looks for a server with a certain hole finds it by that field.',
    instead: 'server_tokens off; # nginx',
    reference: 'docs/checks/security-headers.md (RFC 9110 §10.2.4)',
    *find({ plain }) {
      const server = fieldOf(plain, 'server')
      if (server !== undefined && /\d/.test(server)) yield { where: plain.url, detail: `It is "${server}".` }
    },
  },
  {
    code: 'site.cookie-in-clear',
    severity: 'error',
    title: 'A cookie is sent over plain http as well.',
    why: 'Whoever sits on the way reads it, and is then logged in.',
    instead: 'Set-Cookie: __Host-session=...; Secure; HttpOnly; SameSite=Lax; Path=/',
    reference: 'docs/checks/session.md (RFC 6265 §5.2.5)',
    *find({ answers, isLocal, isHttps }) {
      for (const cookie of cookiesOf(answers))
        if (cookie.secure !== true && (isHttps || !isLocal))
          yield { where: cookie.url, detail: `It is ${cookie.name}.` }
    },
  },
  {
    code: 'site.cookie-for-scripts',
    severity: 'warning',
    title: 'Scripts can read a cookie of a session.',
    why: 'One text that gets into a page unescaped sends it away.',
    instead: 'Set-Cookie: __Host-session=...; Secure; HttpOnly; SameSite=Lax; Path=/',
    reference: 'docs/checks/session.md (RFC 6265 §5.2.6)',
    *find({ answers }) {
      for (const cookie of cookiesOf(answers))
        if (cookie.httpOnly !== true && SESSION.test(cookie.name) && !/csrf|xsrf/i.test(cookie.name))
          yield { where: cookie.url, detail: `It is ${cookie.name}.` }
    },
  },
  {
    code: 'site.cookie-same-site',
    severity: 'warning',
    title: 'A cookie does not say to which sites it is sent.',
    why: 'Browsers differ in what they take that for, and SameSite=None sends it with whatever any page asks for.',
    instead: 'Set-Cookie: __Host-session=...; Secure; HttpOnly; SameSite=Lax; Path=/',
    reference: 'docs/checks/session.md',
    *find({ answers }) {
      for (const cookie of cookiesOf(answers)) {
        const sites = cookie.sameSite?.toLowerCase()
        if (sites !== 'lax' && sites !== 'strict')
          yield { where: cookie.url, detail: `It is ${cookie.name}.` }
      }
    },
  },
  {
    code: 'site.cookie-domain',
    severity: 'info',
    title: 'A cookie is for all names below a domain.',
    why: 'Every server below it reads it, and can set it.',
    instead: 'Leave Domain out, and call it __Host-...',
    reference: 'docs/checks/session.md (RFC 6265 §5.2.3)',
    *find({ answers }) {
      for (const cookie of cookiesOf(answers))
        if (cookie.domain !== undefined) yield { where: cookie.url, detail: `It is ${cookie.name}.` }
    },
  },
  {
    code: 'site.cacheable',
    severity: 'info',
    title: 'An answer of the API does not say whether it may be kept.',
    why: 'Caches then decide by themselves (RFC 9111 §4.2.2), and give the data of one caller to another.',
    instead: 'Cache-Control: no-store',
    reference: 'docs/checks/security-headers.md (RFC 9111)',
    *find({ plain }) {
      if (!/\bjson$/.test(typeOf(plain)) || fieldOf(plain, 'expires') !== undefined) return
      if (plain.status < 300 && fieldOf(plain, 'cache-control') === undefined) yield { where: plain.url }
    },
  },
]

interface CookieSeen {
  readonly url: string
  readonly name: string
  readonly secure?: boolean | undefined
  readonly httpOnly?: boolean | undefined
  readonly sameSite?: string | undefined
  readonly domain?: string | undefined
}

/** Each cookie once; its value goes nowhere. */
function cookiesOf(answers: readonly Answer[]): readonly CookieSeen[] {
  const cookies = new Map<string, CookieSeen>()
  for (const { url, fields } of answers)
    for (const { name, secure, httpOnly, sameSite, domain, expires, maxAge } of parseSetCookie([
      ...(fields['set-cookie'] ?? []),
    ])) {
      // What removes a cookie needs no protection.
      const isRemoved = maxAge === 0 || (expires !== undefined && expires.getTime() <= 0)
      if (!isRemoved && !cookies.has(name))
        cookies.set(name, { url, name, secure, httpOnly, sameSite, domain })
    }
  return [...cookies.values()]
}
