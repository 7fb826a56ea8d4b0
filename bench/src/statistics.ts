/** One stack in one round of one scenario. */
export interface Sample {
  readonly scenario: string
  /** From 1. */
  readonly round: number
  readonly stack: string
  readonly requests: number
  readonly seconds: number
  readonly perSecond: number
  /** Milliseconds, as the client sees them. */
  readonly p50: number
  readonly p99: number
  /** Processor time of the server's process per request, in microseconds. */
  readonly cpuMicros: number
  /** The two parts of it. */
  readonly userMicros: number
  readonly systemMicros: number
  /** Resident memory of the server's process at the end of the round, in bytes. */
  readonly rssBytes: number
  /** Processor time of the store that the stacks share per request, where there is one. */
  readonly besideMicros: number | undefined
}

/** The middle of the rounds, and how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One stack in one scenario, over all rounds. */
export interface Summary {
  readonly scenario: string
  readonly stack: string
  readonly rounds: number
  readonly perSecond: Spread
  readonly p50: Spread
  readonly p99: Spread
  readonly cpuMicros: Spread
  readonly rssBytes: Spread
  readonly besideMicros: Spread | undefined
  readonly ratios: Ratios
  /** The processor time of the floor of `allowed` by its own, in the rounds that have both; `undefined` where none has. */
  readonly toAllowed: Spread | undefined
}

/** A stack beside the floor: each is the median of the ratios of the rounds, so that what slows a whole round is out. */
export interface Ratios {
  /** Stack by floor: 1 is the floor, higher is better. */
  readonly perSecond: Spread
  /** Stack by floor: 1 is the floor, lower is better. */
  readonly p99: Spread
  /** Floor by stack: 1 is the floor, higher is better. */
  readonly cpu: Spread
}

/** What was measured on one Node. */
export interface NodeRun {
  /** `v22.1.0` for example. */
  readonly node: string
  readonly summaries: readonly Summary[]
  readonly samples: readonly Sample[]
}

/**
 * Sums up the rounds: by scenario, in the order in which they were first seen, and then by stack as `stacks` has them.
 *
 * @param floor what every ratio is to
 */
export function summarise(
  samples: readonly Sample[],
  stacks: readonly string[],
  floor = 'floor',
): readonly Summary[] {
  const scenarios = [...new Set(samples.map((sample) => sample.scenario))]
  return scenarios.flatMap((scenario) => {
    const ofScenario = samples.filter((sample) => sample.scenario === scenario)
    return stacks.flatMap((stack) => {
      const own = ofScenario.filter((sample) => sample.stack === stack)
      return own.length === 0
        ? []
        : [{ ...summaryOf(own, ofScenario, floor), toAllowed: toAllowedOf(own, samples, floor) }]
    })
  })
}

/**
 * Beside the floor of `allowed`, round by round; `undefined` where no round has both.
 *
 * Trap: in another scenario it was measured minutes before, and a machine is not the same for so long. So it is measured among
 * those that it stands beside; only where that was not done yet it is that of the same run, by the number of its round.
 */
export function toAllowedOf(
  own: readonly Sample[],
  all: readonly Sample[],
  first: string,
): Spread | undefined {
  const ratios = own.flatMap(({ scenario, round, cpuMicros }) => {
    const floors = all.filter((each) => each.round === round)
    const floor =
      floors.find((each) => each.scenario === scenario && each.stack === `${first}-allowed`) ??
      floors.find((each) => each.scenario === 'allowed' && each.stack === first)
    return floor === undefined ? [] : floor.cpuMicros / cpuMicros
  })
  return ratios.length === 0 ? undefined : spreadOf(ratios)
}

function summaryOf(
  own: readonly Sample[],
  all: readonly Sample[],
  first: string,
): Omit<Summary, 'toAllowed'> {
  const pairs = own.map((sample) => ({ sample, floor: floorOf(sample, all, first) }))
  const beside = own.flatMap(({ besideMicros }) => besideMicros ?? [])
  const of = (value: (sample: Sample) => number): Spread => spreadOf(own.map(value))
  const { scenario = '', stack = '' } = own[0] ?? {}
  return {
    scenario,
    stack,
    rounds: own.length,
    perSecond: of((sample) => sample.perSecond),
    p50: of((sample) => sample.p50),
    p99: of((sample) => sample.p99),
    cpuMicros: of((sample) => sample.cpuMicros),
    rssBytes: of((sample) => sample.rssBytes),
    besideMicros: beside.length === 0 ? undefined : spreadOf(beside),
    ratios: {
      perSecond: spreadOf(pairs.map(({ sample, floor }) => sample.perSecond / floor.perSecond)),
      p99: spreadOf(pairs.map(({ sample, floor }) => sample.p99 / floor.p99)),
      cpu: spreadOf(pairs.map(({ sample, floor }) => floor.cpuMicros / sample.cpuMicros)),
    },
  }
}

function floorOf(sample: Sample, all: readonly Sample[], first: string): Sample {
  const floor = all.find(({ stack, round }) => stack === first && round === sample.round)
  if (floor === undefined) throw new RangeError(`There is no ${first} in round ${sample.round}.`)
  return floor
}

/** @throws RangeError when there is no value */
export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) }
}

/**
 * The value below which a part of the values lies; between two of them, in proportion.
 *
 * @throws RangeError when there is no value
 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * part
  const low = sorted[Math.floor(position)]
  const high = sorted[Math.ceil(position)]
  if (low === undefined || high === undefined)
    throw new RangeError('There is no value to take a quantile of.')
  return low + (high - low) * (position - Math.floor(position))
}
