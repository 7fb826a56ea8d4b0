import type { PostgresClient } from '../../src/index.ts'

/** What is used of PGlite. */
export interface Embedded extends PostgresClient {
  readonly close: () => Promise<void>
}

/** Starts PostgreSQL in this process, with nothing in it. */
export async function startEmbedded(): Promise<Embedded> {
  // By a path that no compiler looks up: the types of PGlite speak of names that are declared nowhere.
  const { PGlite } = (await import(import.meta.resolve('@electric-sql/pglite'))) as {
    readonly PGlite: { readonly create: () => Promise<Embedded> }
  }
  return PGlite.create()
}
