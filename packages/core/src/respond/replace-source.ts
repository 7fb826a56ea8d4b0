import type { ResponseFields } from '../contract/guard.ts'
import type { FinishPlan } from './finisher.ts'

/** The request fields that the sources depend on, each of them once. */
export function varyOf(sources: readonly ResponseFields[]): readonly string[] {
  return [...new Set(sources.flatMap(({ vary }) => vary?.split(', ') ?? []))]
}

/** The source of a name; `undefined` when the plan has none. */
export function sourceOf({ sources }: FinishPlan, name: string): ResponseFields | undefined {
  return sources.find((source) => source.name === name)
}

/** The plan with another source of one name, or with none. */
export function withSource(
  plan: FinishPlan,
  name: string,
  replacement: ResponseFields | undefined,
): FinishPlan {
  if (sourceOf(plan, name) === replacement) return plan
  const sources = plan.sources.filter((source) => source.name !== name)
  if (replacement !== undefined) sources.push(replacement)
  const ofSources = varyOf(plan.sources)
  return {
    ...plan,
    sources,
    // A name too many costs a little care and changes nothing.
    names: new Set([...plan.names, ...(replacement?.names ?? [])]),
    offered: new Set(sources.flatMap(({ names }) => names)),
    vary: [...varyOf(sources), ...plan.vary.filter((field) => !ofSources.includes(field))],
  }
}
