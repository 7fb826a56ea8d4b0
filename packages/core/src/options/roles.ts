import { nearest } from '../lib/spelling.ts'
import { at, entriesOf, type Place, plainObject, report } from './read.ts'
import { distinctList, roleName } from './readers.ts'

/**
 * Which roles include others, over any number of steps: `{ admin: ['editor'], editor: ['viewer'] }` lets an admin do
 * what a viewer may. Once it is given, a rule may name only roles that stand in it, on either side; one that stands
 * alone is written with an empty list.
 */
export type RoleHierarchy = Readonly<Record<string, readonly string[]>>

/** The hierarchy of a policy, with every step already taken. */
export interface Roles {
  /** Whether the policy has a hierarchy; without one, any role may be named. */
  readonly declared: boolean
  /** Every role of the hierarchy, with all that it satisfies, itself among them. */
  readonly satisfies: ReadonlyMap<string, ReadonlySet<string>>
}

const INCLUDED = distinctList(roleName(), {
  example: "the roles that it includes, such as ['editor'], or []",
})

/** Compiles the role hierarchy of a policy: every step is taken here, none on the path of a request. */
export function compileRoles(place: Place, value: unknown): Roles {
  if (value === undefined) return { declared: false, satisfies: new Map() }
  const includes = new Map<string, readonly string[]>()
  const given = plainObject(place, value, 'an object of roles', "Write { admin: ['editor'], editor: [] }.")
  const readRole = roleName()
  for (const [role, included] of given === undefined ? [] : entriesOf(place, given)) {
    const where = at(place, role)
    if (readRole(role, where) !== undefined) includes.set(role, INCLUDED(included, where) ?? [])
  }
  return { declared: true, satisfies: takeAllSteps(place, includes) }
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
  for (const [index, role] of wanted.entries()) {
    if (!roles.declared || roles.satisfies.has(role)) continue
    const near = nearest(role, roles.satisfies.keys())
    const instead =
      near === undefined ? `Add "${role}" to the roles of the policy.` : `Did you mean "${near}"?`
    report(
      at(place, index),
      'unknown_reference',
      `names "${role}", which the roles of the policy do not.`,
      instead,
    )
  }
  for (const [role, satisfied] of roles.satisfies) {
    if (wanted.some((each) => satisfied.has(each))) accepted.add(role)
  }
  return accepted
}
