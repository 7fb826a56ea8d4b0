import type { SecurityEvent } from '../../contract/event.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Duration } from '../../lib/duration.ts'
import type { AlertSeverity } from './alert.ts'

/** What is to be different among the events that a rule counts, and how many of it there must be. */
interface Different {
  readonly what: 'path' | 'account' | 'client'
  readonly atLeast: number
}

/** A rule that is there unless it is switched off. */
export interface BuiltInRule {
  /** The kinds of events that it counts, whatever became of the request: in shadow mode it watches, too. */
  readonly kinds: readonly Kind[]
  /** Of these kinds only such events. */
  readonly only?: (event: SecurityEvent) => boolean
  /** Whose events are counted together; everybody's when left out. */
  readonly by?: 'client' | 'account' | 'kind'
  readonly threshold: number
  readonly window: Duration
  readonly different?: Different
  /** It fires until there was such an event for each that it counted, however long that takes. */
  readonly clearedBy?: readonly Kind[]
  readonly severity: AlertSeverity
  readonly meaning: string
  readonly advice: string
}

/** The names of the rules that are built in. */
export type AlertRuleName =
  | 'credential-stuffing'
  | 'account-attack'
  | 'token-spraying'
  | 'spread-guessing'
  | 'replay'
  | 'scanning'
  | 'probing'
  | 'object-guessing'
  | 'limit-storm'
  | 'cross-site-storm'
  | 'key-set-failing'
  | 'store-failing'
  | 'check-failing'

const LOGINS: readonly Kind[] = ['credentials.wrong', 'login.limited']

const FORGED: readonly Kind[] = [
  'token.malformed',
  'token.wrong-algorithm',
  'token.unknown-key',
  'token.bad-signature',
  'token.claim-malformed',
  'token.inactive',
  'token.unbound',
  'proof.malformed',
  'proof.bad-signature',
  'proof.mismatch',
  'credentials.malformed',
  'credentials.wrong',
]

/** The checks of which another rule watches what they ask. */
const WATCHED: ReadonlySet<string> = new Set(['authenticate', 'client-limits', 'caller-limits'])

/**
 * The rules that are built in, as data.
 *
 * Kinds that honest clients bring about in numbers are in none of them: a token that has expired, a health check that names
 * no host, a forwarding field that a proxy of the client's own has added.
 */
