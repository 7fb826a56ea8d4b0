import type { Principal } from '../../contract/principal.ts'
import { isScopeToken, isTextList } from '../../lib/access-names.ts'
import { parseScopes } from '../scopes.ts'
import type { RegisteredClaims } from './claims.ts'
import { member, type Members } from './json-part.ts'
import { type Rejection, rejection } from './rejection.ts'

/** Finds scopes, roles or permissions in claims. It sees claims whose signature and registered members have been checked. */
export type AccessFrom<Claims extends object> = (
  claims: Readonly<Claims & RegisteredClaims>,
) => readonly string[]

/** What a caller may do, as a token says it. */
export interface Access {
  readonly ok: true
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** `undefined` where nobody said where they are. */
  readonly permissions: readonly string[] | undefined
}

/** Finds what a caller may do in the claims of a token. */
export type FindAccess = (claims: Members) => Access | Rejection

type Find = (claims: Members) => readonly string[] | undefined

const BAD_SCOPES = rejection('token.claim-malformed', 'the "scope" of the token is not a list of scopes')
const BAD_ROLES = rejection('token.claim-malformed', 'the "roles" of the token are not a list of texts')
const FAILED = rejection(
  'dependency.failed',
  'scopesFrom, rolesFrom or permissionsFrom threw, or gave no list of texts',
)

/** Compiles where scopes and roles are found; claims of another form refuse the token, since nobody knows what they mean. */
export function compileAccess<Claims extends object>(
  scopesFrom: AccessFrom<Claims> | undefined,
  rolesFrom: AccessFrom<Claims> | undefined,
  permissionsFrom: AccessFrom<Claims> | undefined,
): FindAccess {
  const findScopes = scopesFrom === undefined ? scopesOf : byCallback(scopesFrom)
  const findRoles = rolesFrom === undefined ? rolesOf : byCallback(rolesFrom)
  const findPermissions = permissionsFrom === undefined ? undefined : byCallback(permissionsFrom)
  return (claims) => {
    const scopes = findScopes(claims)
    if (scopes === undefined) return scopesFrom === undefined ? BAD_SCOPES : FAILED
    const roles = findRoles(claims)
    if (roles === undefined) return rolesFrom === undefined ? BAD_ROLES : FAILED
    const permissions = findPermissions?.(claims)
    if (permissions === undefined && findPermissions !== undefined) return FAILED
    return { ok: true, scopes, roles, permissions }
  }
}

/** RFC 8693 §4.2 writes scopes as one text with spaces, some issuers as a list (AZ-04). */
function scopesOf(claims: Members): readonly string[] | undefined {
  const scope = member(claims, 'scope')
  if (scope === undefined) return []
  if (typeof scope === 'string') return parseScopes(scope)
  const scopes = texts(scope)
  return scopes?.every(isScopeToken) === true ? scopes : undefined
}

/** RFC 9068 §2.2.3.1. */
function rolesOf(claims: Members): readonly string[] | undefined {
  const roles = member(claims, 'roles')
  return roles === undefined ? [] : texts(roles)
}

function byCallback<Claims extends object>(find: AccessFrom<Claims>): Find {
  return (claims) => {
    try {
      // The verifier has checked the registered claims; the others are what the caller of jwt() says they are.
      const found: unknown = find(claims as Claims & RegisteredClaims)
      // No list, and refused as such; a rejection that nobody hears would end the process (AUT-15).
      if (found instanceof Promise) found.catch(() => undefined)
      return texts(found)
    } catch {
      return undefined
    }
  }
}

function texts(value: unknown): readonly string[] | undefined {
  return isTextList(value) ? value : undefined
}

/** What a caller may do, and how they were authenticated, as members of a principal that nobody can change. */
export function grantsOf(
  claims: Members,
  { scopes, roles, permissions }: Access,
): Omit<Principal, 'scheme' | 'subject' | 'issuer'> {
  const acr = member(claims, 'acr')
  const authTime = member(claims, 'auth_time')
  return {
    scopes: frozen(scopes),
    roles: frozen(roles),
    ...(permissions !== undefined && { permissions: frozen(permissions) }),
    ...(typeof acr === 'string' && { acr }),
    ...(typeof authTime === 'number' && Number.isFinite(authTime) && { authTime }),
  }
}

const NONE: readonly string[] = Object.freeze([])

function frozen(names: readonly string[]): readonly string[] {
  return names.length === 0 ? NONE : Object.freeze([...names])
}

/** Freezes what was parsed, whose depth is bounded: it is handed to every request that brings the token. */
export function freezeDeep<T extends object>(value: T): T {
  for (const each of Object.values(value) as unknown[]) {
    if (typeof each === 'object' && each !== null) freezeDeep(each)
  }
  return Object.freeze(value)
}
