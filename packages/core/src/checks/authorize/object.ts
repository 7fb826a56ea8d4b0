import { passGranting, refuse, type Verdict } from '../../contract/check.ts'
import type { Principal } from '../../contract/principal.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import type { ObjectRead } from '../../options/object-rule.ts'
import { asking, dropPromise, judging } from './ask.ts'
import type { Deny, Part } from './part.ts'

/**
 * The object that a request names: loaded, decided about, and handed on (AZ-07, API1).
 *
 * An object that is missing and one that is denied look alike to the client unless the rule says otherwise. So do the
 * failures that only an object that exists can cause.
 *
 * @param denyRule the refusal of the rule, for what happens before it is known whether there is an object
 */
export function objectPart(rule: ObjectRead, denyRule: Deny): Part {
  const { load, owner, may } = rule
  // AZ-10: the log keeps the reason, the response is that of a thing which is not there.
  const deny: Deny = (kind, reason, fields) =>
    rule.deniedAs === 404 ? refuse('authorization.hidden', reason) : refuse(kind, reason, fields)
  const missing =
    rule.missingAs === 404
      ? refuse('authorization.object-missing', 'the object does not exist')
      : refuse('authorization.object-denied', 'the object does not exist')
  const loadFailed = denyRule('authorization.failed', 'the load of the object threw or rejected')
  const ownerFailed = deny('authorization.failed', 'the owner of the object threw, or gave no subject')
  const notOwned = deny('authorization.object-denied', 'the caller does not own the object')
  const mayFailed = deny('authorization.failed', 'the predicate of the object threw or rejected')
  const judge = judging('the predicate of the object', 'authorization.object-denied', deny)
  const askMay = may === undefined ? undefined : asking(may, (said) => judge(said), mayFailed)

  function decideAbout(
    value: unknown,
    principal: Principal,
    request: RequestFacts,
  ): Verdict | Promise<Verdict> {
    // Databases give null for what they do not find.
    if (value === undefined || value === null) return missing
    if (owner !== undefined) {
      const owns = ownsBy(owner, value, principal)
      if (owns === undefined) return ownerFailed
      if (owns) return granting(value, 'the caller owns the object')
    }
    if (askMay === undefined) return notOwned
    const said = askMay(principal, value, request)
    return said instanceof Promise ? said.then((late) => handOn(late, value)) : handOn(said, value)
  }

  const decide = asking(
    (principal: Principal, request: RequestFacts) => load(request.params, principal, request),
    decideAbout,
    loadFailed,
  )
  return { name: 'object', asks: 'the object, and that the caller may touch it', calls: true, decide }
}

/** Whether a subject is the one, or among those, that own an object; `undefined` when nobody can tell. */
function ownsBy(
  owner: NonNullable<ObjectRead['owner']>,
  value: unknown,
  principal: Principal,
): boolean | undefined {
  let subjects: unknown
  try {
    subjects = owner(value)
  } catch {
    return undefined
  }
  if (isPromiseLike(subjects)) dropPromise(subjects)
  return isOwner(subjects, principal)
}

/** Whether a caller is the subject, or among the subjects; `undefined` for what is neither. */
export function isOwner(subjects: unknown, principal: Principal): boolean | undefined {
  if (typeof subjects === 'string') return subjects === principal.subject
  if (subjects === undefined || subjects === null) return false
  return Array.isArray(subjects) ? subjects.includes(principal.subject) : undefined
}

function granting(value: unknown, reason: string | undefined): Verdict {
  return passGranting({ reason, object: { value } })
}

function handOn(verdict: Verdict, value: unknown): Verdict {
  return verdict.type === 'pass'
    ? granting(value, verdict.grant?.reason ?? 'the predicate of the object said yes')
    : verdict
}
