import type { Facts } from '../request/facts.ts'
import { joinRules } from './joined-rule.ts'
import { paramsOf, type Route, type RouteTable } from './routes.ts'
import type { CompiledRule } from './compiled-rule.ts'

const NONE: readonly never[] = Object.freeze([])

/**
 * The rule that binds a request, joined where routers may take it for several routes; notes which parts of the path it
 * names.
 *
 * @param rest the rule of what no pattern binds
 */
export function boundBy(
  table: RouteTable<CompiledRule>,
  facts: Pick<Facts, 'method' | 'path' | 'params'>,
  rest: Route<CompiledRule>,
): CompiledRule {
  let passed: Route<CompiledRule>[] | undefined
  const route =
    table.find(facts.method, facts.path, (each) => {
      passed ??= []
      passed.push(each)
    }) ?? rest
  const others = route === rest ? NONE : table.alternatives(route, facts.method, facts.path)
  if (passed === undefined && others.length === 0) return bind(route, NONE, facts)
  const [first, ...more] = passed === undefined ? [] : narrowing(passed, route)
  return first === undefined ? bind(route, others, facts) : bind(first, [...more, ...others], facts)
}

/**
 * What binds a path that open rules would bind if it were spelled as they are. A router may take it for theirs all the
 * same: whatever they ask for it has to bring, and it gets nothing that the rule which was found does not open.
 */
function narrowing(
  passed: readonly Route<CompiledRule>[],
  found: Route<CompiledRule>,
): readonly Route<CompiledRule>[] {
  // Where everything is open, the rule of the route counts as well: its limits are what keeps guessing at bay.
  const [leads, follows] = partition(passed, (route) => found.exact && !isExempt(route.value))
  const asking = follows.filter(({ value }) => asksSomething(value))
  return leads.length + asking.length === 0 ? [found] : [...leads, found, ...asking]
}

function partition<T>(all: readonly T[], isLeft: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isLeft), all.filter((one) => !isLeft(one))]
}

/** Whether a rule lets through what others count. */
function isExempt({ read }: CompiledRule): boolean {
  return read.rateLimit === 'exempt' || read.concurrency === 'exempt'
}

/** Whether an open rule asks something of whoever comes, or of what they send. */
function asksSomething({ read }: CompiledRule): boolean {
  return read.addresses !== undefined || (read.content !== undefined && read.content !== 'exempt')
}

function bind(
  route: Route<CompiledRule>,
  others: readonly Route<CompiledRule>[],
  facts: Pick<Facts, 'path' | 'params'>,
): CompiledRule {
  if (route.pattern.params.length > 0) facts.params = paramsOf(route.pattern, facts.path)
  return others.length === 0 ? route.value : joinRules(route, others, facts)
}
