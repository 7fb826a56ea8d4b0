import { nearest } from '../lib/spelling.ts'
import { at, entriesOf, optional, type Place, plainObject, readOptions, report } from './read.ts'
import { distinctList, permissionName, roleName } from './readers.ts'

/** What a role brings with it. */
export interface RoleGrant {
  /** The roles that it includes. */
  readonly includes?: readonly string[]
  /** What whoever has it may do. */
  readonly permissions?: readonly string[]
}

/**
 * Which roles include others, over any number of steps, and which permissions they bring:
 * `{ admin: { includes: ['editor'], permissions: ['orders:delete'] }, editor: ['viewer'] }` lets an admin do what a
 * viewer may. A list is short for `{ includes }`. Once it is given, a rule may name only roles that stand in it, on
 * either side; one that stands alone is written with an empty list. Once a role brings permissions, a rule may name
 * only permissions that some role brings.
 */
export type RoleHierarchy = Readonly<Record<string, readonly string[] | RoleGrant>>

/** The hierarchy of a policy, with every step already taken. */
export interface Roles {
  /** Whether the policy has a hierarchy; without one, any role may be named. */
  readonly declared: boolean
  /** Every role of the hierarchy, with all that it satisfies, itself among them. */
  readonly satisfies: ReadonlyMap<string, ReadonlySet<string>>
  /** Every permission that the hierarchy knows, with all roles that bring it. */
  readonly grants: ReadonlyMap<string, ReadonlySet<string>>
}

const INCLUDED = distinctList(roleName(), {
  example: "the roles that it includes, such as ['editor'], or []",
})
const GRANTED = distinctList(permissionName(), {
  example: "the permissions that it brings, such as ['orders:delete']",
})

/** Compiles the role hierarchy of a policy: every step is taken here, none on the path of a request. */
export function compileRoles(place: Place, value: unknown): Roles {
  if (value === undefined) return { declared: false, satisfies: new Map(), grants: new Map() }
  const includes = new Map<string, readonly string[]>()
  const permissions = new Map<string, readonly string[]>()
  const given = plainObject(place, value, 'an object of roles', "Write { admin: ['editor'], editor: [] }.")
  const readRole = roleName()
  for (const [role, written] of given === undefined ? [] : entriesOf(place, given)) {
    const where = at(place, role)
    if (readRole(role, where) === undefined) continue
    const grant = readGrant(written, where)
    includes.set(role, grant.includes ?? [])
    permissions.set(role, grant.permissions ?? [])
  }
  const satisfies = takeAllSteps(place, includes)
  return { declared: true, satisfies, grants: spread(permissions, satisfies) }
}

function readGrant(
  value: unknown,
  place: Place,
): Partial<Record<keyof RoleGrant, readonly string[] | undefined>> {
  // What is no object is read as the list that it should be.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (readOptions(place, value, { includes: optional(INCLUDED), permissions: optional(GRANTED) }) ?? {})
    : { includes: INCLUDED(value, place) }
}

/** The roles that bring each permission: those that say so, and all that include one of them. */
function spread(
  permissions: ReadonlyMap<string, readonly string[]>,
  satisfies: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const grants = new Map<string, Set<string>>()
  for (const [role, satisfied] of satisfies) {
    for (const below of satisfied) {
      for (const permission of permissions.get(below) ?? []) {
        const roles = grants.get(permission) ?? new Set()
        grants.set(permission, roles.add(role))
      }
    }
  }
  return grants
}

function takeAllSteps(
  place: Place,
  includes: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const done = new Map<string, ReadonlySet<string>>()
  const way: string[] = []
  function visit(role: string): ReadonlySet<string> {
    const known = done.get(role)
    if (known !== undefined) return known
    const met = way.indexOf(role)
    if (met !== -1) {
      const cycle = [...way.slice(met), role].join(' > ')
      report(
        at(place, role),
        'contradiction',
        `includes itself: ${cycle}.`,
        'Leave one step of the cycle out.',
      )
      return new Set([role])
    }
    way.push(role)
    const all = new Set([role])
    for (const below of includes.get(role) ?? []) for (const each of visit(below)) all.add(each)
    way.pop()
    done.set(role, all)
    return all
  }
  for (const role of includes.keys()) visit(role)
  return done
}

/** Every role that suffices for one of the wanted ones. */
export function rolesThatSatisfy(place: Place, wanted: readonly string[], roles: Roles): ReadonlySet<string> {
  const accepted = new Set(wanted)
  if (roles.declared) reportUnknown(place, wanted, roles.satisfies, 'roles')
  for (const [role, satisfied] of roles.satisfies) {
    if (wanted.some((each) => satisfied.has(each))) accepted.add(role)
  }
  return accepted
}

/** For each wanted permission, the roles that bring it. */
export function rolesThatGrant(
  place: Place,
  wanted: readonly string[],
  roles: Roles,
): readonly (readonly [permission: string, roles: ReadonlySet<string>])[] {
  // Without a role that brings any, permissions come from the callers' own list, which nobody can look up.
  if (roles.grants.size > 0) reportUnknown(place, wanted, roles.grants, 'permissions')
  return wanted.map((permission) => [permission, roles.grants.get(permission) ?? new Set<string>()])
}

function reportUnknown(
  place: Place,
  wanted: readonly string[],
  known: ReadonlyMap<string, unknown>,
  what: 'roles' | 'permissions',
): void {
  for (const [index, name] of wanted.entries()) {
    if (known.has(name)) continue
    const near = nearest(name, known.keys())
    const add =
      what === 'roles'
        ? `Add "${name}" to the roles of the policy.`
        : `Add "${name}" to the permissions of a role of the policy.`
    report(
      at(place, index),
      'unknown_reference',
      what === 'roles'
        ? `names "${name}", which the roles of the policy do not.`
        : `names "${name}", which no role of the policy brings.`,
      near === undefined ? add : `Did you mean "${near}"?`,
    )
  }
}
