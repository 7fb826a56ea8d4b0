import {
  answer,
  type Capture,
  type CapturedResponse,
  PASS,
  type Refusal,
  refuse,
  type Verdict,
} from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { Kind } from '../contract/kinds.ts'
import { type Principal, principalKey } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import type { Counters, Outcome, Quota, Records } from '../contract/store.ts'
import { isFieldValue } from '../lib/chars.ts'
import type { Clock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import type { Duration } from '../lib/duration.ts'
import { formatIp } from '../lib/ip.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { wholeSeconds } from '../limiting/fields.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  readOptions,
  report,
} from '../options/read.ts'
import { duration, flag, integer, textThat } from '../options/readers.ts'
import { parseKey } from './idempotency/key.ts'
import { type Kept, NOT_KEPT, readRecord, UNDER_WAY, writeRecord } from './idempotency/record.ts'

/** How requests with an `Idempotency-Key` are treated. */
export interface IdempotencyOptions {
  /**
   * Whether a request without a key is refused.
   *
   * @default false
   */
  readonly required?: boolean
  /**
   * For how long a response is kept and a key not taken for anything else: 1 minute to 30 days.
   *
   * @default '24h'
   */
  readonly ttl?: Duration
  /**
   * For how long a key is held for a request that never ends, since its process did, say: 1 second to 1 hour. It has to be
   * longer than any handler takes, for afterwards the request may be carried out again.
   *
   * @default '5m'
   */
  readonly lock?: Duration
  /**
   * The largest content of a request that is compared, up to 100 MiB. The response to a larger one is not kept.
   *
   * @default 1_048_576
   */
  readonly maxBodyBytes?: number
  /**
   * The largest content of a response that is kept, up to 10 MiB. A repeated request whose response was larger is refused
   * (409), and not carried out again.
   *
   * @default 16_384
   */
  readonly maxResponseBytes?: number
  /**
   * How many keys of one caller are kept at once, over all rules: a request with one more is refused (429). Each takes room
   * in the store for as long as `ttl`, and nobody may take that of all others. 1 to 1,000,000.
   *
   * @default 1000
   */
  readonly maxKeys?: number
  /** Where clients read how the API treats keys: an https URL, sent with every refusal that is about a key. */
  readonly documentation?: string
}

/** `true`, or what shall be otherwise than by default. */
export type IdempotencySetting = true | IdempotencyOptions

const READERS = {
  required: optional(flag(), false),
  ttl: optional(duration('1m', '30d'), 86_400_000),
  lock: optional(duration('1s', '1h'), 300_000),
  maxBodyBytes: optional(integer(0, 104_857_600), 1_048_576),
  maxResponseBytes: optional(integer(0, 10_485_760), 16_384),
  maxKeys: optional(integer(1, 1_000_000), 1_000),
  documentation: optional(
    textThat(
      (text) => /^https:\/\/[^<>\s]+$/.test(text) && isFieldValue(text),
      'an https URL',
      "'https://developer.example.com/idempotency'",
    ),
  ),
} satisfies OptionReaders<IdempotencyOptions>

/** What the check of a rule works with. */
export interface IdempotencyContext {
  /** The rule: what a key is good for. */
  readonly route: string
  readonly store: Records & Pick<Counters, 'take'>
  readonly clock: Clock
  /** What a caller's tenant is, where the policy says. */
  readonly tenant: ((principal: Principal) => string | undefined) | undefined
  /** Whether it only tells: then it leaves the content of requests alone, and answers nobody. */
  readonly shadow: boolean
}

const FIELD = 'idempotency-key'

/** Methods that change nothing, so that there is nothing to carry out once (RFC 9110 §9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])

/** Statuses that say that nothing was done yet, and that the client may try again: they release the key. */
const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429, 503])

/** Statuses whose responses have no content (RFC 9110 §6.4.1). */
const NO_CONTENT: ReadonlySet<number> = new Set([204, 304])

const FAILED: Refusal = Object.freeze(refuse('dependency.failed', 'the store of idempotency keys failed'))
const NO_TENANT: Refusal = Object.freeze(
  refuse('dependency.failed', 'the function "tenant" of the policy threw, or gave no text'),
)
const ILL_FORMED: Refusal = Object.freeze(
  refuse('dependency.failed', 'the store of idempotency keys gave what is no record'),
)

type Read = OptionsRead<typeof READERS>

/**
 * Compiles the check of idempotency keys (draft-ietf-httpapi-idempotency-key-header-07).
 *
 * A key is taken in the store before the handler runs, by one request alone, and stands for its response afterwards. It is
 * good for one caller of one tenant, one rule and one host; whether a repeated request is the same is told by its fingerprint.
 */
export function compileIdempotency(place: Place, value: unknown, context: IdempotencyContext): Guard {
  if (value === undefined) return NO_GUARD
  const read = readOptions(place, value === true ? {} : value, READERS)
  if (read === undefined) return NO_GUARD
  if (read.lock > read.ttl) {
    report(
      at(place, 'lock'),
      'contradiction',
      'holds a key for longer than "ttl" remembers it.',
      'Write a "ttl" that is at least as long.',
    )
  }
  return { check: { name: 'idempotency', decide: decider(read, context) }, response: undefined }
}

