import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { PolicyDescription } from '@gatehouse/core'
import { CliError, EXIT, type Io } from '../io.ts'

/** A member of a policy that is not as it was recorded. */
export interface Change {
  /** The route, or `policy` for what all routes share. */
  readonly where: string
  readonly member: string
  /** As JSON; `undefined` where there was nothing. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** What `routes --json` wrote of a policy, and reads again. */
export type Recorded = Pick<PolicyDescription, 'hosts' | 'options' | 'roles' | 'store'> & {
  readonly routes: PolicyDescription['rules']
}

/** Everything that differs from a record, however small: what is weaker is for people to judge, and not to be missed. */
export function changesAgainst(before: Recorded, after: Recorded): readonly Change[] {
  const { routes: oldRoutes, ...oldShared } = before
  const { routes: newRoutes, ...newShared } = after
  const changes = changesOf('policy', flat(oldShared), flat(newShared))
  const names = new Set([...oldRoutes, ...newRoutes].map(({ name }) => name))
  for (const name of names) {
    const was = oldRoutes.find((route) => route.name === name)
    const is = newRoutes.find((route) => route.name === name)
    if (was === undefined) changes.push({ where: name, member: 'route', before: undefined, after: 'added' })
    else if (is === undefined)
      changes.push({ where: name, member: 'route', before: 'there', after: undefined })
    else changes.push(...changesOf(name, flat(was), flat(is)))
  }
  return changes
}

/** Reads what `gatehouse routes --json` wrote. */
export function readRecorded(named: string, { cwd }: Pick<Io, 'cwd'>): Recorded {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(resolve(cwd, named), 'utf8').replace(/^\uFEFF/, ''))
  } catch {
    throw new CliError(EXIT.failed, `${named} cannot be read as JSON.`)
  }
  const { hosts, options, roles, store, routes } = (value ?? {}) as Partial<Recorded>
  const isRecord =
    Array.isArray(hosts) &&
    typeof options === 'object' &&
    typeof roles === 'object' &&
    typeof store === 'string' &&
    Array.isArray(routes) &&
    routes.every((route) => typeof (route as { readonly name?: unknown } | null)?.name === 'string')
  if (!isRecord)
    throw new CliError(EXIT.failed, `${named} is none that gatehouse routes --json of this version wrote.`)
  return { hosts, options, roles, store, routes }
}

function changesOf(
  where: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((member) => ({ where, member, before: before.get(member), after: after.get(member) }))
    .filter((change) => change.before !== change.after)
}

/** Each member by its path, with its value as JSON; of objects their members, so that one that moved is none that changed. */
function flat(value: unknown): ReadonlyMap<string, string> {
  const members = new Map<string, string>()
  const walk = (part: unknown, path: string): void => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) {
      if (part !== undefined) members.set(path, JSON.stringify(part))
      return
    }
    for (const [name, member] of Object.entries(part)) walk(member, path === '' ? name : `${path}.${name}`)
  }
  walk(value, '')
  return members
}
