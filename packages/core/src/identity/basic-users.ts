import { randomBytes } from 'node:crypto'
import type { RequestFacts } from '../contract/request.ts'
import { hasControl, isTextList } from '../lib/access-names.ts'
import { keyedHash } from '../lib/digest.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  plainObject,
  readOptions,
  report,
  required,
} from '../options/read.ts'
import { distinctList, permissionName, roleName, scopeName, text, textThat } from '../options/readers.ts'
import { isPasswordHash, verifyPassword } from './passwords.ts'

/** Who a user is, and what they may do. */
export interface Account {
  /** Who the user is; never empty. */
  readonly subject: string
  /** @default [] */
  readonly scopes?: readonly string[]
  /** @default [] */
  readonly roles?: readonly string[]
  /** What the user may do by name, besides what the policy's `roles` grant. */
  readonly permissions?: readonly string[]
}

/** A user of the policy. */
export interface BasicUser {
  /** The hash that `hashPassword` made; the password itself is refused. */
  readonly password: string
  /**
   * Who the user is.
   *
   * @default the user name
   */
  readonly subject?: string
  /** @default [] */
  readonly scopes?: readonly string[]
  /** @default [] */
  readonly roles?: readonly string[]
  /** What the user may do by name, besides what the policy's `roles` grant. */
  readonly permissions?: readonly string[]
}

/**
 * Finds the account of a user whose password is right; nothing means that there is none.
 *
 * It must do the same work for a user it does not know: `verifyPassword(password, undefined)` does (AUT-08).
 */
export type VerifyUser = (
  username: string,
  password: string,
  request: RequestFacts,
) => Account | undefined | Promise<Account | undefined>

/** A user of the policy, ready to be verified. */
interface KnownUser {
  readonly password: string
  readonly account: Account
}

/** The users of a policy by name. */
export type Users = ReadonlyMap<string, KnownUser>

const READERS = {
  password: required(
    textThat(isPasswordHash, 'a hash of hashPassword', 'the hash that hashPassword made, never the password'),
    'Write the hash that hashPassword made.',
  ),
  subject: optional(text('a subject', "who the user is, such as 'ops'")),
  scopes: optional(distinctList(scopeName(), { example: "a list of scopes, such as ['data:read']" })),
  roles: optional(distinctList(roleName(), { example: "a list of roles, such as ['admin']" })),
  permissions: optional(
    distinctList(permissionName(), { example: "a list of permissions, such as ['invoices:refund']" }),
  ),
} satisfies OptionReaders<BasicUser>

/** Reads the users of a policy. */
export function readUsers(value: unknown, place: Place): Users | undefined {
  const instead = "Write { ops: { password: '...' } } with a hash of hashPassword."
  const all = plainObject(place, value, 'an object of users', instead)
  if (all === undefined) return undefined
  const users = new Map<string, KnownUser>()
  for (const [name, given] of entriesOf(place, all)) {
    const where = at(place, name)
    if (!isUserName(name)) {
      report(
        where,
        'malformed_value',
        'is a name with a colon or a control character, or empty.',
        'Write another name.',
      )
      continue
    }
    const user = readOptions(where, given, READERS)
    if (user?.password !== undefined)
      users.set(name, { password: user.password, account: accountOf(name, user) })
  }
  return users.size > 0 || Object.keys(all).length > 0
    ? users
    : report(place, 'out_of_range', 'is empty.', instead)
}

/**
 * Verifies against the users of a policy, with the same work for a name that is none of theirs (AUT-08).
 *
 * Such a name is measured against the hash of one of the users, always of the same one: so that also where hashes of
 * different costs stand side by side, the time of an answer does not tell a name that nobody has.
 */
export function verifyAgainst(users: Users): VerifyUser {
  const hashes = [...users.values()].map((user) => user.password)
  const key = randomBytes(32)
  return async (username, password) => {
    // For each name, so that it costs both the same.
    const decoy = hashes[indexOf(key, username, hashes.length)]
    const user = users.get(username)
    return (await verifyPassword(password, user?.password ?? decoy)) ? user?.account : undefined
  }
}

/** One number below a limit for one name, which nobody without the key can tell. */
function indexOf(key: Buffer, name: string, limit: number): number {
  return limit === 0 ? 0 : Number.parseInt(keyedHash(key, name, 4), 16) % limit
}

function accountOf(name: string, user: OptionsRead<typeof READERS>): Account {
  const { subject = name, scopes = [], roles = [], permissions } = user
  // Every request of the user gets these lists: what a handler adds to one would be everybody's.
  return Object.freeze({
    subject,
    scopes: Object.freeze([...scopes]),
    roles: Object.freeze([...roles]),
    ...(permissions !== undefined && { permissions: Object.freeze([...permissions]) }),
  })
}

/** What a callback gave that was to find an account (AUT-15): one, nothing, or what is neither. */
export type AccountGiven = Account | 'nothing' | 'ill-formed'

/** Looks at what a callback gave. The lists of scopes and roles are the check's to look at, as with every principal. */
export function accountFrom(given: unknown): AccountGiven {
  if (given === undefined || given === null || given === false) return 'nothing'
  if (typeof given !== 'object') return 'ill-formed'
  const { subject, permissions } = given as Partial<Record<keyof Account, unknown>>
  // What the client sent is no default for it: a database's empty result is an object, too.
  if (typeof subject !== 'string' || subject === '') return 'ill-formed'
  return permissions === undefined || isTextList(permissions) ? (given as Account) : 'ill-formed'
}

/** Whether a text can name a user: not empty, no colon, which would end it, no control character (RFC 7617 §2, RFC 7616 §3.4.2). */
export function isUserName(name: string): boolean {
  return name !== '' && !name.includes(':') && !hasControl(name)
}
