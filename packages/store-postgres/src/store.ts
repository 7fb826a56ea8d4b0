import type { Adjustment, Charge, Clock, Outcome, Store } from '@gatehouse/core'
import { Cells, list } from './cells.ts'
import { Runner } from './client.ts'
import { Keys } from './keys.ts'
import type { Names } from './names.ts'
import { type PostgresStoreOptions, readSettings, type Settings } from './options.ts'
import { outcomesOf } from './outcomes.ts'
import { isPositiveInteger } from './quotas.ts'
import { schemaOf } from './schema.ts'
import { readValues, writeValue } from './values.ts'

/** A store that always answers with a promise. */
export interface PostgresStore extends Store {
  readonly take: (charges: readonly Charge[]) => Promise<readonly Outcome[]>
  readonly peek: (charges: readonly Charge[]) => Promise<readonly Outcome[]>
  readonly adjust: (adjustments: readonly Adjustment[]) => Promise<readonly Outcome[]>
  readonly block: (keys: readonly string[], ms: number) => Promise<void>
  readonly reset: (keys: readonly string[]) => Promise<void>
  readonly add: (key: string, value: string, ttlMs: number) => Promise<boolean>
  readonly read: (keys: readonly string[]) => Promise<readonly (string | undefined)[]>
  readonly write: (key: string, value: string, ttlMs: number) => Promise<void>
  readonly remove: (key: string) => Promise<boolean>
  /**
   * Makes the tables and functions of the store, or brings those of an older version up to date. When they are there
   * already, it changes nothing and needs no right to.
   */
  readonly install: () => Promise<void>
  /**
   * Removes all that has expired, in steps that hold up nobody: how many rows. Calls do that by themselves; it is for
   * tables of which there are no calls any more, and after the clock of the server has been set back.
   */
  readonly sweep: () => Promise<number>
}

/**
 * Counts and remembers in PostgreSQL, exactly, for all processes at once.
 *
 * A call is one statement, and so one round trip: all limits of a request are decided together, all or nothing, by the
 * clock of the server. Everything that is kept expires, and later calls remove it.
 *
 * What cannot be counted rejects with a RangeError, one key with two quotas in one call with a TypeError, and whatever
 * the pool rejects with is handed on.
 *
 * @throws ConfigError listing every unusable option at once
 * @example
 * const store = postgresStore({ pool: new pg.Pool({ connectionTimeoutMillis: 500, statement_timeout: 1_000 }) })
 * await store.install()
 * const gate = gatehouse({ store, ... })
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  return new SharedStore(readSettings(options))
}

/** Rows that are touched before expired ones are looked for; then twice as many may be removed as were added. */
const SWEPT_AFTER = 16

/** Rows that one statement of {@link PostgresStore.sweep} removes of a table. */
const SWEPT_AT_ONCE = 1_000

class SharedStore implements PostgresStore {
  readonly name = 'postgres'
  readonly #runner: Runner
  readonly #statements: Statements
  readonly #schema: string
  readonly #keys: Keys
  readonly #clock: Pick<Clock, 'now'> | undefined
  #touched = 0

  constructor({ pool, names, loggedCounters, prefix, clock }: Settings) {
    this.#runner = new Runner(pool)
    this.#statements = statementsOf(names)
    this.#schema = schemaOf(names, loggedCounters)
    this.#keys = new Keys(prefix)
    this.#clock = clock
  }

  async install(): Promise<void> {
    await this.#runner.run(this.#schema)
  }

  async take(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    return this.#decide(charges, true)
  }

  async peek(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    return this.#decide(charges, false)
  }

