import { type Clock, ConfigError, type Mistake, type MistakeCode } from '@gatehouse/core'
import type { PostgresClient } from './client.ts'
import { isIdentifier, type Names, namesOf } from './names.ts'
import { schemaOf } from './schema.ts'

/** Options for {@link postgresSchema}; those of `postgresStore` that say what is in the database. */
export interface PostgresSchemaOptions {
  /**
   * The schema of all that the store has in the database: 1 to 40 of `a` to `z`, `0` to `9` and `_`.
   *
   * @default 'public'
   */
  readonly schema?: string
  /**
   * What the names of tables and functions begin with, as `schema` is written: `gatehouse_counters`, `gatehouse_take`.
   *
   * @default 'gatehouse'
   */
  readonly name?: string
  /**
   * Whether the table of counters is written to the log of the server (WAL). Without it a call does not wait for the disk,
   * and after a crash of the server, or on a standby that is promoted, all limits begin anew, once, and blocks are lifted.
   * Records are logged, always.
   *
   * @default false
   */
  readonly loggedCounters?: boolean
}

/** Options for `postgresStore`. */
export interface PostgresStoreOptions extends PostgresSchemaOptions {
  /**
   * A `pg.Pool`, or whatever else has `query(text, values)` and gives `{ rows }`: a `pg.Client`, PGlite. It is the
   * application's: the store does not connect it, and does not end it.
   */
  readonly pool: PostgresClient
  /**
   * Keeps stores apart that share tables: 1 to 64 letters, digits, `.`, `:`, `_` and `-`. Gates that have it in common,
   * have their counters and records in common.
   *
   * @default 'gatehouse'
   */
  readonly prefix?: string
  /**
   * The time, in place of the server's: for tests. Only its `now()` is read. What several processes share is to be counted
   * by one clock, which is the server's.
   *
   * @default the clock of the server
   */
  readonly clock?: Pick<Clock, 'now'>
}

/** The options of a store, with all defaults. */
export interface Settings {
  readonly pool: PostgresClient
  readonly names: Names
  readonly loggedCounters: boolean
  readonly prefix: string
  readonly clock: Pick<Clock, 'now'> | undefined
}

const OF_SCHEMA = ['schema', 'name', 'loggedCounters'] satisfies (keyof PostgresSchemaOptions)[]
const OF_STORE = ['pool', ...OF_SCHEMA, 'prefix', 'clock'] satisfies (keyof PostgresStoreOptions)[]

type Members = Readonly<Record<string, unknown>>

/**
 * All that a store needs in a database, as one statement of SQL that may be run any number of times: for those who run
 * migrations themselves. `await store.install()` runs the same one.
 *
 * @throws ConfigError listing every unusable option at once
 * @example
 * writeFileSync('migrations/0007-gatehouse.sql', postgresSchema({ schema: 'app' }))
 */
export function postgresSchema(options: PostgresSchemaOptions = {}): string {
  const reader = new Reader('postgresSchema')
  const { names, loggedCounters } = readPlace(reader, reader.object(options, OF_SCHEMA))
  reader.throwIfAny()
  return schemaOf(names, loggedCounters)
}

/**
 * Reads the options of a store.
 *
 * @throws ConfigError listing every unusable option at once
 */
export function readSettings(options: unknown): Settings {
  const reader = new Reader('postgresStore')
  const given = reader.object(options, OF_STORE)
  const pool = readPool(reader, given['pool'])
  const settings = {
    ...readPlace(reader, given),
    prefix: readPrefix(reader, given['prefix']),
    clock: readClock(reader, given['clock']),
  }
  reader.throwIfAny()
  return { ...settings, pool: pool as PostgresClient }
}

/** Reads the options, and notes every mistake. */
class Reader {
  readonly #mistakes: Mistake[] = []
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  report(code: MistakeCode, key: string, message: string, instead: string): undefined {
    this.#mistakes.push({ code, path: key === '' ? this.#root : `${this.#root}.${key}`, message, instead })
    return undefined
  }

  /** The members of an object that has no others than these. */
  object(value: unknown, known: readonly string[]): Members {
    const instead = `Write { ${known.join(', ')} }.`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.report('wrong_type', '', 'is not an object of options.', instead)
      return {}
    }
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) this.report('unknown_option', key, 'is not an option.', instead)
    }
    return value as Members
  }

  text(
    value: unknown,
    key: string,
    fallback: string,
    fits: (text: string) => boolean,
    instead: string,
  ): string {
    if (value === undefined) return fallback
    if (typeof value !== 'string') this.report('wrong_type', key, 'is not a text.', instead)
    else if (fits(value)) return value
    else this.report('malformed_value', key, 'cannot be used.', instead)
    return fallback
  }

  throwIfAny(): void {
    if (this.#mistakes.length > 0) throw new ConfigError(this.#mistakes)
  }
}

function readPlace(reader: Reader, given: Members): Pick<Settings, 'names' | 'loggedCounters'> {
  const instead = (example: string): string =>
    `Write 1 to 40 of a to z, 0 to 9 and _, beginning with a letter, such as '${example}'; not pg_.`
  const schema = reader.text(given['schema'], 'schema', 'public', isIdentifier, instead('app'))
  const name = reader.text(given['name'], 'name', 'gatehouse', isIdentifier, instead('gatehouse'))
  const logged = given['loggedCounters'] ?? false
  if (typeof logged !== 'boolean') {
    reader.report('wrong_type', 'loggedCounters', 'is not true or false.', 'Write true, or leave it out.')
  }
  return { names: namesOf(schema, name), loggedCounters: logged === true }
}

function readPrefix(reader: Reader, prefix: unknown): string {
  const instead = "Write 1 to 64 letters, digits, '.', ':', '_' or '-', such as 'shop'."
  return reader.text(prefix, 'prefix', 'gatehouse', (text) => /^[\w.:-]{1,64}$/.test(text), instead)
}

const POOL = 'Write { pool: new pg.Pool({ ... }) }, or whatever has query(text, values) and gives { rows }.'

function readPool(reader: Reader, pool: unknown): PostgresClient | undefined {
  if (pool === undefined) return reader.report('missing_option', 'pool', 'is missing.', POOL)
  const members = (typeof pool === 'object' || typeof pool === 'function' ? pool : {}) as Members | null
  if (typeof members?.['then'] === 'function' && typeof members['query'] !== 'function') {
    return reader.report('wrong_type', 'pool', 'is a promise.', `Was an await forgotten? ${POOL}`)
  }
  if (typeof members?.['query'] !== 'function') {
    return reader.report('wrong_type', 'pool', 'has no query(text, values).', POOL)
  }
  // The drivers of MySQL have a query(text, values), too.
  if (typeof members['escapeId'] === 'function' || typeof members['unprepare'] === 'function') {
    return reader.report('wrong_type', 'pool', 'is of another database.', POOL)
  }
  return pool as PostgresClient
}

function readClock(reader: Reader, clock: unknown): Pick<Clock, 'now'> | undefined {
  if (clock === undefined) return undefined
  if (isClock(clock)) return clock
  const instead = 'Write { now() { ... } }, or leave it out: the clock of the server counts.'
  return reader.report('wrong_type', 'clock', 'is not a clock.', instead)
}

function isClock(value: unknown): value is Pick<Clock, 'now'> {
  return typeof (value as Partial<Clock> | null)?.now === 'function'
}
