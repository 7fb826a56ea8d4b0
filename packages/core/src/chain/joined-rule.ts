import type { Check } from '../contract/check.ts'
import type { Facts } from '../request/facts.ts'
import { paramsOf, type Route } from './routes.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { joinCors, withCors } from './rule-cors.ts'
import type { Step } from './runner.ts'

/**
 * The rule of a request that routers may take for one route or another: that of the most specific one, and then whatever
 * the others ask of the client and the caller. The gate does not know which handler will run, so the request has to satisfy
 * all of them.
 */
export function joinRules(
  { value: rule }: Route<CompiledRule>,
  others: readonly Route<CompiledRule>[],
  facts: Pick<Facts, 'path' | 'params'>,
): CompiledRule {
  const steps = others.flatMap(({ pattern, value }) => {
    const params = paramsOf(pattern, facts.path)
    return value.steps.filter(isAsked).map((step) => withParams(step, facts, params))
  })
  const rules = others.map(({ value }) => value)
  const all = [rule, ...rules]
  // Nor does it know what content that handler takes: all rules have to agree to it.
  const content = all.flatMap(({ steps: own }) => own.filter(isContent))
  // A key is taken after everybody has said yes: by the first rule that takes any.
  const keyed = all.map(({ steps: own }) => own.filter(isKeyed)).find((own) => own.length > 0) ?? []
  // A page that may act by one of them need not be one that may by another (CSR-10). What all rules share is asked once.
  const crossSite = rules.flatMap(({ steps: own }) =>
    own.filter((step) => isCrossSite(step) && !rule.steps.some(({ check }) => check === step.check)),
  )
  const base = withCors(
    rule,
    joinCors(
      rule.cors,
      rules.map(({ cors }) => cors),
    ),
  )
  const own = base.steps.filter((step) => !isKeyed(step) && !isContent(step))
  const behind = own.findIndex(isCrossSite) + 1
  return {
    ...base,
    name: all.map(({ name }) => name).join(', '),
    steps: [...own.slice(0, behind), ...crossSite, ...own.slice(behind), ...steps, ...content, ...keyed],
    access: { ...rule.access, parts: all.flatMap(({ access }) => access.parts) },
    readsContent: keyed.length > 0,
    takesContent: content.length,
    undecided: rule.undecided ?? rules.find(({ undecided }) => undecided !== undefined)?.undecided,
  }
}

/** What a rule asks of whoever comes: another spelling of its path is no way around it. */
function isAsked({ check }: Step): boolean {
  return check.name === 'authorize' || check.name === 'address'
}

function isCrossSite({ check }: Step): boolean {
  return check.name === 'cross-site'
}

function isContent({ check }: Step): boolean {
  return check.name === 'content'
}

function isKeyed({ check }: Step): boolean {
  return check.name === 'idempotency'
}

/** Each rule names the parts of the path in its own way; the handler gets the names of all. */
function withParams(
  { check, shadow }: Step,
  facts: Pick<Facts, 'params'>,
  params: Facts['params'],
): { readonly check: Check; readonly shadow: boolean } {
  return {
    shadow,
    check: {
      name: check.name,
      decide(request) {
        facts.params = { ...facts.params, ...params }
        return check.decide(request)
      },
    },
  }
}
