/** Something that was set out to be reached. */
export interface Target {
  readonly what: string
  readonly unit: string
  readonly must: number
  readonly aim: number
  readonly lowerIsBetter: boolean
  /** Its figures in what was measured: none where it was not. */
  readonly figures: (resultsOf: ResultsOf) => readonly Figure[]
  /** The scenario of the part `profile` that says where the time goes. */
  readonly profile?: string
  /** What the nearest is that can be, where that is measured beside it; else it is reckoned from the profile. */
  readonly nearest?: string
  /** Rows of the part `micro` of which it is made, or that say how near it can come. */
  readonly pieces?: readonly string[]
  /** Why it is not reached, where it is not, and what is the nearest that can be. */
  readonly why: string
}

/** A figure on one line of Node. */
export interface Figure {
  /** `22` for example; empty where it is the same on each. */
  readonly node: string
  readonly value: number
  /** To the floor that writes the very bytes of the scenario, where it is judged by another. */
  readonly toOwnFloor?: number
  /** Of what comes nearest, beside the same floor. */
  readonly nearest?: number
}

/** The results of a part; `undefined` where it was not measured. */
export type ResultsOf = (part: string) => object | undefined

/** How a figure stands to what was set out. */
export type Verdict = 'aim' | 'must' | 'missed' | 'not measured'

/** The worst of its figures says whether it is reached. */
export function verdictOf({ must, aim, lowerIsBetter }: Target, figures: readonly Figure[]): Verdict {
  if (figures.length === 0) return 'not measured'
  const reaches = (bound: number): boolean =>
    figures.every(({ value }) => (lowerIsBetter ? value <= bound : value >= bound))
  return reaches(aim) ? 'aim' : reaches(must) ? 'must' : 'missed'
}
