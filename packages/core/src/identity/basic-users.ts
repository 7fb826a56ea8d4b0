import type { RequestFacts } from '../contract/request.ts'
import { hasControl } from '../lib/access-names.ts'
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
import { distinctList, roleName, scopeName, text, textThat } from '../options/readers.ts'
import { isPasswordHash, verifyPassword } from './passwords.ts'

/** Who a user is, and what they may do. */
export interface Account {
  /** Who the user is; never empty. */
  readonly subject: string
  readonly scopes?: readonly string[]
  readonly roles?: readonly string[]
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
  readonly scopes?: readonly string[]
  readonly roles?: readonly string[]
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

/** Verifies against the users of a policy, with the same work for a name that is none of theirs (AUT-08). */
export function verifyAgainst(users: Users): VerifyUser {
  return async (username, password) => {
    const user = users.get(username)
    return (await verifyPassword(password, user?.password)) ? user?.account : undefined
  }
}

function accountOf(name: string, user: OptionsRead<typeof READERS>): Account {
  const { subject = name, scopes = [], roles = [] } = user
  // Every request of the user gets these lists: what a handler adds to one would be everybody's.
  return Object.freeze({ subject, scopes: Object.freeze([...scopes]), roles: Object.freeze([...roles]) })
}

/** RFC 7617 §2: a name cannot contain what ends it, nor control characters. */
function isUserName(name: string): boolean {
  return name !== '' && !name.includes(':') && !hasControl(name)
}
