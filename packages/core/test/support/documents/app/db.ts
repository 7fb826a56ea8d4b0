/** What documents import from `./db.js`: a database that nobody asks, for no block that is run serves a request. */
import type { OAuthClient, TokenAccount } from '../../../../src/index.ts'

interface User {
  readonly id: string
  readonly passwordHash: string
  readonly scopes: readonly string[]
}

interface Report {
  readonly team: string
  readonly text: string
}

const nobody = <T>(): Promise<T | undefined> => Promise.resolve(undefined)

export const clients = { find: (_id: string): Promise<OAuthClient | undefined> => nobody<OAuthClient>() }

export const users = {
  find: (_name: string): Promise<User | undefined> => nobody<User>(),
  findActive: (_id: string): Promise<TokenAccount | undefined> => nobody<TokenAccount>(),
}

export const reports = { find: (_id: string | undefined): Promise<Report | undefined> => nobody<Report>() }

export function teamOf(subject: string): string {
  return `the team of ${subject}`
}
