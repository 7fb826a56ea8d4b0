import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { readResults, RESULTS, type ResultsFile } from '../results.ts'
import type { PageFiles } from './page.ts'

/** Where the page is, and the folder of its pictures. */
export const DOCS: URL = new URL('../../../docs/', import.meta.url)

/** Results that were kept; none when nothing was. */
export async function keptResults(folder: URL = RESULTS): Promise<readonly ResultsFile[]> {
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => name.endsWith('.json')).toSorted()
  return Promise.all(files.map((name) => readResults(new URL(name, folder))))
}

/** Writes the page; pictures that are of no use any more go. */
export async function writePage(files: PageFiles, docs: URL = DOCS): Promise<void> {
  await rm(new URL('benchmarks/', docs), { recursive: true, force: true })
  await mkdir(new URL('benchmarks/', docs), { recursive: true })
  for (const [path, text] of Object.entries(files)) await writeFile(new URL(path, docs), text)
}
