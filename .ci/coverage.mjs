// Line coverage through c8, held to the floors of coverage.json. A floor is for the files of a folder together.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Report } from 'c8'
import { Failure, cache, filesUnder, packages, root } from './setup.mjs'
import { keptAs } from './strip-kept.mjs'

const FOLDER = join(root, 'coverage')
/** What each process of the run has written of itself; all of it, and most is of Node's own modules. */
const RAW = join(cache, 'coverage')
const SIFTED = join(cache, 'coverage-sifted')
// As they stand in a text without types: what is left of one with nothing else.
const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*/g
const PACKAGES = pathToFileURL(join(root, 'packages')).href

/** The environment in which node, and each node that it starts, has its coverage measured. */
export function measured() {
  rmSync(RAW, { recursive: true, force: true })
  mkdirSync(RAW, { recursive: true })
  return { ...process.env, NODE_V8_COVERAGE: RAW }
}

/** Writes the report of what was measured, and prints it; with `floors` throws when a folder has less than its floor. */
export async function report({ floors }) {
  const files = counted()
  const paths = new Set(files.map((path) => join(root, path)))
  const [whole, ...others] = sift(paths).map(
    (tempDirectory, index) =>
      new Report({
        ...{ tempDirectory, reportsDirectory: FOLDER, reporter: ['text', 'json-summary', 'lcovonly'] },
        // One pattern: c8 takes them all apart again for every file that it comes upon.
        ...{ include: ['packages/*/src/**'], exclude: [], extension: ['.ts'], resolve: '' },
        ...{ all: index === 0, src: ['packages'], skipFull: true },
      }),
  )
  // It looks for files from here.
  process.chdir(root)
  rmSync(FOLDER, { recursive: true, force: true })
  const map = await whole.getCoverageMapFromAllCoverageFiles()
  for (const other of others) map.merge(await other.getCoverageMapFromAllCoverageFiles())
  map.filter((path) => paths.has(path))
  await whole.run()
  for (const folder of [RAW, SIFTED]) rmSync(folder, { recursive: true, force: true })
  if (floors) holdFloors(files)
}

/**
 * Keeps of what was measured the sources that count, and gives the folders in which it is: of modules as strip.mjs loads them,
 * and as tsx does in processes that a test starts with it. What V8 counts are places in the text that it was given, so that c8
 * can add up only processes which had the same.
 */
function sift(paths) {
  const wanted = new Set([...paths].map((path) => pathToFileURL(path).href))
  const folders = ['stripped', 'compiled'].map((form) => join(SIFTED, form))
  rmSync(SIFTED, { recursive: true, force: true })
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(RAW)) {
    const text = readFileSync(join(RAW, name), 'utf8')
    // Threads that load modules for others have none of their own.
    if (!text.includes(PACKAGES)) continue
    let told
    try {
      told = JSON.parse(text)
    } catch {
      // A process that was killed while it wrote.
      continue
    }
    const maps = told['source-map-cache'] ?? {}
    const result = told.result.filter(({ url }) => wanted.has(url))
    const [stripped, compiled] = folders
    write(join(stripped, name), { result: result.filter(({ url }) => maps[url] === undefined) })
    const mapped = result.filter(({ url }) => maps[url] !== undefined)
    const used = Object.fromEntries(mapped.map(({ url }) => [url, maps[url]]))
    write(join(compiled, name), { result: mapped, 'source-map-cache': used })
  }
  return folders
}

function write(path, told) {
  if (told.result.length > 0) writeFileSync(path, JSON.stringify(told))
}

/** Throws when a folder has less coverage than its floor. */
function holdFloors(counting) {
  const { floors } = JSON.parse(readFileSync(join(root, '.ci', 'coverage.json'), 'utf8'))
  const summary = join(FOLDER, 'coverage-summary.json')
  if (!existsSync(summary)) throw new Failure('coverage: c8 wrote no summary')
  const files = Object.entries(JSON.parse(readFileSync(summary, 'utf8')))
    .filter(([path]) => path !== 'total')
    .map(([path, { lines, branches }]) => ({
      path: relative(root, path).split(sep).join('/'),
      lines,
      branches,
    }))

  const unseen = counting.filter((path) => files.every((file) => file.path !== path))
  if (unseen.length > 0) throw new Failure(`coverage: c8 did not report\n  ${unseen.join('\n  ')}`)

  const short = []
  for (const [folder, floor] of Object.entries(floors)) {
    const inside = files.filter((file) => file.path.startsWith(folder))
    for (const [kind, percent] of Object.entries(floor)) {
      const total = inside.reduce((sum, file) => sum + file[kind].total, 0)
      const covered = inside.reduce((sum, file) => sum + file[kind].covered, 0)
      if (total === 0 || (covered * 100) / total >= percent) continue
      const lacking = inside.filter((file) => file[kind].covered < file[kind].total)
      short.push(
        `${folder}: ${covered} of ${total} ${kind} covered, ${percent} % wanted\n` +
          lacking
            .map((file) => `    ${file.path}: ${file[kind].total - file[kind].covered} ${kind} missing`)
            .join('\n'),
      )
    }
  }
  if (short.length > 0)
    throw new Failure(`coverage below its floor (.ci/coverage.json):\n  ${short.join('\n  ')}`)
}

// c8 counts a file that holds only types as not covered at all, though there is nothing in it to run.
function counted() {
  return (
    packages()
      .flatMap((folder) => filesUnder(`${folder}/src`, (path) => path.endsWith('.ts')))
      // The page of the dashboard runs in a browser, where c8 does not look: its tests drive it there.
      .filter((path) => !path.startsWith('packages/dashboard/src/page/'))
      .filter((path) => !isTypesOnly(join(root, path)))
  )
}

function isTypesOnly(path) {
  const text = readFileSync(keptAs(readFileSync(path, 'utf8')), 'utf8')
  return text.replace(COMMENTS, '').replaceAll('export {}', '').trim() === ''
}
