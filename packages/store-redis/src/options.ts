import { type Clock, ConfigError, type Mistake, type MistakeCode } from '@gatehouse/core'
import { type Engine, engineOf, isNoClient, type RedisClient } from './clients.ts'

/** Options for the memory of refusals: see {@link RedisStoreOptions.denyCache}. */
export interface DenyCacheOptions {
  /**
   * The most keys that are remembered, 1 to 1,000,000; past it the oldest is forgotten.
   *
   * @default 10_000
   */
  readonly maxKeys?: number
  /**
   * For how many milliseconds a key is refused without asking again, 1 to 60,000: so late is it noticed that another
   * process has reset it.
   *
   * @default 1_000
   */
  readonly maxMs?: number
}

/** Options for leases: see {@link RedisStoreOptions.lease}. */
export interface LeaseOptions {
  /** The part of a limit that a process takes ahead: more than 0, at most 0.5. */
  readonly share: number
  /**
   * For how many milliseconds it may be spent, 1 to 60,000; never for longer than a sixteenth of the window.
   *
   * @default 1_000
   */
  readonly ms?: number
}

/** Options for `redisStore`. */
export interface RedisStoreOptions {
  /**
   * A client of ioredis, iovalkey or node-redis, on one server, through Sentinel or of a cluster. It is the application's:
   * the store does not connect it, and does not close it.
   */
  readonly client: RedisClient
  /**
   * What all keys begin with, in braces: 1 to 64 letters, digits, `.`, `:`, `_` and `-`. Gates that share it, share
   * their counters and records.
   *
   * @default 'gatehouse'
   */
  readonly prefix?: string
  /**
   * Over how many hash tags the keys are spread, 1 to 1,024. With one, all keys are in one slot: in a cluster on one node,
   * and all limits of a request are one atomic call.
   *
   * With more, a cluster shares the load between its nodes, and the limits of a request that have different tags are
   * decided by a call each. When one refuses, what the others took is given back: no limit is ever exceeded, but until
   * then what was taken counts as spent, so another request may be refused for it; and it stays counted where the giving
   * back fails. Another number is other keys: all limits begin anew.
   *
   * @default 1
   */
  readonly spread?: number
  /**
   * Remembers in this process who was refused, and refuses them until their wait is over without asking the server.
   * `false` asks always.
   *
   * @default { maxKeys: 10_000, maxMs: 1_000 }
   */
  readonly denyCache?: boolean | DenyCacheOptions
  /**
   * Takes a share of the limit of each busy key ahead, and spends it in this process without asking the server.
   *
   * What it costs: leased units count as spent from when they were taken, whether they are or not. So of n processes each
   * may hold a `share` of the limit, and a request may be refused although up to `(n - 1) * share` of the limit is not
   * spent. Units that are not spent in time, or in a process that ends, are lost; they come back as spent ones do. A
   * block, a reset or a penalty that is made in another process is noticed up to `ms` late. What it does not cost: no
   * time ever holds more than the algorithm of the limit allows.
   *
   * @default no lease: each request asks the server
   */
  readonly lease?: LeaseOptions
  /**
   * The time, in place of the server's: for tests. Its `now()` is sent to the server, its `monotonic()` is that of this
   * process. What several processes share is to be counted by one clock, which is the server's.
   *
   * @default the clock of the server
   */
  readonly clock?: Clock
}

/** The options of a store, with all defaults. */
export interface Settings {
  readonly engine: Engine
  readonly prefix: string
  readonly spread: number
  readonly denyCache: Required<DenyCacheOptions> | undefined
  readonly lease: Required<LeaseOptions> | undefined
  readonly clock: Clock | undefined
}

const KNOWN = [
  'client',
  'prefix',
  'spread',
  'denyCache',
  'lease',
  'clock',
] satisfies (keyof RedisStoreOptions)[]
const OF_DENY_CACHE = ['maxKeys', 'maxMs'] satisfies (keyof DenyCacheOptions)[]
const OF_LEASE = ['share', 'ms'] satisfies (keyof LeaseOptions)[]

type Members = Readonly<Record<string, unknown>>

/** Reads the options, and notes every mistake. */
class Reader {
  readonly mistakes: Mistake[] = []

  report(code: MistakeCode, path: string, message: string, instead: string): undefined {
    this.mistakes.push({ code, path: path === '' ? 'redisStore' : `redisStore.${path}`, message, instead })
    return undefined
  }

