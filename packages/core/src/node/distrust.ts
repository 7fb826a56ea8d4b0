import type { IncomingMessage } from 'node:http'
import type { CompiledPolicy } from '../chain/compile.ts'
import type { CompiledRule } from '../chain/compiled-rule.ts'
import type { Events } from '../chain/events.ts'
import type { Facts } from '../request/facts.ts'

/** Takes off a request what only proxies may say, unless one of the policy's has sent it (PRX-11). */
export function distrust(
  req: IncomingMessage,
  facts: Facts,
  rule: Pick<CompiledRule, 'name'>,
  { untrustedFields, shadow }: Pick<CompiledPolicy, 'untrustedFields' | 'shadow'>,
  events: Events,
): void {
  // The proxy setting has judged the fields by now, whatever becomes of them. A list that is cut short is refused as it
  // came: with fewer lines it would look whole.
  if (facts.isFromProxy || facts.isCut) return
  // Shadow mode changes nothing, and tells what it would have changed.
  const subject = shadow.has('request') ? { headers: {}, rawHeaders: [...req.rawHeaders] } : req
  const isTold = facts.forwarding.problem?.kind === 'proxy.untrusted'
  for (const { name, tell } of untrustedFields.remove(subject)) {
    if (tell === 'where' && isTold) continue
    const reason = `${name} was removed: no trusted proxy sent it. If a proxy of yours did, name it in proxy; if it is for clients to send, write it into proxy.keepFields.`
    events.warn(facts, { kind: 'proxy.field-removed', rule: rule.name, reason }, name)
  }
}
