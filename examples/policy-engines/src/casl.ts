import { createMongoAbility, type MongoAbility, type RawRuleOf, subject } from '@casl/ability'
import type { PolicyEngine, Principal } from '@gatehouse/core'

/** The policy in CASL: rules in TypeScript, made for the caller. The last one that fits decides. */
export function casl(): PolicyEngine {
  return {
    name: 'casl',
    decide({ principal, action, resource }) {
      const ability = createMongoAbility(rulesFor(principal))
      // A copy: CASL marks the object that it is handed with its type.
      const rule = ability.relevantRuleFor(action, subject(resource.type, { ...resource.attributes }))
      if (rule === null) return false
      return { allowed: !rule.inverted, ...(rule.reason === undefined ? {} : { policy: rule.reason }) }
    },
  }
}

/** `reason` is CASL's word for a text about a rule; here it is the name of the rule. */
function rulesFor({ subject: id, roles }: Principal): RawRuleOf<MongoAbility>[] {
  const article = 'Article'
  return [
    { reason: 'published-are-read', action: 'read', subject: article, conditions: { published: true } },
    {
      reason: 'authors-own',
      action: ['read', 'edit', 'delete'],
      subject: article,
      conditions: { author: id },
    },
    ...(roles.includes('editor')
      ? [{ reason: 'editors-edit', action: ['read', 'edit'], subject: article }]
      : []),
    // Not { published: true }: an article that does not say whether it is published is not to be deleted either.
    {
      reason: 'published-stay',
      inverted: true,
      action: 'delete',
      subject: article,
      conditions: { published: { $ne: false } },
    },
    ...(roles.includes('admin')
      ? [{ reason: 'admins-all', action: ['read', 'edit', 'delete'], subject: article }]
      : []),
  ]
}
