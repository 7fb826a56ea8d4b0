import {
  type DetailedError,
  type EntityJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  type TypeAndId,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyEngine, PolicyResource, Principal } from '@gatehouse/core'

const SCHEMA = `
entity Role;
entity User in [Role];
entity Article { author: User, published: Bool };
action "read", "edit", "delete" appliesTo { principal: User, resource: Article };
`

/** The policies, by the names that a decision tells. A `forbid` outweighs every `permit`. */
const POLICIES = {
  'published-are-read': `
    permit (principal, action == Action::"read", resource)
    when { resource.published };`,
  'authors-own': `
    permit (principal, action, resource)
    when { resource.author == principal };`,
  'editors-edit': `
    permit (principal in Role::"editor", action in [Action::"read", Action::"edit"], resource);`,
  'admins-all': `
    permit (principal in Role::"admin", action, resource);`,
  'published-stay': `
    forbid (principal, action == Action::"delete", resource)
    when { resource.published }
    unless { principal in Role::"admin" };`,
}

/**
 * The policy in Cedar: parsed once, and checked against a schema when the server starts.
 *
 * @throws Error when the policies do not fit the schema
 */
export function cedar(): PolicyEngine {
  const id = 'articles'
  const policies = { staticPolicies: POLICIES }
  const checked = validate({ schema: SCHEMA, policies })
  if (checked.type === 'failure') throw failure(checked.errors)
  if (checked.validationErrors.length > 0) throw failure(checked.validationErrors.map(({ error }) => error))
  for (const parsed of [preparseSchema(id, SCHEMA), preparsePolicySet(id, policies)]) {
    if (parsed.type === 'failure') throw failure(parsed.errors)
  }

  return {
    name: 'cedar',
    decide({ principal, action, resource }) {
      const caller = userOf(principal)
      const thing = articleOf(resource)
      const answer = statefulIsAuthorized({
        principal: caller.uid,
        action: { type: 'Action', id: action },
        resource: thing.uid,
        context: {},
        entities: [caller, thing],
        preparsedPolicySetId: id,
        preparsedSchemaName: id,
        validateRequest: true,
      })
      if (answer.type === 'failure') throw failure(answer.errors)
      const { decision, diagnostics } = answer.response
      // Cedar skips a policy that it cannot evaluate, and the one that it skipped may be a forbid.
      if (diagnostics.errors.length > 0) throw failure(diagnostics.errors.map(({ error }) => error))
      const policy = diagnostics.reason.join(', ')
      return { allowed: decision === 'allow', ...(policy === '' ? {} : { policy }) }
    },
  }
}

function userOf({ subject, roles }: Principal): EntityJson {
  return entity(
    'User',
    subject,
    {},
    roles.map((role) => ({ type: 'Role', id: role })),
  )
}

function articleOf({ type, id = '', attributes }: PolicyResource): EntityJson {
  const { author, published } = attributes ?? {}
  return entity(type, id, {
    // What is not of the schema stays away, and Cedar refuses an article that lacks a part of it.
    ...(typeof author === 'string' ? { author: { __entity: { type: 'User', id: author } } } : {}),
    ...(typeof published === 'boolean' ? { published } : {}),
  })
}

function entity(type: string, id: string, attrs: EntityJson['attrs'], parents: TypeAndId[] = []): EntityJson {
  return { uid: { type, id }, attrs, parents }
}

function failure(errors: readonly DetailedError[]): Error {
  return new Error(`Cedar cannot decide: ${errors.map(({ message }) => message).join('; ')}`)
}
