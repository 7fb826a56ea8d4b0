import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  report,
  required,
} from '../options/read.ts'
import {
  distinctList,
  flag,
  list,
  options,
  permissionName,
  roleName,
  scopeName,
  text,
} from '../options/readers.ts'
import { readKeyHash } from './api-key-format.ts'

/** One key, as a policy or a database keeps it: everything but the key itself. */
export interface ApiKeyRecord {
  /** Names the key in the log; no secret, and unique. */
  readonly id: string
  /**
   * SHA-256 of the key, in hexadecimal or base64url: what `generateApiKey` and `hashApiKey` give. The plain key is
   * refused: whoever reads the policy or the database must not be able to call (ASVS 13.2.1).
   */
  readonly hash: string
  /** Whose key it is. Several keys may have one subject: that is how a key is replaced without an outage. */
  readonly subject: string
  /** What the key may be used for. */
  readonly scopes?: readonly string[]
  /** What its owner is. */
  readonly roles?: readonly string[]
  /** What its owner may do by name, besides what the policy's `roles` grant. */
  readonly permissions?: readonly string[]
  /** From when on it is good: a date, or milliseconds since 1970. */
  readonly notBefore?: Date | number
  /** From when on it is no longer good: a date, or milliseconds since 1970. Seconds are refused. */
  readonly expires?: Date | number
  /** Whether it was called back. */
  readonly revoked?: boolean
}

/** A time before 1973 is a number of seconds that was taken for milliseconds. */
const EARLIEST = 100_000_000_000

const READERS = {
  id: required(
    text('an id', "a name for the log, such as 'billing-2026'"),
    'Write what generateApiKey gave as id.',
  ),
  hash: required<string>(readHash, 'Write what generateApiKey or hashApiKey gave.'),
  subject: required(
    text('a subject', "whose key it is, such as 'billing'"),
    "Write whose key it is, such as 'billing'.",
  ),
  scopes: optional(distinctList(scopeName(), { example: "a list of scopes, such as ['data:read']" })),
  roles: optional(distinctList(roleName(), { example: "a list of roles, such as ['reader']" })),
  permissions: optional(
    distinctList(permissionName(), { example: "a list of permissions, such as ['invoices:refund']" }),
  ),
  notBefore: optional<number>(readTime),
  expires: optional<number>(readTime),
  revoked: optional(flag()),
} satisfies OptionReaders<ApiKeyRecord>

const RECORDS = list(options(READERS), {
  min: 1,
  example: "at least one key, such as [{ id: 'k1', hash: '...', subject: 'billing' }]",
})

/** Reads the keys of a policy: each of them, with its digest in one spelling, and none said twice. */
export function readRecords(value: unknown, place: Place): readonly ApiKeyRecord[] | undefined {
  const read = RECORDS(value, place)
  if (read === undefined) return undefined
  const ids = new Set<string>()
  const hashes = new Set<string>()
  const records: ApiKeyRecord[] = []
  for (const [index, one] of read.entries()) {
    const record = recordOf(one, at(place, index))
    if (record === undefined) continue
    addOnce(at(at(place, index), 'id'), ids, record.id)
    addOnce(at(at(place, index), 'hash'), hashes, record.hash)
    records.push(record)
  }
  return records
}

/** The record, unless something that it cannot do without was reported. */
function recordOf(read: OptionsRead<typeof READERS>, place: Place): ApiKeyRecord | undefined {
  const {
    id,
    hash,
    subject,
    scopes = [],
    roles = [],
    permissions,
    notBefore,
    expires,
    revoked = false,
  } = read
  if (notBefore !== undefined && expires !== undefined && notBefore >= expires) {
    report(at(place, 'notBefore'), 'contradiction', 'is not before "expires".', 'Write an earlier time.')
  }
  if (id === undefined || hash === undefined || subject === undefined) return undefined
  return {
    id,
    hash,
    subject,
    scopes,
    roles,
    revoked,
    ...(permissions !== undefined && { permissions }),
    ...(notBefore !== undefined && { notBefore }),
    ...(expires !== undefined && { expires }),
  }
}

function addOnce(place: Place, seen: Set<string>, value: string): void {
  if (seen.has(value))
    report(place, 'duplicate_value', 'is the same as that of an earlier key.', 'Leave one out.')
  seen.add(value)
}

function readHash(value: unknown, place: Place): string | undefined {
  const hash = typeof value === 'string' ? readKeyHash(value) : undefined
  // The message never shows the value: it may well be the key itself.
  return (
    hash ??
    report(
      place,
      'malformed_value',
      'is not a SHA-256 digest in hexadecimal or base64url.',
      'Write hashApiKey(key), never the key.',
    )
  )
}

/** Reads a time as milliseconds since 1970. */
export function readTime(value: unknown, place: Place): number | undefined {
  const instead = "Write a Date, such as new Date('2027-01-01'), or milliseconds since 1970."
  if (!(value instanceof Date) && typeof value !== 'number')
    return report(place, 'wrong_type', 'is not a time.', instead)
  const end = Number(value)
  if (Number.isNaN(end)) return report(place, 'malformed_value', 'is not a time.', instead)
  return end >= EARLIEST ? end : report(place, 'out_of_range', 'looks like seconds.', instead)
}
