import { compareRuns } from './compare.ts'
import { keptResults, writePage } from './page/files.ts'
import { pageOf } from './page/page.ts'
import { PARTS } from './parts.ts'
import { readResults, type ResultsFile } from './results.ts'

/**
 * What is slower or faster than it was in an earlier file of results, and what is noise, in words.
 *
 * @returns the text, and whether something is slower
 */
export async function compareWith(
  file: string,
  now: ResultsFile,
): Promise<{ readonly text: string; readonly worse: boolean }> {
  return compareRuns(PARTS, await readResults(file), now)
}

/** Writes the report from the results that are kept. */
export async function writeReport(): Promise<string> {
  const kept = await keptResults()
  if (kept.length === 0) throw new Error('there are no results in bench/results: measure a part whole')
  const files = pageOf(PARTS, kept)
  await writePage(files)
  return `docs/benchmarks.md: ${Object.keys(files).length - 1} pictures`
}
