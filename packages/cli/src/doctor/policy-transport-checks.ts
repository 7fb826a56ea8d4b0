import type { Check } from './check.ts'
import { isGiven, isLocalHost, optionsCalled, type PolicySubject } from './subject.ts'

const YEAR = 31_536_000_000

/** Hosts, https and proxies. */
export const TRANSPORT_CHECKS: readonly Check<PolicySubject>[] = [
  {
    code: 'policy.any-host',
    severity: 'error',
    title: 'The gate answers for every host.',
    why: 'Whatever builds a link from Host (a password reset, a redirect, a cached page) then builds it for an attacker.',
    instead: "hosts: ['api.example.com']",
    reference: 'docs/checks/hosts.md',
    *find(policy) {
      if (isGiven(policy, 'dangerouslyAnyHost')) yield { where: 'dangerouslyAnyHost' }
    },
  },
  {
    code: 'policy.local-host',
    severity: 'warning',
    title: 'The policy answers for hosts of the own machine, besides real ones.',
    why: 'A page that rebinds a name to this machine gets through the check of hosts, and development has got into production.',
    instead: "hosts: ['api.example.com'] // and localhost in the policy of development alone",
    reference: 'docs/checks/hosts.md',
    *find({ hosts }) {
      if (hosts.every(isLocalHost)) return
      for (const [index, host] of hosts.entries())
        if (isLocalHost(host)) yield { where: `hosts[${index}]`, detail: `It is ${host}.` }
    },
  },
  {
    code: 'policy.http-allowed',
    severity: 'error',
    title: 'Plain http is let in.',
    why: 'Tokens, cookies and answers cross the network in clear, for everybody on the way to read and change.',
    instead: "https: 'redirect'",
    reference: 'docs/checks/https.md',
    *find({ options }) {
      for (const path of ['https', 'https.mode'])
        if (options[path] === 'dangerouslyAllowHttp') yield { where: path }
    },
  },
  {
    code: 'policy.hsts-off',
    severity: 'error',
    title: 'Browsers are not told to come over https alone.',
    why: 'Without Strict-Transport-Security each first request of a visit can be taken over before it is redirected.',
    instead: "https: { hsts: { maxAge: '365d', includeSubDomains: true } }",
    reference: 'docs/checks/https.md (RFC 6797)',
    *find({ options }) {
      if (options['https.hsts'] === false || options['https.hsts.maxAge'] === 0) yield { where: 'https.hsts' }
    },
  },
  {
    code: 'policy.hsts-short',
    severity: 'warning',
    title: 'Browsers forget within a year that the host is https alone.',
    why: 'Whoever comes back later comes in clear again. A ramp is for the first weeks.',
    instead: "https: { hsts: { maxAge: '365d' } }",
    reference: 'docs/checks/https.md (RFC 6797)',
    *find({ options }) {
      const maxAge = options['https.hsts.maxAge']
      if (typeof maxAge === 'number' && maxAge > 0 && maxAge < YEAR) {
        yield { where: 'https.hsts.maxAge', detail: `It is ${Math.round(maxAge / 86_400_000)} days.` }
      }
    },
  },
  {
    code: 'policy.hsts-host-alone',
    severity: 'info',
    title: 'Names below the host may still be reached in clear.',
    why: 'An attacker can make up a name below yours over http, and set cookies from there that your host gets.',
    instead: "https: { hsts: { maxAge: '365d', includeSubDomains: true } }",
    reference: 'docs/checks/https.md (RFC 6797 §14.4)',
    *find({ options }) {
      if (options['https.hsts'] === false || options['https.hsts.includeSubDomains'] === true) return
      yield { where: 'https.hsts' }
    },
  },
  {
    code: 'policy.remote-in-clear',
    severity: 'error',
    title: 'Keys or metadata of the issuer may come over plain http.',
    why: 'Whoever sits between can put in a key of his own, and sign every token that the gate accepts.',
    instead: 'Leave dangerouslyAllowHttp out, and write an https URL.',
    reference: 'docs/checks/jwt.md',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'dangerouslyAllowHttp'))
        if (value !== false) yield { where: path }
    },
  },
  {
    code: 'policy.issuer-in-clear',
    severity: 'error',
    title: 'The issuer is named by a URL of plain http.',
    why: 'Its metadata and keys are found by that name; RFC 8414 §2 wants https.',
    instead: "issuer: 'https://id.example.com'",
    reference: 'docs/checks/jwt.md (RFC 8414 §2)',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'issuer'))
        if (typeof value === 'string' && value.startsWith('http:'))
          yield { where: path, detail: `It is ${value}.` }
    },
  },
  {
    code: 'policy.trusted-hops',
    severity: 'warning',
    title: 'Proxies are told by their number.',
    why: 'Whoever reaches the server around them writes his own address, and is then limited, banned and logged as somebody else.',
    instead: "proxy: { trustedRanges: ['10.0.0.0/8'] } // or a preset, such as 'cloudflare'",
    reference: 'docs/checks/proxy.md',
    *find({ options }) {
      const hops = options['proxy.trustedHops']
      if (hops !== undefined) yield { where: 'proxy.trustedHops', detail: `It is ${String(hops)}.` }
    },
  },
  {
    code: 'policy.proxy-host',
    severity: 'info',
    title: 'The host that proxies report is believed.',
    why: 'A proxy that hands X-Forwarded-Host on from a client lets the client choose the host.',
    instead: 'Leave proxy.host out, and let the proxy keep Host.',
    reference: 'docs/checks/proxy.md',
    *find({ options }) {
      if (options['proxy.host'] === true) yield { where: 'proxy.host' }
    },
  },
  {
    code: 'policy.method-override',
    severity: 'warning',
    title: 'A field of the request may change its method.',
    why: 'Proxies, firewalls and logs before the gate see a POST where a DELETE is carried out.',
    instead: 'Leave request.methodOverride out, and let clients send the method they mean.',
    reference: 'docs/checks/request.md',
    *find(policy) {
      if (isGiven(policy, 'request.methodOverride')) yield { where: 'request.methodOverride' }
    },
  },
]
