import { randomBytes } from 'node:crypto'
import { hashPassword, type TokenAccount, type VerifyPasswordGrant, verifyPassword } from '@gatehouse/core'

/** An account of the demo, with its password in clear: it is printed at the start, and lives as long as the process. */
export interface DemoAccount {
  readonly name: string
  readonly password: string
  readonly account: TokenAccount
}

/** The accounts to try, with passwords made at the start. */
export function makeAccounts(): readonly DemoAccount[] {
  // Letters and digits alone: a double click selects all of it.
  const password = (): string => randomBytes(6).toString('hex')
  const scopes = ['data:read', 'notes:write']
  return [
    { name: 'alice', password: password(), account: { subject: 'alice', scopes, roles: ['user'] } },
    { name: 'root', password: password(), account: { subject: 'root', scopes, roles: ['admin'] } },
  ]
}

/** Checks a name and a password against hashes, in the same time whether the name exists or not. */
export async function passwordCheck(accounts: readonly DemoAccount[]): Promise<VerifyPasswordGrant> {
  const stored = new Map<string, { readonly account: TokenAccount; readonly hash: string }>()
  for (const { name, password, account } of accounts) {
    stored.set(name, { account, hash: await hashPassword(password) })
  }
  return async (name, password) => {
    const found = stored.get(name)
    return (await verifyPassword(password, found?.hash)) ? found?.account : undefined
  }
}
