import type { PolicyEngine } from '@gatehouse/core'
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'

/**
 * How a request is compared with the lines of the policy. A line that denies outweighs all that allow. `in` binds as loosely
 * as `||`, so it stands in parentheses.
 */
const MODEL = `
[request_definition]
r = sub, obj, act

[policy_definition]
p = id, role, act, cond, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.obj.type == 'Article' && (p.role == '*' || (p.role in r.sub.roles)) && r.act == p.act && eval(p.cond)
`

// published != false: an article that does not say whether it is published is not to be deleted either.
const POLICY = `
p, published-are-read, *,      read,   r.obj.published == true,                               allow
p, authors-own,        *,      read,   r.obj.author == r.sub.id,                              allow
p, authors-own,        *,      edit,   r.obj.author == r.sub.id,                              allow
p, authors-own,        *,      delete, r.obj.author == r.sub.id,                              allow
p, editors-edit,       editor, read,   true,                                                  allow
p, editors-edit,       editor, edit,   true,                                                  allow
p, admins-all,         admin,  read,   true,                                                  allow
p, admins-all,         admin,  edit,   true,                                                  allow
p, admins-all,         admin,  delete, true,                                                  allow
p, published-stay,     *,      delete, r.obj.published != false && !('admin' in r.sub.roles), deny
`

/** The policy in Casbin: a model and lines of text, which could as well come from a database. */
export async function casbin(): Promise<PolicyEngine> {
  const enforcer = await newEnforcer(newModelFromString(MODEL), new StringAdapter(POLICY))
  return {
    name: 'casbin',
    decide({ principal, action, resource }) {
      const sub = { id: principal.subject, roles: principal.roles }
      const obj = { ...resource.attributes, type: resource.type }
      const [allowed, [policy]] = enforcer.enforceExSync(sub, obj, action)
      return { allowed, ...(policy === undefined ? {} : { policy }) }
    },
  }
}
