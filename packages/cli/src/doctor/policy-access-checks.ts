import type { Check } from './check.ts'
import {
  asksMore,
  changes,
  isAdmin,
  isGiven,
  isLogin,
  longerThan,
  optionsCalled,
  placeOf,
  type PolicySubject,
} from './subject.ts'

/** Reasons that are none. */
const NO_REASON = /^(?:todo|fixme|tbd|test|testing|none|n\/?a|x+|\?+|-+|\.+|public|temp(?:orary)?)\W*$/i

/** Who may call, and what of. */
export const ACCESS_CHECKS: readonly Check<PolicySubject>[] = [
  {
    code: 'policy.all-public',
    severity: 'warning',
    title: 'The whole API is public.',
    why: 'Every route that is added from now on is open, whoever forgets to say so.',
    instead: "authenticate: jwt({ ... }), and public: 'why' in each route that is open",
    reference: 'docs/checks/authenticate.md',
    *find(policy) {
      if (isGiven(policy, 'public')) yield { where: 'public' }
    },
  },
  {
    code: 'policy.public-wildcard',
    severity: 'error',
    title: 'A wildcard is public.',
    why: 'Whatever is ever mounted below it is open the moment it is mounted.',
    instead: "'GET /assets/:name': { public: 'files of the page' }",
    reference: 'docs/checks/authorize.md',
    *find({ rules }) {
      for (const rule of rules)
        if (
          rule.source === 'routes' &&
          rule.access === 'public' &&
          rule.pattern.endsWith('*') &&
          changes(rule)
        )
          yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.public-admin',
    severity: 'error',
    title: 'A route of those who run the API is public.',
    why: 'Metrics, consoles and internal routes tell an attacker what runs here, or let him run it.',
    instead: "'/admin/*': { roles: ['admin'] }",
    reference: 'docs/checks/authorize.md (OWASP API5:2023)',
    *find({ rules }) {
      for (const rule of rules) if (isAdmin(rule) && rule.access === 'public') yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.public-write',
    severity: 'warning',
    title: 'A public route takes methods that change something.',
    why: 'Nobody is known who did it, and anybody may do it as often as he likes.',
    instead: "'POST /orders': { scopes: ['orders:write'] }",
    reference: 'docs/checks/authorize.md (OWASP API2:2023)',
    *find({ rules }) {
      for (const rule of rules) {
        const isOpen = rule.source === 'routes' && rule.access === 'public'
        if (isOpen && changes(rule) && !isLogin(rule) && !rule.pattern.endsWith('*'))
          yield { where: placeOf(rule) }
      }
    },
  },
  {
    code: 'policy.no-reason',
    severity: 'info',
    title: 'The reason why a route is open is no reason.',
    why: 'It is what the next reader of the policy has to judge it by.',
    instead: "public: 'load balancers ask it'",
    reference: 'docs/checks/authenticate.md',
    *find({ rules }) {
      for (const rule of rules)
        if (rule.reason !== undefined && NO_REASON.test(rule.reason.trim())) yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.admin-any-caller',
    severity: 'error',
    title: 'A route of those who run the API asks its callers for nothing.',
    why: 'Every account, and every token of every client, gets in.',
    instead: "'/admin/*': { roles: ['admin'] }",
    reference: 'docs/checks/authorize.md (OWASP API5:2023)',
    *find({ rules }) {
      for (const rule of rules)
        if (isAdmin(rule) && rule.access !== 'public' && !asksMore(rule)) yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.write-any-caller',
    severity: 'info',
    title: 'A route that changes something asks its callers for nothing.',
    why: 'A token that was made for reading alone may write here.',
    instead: "'POST /orders': { scopes: ['orders:write'] }",
    reference: 'docs/checks/authorize.md',
    *find({ rules }) {
      for (const rule of rules) {
        if (rule.source !== 'routes' || rule.access === 'public' || isAdmin(rule)) continue
        if (changes(rule) && !asksMore(rule)) yield { where: placeOf(rule) }
      }
    },
  },
  {
    code: 'policy.object-unguarded',
    severity: 'warning',
    title: 'A route names an object, and nobody asks whose it is.',
    why: 'A caller who may read one order reads all of them by counting: the first risk of OWASP (API1:2023).',
    instead:
      "'GET /orders/:id': { scopes: ['orders:read'], object: 'handler' } // and pass.decide(...) in the handler",
    reference: 'docs/guides/object-decisions.md',
    *find({ rules }) {
      for (const rule of rules) {
        if (rule.source !== 'routes' || rule.access !== 'caller' || !rule.pattern.includes('/:')) continue
        const isJudged = rule.object !== undefined || rule.when || rule.tenant !== undefined
        if (!isJudged && rule.roles.length === 0) yield { where: placeOf(rule) }
      }
    },
  },
  {
    code: 'policy.undecided-report',
    severity: 'warning',
    title: 'A handler that decides about no object is only reported.',
    why: 'The answer has left before anybody reads the event.',
    instead: "undecided: 'block'",
    reference: 'docs/guides/object-decisions.md',
    *find({ rules, options }) {
      if (options['undecided'] === 'block') return
      if (rules.some(({ object }) => object === 'handler')) yield { where: 'undecided' }
    },
  },
  {
    code: 'policy.any-audience',
    severity: 'error',
    title: 'Tokens for any other API are accepted.',
    why: 'Whoever runs one that your users log in to can call yours in their name.',
    instead: "audience: 'https://api.example.com'",
    reference: 'docs/checks/jwt.md (RFC 8725 §3.9)',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'dangerouslyAnyAudience'))
        if (value !== false) yield { where: path }
    },
  },
  {
    code: 'policy.token-in-query',
    severity: 'error',
    title: 'Tokens are taken from the query.',
    why: 'URLs are kept in the logs of every proxy, in histories, and in the Referer of the next page.',
    instead: 'Leave it out: tokens come in Authorization.',
    reference: 'docs/checks/jwt.md (RFC 9700 §4.3.2)',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'dangerouslyAllowQueryToken'))
        if (value !== false) yield { where: path }
    },
  },
  {
    code: 'policy.key-in-query',
    severity: 'error',
    title: 'API keys are taken from the query.',
    why: 'URLs are kept in the logs of every proxy, in histories, and in the Referer of the next page; a key is good for years.',
    instead: 'Leave it out: keys come in X-API-Key.',
    reference: 'docs/checks/api-key.md',
    *find({ openapi }) {
      const components = openapi['components'] as
        { readonly securitySchemes?: Readonly<Record<string, { readonly in?: string }>> } | undefined
      for (const [name, scheme] of Object.entries(components?.securitySchemes ?? {}))
        if (scheme.in === 'query') yield { where: 'authenticate', detail: `It is the scheme ${name}.` }
    },
  },
  {
    code: 'policy.no-revocations',
    severity: 'info',
    title: 'A token cannot be taken back before it expires.',
    why: 'Of a stolen one nothing remains but to wait.',
    instead: 'jwt({ revocations: revocations({ store }), ... })',
    reference: 'docs/checks/jwt.md (ASVS 7.4.1)',
    *find(policy) {
      for (const [path] of optionsCalled(policy, 'issuer')) {
        const scheme = path.replace(/\.?(?:issuers\[\d+\]\.)?issuer$/, '')
        if (!isGiven(policy, `${scheme}.revocations`)) yield { where: scheme }
      }
    },
  },
  {
    code: 'policy.clock-skew',
    severity: 'warning',
    title: 'Tokens are good for long after they expired.',
    why: 'Machines that keep time differ by less than a second; what is allowed beyond that is given to whoever has an old token.',
    instead: "clockSkew: '30s'",
    reference: 'docs/checks/jwt.md',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'clockSkew')) yield* longerThan(60_000, path, value)
    },
  },
  {
    code: 'policy.role-unused',
    severity: 'warning',
    title: 'A role that the policy defines opens nothing.',
    why: 'Either a rule is missing that should ask for it, or somebody takes the role for a protection that it is not.',
    instead: "'/reports/*': { roles: ['auditor'] } // or leave the role out",
    reference: 'docs/checks/authorize.md',
    *find({ roles, rules }) {
      const asked = new Set(rules.flatMap((rule) => rule.roles))
      const permissions = new Set(rules.flatMap((rule) => rule.permissions))
      const opens = (role: string, way: readonly string[]): boolean => {
        const grant = roles[role]
        if (asked.has(role)) return true
        if (grant === undefined || way.includes(role)) return false
        return (
          grant.permissions.some((permission) => permissions.has(permission)) ||
          grant.includes.some((below) => opens(below, [...way, role]))
        )
      }
      for (const role of Object.keys(roles)) if (!opens(role, [])) yield { where: `roles.${role}` }
    },
  },
  {
    code: 'policy.permission-unused',
    severity: 'warning',
    title: 'A permission is given that no rule asks for.',
    why: 'It is misspelt where it is given or where it is asked for, or it guards nothing.',
    instead: "'DELETE /orders/:id': { permissions: ['orders:delete'] }",
    reference: 'docs/checks/authorize.md',
    *find({ roles, rules }) {
      const asked = new Set(rules.flatMap((rule) => rule.permissions))
      for (const [role, { permissions }] of Object.entries(roles))
        for (const permission of permissions)
          if (!asked.has(permission))
            yield { where: `roles.${role}.permissions`, detail: `Nothing asks for ${permission}.` }
    },
  },
  {
    code: 'policy.scope-alike',
    severity: 'warning',
    title: 'Two scopes differ by a letter.',
    why: 'One of them is misspelt, and its route is closed to those it is for.',
    instead: "scopes: ['orders:read'] // spelt alike everywhere",
    reference: 'docs/checks/authorize.md',
    *find({ rules }) {
      const where = new Map<string, string>()
      for (const rule of rules)
        for (const scope of rule.scopes?.names ?? []) if (!where.has(scope)) where.set(scope, placeOf(rule))
      const names = [...where.keys()]
      for (const [index, one] of names.entries())
        for (const other of names.slice(index + 1))
          if (isAlike(one, other))
            yield { where: where.get(other) ?? other, detail: `It asks for ${other}, another for ${one}.` }
    },
  },
  {
    code: 'policy.password-scheme',
    severity: 'info',
    title: 'Callers send a password with every request.',
    why: 'One request that is seen gives the account away, and for as long as the password lives.',
    instead: 'authenticate: jwt({ ... }), with tokens that live for minutes',
    reference: 'docs/checks/basic.md',
    *find({ rules }) {
      const schemes = new Set(rules.flatMap((rule) => rule.schemes))
      for (const name of ['basic', 'digest'])
        if (schemes.has(name)) yield { where: 'authenticate', detail: `It is ${name}.` }
    },
  },
  {
    code: 'policy.password-unprotected',
    severity: 'warning',
    title: 'Nothing slows down who guesses passwords.',
    why: 'A limit by address lets a botnet try one password from each of its machines.',
    instead: 'basic({ protection: loginProtection({ store }), ... })',
    reference: 'docs/checks/basic.md (ASVS 6.3.1)',
    *find(policy) {
      const usesBasic = policy.rules.some(({ schemes }) => schemes.includes('basic'))
      if (usesBasic && optionsCalled(policy, 'protection').length === 0) yield { where: 'authenticate' }
    },
  },
]

/** Whether two names are one letter apart: one put in, left out, changed, or changed places with its neighbour. */
function isAlike(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one]
  if (long.length < 5 || long.length - short.length > 1) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at++
  const isPut = short.slice(at) === long.slice(at + 1)
  const isChanged = short.length === long.length && short.slice(at + 1) === long.slice(at + 1)
  const isSwapped =
    short.length === long.length &&
    short[at] === long[at + 1] &&
    short[at + 1] === long[at] &&
    short.slice(at + 2) === long.slice(at + 2)
  return isPut || isSwapped || (isChanged && !/\d/.test(`${short[at] ?? ''}${long[at] ?? ''}`))
}
