/** What is used of a pool or client: of `pg.Pool`, `pg.Client`, PGlite, and what is made like them. */
export interface PostgresClient {
  /** Sends one statement with its parameters, and gives its rows. */
  query(
    text: string,
    values?: string[],
  ): Promise<{
    /** One object for each row, its columns by name; empty for a statement that answers nothing. */
    readonly rows: readonly unknown[]
  }>
}

/** PostgreSQL's codes for a schema, a table and a function that are not there. */
const MISSING: ReadonlySet<unknown> = new Set(['3F000', '42P01', '42883'])

/** Runs statements: one round trip each. */
export class Runner {
  readonly #client: PostgresClient

  constructor(client: PostgresClient) {
    this.#client = client
  }

  /** What a function says: a text, since no client has been told to read texts as something else. */
  async ask(statement: string, values: readonly (string | null)[]): Promise<string> {
    let result: { readonly rows?: unknown }
    try {
      // A null stands for itself in every client.
      result = await this.#client.query(statement, values as string[])
    } catch (error) {
      throw isMissing(error) ? new Error(NOT_INSTALLED, { cause: error }) : error
    }
    const [row]: readonly unknown[] = Array.isArray(result.rows) ? (result.rows as readonly unknown[]) : []
    const told = (row as { readonly told?: unknown } | undefined)?.told
    if (typeof told !== 'string') throw new Error('The pool gave another answer than was asked for')
    return told
  }

  /** Runs what answers nothing. */
  async run(statement: string): Promise<void> {
    await this.#client.query(statement)
  }
}

const NOT_INSTALLED =
  'The tables and functions of the store are not there: call await store.install(), or run postgresSchema() in a migration'

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && MISSING.has(error.code)
}