export const BUILT_IN: Readonly<Record<AlertRuleName, BuiltInRule>> = {
  'credential-stuffing': {
    kinds: LOGINS,
    only: (event) => event.account !== undefined,
    by: 'client',
    threshold: 15,
    window: '10m',
    different: { what: 'account', atLeast: 5 },
    severity: 'critical',
    meaning: 'One client fails to log in to many accounts: names and passwords of a leak are being tried.',
    advice:
      'See that loginProtection guards every login. Look for credentials.accepted of the same client, and reset those accounts.',
  },
  'account-attack': {
    kinds: LOGINS,
    only: (event) => event.account !== undefined,
    by: 'account',
    threshold: 15,
    window: '15m',
    different: { what: 'client', atLeast: 5 },
    severity: 'warning',
    meaning: 'Many clients fail to log in to one account: its password is being guessed from many addresses.',
    advice: 'Ask for a second factor on this account, and warn its owner. A lock would help the attacker.',
  },
  'token-spraying': {
    kinds: FORGED,
    // A login for an account counts above.
    only: (event) => event.account === undefined,
    by: 'client',
    threshold: 20,
    window: '5m',
    severity: 'critical',
    meaning: 'One client sends many tokens or keys that nobody has issued.',
    advice: 'Block the client. If it is one of yours, it signs with a key that the policy does not know.',
  },
  // What is spread over so many addresses that none of them is conspicuous.
  'spread-guessing': {
    kinds: [...FORGED, 'login.limited'],
    threshold: 300,
    window: '10m',
    different: { what: 'client', atLeast: 100 },
    severity: 'critical',
    meaning:
      'Very many clients present passwords, tokens or keys that are wrong: they are tried from many addresses, or something of yours has broken them for everybody.',
    advice:
      'If it began with a deploy or a new key, undo that. Else ask for a second factor, and look for credentials.accepted among them.',
  },
  replay: {
    kinds: ['proof.replayed', 'credentials.replayed'],
    by: 'client',
    threshold: 5,
    window: '10m',
    severity: 'critical',
    meaning: 'Proofs or refresh tokens that are good once are used again: somebody may have copied them.',
    advice:
      'End the sessions of the callers concerned. If the client is one of yours, it must make a proof anew for each attempt.',
  },
  scanning: {
    // Who brings a token that is good elsewhere, or was made up to look so, is looking round as well.
    kinds: [
      'credentials.missing',
      'credentials.wrong-scheme',
      'credentials.expired',
      'credentials.revoked',
      'token.wrong-issuer',
      'token.wrong-audience',
      'token.wrong-type',
      'token.not-yet-valid',
      'token.revoked',
      'handler.not-found',
      'authorization.hidden',
      'authorization.object-missing',
    ],
    // The objects that a caller asks for count below.
    only: ({ kind, principal }) => principal === undefined || !kind.startsWith('authorization.'),
    by: 'client',
    threshold: 40,
    window: '5m',
    different: { what: 'path', atLeast: 20 },
    severity: 'warning',
    meaning: 'One client asks for many different paths that do not exist, or that it has no credentials for.',
    advice:
      'Limit such clients with a rateLimit by client, and look for the requests of it that were allowed.',
  },
  probing: {
    kinds: [
      'request.malformed',
      'request.path-ambiguous',
      'request.query-ambiguous',
      'request.field-repeated',
      'request.method-refused',
      'request.method-overridden',
      'host.repeated',
      'host.malformed',
      'content.hazardous',
      'content.too-dense',
      'connection.malformed',
      'credentials.repeated',
    ],
    by: 'client',
    threshold: 15,
    window: '5m',
    severity: 'warning',
    meaning:
      'One client sends requests that are made to be read in two ways: it looks for a way round the rules.',
    advice: 'Look at the samples: what they aim at is what it takes to be weak. Then block the client.',
  },
  'object-guessing': {
    kinds: [
      'authorization.hidden',
      'authorization.object-denied',
      'authorization.object-missing',
      'authorization.tenant-mismatch',
    ],
    by: 'account',
    threshold: 20,
    window: '5m',
    different: { what: 'path', atLeast: 10 },
    severity: 'critical',
    meaning: 'One caller asks for many objects that are not theirs: ids are being guessed.',
    advice: 'Suspend the account with a deny rule until somebody has looked at what it did get.',
  },
  'limit-storm': {
    kinds: ['limit.exceeded', 'limit.blocked', 'concurrency.exceeded'],
    by: 'client',
    threshold: 200,
    window: '1m',
    severity: 'warning',
    meaning: 'One client goes on long after a limit has refused it.',
    advice: 'Give the limit a ban. If it is one of yours, it does not heed Retry-After.',
  },
  'cross-site-storm': {
    kinds: ['cross-site.refused', 'cross-site.token-missing', 'cross-site.token-wrong'],
    threshold: 30,
    window: '5m',
    different: { what: 'client', atLeast: 5 },
    severity: 'critical',
    meaning: 'The browsers of several users send requests that another site has made.',
    advice:
      'If it is a site of yours, trust its origin in crossSite. Else a page out there attacks your users.',
  },
  'key-set-failing': {
    kinds: ['dependency.failed'],
    only: (event) => event.check === 'authenticate',
    threshold: 3,
    window: '10m',
    severity: 'critical',
    meaning: 'What authentication asks keeps failing: a key set, introspection, or a look-up of your own.',
    advice:
      'See whether the authorization server can be reached from here; the reasons of the events say what failed.',
  },
  'store-failing': {
    kinds: ['store.down'],
    threshold: 1,
    window: '1m',
    clearedBy: ['store.up'],
    severity: 'critical',
    meaning: 'The store of the limits does not answer: each limit does what its whenStoreFails says.',
    advice: 'Bring the store back. Until then limits that are open do not limit.',
  },
  'check-failing': {
    kinds: ['check.failed', 'authorization.failed', 'authorization.undecided', 'dependency.failed'],
    // Authentication and the store of the limits have rules of their own.
    only: ({ kind, check }) => kind !== 'dependency.failed' || (check !== undefined && !WATCHED.has(check)),
    threshold: 3,
    window: '10m',
    severity: 'critical',
    meaning: 'A check keeps failing, or what it asks does: requests are refused that nobody has judged.',
    advice: 'The reasons of the events say which check it is, and their errors why.',
  },
}
