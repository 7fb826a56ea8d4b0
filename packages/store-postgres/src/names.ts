/** What everything in the database is called, quoted. */
export interface Names {
  readonly schema: string
  readonly counters: string
  readonly records: string
  /** Indexes lie in the schema of their table, and are not named with it. */
  readonly countersIndex: string
  readonly recordsIndex: string
  /** A function, with its schema. */
  readonly fn: (name: string) => string
}

/** What `schema` and `name` may be: short enough that no name is cut, and the same whether it is quoted or not. */
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,39}$/

/** Those of the server itself. */
const RESERVED = /^(?:pg_|information_schema$)/

/** Whether a text can be the name of a schema, or the beginning of names. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text) && !RESERVED.test(text)
}

/** The names that begin with `name`, in a schema. Both are identifiers. */
export function namesOf(schema: string, name: string): Names {
  const within = (rest: string): string => `"${schema}"."${name}_${rest}"`
  return {
    schema: `"${schema}"`,
    counters: within('counters'),
    records: within('records'),
    countersIndex: `"${name}_counters_sweep"`,
    recordsIndex: `"${name}_records_sweep"`,
    fn: within,
  }
}
