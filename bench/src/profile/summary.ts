import type { ProfileSample } from './run.ts'
import { kindOf, type Kind, type Place } from './places.ts'

/** One scenario: the gate, and what it is compared to. */
export interface ProfileSummary {
  readonly scenario: string
  readonly floor: Side
  readonly gate: Side
}

/** One of the two, over all rounds; times are microseconds of a request. */
export interface Side {
  readonly stack: string
  readonly cpuMicros: number
  readonly places: ReadonlyMap<Place, number>
  /** The heaviest first. */
  readonly functions: readonly (readonly [name: string, micros: number])[]
}

/** Sums up the rounds, in the order in which scenarios were measured. */
export function summariseProfile(samples: readonly ProfileSample[]): readonly ProfileSummary[] {
  return [...new Set(samples.map(({ scenario }) => scenario))].flatMap((scenario) => {
    const own = samples.filter((sample) => sample.scenario === scenario)
    const [floor, gate] = [true, false].map((isFloor) =>
      sideOf(own.filter((sample) => sample.isFloor === isFloor)),
    )
    return floor === undefined || gate === undefined ? [] : { scenario, floor, gate }
  })
}

function sideOf(samples: readonly ProfileSample[]): Side | undefined {
  const [first] = samples
  if (first === undefined) return undefined
  const mean = (of: (sample: ProfileSample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const meansOf = (of: (sample: ProfileSample) => Readonly<Record<string, number>>) =>
    [...new Set(samples.flatMap((sample) => Object.keys(of(sample))))]
      .map((name) => [name, mean((sample) => sample.cpuMicros * (of(sample)[name] ?? 0))] as const)
      .toSorted(([, a], [, b]) => b - a)
  return {
    stack: first.stack,
    cpuMicros: mean(({ cpuMicros }) => cpuMicros),
    places: new Map(meansOf(({ places }) => places)),
    functions: meansOf(({ functions }) => functions),
  }
}

/** What all places of a kind have together. */
export function microsOf({ places }: Side, kind: Kind): number {
  return [...places].reduce((sum, [place, micros]) => sum + (kindOf(place) === kind ? micros : 0), 0)
}