function decider(
  read: Read,
  context: IdempotencyContext,
): (request: RequestFacts) => Verdict | Promise<Verdict> {
  const { store } = context
  const refused = refusals(read.documentation)
  // Strict: of no caller are more keys alive than that.
  const quota: Quota = { limit: read.maxKeys, windowMs: read.ttl, algorithm: 'sliding-window' }

  /** Takes the key, or finds out what it stands for. */
  function take({ id, owner }: Names, request: RequestFacts): Verdict | Promise<Verdict> {
    // Read before: by the time of the store the lock is over no later than by this one, however late it answers.
    const askedAt = context.clock.monotonic()
    return asked<unknown>(
      () => store.add(id, UNDER_WAY, read.lock),
      (added) => {
        if (added === true) return count(owner, captureOf(id, request, read, context, askedAt))
        if (added !== false) return ILL_FORMED
        return asked(
          () => store.read([id]),
          (records) => repeated(records, request),
        )
      },
    )
  }

  /** Lets a request with a new key go on, unless its caller has too many already; then the key is given up again. */
  function count(owner: string, capture: Capture): Verdict | Promise<Verdict> {
    const giveUp = (verdict: Verdict): Verdict | Promise<Verdict> => asked(capture.onRefused, () => verdict)
    const judge = (outcomes: readonly Outcome[]): Verdict | Promise<Verdict> => {
      const outcome: unknown = Array.isArray(outcomes) ? outcomes[0] : undefined
      if (!isOutcome(outcome)) return giveUp(ILL_FORMED)
      return outcome.allowed ? { ...PASS, capture } : giveUp(tooMany(outcome))
    }
    try {
      const taken = store.take([{ key: owner, quota, cost: 1 }])
      return isPromiseLike(taken) ? Promise.resolve(taken).then(judge, () => giveUp(FAILED)) : judge(taken)
    } catch {
      return giveUp(FAILED)
    }
  }

  function repeated(records: unknown, request: RequestFacts): Verdict | Promise<Verdict> {
    if (!Array.isArray(records) || records.length !== 1) return ILL_FORMED
    const [record] = records as readonly unknown[]
    // It may have ended between the two calls: the client tries again, and takes it.
    if (record === undefined || record === UNDER_WAY) return refused.underWay
    if (record === NOT_KEPT) return refused.notKept
    const kept = typeof record === 'string' ? readRecord(record) : undefined
    if (kept === undefined) return ILL_FORMED
    // Whoever reads the content takes it from the handler, which is to run as if this check were not there.
    if (context.shadow) return PASS
    const judge = (digest: string | undefined): Verdict =>
      digest !== undefined && fingerprintOf(request, digest) === kept.fingerprint
        ? replay(kept)
        : refused.mismatch
    const digest = digestOf(request, read.maxBodyBytes)
    return digest instanceof Promise ? digest.then(judge) : judge(digest)
  }

  return (request) => {
    if (SAFE.has(request.method)) return PASS
    const text = request.headers[FIELD]
    if (text === undefined) return read.required ? refused.missing : PASS
    const isOne = request.count(FIELD) === 1 && typeof text === 'string'
    const key = isOne ? parseKey(text) : undefined
    if (key === undefined) return refused.malformed
    let names: Names | undefined
    try {
      names = namesOf(request, key, context)
    } catch {
      return NO_TENANT
    }
    return names === undefined ? refused.unknown : take(names, request)
  }
}

/** A store of somebody's own can give anything, whatever its type says. */
function isOutcome(value: unknown): value is Pick<Outcome, 'allowed' | 'retryAfterMs'> {
  const { allowed, retryAfterMs } = (value ?? {}) as Partial<Record<keyof Outcome, unknown>>
  return typeof allowed === 'boolean' && Number.isSafeInteger(retryAfterMs)
}

function tooMany({ retryAfterMs }: Pick<Outcome, 'retryAfterMs'>): Refusal {
  const seconds = Math.max(wholeSeconds(retryAfterMs), 1)
  return refuse(
    'limit.exceeded',
    'the caller has too many idempotency keys',
    ['Retry-After', String(seconds)],
    {
      'violated-policies': ['idempotency keys'],
    },
  )
}

/** Asks the store, which may throw, reject, or answer at once. */
function asked<T>(
  ask: () => T | Promise<T>,
  next: (given: T) => Verdict | Promise<Verdict>,
): Verdict | Promise<Verdict> {
  try {
    const given = ask()
    // A store may give a thenable of its own, and the chain waits for promises.
    return isPromiseLike(given) ? Promise.resolve(given).then(next, () => FAILED) : next(given)
  } catch {
    return FAILED
  }
}