  async adjust(adjustments: readonly Adjustment[]): Promise<readonly Outcome[]> {
    if (adjustments.length === 0) return []
    const cells = new Cells(this.#keys)
    const asked = adjustments.map(({ key, quota, units, withinMs }) => {
      if (!Number.isSafeInteger(units) || units === 0)
        throw new RangeError('The units of an adjustment are an integer that is not 0')
      if (withinMs !== undefined && withinMs !== 0 && !isPositiveInteger(withinMs))
        throw new RangeError('The time of an adjustment is an integer that is not negative')
      return { cell: cells.at(key, quota), units, withinMs }
    })
    const counters = cells.written()
    const changes = list(asked.flatMap(({ cell, units, withinMs }) => [cell.number, units, withinMs ?? null]))
    const sweep = this.#due(cells.count)
    return outcomesOf(await this.#ask('adjust', ...counters, changes, sweep, this.#now()), adjustments.length)
  }

  async block(keys: readonly string[], ms: number): Promise<void> {
    if (!isPositiveInteger(ms)) throw new RangeError('A block lasts for a positive integer of milliseconds')
    if (keys.length > 0) await this.#ask('block', this.#sorted(keys), String(ms), this.#now())
  }

  async reset(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#ask('reset', this.#sorted(keys))
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    return (await this.#ask('add', ...this.#record(key, value, ttlMs))) === '1'
  }

  async read(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    if (keys.length === 0) return []
    const asked = list(keys.map((key) => this.#keys.of(key)))
    return readValues(await this.#ask('read', asked, this.#now()), keys.length)
  }

  async write(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#ask('write', ...this.#record(key, value, ttlMs))
  }

  async remove(key: string): Promise<boolean> {
    return (await this.#ask('remove', this.#keys.of(key), this.#now())) === '1'
  }

  async sweep(): Promise<number> {
    await this.#ask('mend', this.#now())
    let removed = 0
    let last = 0
    do {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that no statement is long
      last = Number(await this.#ask('sweep', String(SWEPT_AT_ONCE), this.#now()))
      removed += last
    } while (last >= SWEPT_AT_ONCE)
    return removed
  }

  close(): void {
    // The pool is the application's, and nothing else is held.
  }

  async #decide(charges: readonly Charge[], taking: boolean): Promise<readonly Outcome[]> {
    if (charges.length === 0) return []
    const cells = new Cells(this.#keys)
    const asked = charges.map(({ key, quota, cost }) => {
      if (!isPositiveInteger(cost)) throw new RangeError('A cost is a positive integer')
      const cell = cells.at(key, quota)
      return { cell, cost: cells.charge(cell, cost) }
    })
    const counters = cells.written()
    const costs = list(asked.flatMap(({ cell, cost }) => [cell.number, cost]))
    const sweep = taking ? this.#due(cells.count) : '0'
    return outcomesOf(
      await this.#ask('take', ...counters, costs, String(taking), sweep, this.#now()),
      charges.length,
    )
  }

  #record(key: string, value: string, ttlMs: number): readonly (string | null)[] {
    if (!isPositiveInteger(ttlMs))
      throw new RangeError('A record lasts for a positive integer of milliseconds')
    return [this.#keys.of(key), writeValue(value), String(ttlMs), this.#due(1), this.#now()]
  }

  /** Each once, in the order in which rows are locked. */
  #sorted(keys: readonly string[]): string {
    return list([...new Set(keys.map((key) => this.#keys.of(key)))].sort())
  }

  /** How many expired rows the call removes: now and then twice as many as were touched, so that they are ever fewer. */
  #due(touched: number): string {
    this.#touched += touched
    if (this.#touched < SWEPT_AFTER) return '0'
    const due = 2 * this.#touched
    this.#touched = 0
    return String(due)
  }

  #now(): string | null {
    if (this.#clock === undefined) return null
    const now = Math.floor(this.#clock.now())
    // Before 1970 integers would be divided the other way round.
    if (!Number.isSafeInteger(now) || now < 0) throw new TypeError('The clock gave no time')
    return String(now)
  }

  async #ask(name: keyof Statements, ...values: readonly (string | null)[]): Promise<string> {
    return this.#runner.ask(this.#statements[name], values)
  }
}

/** The types of what each function is given. */
const FUNCTIONS = {
  take: ['text[]', '"char"[]', 'bigint[]', 'bigint[]', 'boolean', 'integer', 'bigint'],
  adjust: ['text[]', '"char"[]', 'bigint[]', 'bigint[]', 'integer', 'bigint'],
  block: ['text[]', 'bigint', 'bigint'],
  reset: ['text[]'],
  add: ['text', 'text', 'bigint', 'integer', 'bigint'],
  write: ['text', 'text', 'bigint', 'integer', 'bigint'],
  read: ['text[]', 'bigint'],
  remove: ['text', 'bigint'],
  sweep: ['integer', 'bigint'],
  mend: ['bigint'],
} as const

type Statements = Readonly<Record<keyof typeof FUNCTIONS, string>>

/** What the store ever asks. Every value is a parameter, and a text: no client has to know of another type. */
function statementsOf({ fn }: Names): Statements {
  const entries = Object.entries(FUNCTIONS).map(([name, types]) => {
    const values = types.map((type, index) => `$${index + 1}::text::${type}`)
    return [name, `select ${fn(name)}(${values.join(', ')}) as told`]
  })
  return Object.fromEntries(entries) as Statements
}
