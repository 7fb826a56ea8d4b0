import type { SideName, SideProcess } from './side-process.ts'

const SMALL = 5

/** What a side decided: what was left after each request of one key, and after the first of another. */
export interface Decided {
  readonly left: readonly number[]
  readonly other: number
}

/** What is wrong with what a limiter decided when it was asked once more than its limit; of nobody, nothing. */
export function wrongDecisions(
  name: SideName,
  { left, other }: Decided,
  limit: number = SMALL,
): readonly string[] {
  if (name === 'nobody') return []
  const expected = Array.from({ length: limit + 1 }, (_, index) => (index === limit ? -1 : limit - 1 - index))
  const wrong: string[] = []
  if (left.join() !== expected.join())
    wrong.push(`${name}: ${left.join(' ')} instead of ${expected.join(' ')}`)
  if (other !== limit - 1) wrong.push(`${name}: another key has ${other} left instead of ${limit - 1}`)
  return wrong
}

/** @throws Error when the side lets in more or less than its limit */
export async function verifySide(side: SideProcess): Promise<void> {
  const wrong = wrongDecisions(side.name, await side.ask({ type: 'verify', limit: SMALL }, 'verified'))
  if (wrong.length > 0) throw new Error(`The limiters cannot be compared.\n  ${wrong.join('\n  ')}`)
}
