// Line coverage through c8, held to the floors of coverage.json. A floor is for the files of a folder together.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'
import { Failure, filesUnder, packages, root, tool } from './setup.mjs'

const FOLDER = join(root, 'coverage')

/** The command line, after node's own path, that runs `args` (for node) with its coverage measured. */
export function measured(args) {
  const options = ['--all', '--src', 'packages', '--reports-dir', FOLDER, '--skip-full']
  for (const reporter of ['text', 'json-summary', 'lcovonly']) options.push('--reporter', reporter)
  for (const file of counted()) options.push('--include', file)
  return [tool('c8'), ...options, process.execPath, ...args]
}

/** Throws when a folder has less coverage than its floor. */
export function holdFloors() {
  const { floors } = JSON.parse(readFileSync(join(root, '.ci', 'coverage.json'), 'utf8'))
  const report = join(FOLDER, 'coverage-summary.json')
  if (!existsSync(report)) throw new Failure('coverage: c8 wrote no summary')
  const files = Object.entries(JSON.parse(readFileSync(report, 'utf8')))
    .filter(([path]) => path !== 'total')
    .map(([path, { lines, branches }]) => ({
      path: relative(root, path).split(sep).join('/'),
      lines,
      branches,
    }))

  const unseen = counted().filter((path) => files.every((file) => file.path !== path))
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
      .filter((path) => !isTypesOnly(readFileSync(join(root, path), 'utf8')))
  )
}

function isTypesOnly(source) {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    removeComments: true,
  }
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { ...compilerOptions, verbatimModuleSyntax: true },
  })
  return outputText.replaceAll('export {};', '').trim() === ''
}
