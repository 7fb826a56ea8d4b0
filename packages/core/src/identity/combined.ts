import type { SchemeDescription, SecuritySchemeObject } from '../contract/description.ts'
import type { CompiledScheme, Scheme, SchemeContext } from '../contract/scheme.ts'
import { at, report } from '../options/read.ts'
import { compileScheme, readScheme } from '../options/scheme.ts'

/** What a scheme knows about a caller. */
export type PrincipalOf<S> = S extends Scheme<infer P> ? P : never

/**
 * Compiles the schemes that `anyOf` or `allOf` is made of, and reports those that cannot stand side by side.
 *
 * @param name of the function that combines them, for the messages
 */
export function compileMembers(
  context: SchemeContext,
  schemes: readonly Scheme[],
  name: 'anyOf' | 'allOf',
): readonly CompiledScheme[] {
  if (schemes.length < 2) {
    report(context, 'out_of_range', 'has fewer than two schemes.', `Write the one scheme without ${name}.`)
  }
  const compiled: CompiledScheme[] = []
  for (const [index, scheme] of schemes.entries()) {
    const where = at(context, index)
    const read = readScheme(scheme, where)
    const one = read && compileScheme(where, read, context)
    if (one === undefined) continue
    const taken = (one.authSchemes ?? []).filter((word) =>
      compiled.some((other) => other.authSchemes?.includes(word) === true),
    )
    if (compiled.some((other) => other.name === one.name)) {
      report(where, 'duplicate_value', `is a second "${one.name}".`, 'Give it another name, or leave it out.')
      continue
    }
    for (const word of taken) {
      report(
        where,
        'contradiction',
        `takes "Authorization: ${word}", as another scheme does: each would find the credentials of both.`,
        'Leave one out; one jwt can trust several issuers.',
      )
    }
    // RFC 9110 §11.6.2: a request has one Authorization field, so it can never satisfy two schemes that need it.
    const both = name === 'allOf' && readsAuthorization(one) && compiled.some(readsAuthorization)
    if (both && taken.length === 0) {
      report(
        where,
        'contradiction',
        'reads Authorization, as another scheme does: no request has two, so none could satisfy both.',
        'Leave one out, or let one of the two credentials be in a field of its own.',
      )
    }
    compiled.push(one)
  }
  return compiled
}

/** Whether the Authorization field carries credentials of the scheme. */
export function readsAuthorization(scheme: CompiledScheme): boolean {
  return scheme.fields.includes('authorization')
}

/** What schemes that stand side by side read and say, together. */
export function merged(
  schemes: readonly CompiledScheme[],
): Pick<CompiledScheme, 'fields' | 'queryFields' | 'authSchemes' | 'challenges' | 'fresh'> {
  return {
    fields: [...new Set(schemes.flatMap((scheme) => scheme.fields))],
    queryFields: [...new Set(schemes.flatMap((scheme) => scheme.queryFields ?? []))],
    authSchemes: [...new Set(schemes.flatMap((scheme) => scheme.authSchemes ?? []))],
    challenges: (params) => schemes.flatMap((scheme) => scheme.challenges(params)),
    fresh: schemes.some((scheme) => scheme.fresh === true),
  }
}

/** Any one is enough: the alternatives of all, one after the other. */
export function describeAny(schemes: readonly CompiledScheme[]): SchemeDescription {
  const { securitySchemes, members } = describeMembers(schemes)
  return { securitySchemes, alternatives: distinct(members.flat()) }
}

/** All are needed: one list for each way to satisfy every one. */
export function describeAll(schemes: readonly CompiledScheme[]): SchemeDescription {
  const { securitySchemes, members } = describeMembers(schemes)
  const alternatives = members.reduce<readonly (readonly string[])[]>(
    (sofar, ways) => sofar.flatMap((one) => ways.map((other) => [...new Set([...one, ...other])])),
    [[]],
  )
  return { securitySchemes, alternatives: distinct(alternatives) }
}

/** The descriptions of schemes with one name for one security scheme, and the alternatives of each in those names. */
function describeMembers(schemes: readonly CompiledScheme[]): {
  readonly securitySchemes: SchemeDescription['securitySchemes']
  readonly members: readonly SchemeDescription['alternatives'][]
} {
  const all = new Map<string, SecuritySchemeObject>()
  const members = schemes.map((scheme) => {
    const { securitySchemes, alternatives } = describeScheme(scheme)
    const names = new Map<string, string>()
    for (const [name, object] of Object.entries(securitySchemes)) {
      const free = freeName(all, name, object)
      all.set(free, object)
      names.set(name, free)
    }
    return alternatives.map((needed) => needed.map((name) => names.get(name) ?? name))
  })
  return { securitySchemes: Object.fromEntries(all), members }
}

/** The name itself, unless it means something else already: then the first of `name2`, `name3`, ... that does not. */
function freeName(
  all: ReadonlyMap<string, SecuritySchemeObject>,
  name: string,
  object: SecuritySchemeObject,
): string {
  for (let n = 1; ; n++) {
    const free = n === 1 ? name : `${name}${n}`
    const there = all.get(free)
    if (there === undefined || JSON.stringify(there) === JSON.stringify(object)) return free
  }
}

/** How a scheme describes itself; one that does not is an authentication scheme of HTTP by its name. */
export function describeScheme(scheme: CompiledScheme): SchemeDescription {
  const { name } = scheme
  const described = scheme.describe?.()
  // Without a way to satisfy it a document would say that nothing is needed.
  if (described !== undefined && described.alternatives.length > 0) return described
  return { securitySchemes: { [name]: { type: 'http', scheme: name } }, alternatives: [[name]] }
}

function distinct(alternatives: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(alternatives.map((names) => [JSON.stringify(names), names])).values()]
}
