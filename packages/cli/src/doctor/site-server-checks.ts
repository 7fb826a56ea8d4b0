import { shownUrl } from '../clean.ts'
import type { Check } from './check.ts'
import { AGENT, type Answer, fieldOf, typeOf } from './http.ts'
import { type Site, STRANGER } from './site.ts'

const DAY = 86_400_000

/** A line of a stack, or a path of a package: of Node, and of those that may stand behind the same host. */
const STACK =
  /\bat [^\n<]{1,200}\([^()\n<]{1,200}:\d+:\d+\)|\bnode:internal\/|[\\/]node_modules[\\/]|\bTraceback \(most recent call last\)|\bat [\w.$]+\([\w$]+\.java:\d+\)/

/** What a file that should not be there looks like, so that a page for all paths is not taken for it. */
const EXPOSED: Readonly<Record<string, (answer: Answer) => boolean>> = {
  '/.env': ({ body }) =>
    /^[ \t]{0,20}(?:export[ \t]{1,20})?[A-Z][A-Z0-9_]*=/m.test(body) && !body.includes('<html'),
  '/.git/HEAD': ({ body }) => /^(?:ref: refs\/|[0-9a-f]{40}\s*$)/.test(body),
  '/package.json': ({ body }) => /^\s*\{[^]*"(?:dependencies|scripts|version)"\s*:/.test(body),
}

/** What those who run the API look at. */
const OPEN: Readonly<Record<string, (answer: Answer) => boolean>> = {
  '/metrics': ({ body }) => /^# (?:HELP|TYPE) /m.test(body),
  '/server-status': ({ body }) => /server status|"uptime"/i.test(body),
  '/debug': ({ body, status }) => status === 200 && /pprof|"env"|"heap|inspect/i.test(body),
}

/** How the server behaves. */
export const SERVER_CHECKS: readonly Check<Site>[] = [
  {
    code: 'site.trace',
    severity: 'error',
    title: 'TRACE is answered.',
    why: 'It echoes what a script may not read: cookies, and the fields of proxies.',
    instead: 'Put the gate in front: it refuses TRACE.',
    reference: 'docs/checks/request.md (RFC 9110 §9.3.8, ASVS 13.4.4)',
    *find({ trace }) {
      if (trace === undefined || trace.status >= 300) return
      if (typeOf(trace) === 'message/http' || trace.body.includes(AGENT)) yield { where: trace.url }
    },
  },
  {
    code: 'site.method-override',
    severity: 'warning',
    title: 'A field of the request changes its method.',
    why: 'Proxies, firewalls and logs see a POST where a DELETE is carried out.',
    instead: 'Take method-override out, or say which: request: { methodOverride: [...] }',
    reference: 'docs/checks/request.md',
    *find({ posted, overridden }) {
      if (posted === undefined || overridden === undefined) return
      const became =
        posted.body.includes('POST') &&
        overridden.body.includes('DELETE') &&
        !overridden.body.includes('POST')
      const allows = posted.status === 405 && overridden.status !== 405 && overridden.status < 400
      if (became || allows) yield { where: posted.url, detail: 'A POST was taken for a DELETE.' }
    },
  },
  {
    code: 'site.host-poisoned',
    severity: 'error',
    title: 'A host that the client made up is written into the answer.',
    why: 'Links for a password, redirects and cached pages then lead to the host of an attacker.',
    instead: "hosts: ['api.example.com']",
    reference: 'docs/checks/hosts.md',
    *find({ hosts }) {
      for (const { claim, answer } of hosts) {
        if (answer === undefined) continue
        const isEchoed = [fieldOf(answer, 'location'), fieldOf(answer, 'link'), answer.body].some((text) =>
          text?.includes(STRANGER),
        )
        // A refusal that names it is no link to it.
        if (isEchoed && answer.status < 400) yield { where: answer.url, detail: `It came in ${claim}.` }
      }
    },
  },
  {
    code: 'site.host-accepted',
    severity: 'warning',
    title: 'The server answers for a host that it is not.',
    why: 'A page that rebinds a name of its own to this server gets past the same-origin policy, and caches keep what it makes.',
    instead: "hosts: ['api.example.com']",
    reference: 'docs/checks/hosts.md (RFC 9110 §7.4)',
    *find({ hosts }) {
      for (const { claim, answer } of hosts)
        if (claim === 'host' && answer !== undefined && answer.status < 400)
          yield { where: answer.url, detail: `It answers ${answer.status}.` }
    },
  },
  {
    code: 'site.forwarded-for',
    severity: 'error',
    title: 'An address that the client made up is believed.',
    why: 'X-Forwarded-For gave a request a limit of its own: whoever writes another one each time has no limit, and is never banned.',
    instead: "proxy: { trustedRanges: ['10.0.0.0/8'] } // or 'none', where there is no proxy",
    reference: 'docs/checks/proxy.md',
    *find({ left, url }) {
      const [first, second, third, fourth] = left
      if (first === undefined || second === undefined || third === undefined || fourth === undefined) return
      if (second < first && third >= first && fourth >= first) yield { where: shownUrl(url) }
    },
  },
  {
    code: 'site.forwarded-proto',
    severity: 'error',
    title: 'A client may say that it came over https.',
    why: 'X-Forwarded-Proto let a request in over plain http that is redirected or refused without it.',
    instead: "proxy: { trustedRanges: ['10.0.0.0/8'] } // or 'none', where there is no proxy",
    reference: 'docs/checks/proxy.md',
    *find({ plain, claimedHttps }) {
      if (claimedHttps === undefined || claimedHttps.status === plain.status) return
      const isKeptOut = [301, 302, 307, 308, 403].includes(plain.status)
      if (isKeptOut && ![301, 302, 307, 308, 403, 429, 503].includes(claimedHttps.status))
        yield { where: plain.url, detail: `It answers ${claimedHttps.status} instead of ${plain.status}.` }
    },
  },
  {
    code: 'site.stack-trace',
    severity: 'error',
    title: 'An error tells what the code looks like inside.',
    why: 'Names and versions of packages, paths and lines are a map for whoever looks for a hole.',
    instead: 'NODE_ENV=production, and gate.fail in the error path: guard(gate) does it',
    reference: 'docs/codes.md (ASVS 16.5.1)',
    *find({ answers }) {
      const found = answers.find(({ status, body }) => status >= 400 && STACK.test(body))
      if (found !== undefined) yield { where: found.url, detail: `It came with a ${found.status}.` }
    },
  },
  {
    code: 'site.malformed-500',
    severity: 'warning',
    title: 'What is malformed is answered with an error of the server.',
    why: 'A client can cause it at will: what is not foreseen there may be worse, and the alarm for real ones is buried.',
    instead: "content: 'json'",
    reference: 'docs/checks/request.md',
    *find({ malformed, undecodable }) {
      for (const answer of [malformed, undecodable]) if (answer?.status === 500) yield { where: answer.url }
    },
  },
  {
    code: 'site.no-problem',
    severity: 'info',
    title: 'An error is no problem+json.',
    why: 'Clients have to guess from its text what went wrong.',
    instead: 'Put the gate in front: what it refuses are problems.',
    reference: 'docs/codes.md (RFC 9457)',
    *find({ missing }) {
      if (missing === undefined || missing.status < 400) return
      if (typeOf(missing) !== 'application/problem+json')
        yield {
          where: missing.url,
          detail: `${missing.status} comes as ${typeOf(missing) || 'nothing that is named'}.`,
        }
    },
  },
  {
    code: 'site.file-exposed',
    severity: 'error',
    title: 'A file of the project is served.',
    why: 'Secrets of the environment, the history of the code or the versions of its packages are there for everybody.',
    instead: 'Serve a folder of its own, and never that of the project. Change every secret that was in it.',
    reference: 'ASVS 13.4.1',
    *find({ files }) {
      for (const { claim, answer } of files)
        if (answer?.status === 200 && EXPOSED[claim]?.(answer) === true) yield { where: answer.url }
    },
  },
  {
    code: 'site.operations-open',
    severity: 'warning',
    title: 'What those who run the API look at is open.',
    why: 'Metrics and states tell routes, clients, versions and when the server is weak.',
    instead: "'/metrics': { roles: ['monitor'] }",
    reference: 'docs/checks/authorize.md (ASVS 13.4.5)',
    *find({ files }) {
      for (const { claim, answer } of files)
        if (answer?.status === 200 && OPEN[claim]?.(answer) === true) yield { where: answer.url }
    },
  },
  {
    code: 'site.no-security-txt',
    severity: 'info',
    title: 'There is no security.txt.',
    why: 'Whoever finds a hole does not know whom to tell, and tells everybody.',
    instead: '/.well-known/security.txt with Contact and Expires',
    reference: 'RFC 9116',
    *find({ securityTxt, url }) {
      if (securityTxt === undefined || securityTxt.status !== 200 || !/^contact:/im.test(securityTxt.body))
        yield { where: new URL('/.well-known/security.txt', url).href }
    },
  },
  {
    code: 'site.security-txt-expired',
    severity: 'warning',
    title: 'The security.txt has expired, or does not say when it will.',
    why: 'RFC 9116 §2.5.5 asks for Expires: what is older must not be used.',
    instead: 'Expires: a day within the next year',
    reference: 'RFC 9116 §2.5.5',
    *find({ securityTxt, now }) {
      if (securityTxt === undefined || securityTxt.status !== 200 || !/^contact:/im.test(securityTxt.body))
        return
      const [, text = ''] = /^expires:\s*(\S+)\s*$/im.exec(securityTxt.body) ?? []
      const expires = Date.parse(text)
      if (Number.isNaN(expires) || expires < now.getTime() - DAY) yield { where: securityTxt.url }
    },
  },
  {
    code: 'site.route-open',
    severity: 'error',
    title: 'A route that the policy guards answers without credentials.',
    why: 'The gate is not in front of it: another server, a mount before the guard, a proxy that answers by itself.',
    instead: 'app.use(guard(gate)) // before every route',
    reference: 'docs/checks/authenticate.md',
    *find({ routes }) {
      for (const { rule, answer } of routes)
        if (rule.access === 'caller' && answer !== undefined && answer.status < 300)
          yield { where: rule.name, detail: `${answer.url} answers ${answer.status}.` }
    },
  },
  {
    code: 'site.no-challenge',
    severity: 'warning',
    title: 'A 401 does not say how to authenticate.',
    why: 'RFC 9110 §11.6.1 asks for WWW-Authenticate: clients do without it by guessing.',
    instead: 'Put the gate in front: its 401 challenges.',
    reference: 'docs/checks/authenticate.md (RFC 9110 §15.5.2)',
    *find({ answers }) {
      const found = answers.find(
        (answer) => answer.status === 401 && fieldOf(answer, 'www-authenticate') === undefined,
      )
      if (found !== undefined) yield { where: found.url }
    },
  },
  {
    code: 'site.no-limit-fields',
    severity: 'warning',
    title: 'Nothing tells of a limit.',
    why: 'Where there is one, clients cannot slow down before they are refused; more often there is none.',
    instead: "rateLimit: { limit: 100, window: '1m' }",
    reference: 'docs/checks/rate-limit.md',
    *find({ plain }) {
      const names = [
        'ratelimit',
        'ratelimit-policy',
        'ratelimit-limit',
        'x-ratelimit-limit',
        'x-rate-limit-limit',
      ]
      if (names.every((name) => fieldOf(plain, name) === undefined)) yield { where: plain.url }
    },
  },
]
