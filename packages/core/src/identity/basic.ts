import { withError } from '../contract/check.ts'
import { isUtf8 } from 'node:buffer'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  authenticated,
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { hasControl } from '../lib/access-names.ts'
import { decodeBase64 } from '../lib/base64url.ts'
import { isTokenCode, quotedString } from '../lib/chars.ts'
import { judged } from '../lib/promise.ts'
import { at, optional, type OptionReaders, readOptions, report } from '../options/read.ts'
import { callback, fieldValue, having } from '../options/readers.ts'
import { guardLogins } from './basic-protection.ts'
import { accountFrom, type BasicUser, readUsers, verifyAgainst, type VerifyUser } from './basic-users.ts'
import type { LoginProtection } from './login-protection.ts'

export type { Account, BasicUser, VerifyUser } from './basic-users.ts'

/** A user who gave the right password. */
export interface BasicPrincipal extends Principal {
  readonly scheme: 'basic'
  /** The user name as it was sent. */
  readonly username: string
}

/** Options of {@link basic}: the users, or a function that knows them. */
export interface BasicOptions {
  /** The users by name, with their hashed passwords. Exactly one of `users` and `verify` is given. */
  readonly users?: Readonly<Record<string, BasicUser>>
  /** Finds the account of a user whose password is right. */
  readonly verify?: VerifyUser
  /**
   * Slows down who guesses passwords: `loginProtection({ store })`. Every request counts as a login.
   *
   * @default none
   */
  readonly protection?: LoginProtection
  /**
   * What the password is for: clients show it to the user.
   *
   * @default 'api'
   */
  readonly realm?: string
}

/** Base64 of more than 1.5 kB of name and password is neither; the bound keeps decoding and hashing cheap. */
const MAX_LENGTH = 2048

const REPEATED: BadCredentials = bad('credentials.repeated', 'the Authorization field occurs more than once')
const MALFORMED: BadCredentials = bad(
  'credentials.malformed',
  'not Base64 of a name, a colon and a password in UTF-8',
)
const WRONG: BadCredentials = bad('credentials.wrong', 'the password is wrong, or the user unknown')
const FAILED: BadCredentials = bad('dependency.failed', 'the verification of the password threw or rejected')
const ILL_FORMED: BadCredentials = bad(
  'dependency.failed',
  'the verification of the password gave no account',
)

/**
 * Authenticates callers by user name and password (RFC 7617).
 *
 * Every request carries the password and costs a password hash, by design a slow one: right for a few operators and
 * machines behind a rate limit, wrong for a public API.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and user at once
 * @example
 * authenticate: basic({ users: { ops: { password: process.env.OPS_HASH, roles: ['admin'] } } })
 * @example
 * authenticate: basic({
 *   verify: async (username, password) => {
 *     const row = await db.users.find(username)
 *     const right = await verifyPassword(password, row?.password)
 *     return right && row !== undefined ? { subject: row.id, scopes: row.scopes } : undefined
 *   },
 * })
 * @see RFC 7617 §2, §2.1
 */
export function basic(options: BasicOptions): Scheme<BasicPrincipal> {
  return { name: 'basic', compile: (context) => compile(context, options) }
}

const READERS = {
  users: optional(readUsers),
  verify: optional(callback<VerifyUser>('(username, password) => an account or nothing')),
  protection: optional(
    having<LoginProtection>('a login protection', 'loginProtection({ store })', 'attempt', 'succeeded'),
  ),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
} satisfies OptionReaders<BasicOptions>