  /** The members of an object that has no others than these. */
  object(value: unknown, path: string, known: readonly string[]): Members {
    const instead = `Write { ${known.join(', ')} }.`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.report('wrong_type', path, 'is not an object of options.', instead)
      return {}
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue
      this.report('unknown_option', path === '' ? key : `${path}.${key}`, 'is not an option.', instead)
    }
    return value as Members
  }

  number(
    value: unknown,
    path: string,
    fits: (value: number) => boolean,
    instead: string,
  ): number | undefined {
    if (typeof value !== 'number') return this.report('wrong_type', path, 'is not a number.', instead)
    return fits(value) ? value : this.report('out_of_range', path, 'is out of range.', instead)
  }

  integer(value: unknown, path: string, max: number, fallback: number): number {
    if (value === undefined) return fallback
    const fits = (each: number): boolean => Number.isSafeInteger(each) && each >= 1 && each <= max
    return this.number(value, path, fits, `Write a whole number from 1 to ${max}.`) ?? fallback
  }
}

/**
 * Reads the options of a store.
 *
 * @throws ConfigError listing every unusable option at once
 */
export function readSettings(options: unknown): Settings {
  const reader = new Reader()
  const given = reader.object(options, '', KNOWN)
  const settings = {
    engine: readEngine(reader, given['client']),
    prefix: readPrefix(reader, given['prefix']),
    spread: reader.integer(given['spread'], 'spread', 1_024, 1),
    denyCache: readDenyCache(reader, given['denyCache']),
    lease: readLease(reader, given['lease']),
    clock: readClock(reader, given['clock']),
  }
  const { engine } = settings
  if (engine === undefined || reader.mistakes.length > 0) throw new ConfigError(reader.mistakes)
  return { ...settings, engine }
}

function readEngine(reader: Reader, client: unknown): Engine | undefined {
  if (client === undefined) {
    return reader.report(
      'missing_option',
      'client',
      'is missing.',
      'Write { client: new Redis() }, or createClient().',
    )
  }
  const engine = engineOf(client)
  return isNoClient(engine) ? reader.report('wrong_type', 'client', engine.message, engine.instead) : engine
}

function readPrefix(reader: Reader, prefix: unknown): string {
  if (prefix === undefined) return 'gatehouse'
  const instead = "Write 1 to 64 letters, digits, '.', ':', '_' or '-', such as 'shop'."
  if (typeof prefix !== 'string') reader.report('wrong_type', 'prefix', 'is not a text.', instead)
  else if (/^[\w.:-]{1,64}$/.test(prefix)) return prefix
  else reader.report('malformed_value', 'prefix', 'is not a prefix.', instead)
  return ''
}

function readDenyCache(reader: Reader, value: unknown): Required<DenyCacheOptions> | undefined {
  if (value === false) return undefined
  const given = value === undefined || value === true ? {} : reader.object(value, 'denyCache', OF_DENY_CACHE)
  return {
    maxKeys: reader.integer(given['maxKeys'], 'denyCache.maxKeys', 1_000_000, 10_000),
    maxMs: reader.integer(given['maxMs'], 'denyCache.maxMs', 60_000, 1_000),
  }
}

function readLease(reader: Reader, value: unknown): Required<LeaseOptions> | undefined {
  if (value === undefined) return undefined
  const given = reader.object(value, 'lease', OF_LEASE)
  const fits = (each: number): boolean => each > 0 && each <= 0.5
  const instead = 'Write a part of the limit: more than 0, at most 0.5.'
  return {
    share: reader.number(given['share'], 'lease.share', fits, instead) ?? 0,
    ms: reader.integer(given['ms'], 'lease.ms', 60_000, 1_000),
  }
}

function readClock(reader: Reader, value: unknown): Clock | undefined {
  if (value === undefined) return undefined
  if (isClock(value)) return value
  const instead =
    'Write { now() { ... }, monotonic() { ... } }, or leave it out: the clock of the server counts.'
  return reader.report('wrong_type', 'clock', 'is not a clock.', instead)
}

function isClock(value: unknown): value is Clock {
  const clock = value as Partial<Clock> | null
  return typeof clock?.now === 'function' && typeof clock.monotonic === 'function'
}
