import type { Rounds } from './comparison.ts'
import type { Machine } from './machine.ts'
import type { Plot } from './page/plot.ts'
import type { Watcher } from './rounds.ts'

/** What the command line says of how much is measured. */
export interface Asked {
  /** A first look. */
  readonly quick: boolean
  /** The rows of the part that are named, of whatever axis; none when the whole part is asked for. */
  readonly only: readonly string[]
  readonly rounds: number | undefined
  readonly seconds: number | undefined
  readonly keys: number | undefined
  /** The lines of Node that are named, `22` for example; none when the bench's own is meant. */
  readonly nodes: readonly string[]
}

/** A part as it is kept, with what it was measured on. */
export interface Kept<Plan, Results> {
  readonly machine: Machine
  readonly plan: Plan
  readonly results: Results
}

/**
 * One part of the bench, as a folder describes it.
 *
 * `Plan` and `Results` are written as JSON and read again: plain objects, arrays, texts and numbers, and nothing else.
 */
export interface PartOf<Plan extends object, Results extends object> {
  readonly name: string
  /** One line for `--help`. */
  readonly about: string
  /** Whether it is measured when nothing is named, and whether `--quick` alone measures it. */
  readonly when: { readonly full: boolean; readonly quick: boolean }
  /**
   * The names that `--only` knows, by what they are names of: of each axis those that are named are measured, and all
   * of it when none is. No name occurs twice.
   */
  readonly axes: Readonly<Record<string, readonly string[]>>
  readonly plan: (asked: Asked) => Plan
  /** What will be measured, in one line. */
  readonly outline: (plan: Plan) => string
  /** About how long it takes on a machine that does nothing else. */
  readonly seconds: (plan: Plan) => number
  readonly measure: (plan: Plan, watcher: Watcher, signal: AbortSignal) => Promise<Results>
  /** The results as people read them, with a legend. */
  readonly format: (results: Results) => string
  /** The tables as a page can hold them; a part without has none. */
  readonly markdown?: (results: Results) => readonly string[]
  /** The pictures of the page. */
  readonly plots?: (results: Results) => readonly Plot[]
  /** What can be compared with another run: each number, round by round. */
  readonly rounds?: (results: Results) => readonly Rounds[]
  /** Whether what it has when it is broken off has as many rounds as all of it has, and can stand beside what was kept. */
  readonly endsAnywhere?: true
  /** Puts what was measured now beside what was kept; what is measured now replaces all of it when left out. */
  readonly merge?: (earlier: Kept<Plan, Results>, now: Kept<Plan, Results>) => Kept<Plan, Results>
}

/** A part whose plan and results are its own business. */
export interface Part extends Pick<
  PartOf<object, object>,
  'name' | 'about' | 'when' | 'axes' | 'endsAnywhere'
> {
  readonly prepare: (asked: Asked) => Prepared
  readonly outline: (plan: object) => string
  readonly format: (results: object) => string
  readonly markdown: (results: object) => readonly string[]
  readonly plots: (results: object) => readonly Plot[]
  readonly rounds: (results: object) => readonly Rounds[]
  readonly merge:
    ((earlier: Kept<object, object>, now: Kept<object, object>) => Kept<object, object>) | undefined
}

/** A part that is about to be measured. */
export interface Prepared {
  readonly part: Part
  /** Whether it is measured as its folder has it, with nothing left out: only then it stands for the part. */
  readonly whole: boolean
  readonly plan: object
  readonly outline: string
  readonly seconds: number
  readonly measure: (watcher: Watcher, signal: AbortSignal) => Promise<object>
}

/** Makes a row of the table of parts. */
export function part<Plan extends object, Results extends object>(given: PartOf<Plan, Results>): Part {
  const { name, about, when, axes, endsAnywhere } = given
  const made: Part = {
    name,
    about,
    when,
    axes,
    ...(endsAnywhere === true && { endsAnywhere }),
    prepare(asked) {
      const plan = given.plan(asked)
      const { quick, only, rounds, seconds, keys } = asked
      return {
        part: made,
        whole: !quick && only.length === 0 && [rounds, seconds, keys].every((said) => said === undefined),
        plan,
        outline: given.outline(plan),
        seconds: given.seconds(plan),
        measure: (watcher, signal) => given.measure(plan, watcher, signal),
      }
    },
    // What was read from a file was written by `measure`.
    outline: (plan) => given.outline(plan as Plan),
    format: (results) => given.format(results as Results),
    markdown: (results) => given.markdown?.(results as Results) ?? [],
    plots: (results) => given.plots?.(results as Results) ?? [],
    rounds: (results) => given.rounds?.(results as Results) ?? [],
    merge:
      given.merge &&
      ((earlier, now) => given.merge?.(earlier as Kept<Plan, Results>, now as Kept<Plan, Results>) ?? now),
  }
  return made
}

/** Those of all that are named, in their own order; when none is, what is measured otherwise. */
export function chosen<T extends string>(
  all: readonly T[],
  { only }: Pick<Asked, 'only'>,
  otherwise: readonly T[] = all,
): readonly T[] {
  const found = all.filter((name) => only.includes(name))
  return found.length > 0 ? found : otherwise
}

/** The same with what everything else is compared to, whether it is named or not. */
export function chosenBeside<T extends string>(
  beside: readonly T[],
  all: readonly T[],
  asked: Pick<Asked, 'only'>,
  otherwise: readonly T[] = all,
): readonly T[] {
  const found = chosen(all, asked, otherwise)
  return all.filter((name) => beside.includes(name) || found.includes(name))
}

/** What of the timing is said. */
export function timingOf({ rounds, seconds }: Pick<Asked, 'rounds' | 'seconds'>): {
  readonly rounds?: number
  readonly seconds?: number
} {
  return { ...(rounds !== undefined && { rounds }), ...(seconds !== undefined && { seconds }) }
}