/** The refusals that are about a key, each with a link to what the API says of keys (draft §2.7). */
function refusals(
  documentation: string | undefined,
): Readonly<Record<'missing' | 'malformed' | 'unknown' | 'underWay' | 'notKept' | 'mismatch', Refusal>> {
  const link = documentation === undefined ? [] : ['Link', `<${documentation}>; rel="describedby"`]
  const said = (kind: Kind, reason: string, fields: readonly string[] = []): Refusal =>
    Object.freeze(refuse(kind, reason, [...fields, ...link]))
  return {
    missing: said('idempotency.key-missing', 'there is no Idempotency-Key'),
    malformed: said('idempotency.key-malformed', 'the Idempotency-Key is no key, or there are several'),
    unknown: said('idempotency.address-unknown', 'the caller and the address of the client are unknown'),
    // No correction is required, only patience (draft §2.7).
    underWay: said('idempotency.in-progress', 'a request with this key is under way', ['Retry-After', '1']),
    notKept: said('idempotency.not-kept', 'the response to this key was not kept'),
    mismatch: said('idempotency.mismatch', 'the key was used for another request'),
  }
}

/** What the store knows a key, and the keys of its caller, by. */
interface Names {
  readonly id: string
  readonly owner: string
}

/**
 * What a key is remembered by: rule, host, caller with tenant, and key, so that nobody is answered with what was somebody
 * else's; and what the keys of the caller are counted by. Digests, since a store has limits for its keys and a client could
 * come near to them. `undefined` where nobody knows who asks.
 *
 * @throws TypeError when the tenant is no text; throws what the function of the policy throws
 */
function namesOf(
  request: RequestFacts,
  key: string,
  { route, tenant }: Pick<IdempotencyContext, 'route' | 'tenant'>,
): Names | undefined {
  const { principal, client, authority } = request
  // The address itself and not its network: a network has more than one client.
  const address = client === undefined ? undefined : formatIp(client)
  const who = principal === undefined ? address : principalKey(principal)
  if (who === undefined) return undefined
  const host = [authority?.host ?? null, authority?.port ?? null]
  const within = principal === undefined ? undefined : textOf(tenant?.(principal))
  const owner = [principal === undefined ? 'client' : 'caller', who, within ?? null]
  const digest = (parts: readonly unknown[]): string => sha256(JSON.stringify(parts)).toString('base64url')
  return {
    id: `idempotency:${digest([route, host, ...owner, key])}`,
    owner: `idempotency-keys:${digest(owner)}`,
  }
}

function textOf(tenant: unknown): string | undefined {
  if (tenant === undefined || typeof tenant === 'string') return tenant
  // A promise is waited for by nobody: its rejection would end the process.
  if (isPromiseLike(tenant)) void tenant.then(undefined, () => undefined)
  throw new TypeError('A tenant is a text')
}

/** What makes two requests the same: the method, the target, and the content with what says how to read it (draft §2.4). */
function fingerprintOf({ method, path, query, headers }: RequestFacts, digest: string): string {
  const type = headers['content-type'] ?? null
  const encoding = headers['content-encoding'] ?? null
  return sha256(JSON.stringify([method, path + query, type, encoding, digest])).toString('base64url')
}

function digestOf(
  { content }: RequestFacts,
  maxBytes: number,
): string | undefined | Promise<string | undefined> {
  if (content === undefined) throw new TypeError('Nobody took note of the content.')
  return content.digest(maxBytes)
}

function replay({ status, fields, body }: Kept): Verdict {
  const content = NO_CONTENT.has(status) ? {} : { body }
  return {
    ...answer(status, ['Idempotency-Replayed', 'true'], { kind: 'idempotency.replayed', ...content }),
    given: fields,
  }
}

/** Keeps the response for as long as the rule says, in place of the lock. */
function captureOf(
  id: string,
  request: RequestFacts,
  read: Read,
  context: IdempotencyContext,
  takenAt: number,
): Capture {
  const { store, clock } = context
  const isHeld = (): boolean => clock.monotonic() - takenAt < read.lock

  function keep(record: string): void | Promise<void> {
    if (isHeld()) return store.write(id, record, read.ttl)
    // Somebody else may have taken the key since; then what comes of that stands.
    return ignored(store.add(id, record, read.ttl))
  }

  function release(): void | Promise<void> {
    // A lock that is over is nobody's, or somebody else's.
    return isHeld() ? ignored(store.remove(id)) : undefined
  }

  function keepFor(digest: string | undefined, response: CapturedResponse): void | Promise<void> {
    const record = digest === undefined ? undefined : writeRecord(fingerprintOf(request, digest), response)
    return keep(record ?? NOT_KEPT)
  }

  return {
    maxBytes: read.maxResponseBytes,
    onResponse(response) {
      // Nobody has had the whole content: what was to be done was not, and the client sends it again.
      const isCut = response.status >= 400 && request.content?.isCut() === true
      if (isCut || TRY_AGAIN.has(response.status)) return release()
      const digest = digestOf(request, read.maxBodyBytes)
      return digest instanceof Promise
        ? digest.then((late) => keepFor(late, response))
        : keepFor(digest, response)
    },
    onRefused: release,
  }
}

/** Waits for what the store says, where that makes no difference. */
function ignored(given: boolean | Promise<boolean>): void | Promise<void> {
  return isPromiseLike(given) ? given.then(() => undefined) : undefined
}
