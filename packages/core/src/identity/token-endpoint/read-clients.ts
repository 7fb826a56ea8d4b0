import {
  callback,
  distinctList,
  list,
  oneOf,
  options,
  roleName,
  scopeName,
  text,
  textThat,
} from '../../options/readers.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  plainObject,
  report,
  required,
} from '../../options/read.ts'
import { readKeyHash } from '../api-key-format.ts'
import type { FindClient, GrantType, OAuthClient } from './clients.ts'

/** Every grant that exists here. */
export const GRANT_TYPES: readonly GrantType[] = ['password', 'client_credentials', 'refresh_token']

const hash = textThat(
  (value) => readKeyHash(value) !== undefined,
  'a SHA-256 digest in hexadecimal or base64url',
  'hashApiKey(secret), never the secret',
)
const hashes = distinctList(hash, { min: 1, example: 'hashApiKey(secret), or a list of such' })
const grantType = oneOf(...GRANT_TYPES)
const grantList = distinctList(grantType, {
  min: 1,
  example: "a list, such as ['client_credentials']",
})

const READERS = {
  id: required(text('a client id', "one, such as 'billing'"), "Write its client_id, such as 'billing'."),
  secretHash: optional<readonly string[]>((value, place) => {
    const one = typeof value === 'string' ? hash(value, place) : undefined
    if (typeof value !== 'string') return hashes(value, place)
    return one === undefined ? undefined : [one]
  }),
  public: optional(isTrue),
  grants: required<readonly GrantType[]>(
    readGrants,
    "Write how it may get tokens, such as ['client_credentials'].",
  ),
  scopes: optional(distinctList(scopeName(), { example: "a list of scopes, such as ['data:read']" })),
  roles: optional(distinctList(roleName(), { example: "a list of roles, such as ['reader']" })),
  claims: optional(readClaims),
} satisfies OptionReaders<OAuthClient>

const readList = list(options(READERS), {
  min: 1,
  example:
    "at least one client, such as [{ id: 'billing', secretHash: '...', grants: ['client_credentials'] }]",
})
const readCallback = callback<FindClient>('a list of clients, or (clientId) => a client or nothing')

/** Reads a list of clients, or a function that finds one. */
export function readClients(value: unknown, place: Place): FindClient | undefined {
  if (!Array.isArray(value)) return readCallback(value, place)
  const clients = new Map<string, OAuthClient>()
  for (const [index, read] of (readList(value, place) ?? []).entries()) {
    const where = at(place, index)
    const client = clientOf(read, where)
    if (client === undefined) continue
    if (clients.has(client.id))
      report(at(where, 'id'), 'duplicate_value', 'is the id of an earlier client.', 'Leave one out.')
    clients.set(client.id, client)
  }
  return (id) => clients.get(id)
}

function clientOf(read: OptionsRead<typeof READERS>, place: Place): OAuthClient | undefined {
  const { id, secretHash, grants: may = [], scopes = [], roles, claims } = read
  if (read.public === undefined && secretHash === undefined)
    return report(
      place,
      'missing_option',
      'has no secret.',
      'Write { secretHash: hashApiKey(secret) } or { public: true }.',
    )
  if (read.public !== undefined && secretHash !== undefined)
    return report(
      at(place, 'public'),
      'contradiction',
      'is given besides "secretHash".',
      'Leave one of the two out.',
    )
  if (read.public !== undefined && may.includes('client_credentials')) {
    const instead = 'Give it a secretHash, or leave the grant out (RFC 6749 §4.4).'
    return report(
      at(place, 'grants'),
      'contradiction',
      'lets a public client have tokens of its own.',
      instead,
    )
  }
  if (id === undefined) return undefined
  return Object.freeze({
    id,
    grants: Object.freeze(may),
    scopes: Object.freeze(scopes),
    ...(secretHash === undefined ? { public: true as const } : { secretHash }),
    ...(roles === undefined ? {} : { roles: Object.freeze(roles) }),
    ...(claims === undefined ? {} : { claims }),
  })
}

function readGrants(value: unknown, place: Place): readonly GrantType[] | undefined {
  const words = grantList(value, place)
  return words && GRANT_TYPES.filter((grant) => words.includes(grant))
}

function isTrue(value: unknown, place: Place): true | undefined {
  return value === true
    ? true
    : report(place, 'wrong_type', 'is not true.', 'Write true, or leave it out and give a secretHash.')
}

function readClaims(value: unknown, place: Place): Readonly<Record<string, unknown>> | undefined {
  return plainObject(place, value, 'an object of claims', "Write an object, such as { tenant: 'acme' }.")
}
