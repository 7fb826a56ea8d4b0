import type { RequestFacts } from '../../contract/request.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReaders,
  type Place,
  plainObject,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { distinctList, roleName, scopeName, text, textThat } from '../../options/readers.ts'
import { isUserName } from '../basic-users.ts'

/** A user who may log in with a digest. */
export interface DigestUser {
  /** What `digestHash` gave for the name, the realm and the password. */
  readonly hash: string
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
}

/** A user that a look-up found: it says who that is, whatever spelling of the name it was asked for. */
export interface FoundDigestUser extends DigestUser {
  readonly subject: string
}

/** Finds a user by name; nothing means that there is none. */
export type DigestLookup = (
  username: string,
  request: RequestFacts,
) => FoundDigestUser | undefined | Promise<FoundDigestUser | undefined>

/** Whether a text can be what `digestHash` gives. */
export function isDigestHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

const READERS = {
  hash: required(
    textThat(isDigestHash, 'a hash of digestHash', 'what digestHash gave, never the password'),
    'Write what digestHash gave.',
  ),
  subject: optional(text('a subject', "who the user is, such as 'printer'")),
  scopes: optional(distinctList(scopeName(), { example: "a list of scopes, such as ['data:read']" })),
  roles: optional(distinctList(roleName(), { example: "a list of roles, such as ['admin']" })),
} satisfies OptionReaders<DigestUser>

/** Reads the users of a policy. */
export function readDigestUsers(
  value: unknown,
  place: Place,
): ReadonlyMap<string, FoundDigestUser> | undefined {
  const instead = "Write { printer: { hash: '...' } } with a hash of digestHash."
  const all = plainObject(place, value, 'an object of users', instead)
  if (all === undefined) return undefined
  const entries = entriesOf(place, all)
  if (Object.keys(all).length === 0) return report(place, 'out_of_range', 'is empty.', instead)
  const users = new Map<string, FoundDigestUser>()
  for (const [name, given] of entries) {
    const where = at(place, name)
    if (!isUserName(name)) {
      const message = 'is a name with a colon or a control character, or empty.'
      report(where, 'malformed_value', message, 'Write another name.')
      continue
    }
    const { hash, subject = name, scopes = [], roles = [] } = readOptions(where, given, READERS) ?? {}
    if (hash === undefined) continue
    // Every request of the user gets these lists: what a handler adds to one would be everybody's.
    users.set(name, { hash, subject, scopes: Object.freeze([...scopes]), roles: Object.freeze([...roles]) })
  }
  return users
}
