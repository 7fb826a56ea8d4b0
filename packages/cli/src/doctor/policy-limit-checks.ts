import type { Check } from './check.ts'
import {
  changes,
  isGiven,
  isLogin,
  limitsAt,
  longerThan,
  optionsCalled,
  placeOf,
  type PolicySubject,
} from './subject.ts'

const MINUTE = 60_000
const HOUR = 3_600_000

/** How often, how much, how long. */
export const LIMIT_CHECKS: readonly Check<PolicySubject>[] = [
  {
    code: 'policy.no-limit',
    severity: 'warning',
    title: 'A route may be called without any limit.',
    why: 'One client takes all of the server, and tries as many ids, passwords and payloads as he likes (OWASP API4:2023).',
    instead: "rateLimit: { limit: 100, window: '1m' }",
    reference: 'docs/checks/rate-limit.md',
    *find({ rules }) {
      for (const rule of rules)
        if (rule.source !== 'allow' && rule.limits.length === 0 && !isLogin(rule))
          yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.login-unlimited',
    severity: 'error',
    title: 'A place where credentials are tried has no limit of its own.',
    why: 'What is enough for a page that loads is thousands of passwords an hour.',
    instead: "'POST /token': { public: 'issues tokens', rateLimit: { limit: 5, window: '1m' } }",
    reference: 'docs/checks/rate-limit.md (ASVS 6.3.1)',
    *find(policy) {
      for (const rule of policy.rules)
        if (
          isLogin(rule) &&
          rule.source === 'routes' &&
          !isGiven(policy, `${placeOf(rule)}.rateLimit.limit`) &&
          limitsAt(policy, `${placeOf(rule)}.rateLimit`).length === 0
        )
          yield { where: placeOf(rule) }
    },
  },
  {
    code: 'policy.login-loose',
    severity: 'warning',
    title: 'A place where credentials are tried allows many tries.',
    why: 'More than twenty a minute from one address is nobody who mistyped.',
    instead: "rateLimit: { limit: 5, window: '1m' }",
    reference: 'docs/checks/rate-limit.md (ASVS 6.3.1)',
    *find(policy) {
      for (const rule of policy.rules) {
        if (!isLogin(rule)) continue
        const limits = limitsAt(policy, `${placeOf(rule)}.rateLimit`)
        const tightest = Math.min(
          ...limits.map(({ limit, windowMs }) => limit / Math.max(1, windowMs / MINUTE)),
        )
        if (limits.length > 0 && tightest > 20)
          yield { where: `${placeOf(rule)}.rateLimit`, detail: `It allows ${Math.round(tightest)} a minute.` }
      }
    },
  },
  {
    code: 'policy.login-fails-open',
    severity: 'error',
    title: 'The limit of a place where credentials are tried opens when the store fails.',
    why: 'Whoever can bring the store down may then guess without a limit.',
    instead: "whenStoreFails: 'local'",
    reference: 'docs/checks/rate-limit.md',
    *find(policy) {
      for (const rule of policy.rules) {
        if (!isLogin(rule)) continue
        for (const { path, whenStoreFails } of limitsAt(policy, `${placeOf(rule)}.rateLimit`))
          if (whenStoreFails === 'open') yield { where: `${path}.whenStoreFails` }
      }
    },
  },
  {
    code: 'policy.limit-fails-open',
    severity: 'info',
    title: 'A limit opens when the store fails.',
    why: 'A flood that brings the store down is then let through.',
    instead: "whenStoreFails: 'local'",
    reference: 'docs/checks/rate-limit.md',
    *find({ options }) {
      for (const [path, value] of Object.entries(options))
        if (value === 'open' && /^rateLimit(?:\[\d+\])?\.whenStoreFails$/.test(path)) yield { where: path }
    },
  },
  {
    code: 'policy.limit-burst',
    severity: 'warning',
    title: 'A limit over a long time may be spent at once.',
    why: 'A client that was idle may send thousands of requests in one second, and nothing holds it back.',
    instead:
      "rateLimit: [{ name: 'burst', limit: 20, window: '1s' }, { name: 'hourly', limit: 2000, window: '1h' }]",
    reference: 'docs/checks/rate-limit.md',
    *find(policy) {
      const places = ['rateLimit', ...policy.rules.map((rule) => `${placeOf(rule)}.rateLimit`)]
      const shared = limitsAt(policy, 'rateLimit').some(({ windowMs }) => windowMs <= MINUTE)
      for (const place of places) {
        const limits = limitsAt(policy, place)
        if (shared || limits.some(({ windowMs }) => windowMs <= MINUTE)) continue
        for (const { path, limit, windowMs } of limits)
          if (limit >= 500 && windowMs >= HOUR)
            yield { where: path, detail: `It allows ${limit} at once, in ${windowMs / HOUR} hours.` }
      }
    },
  },
  {
    code: 'policy.limit-exempt',
    severity: 'warning',
    title: 'A public route is exempt from every limit.',
    why: 'Nobody has to say who he is to take all of the server by it.',
    instead: "rateLimit: { limit: 600, window: '1m' } // for a probe that comes often",
    reference: 'docs/checks/rate-limit.md',
    *find(policy) {
      for (const rule of policy.rules) {
        const place = `${placeOf(rule)}.rateLimit`
        const isExempt = place in policy.options && limitsAt(policy, place).length === 0
        if (isExempt && rule.access === 'public' && isGiven(policy, 'rateLimit') && rule.limits.length === 0)
          yield { where: place }
      }
    },
  },
  {
    code: 'policy.limit-fields-none',
    severity: 'info',
    title: 'Clients are not told where they stand with the limits.',
    why: 'A client that means well cannot slow down before it is refused.',
    instead: "Leave rateLimitFields out: it is 'draft-11'.",
    reference: 'docs/checks/rate-limit.md',
    *find(policy) {
      for (const [path, value] of Object.entries(policy.options))
        if (path.startsWith('rateLimitFields') && value === 'none') yield { where: path }
    },
  },
  {
    code: 'policy.memory-store',
    severity: 'error',
    title: 'Several processes count each for itself.',
    why: 'A client may spend a limit once in each of them, and a token that was used up in one is good in the others.',
    instead: 'store: redisStore({ client }) // or clusterStore() on one machine',
    reference: 'docs/guides/several-machines.md',
    *find({ store, instances }) {
      if (store === 'memory' && instances > 1)
        yield { where: 'store', detail: `There are ${instances} processes.` }
    },
  },
  {
    code: 'policy.no-concurrency',
    severity: 'info',
    title: 'Nothing limits how many requests are under way.',
    why: 'A limit of requests in time does not hold slow ones: a few hundred of them fill the server.',
    instead: 'concurrency: { limit: 20 }, shed: {}',
    reference: 'docs/checks/concurrency.md',
    *find(policy) {
      const isLimited = policy.rules.some(({ concurrency }) => concurrency.length > 0)
      if (!isLimited && !isGiven(policy, 'shed') && !isGiven(policy, 'concurrency'))
        yield { where: 'concurrency' }
    },
  },
  {
    code: 'policy.content-unlimited',
    severity: 'warning',
    title: 'The content of a route is neither bounded nor checked for its type.',
    why: 'The handler reads whatever comes: gigabytes, a form where JSON is meant, JSON a million levels deep.',
    instead: "content: 'json'",
    reference: 'docs/checks/content.md',
    *find({ rules }) {
      for (const rule of rules)
        if (rule.source === 'routes' && changes(rule) && rule.content === undefined) {
          // What deletes has none as a rule, and a rule for all methods is judged by its others.
          if (rule.methods.length === 1 && rule.methods[0] === 'DELETE') continue
          yield { where: placeOf(rule) }
        }
    },
  },
  {
    code: 'policy.content-large',
    severity: 'info',
    title: 'The content of requests may be large.',
    why: 'Each request under way may hold as much of the memory.',
    instead: "content: { types: 'json', maxBytes: 102_400 }",
    reference: 'docs/checks/content.md',
    *find(policy) {
      for (const [path, value] of optionsCalled(policy, 'maxBytes'))
        if (/content(?:\[\d+\])?\.maxBytes$/.test(path) && typeof value === 'number' && value > 10_485_760)
          yield { where: path, detail: `It is ${Math.round(value / 1_048_576)} MiB.` }
    },
  },
  {
    code: 'policy.no-timeout',
    severity: 'warning',
    title: 'A handler may take as long as it likes.',
    why: 'What hangs holds its connection, its memory and its permit until the client gives up, and clients that attack do not.',
    instead: "timeout: '30s'",
    reference: 'docs/guides/slow-clients.md',
    *find(policy) {
      if (
        policy.options['timeout'] === undefined &&
        policy.rules.some(({ timeout }) => timeout === undefined)
      )
        yield { where: 'timeout' }
    },
  },
  {
    code: 'policy.timeout-off',
    severity: 'info',
    title: 'A route that is no stream has no timeout.',
    why: 'It is switched off for routes that answer as long as their client listens; for any other it is a hole.',
    instead: "timeout: '2m'",
    reference: 'docs/guides/slow-clients.md',
    *find(policy) {
      for (const rule of policy.rules) {
        const place = `${placeOf(rule)}.timeout`
        if (policy.options[place] === 'exempt' && changes(rule)) yield { where: place }
      }
    },
  },
  {
    code: 'policy.deadline-long',
    severity: 'info',
    title: 'A check may wait for long.',
    why: 'While a look-up hangs, every request hangs with it.',
    instead: "deadline: '5s'",
    reference: 'docs/checks/authenticate.md',
    find: ({ options }) => longerThan(30_000, 'deadline', options['deadline']),
  },
  {
    code: 'policy.store-deadline-long',
    severity: 'info',
    title: 'Counting a request may take long.',
    why: 'While the store is slow, every request waits that long for it.',
    instead: "storeDeadline: '500ms'",
    reference: 'docs/guides/several-machines.md',
    find: ({ options }) => longerThan(2_000, 'storeDeadline', options['storeDeadline']),
  },
]
