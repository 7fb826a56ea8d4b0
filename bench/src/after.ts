import { readResults, type ResultsFile } from './results.ts'

/**
 * What is slower or faster than it was in an earlier file of results, and what is noise, in words.
 *
 * @returns the text, and whether something is slower
 */
export async function compareWith(
  file: string,
  _now: ResultsFile,
): Promise<{ readonly text: string; readonly worse: boolean }> {
  await readResults(file)
  throw new Error('--compare cannot be used yet')
}

/** Writes the report from the results that are kept. */
export async function writeReport(): Promise<string> {
  throw new Error('--report cannot be used yet')
}
