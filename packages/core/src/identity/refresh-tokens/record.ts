import { isTextList } from '../../lib/access-names.ts'

/** What is remembered with a refresh token. Times are in milliseconds since the epoch. */
export interface Login {
  readonly subject: string
  readonly scopes: readonly string[]
  readonly clientId: string | undefined
  /** When the user logged in. */
  readonly began: number
  /** When the login ends, however often it is refreshed. */
  readonly ends: number
  /** When this token ends, unless it is used. */
  readonly idleUntil: number
}

/** Writes a login as a text for the store. */
export function writeLogin(login: Login): string {
  return JSON.stringify(login)
}

/**
 * Reads what {@link writeLogin} wrote.
 *
 * @throws TypeError when the record is anything else: what it would have said is not known, so nothing is granted
 */
export function readLogin(record: string): Login {
  const login = JSON.parse(record) as Partial<Record<keyof Login, unknown>> | null
  const { subject, scopes, clientId, began, ends, idleUntil } = login ?? {}
  if (
    typeof subject !== 'string' ||
    !isTextList(scopes) ||
    (clientId !== undefined && typeof clientId !== 'string') ||
    !isTime(began) ||
    !isTime(ends) ||
    !isTime(idleUntil)
  ) {
    throw new TypeError('The record of a refresh token is malformed')
  }
  return { subject, scopes, clientId, began, ends, idleUntil }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
