import type { Check } from './check.ts'
import { SCRIPTS_UNSAFE, weaknessesOf } from './csp.ts'
import { changes, isGiven, isLocalHost, optionsCalled, placeOf, type PolicySubject } from './subject.ts'

/** What browsers are told. */
export const WEB_CHECKS: readonly Check<PolicySubject>[] = [
  {
    code: 'policy.cors-any-writes',
    severity: 'error',
    title: 'Every page of the web may call a public route that changes something.',
    why: 'A page that somebody is lured to acts from his network and reads the answers, on a server behind his firewall, too.',
    instead: "cors: { origins: ['https://app.example.com'] }",
    reference: 'docs/checks/cors.md',
    *find({ rules }) {
      for (const rule of rules)
        if (rule.access === 'public' && rule.origins.includes('*') && changes(rule))
          yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.cors-any-caller',
    severity: 'warning',
    title: 'Every page of the web may read what a route answers its callers.',
    why: 'A token that got out is then usable from any page, in the browser and the network of whoever is lured there.',
    instead: "cors: { origins: ['https://app.example.com'] }",
    reference: 'docs/checks/cors.md',
    *find({ rules }) {
      for (const rule of rules)
        if (rule.access !== 'public' && rule.origins.includes('*')) yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.cors-clear-origin',
    severity: 'warning',
    title: 'A page that came in clear may call the API.',
    why: 'Whoever sits between a visitor and that page writes its scripts.',
    instead: "origins: ['https://app.example.com']",
    reference: 'docs/checks/cors.md',
    *find({ rules }) {
      for (const origin of originsOf(rules))
        if (origin.startsWith('http://') && !isLocalHost(origin.slice(7)))
          yield { where: 'cors.origins', detail: `It is ${origin}.` }
    },
  },
  {
    code: 'policy.cors-local-origin',
    severity: 'warning',
    title: 'Pages of the own machine may call a public host.',
    why: 'Whatever listens on that port of a visitor acts in his name: another developer tool, a package that was tampered with.',
    instead: "origins: ['https://app.example.com'] // and localhost in the policy of development alone",
    reference: 'docs/checks/cors.md',
    *find({ rules, hosts }) {
      if (hosts.length > 0 && hosts.every(isLocalHost)) return
      for (const origin of originsOf(rules))
        if (isLocalHost(origin.replace(/^https?:\/\//, '').replace(/:\*$/, '')))
          yield { where: 'cors.origins', detail: `It is ${origin}.` }
    },
  },
  {
    code: 'policy.cors-pattern-credentials',
    severity: 'warning',
    title: 'Every page below a name may act with the cookies of its visitors.',
    why: 'One forgotten name below it (a preview, a page of a partner, a dangling record) is enough.',
    instead: "origins: ['https://app.example.com'], credentials: true",
    reference: 'docs/checks/cors.md',
    *find(policy) {
      const first = originsOf(policy.rules).find((origin) => origin !== '*' && /[*(]|^\//.test(origin))
      if (first === undefined) return
      for (const [path, value] of optionsCalled(policy, 'credentials'))
        if (value === true) yield { where: path, detail: `One of the origins is ${first}.` }
    },
  },
  {
    code: 'policy.cors-null-origin',
    severity: 'error',
    title: 'The origin null is allowed.',
    why: 'Every sandboxed frame of every page has it.',
    instead: 'Leave dangerouslyAllowNullOrigin out.',
    reference: 'docs/checks/cors.md',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'dangerouslyAllowNullOrigin'))
        if (value === true) yield { where: path }
    },
  },
  {
    code: 'policy.cors-long-max-age',
    severity: 'info',
    title: 'Browsers remember for long what a preflight allowed.',
    why: 'An origin, method or field that is taken away stays allowed in browsers that asked before.',
    instead: "cors: { maxAge: '10m' }",
    reference: 'docs/checks/cors.md',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'maxAge'))
        if (/cors(?:\[\d+\])?\.maxAge$/.test(path) && typeof value === 'number' && value > 7_200_000)
          yield { where: path, detail: `It is ${value / 3_600_000} hours.` }
    },
  },
  {
    code: 'policy.cors-private-network',
    severity: 'warning',
    title: 'Pages of the public network may reach a server on a private one.',
    why: 'A page that somebody opens at his desk then speaks to what is behind his firewall.',
    instead: 'Leave allowPrivateNetwork out.',
    reference: 'docs/checks/cors.md',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'allowPrivateNetwork'))
        if (value === true) yield { where: path }
    },
  },
  {
    code: 'policy.cors-reasons',
    severity: 'warning',
    title: 'The gate tells pages why they may not do what they ask.',
    why: 'It is for development: it names the origins, methods and fields that are allowed.',
    instead: 'Leave dangerouslyShowReasons out.',
    reference: 'docs/checks/cors.md',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'dangerouslyShowReasons'))
        if (value === true) yield { where: path }
    },
  },
  {
    code: 'policy.cross-site',
    severity: 'error',
    title: 'Pages of every site may act in the name of their visitors.',
    why: 'A form on any page sends what changes something, and the browser adds the cookies of whoever is looking at it.',
    instead: "crossSite: { trustedOrigins: ['https://app.example.com'] }",
    reference: 'docs/checks/cross-site.md',
    *find(policy) {
      if (isGiven(policy, 'dangerouslyCrossSite')) yield { where: 'dangerouslyCrossSite' }
    },
  },
  {
    code: 'policy.cross-site-route',
    severity: 'info',
    title: 'Pages of every site may act on one route.',
    why: 'It is right for what is signed by itself (a form of a bank that comes back), and for nothing else.',
    instead: 'Leave dangerouslyCrossSite out, or silence this with the reason.',
    reference: 'docs/checks/cross-site.md',
    *find(policy) {
      for (const rule of policy.rules) {
        const place = `${placeOf(rule)}.dangerouslyCrossSite`
        if (place in policy.options) yield { where: place }
      }
    },
  },
  {
    code: 'policy.scripts-unsafe',
    ...SCRIPTS_UNSAFE,
    *find({ rules }) {
      const told = new Set<string>()
      for (const rule of rules) {
        const csp = rule.fields['Content-Security-Policy']
        if (csp === undefined) continue
        for (const detail of weaknessesOf(csp)) {
          if (told.has(detail)) continue
          told.add(detail)
          yield { where: rule.source === 'routes' ? `${placeOf(rule)}.headers` : 'headers', detail }
        }
      }
    },
  },
  {
    code: 'policy.header-off',
    severity: 'warning',
    title: 'A security header of the preset is left out.',
    why: 'Each of them closes something that browsers leave open.',
    instead: 'Leave it out of headers.set.',
    reference: 'docs/checks/security-headers.md',
    *find({ rules }) {
      const wanted = [
        'Content-Security-Policy',
        'X-Frame-Options',
        'Referrer-Policy',
        'Cross-Origin-Resource-Policy',
      ]
      const fields = rules.find(({ source }) => source === 'default')?.fields ?? {}
      for (const name of wanted)
        if (!(name in fields)) yield { where: 'headers.set', detail: `It is ${name}.` }
    },
  },
  {
    code: 'policy.disclosure-kept',
    severity: 'warning',
    title: 'A field that tells what runs here is let out.',
    why: 'Whoever looks for a server with a certain hole finds it by that field.',
    instead: 'Leave dangerouslyKeep out.',
    reference: 'docs/checks/security-headers.md',
    *find(policy) {
      for (const [path] of optionsCalled(policy, 'dangerouslyKeep')) yield { where: path }
    },
  },
  {
    code: 'policy.cache-of-handler',
    severity: 'warning',
    title: 'Answers to authenticated callers may be kept by shared caches.',
    why: 'One handler that says max-age without private, and a cache gives the data of one caller to the next.',
    instead: "headers: { authenticatedCache: 'private' }",
    reference: 'docs/checks/security-headers.md (RFC 9111 §3.5)',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'authenticatedCache'))
        if (value === 'handler') yield { where: path }
    },
  },
]

function originsOf(rules: PolicySubject['rules']): readonly string[] {
  return [...new Set(rules.flatMap(({ origins }) => origins))]
}