function compile(context: SchemeContext, options: BasicOptions): CompiledScheme<BasicPrincipal> {
  const before = context.mistakes.count
  const read = readOptions(context, options, READERS)
  const realm = read?.realm ?? 'api'
  if (read?.users !== undefined && read.verify !== undefined) {
    report(at(context, 'verify'), 'contradiction', 'is given besides "users".', 'Leave one of the two out.')
  }
  if (read?.users === undefined && read?.verify === undefined && context.mistakes.count === before) {
    report(context, 'missing_option', 'knows no users.', 'Write { users: { ... } } or { verify: ... }.')
  }
  const verify = read?.verify ?? verifyAgainst(read?.users ?? new Map())
  // RFC 7617 §2.1: the only value of charset is "UTF-8"; the scheme has no further parameter, so none is passed on.
  const challenges = Object.freeze([`Basic realm=${quotedString(realm)}, charset="UTF-8"`])
  return {
    name: 'basic',
    fields: ['authorization'],
    authSchemes: ['basic'],
    identify: identifyBy(verify, read?.protection),
    challenges: () => challenges,
    describe: () => ({
      securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
      alternatives: [['basic']],
    }),
  }
}

function identifyBy(
  verify: VerifyUser,
  protection: LoginProtection | undefined,
): CompiledScheme<BasicPrincipal>['identify'] {
  const guarded = protection === undefined ? undefined : guardLogins<BasicPrincipal>(protection)

  function login(
    username: string,
    password: string,
    request: RequestFacts,
  ): Identification<BasicPrincipal> | Promise<Identification<BasicPrincipal>> {
    return judged<Identification<BasicPrincipal>>(
      () => verify(username, password, request),
      (account) => judge(account, username),
      (error) => withError(FAILED, error),
    )
  }

  return (request) => {
    const value = request.headers.authorization
    if (value === undefined) return NO_CREDENTIALS
    if (request.count('authorization') > 1) return REPEATED
    const parsed = parseBasic(value)
    if (parsed.type === 'other') return NO_CREDENTIALS
    if (parsed.type === 'malformed') return MALFORMED
    const { username, password } = parsed
    return guarded === undefined
      ? login(username, password, request)
      : guarded(username, password, request, () => login(username, password, request))
  }
}

/** AUT-15: nothing is a refusal, and what is neither nothing nor an account is a failure of the callback. */
function judge(given: unknown, username: string): Identification<BasicPrincipal> {
  const account = accountFrom(given)
  if (account === 'nothing') return { ...WRONG, account: username }
  if (account === 'ill-formed') return ILL_FORMED
  const { subject, scopes = [], roles = [], permissions } = account
  return authenticated({
    scheme: 'basic',
    subject,
    issuer: undefined,
    scopes,
    roles,
    ...(permissions !== undefined && { permissions }),
    username,
  })
}

/** What an Authorization field is to this scheme. */
export type BasicParse =
  | { readonly type: 'other' }
  | { readonly type: 'malformed' }
  | { readonly type: 'credentials'; readonly username: string; readonly password: string }

const OTHER: BasicParse = Object.freeze({ type: 'other' })
const BROKEN: BasicParse = Object.freeze({ type: 'malformed' })

/**
 * Reads an Authorization field as `Basic`, one space, and Base64 of a name and a password.
 *
 * Another scheme is another matter; the right scheme with anything else behind it is malformed (AUT-06).
 *
 * @see RFC 9110 §11.4; RFC 7617 §2
 */
export function parseBasic(value: string): BasicParse {
  let end = 0
  while (end < value.length && isTokenCode(value.charCodeAt(end))) end++
  if (end !== 5 || value.slice(0, 5).toLowerCase() !== 'basic') return OTHER
  if (value.length > MAX_LENGTH || value.charCodeAt(5) !== 0x20) return BROKEN
  const bytes = decodeBase64(value.slice(6))
  // Lenient decoding would turn different bytes into one name, and one name into many spellings.
  if (bytes === undefined || !isUtf8(bytes)) return BROKEN
  const text = bytes.toString('utf8')
  // RFC 7617 §2: the first colon ends the name, a password may have more; neither has control characters.
  const colon = text.indexOf(':')
  if (colon === -1 || hasControl(text)) return BROKEN
  return { type: 'credentials', username: text.slice(0, colon), password: text.slice(colon + 1) }
}
