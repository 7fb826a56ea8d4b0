import { compareSides, type Comparison, type Finding, type Rounds, type Thresholds } from './comparison.ts'
import type { Machine } from './machine.ts'
import type { Part } from './part.ts'
import type { ResultsFile } from './results.ts'

/**
 * Between two runs lie hours, and what else the machine did: a tenth is the least that can be told. And a hundred
 * numbers are compared at once.
 */
const THRESHOLDS: Thresholds = { factor: 1.1, chance: 0.01 }

/**
 * What is slower or faster than it was, and what is noise, in words.
 *
 * @returns the text, and whether something is slower
 */
export function compareRuns(
  parts: readonly Part[],
  before: ResultsFile,
  now: ResultsFile,
): { readonly text: string; readonly worse: boolean } {
  const found = new Map<Finding, string[]>()
  let alone = 0
  for (const part of parts) {
    const then = roundsOf(part, before)
    for (const own of roundsOf(part, now)) {
      const other = then.find(({ name }) => name === own.name)
      if (other === undefined) {
        alone += 1
        continue
      }
      const { values, lowerIsBetter } = own
      const comparison = compareSides({ before: other.values, after: values, lowerIsBetter }, THRESHOLDS)
      const list = found.get(comparison.finding) ?? []
      list.push(`${part.name}: ${tell(own, comparison)}`)
      found.set(comparison.finding, list)
    }
  }
  const sections = FINDINGS.flatMap(([finding, head, isListed]) => {
    const list = found.get(finding) ?? []
    if (list.length === 0) return []
    return [`${head}: ${list.length}`, ...(isListed ? list.map((line) => `  ${line}`) : [])]
  })
  if (sections.length === 0) sections.push('There is nothing that both runs measured.')
  if (alone > 0) sections.push(`Measured now and not before: ${alone}`)
  const text = [...differencesOf(before.machine, now.machine), ...sections].join('\n')
  return { text: `${text}\n`, worse: found.has('worse') }
}

const FINDINGS: readonly (readonly [finding: Finding, head: string, isListed: boolean])[] = [
  ['worse', 'Worse beyond doubt', true],
  ['better', 'Better beyond doubt', true],
  ['unsure', 'Another number, and it may be noise: measure more rounds', true],
  ['too few', 'Too few rounds to tell anything: take five or more', true],
  ['same', 'The same, or less than a tenth apart', false],
]

function roundsOf(part: Part, { measured }: ResultsFile): readonly Rounds[] {
  return measured.filter((each) => each.part === part.name).flatMap(({ results }) => part.rounds(results))
}

function tell({ name, unit }: Rounds, { before, after, factor, interval, chance }: Comparison): string {
  const numbers = `${before.median.toPrecision(3)} ${unit} before, ${after.median.toPrecision(3)} now`
  if (Number.isNaN(factor)) return `${name}: ${numbers}`
  const times = factor >= 1 ? factor : 1 / factor
  const [low, high] = factor >= 1 ? [interval.low, interval.high] : [1 / interval.high, 1 / interval.low]
  const range = `${low.toFixed(2)} to ${high.toFixed(2)}`
  return `${name}: ${numbers}: ${times.toFixed(2)} times as ${factor >= 1 ? 'bad' : 'good'} (${range}), by chance once in ${Math.round(1 / chance)}`
}

/** Numbers of two machines cannot be compared; it is said, and done all the same. */
function differencesOf(before: Machine, now: Machine): readonly string[] {
  return (['cpu', 'cores', 'platform', 'node'] as const).flatMap((what) =>
    before[what] === now[what]
      ? []
      : [`Not the same ${what}: ${before[what]} before, ${now[what]} now. The difference may be that.`],
  )
}
