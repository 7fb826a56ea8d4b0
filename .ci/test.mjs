// npm test: the set-up, then every test of the workspace in one run of node's test runner.
//
//   npm test                                          everything
//   npm test -- cors lib/ip                           the files whose path holds one of these words
//   npm test -- cors --test-name-pattern='COR-05'     flags go to node
//   npm test -- --coverage                            with the coverage floors of coverage.json
//
// node --test of Node 20 knows no globs and passes when it finds nothing; here an empty run is a failure.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FLAGS, testFiles } from './runner.mjs'
import { Failure, cache, main, pass, setUp } from './setup.mjs'
import { stripAll } from './strip-all.mjs'

const COUNTS = join(cache, 'tests.json')

await main(async () => {
  const args = process.argv.slice(2)
  const coverage = args.includes('--coverage')
  const flags = args.filter((arg) => arg.startsWith('-') && arg !== '--coverage')
  const words = args.filter((arg) => !arg.startsWith('-'))

  await setUp()
  await stripAll()
  const all = testFiles()
  if (all.length === 0) throw new Failure('there is no *.test.ts in the test folders of the workspace')
  const files = words.length === 0 ? all : all.filter((path) => words.some((word) => path.includes(word)))
  if (files.length === 0) throw new Failure(`no test file has a path with ${words.join(' or ')}`)

  mkdirSync(cache, { recursive: true })
  rmSync(COUNTS, { force: true })
  const runner = (chosen) => [
    ...FLAGS,
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=./.ci/count.mjs', `--test-reporter-destination=${COUNTS}`],
    ...flags,
    ...chosen,
  ]
  const { measured, report } = coverage ? await import('./coverage.mjs') : {}
  const env = coverage ? measured() : process.env
  let code = await pass(process.execPath, runner(files), { env })
  const first = counted()
  let again
  // The thread in which Node 20 loads modules can stand still for ever: a file that ran out of time before its first test
  // has a second chance, and no other has.
  if (
    code !== 0 &&
    first?.hung.length > 0 &&
    first.counts.fail + first.counts.cancelled === first.hung.length
  ) {
    process.stdout.write(`\nNot one test began in\n  ${first.hung.join('\n  ')}\nOnce more:\n\n`)
    code = await pass(process.execPath, runner(first.hung), { env })
    again = counted()
  }
  if (code !== 0) return code

  const { counts, skipped, empty } = again === undefined ? first : joined(first, again)
  if (counts.pass === undefined || counts.pass + counts.fail === 0) throw new Failure('no test was run')
  if (flags.length === 0 && empty.length > 0) throw new Failure(`no test was run in\n  ${empty.join('\n  ')}`)
  if (process.env.GATEHOUSE_REQUIRE_ALL === '1' && skipped.length > 0) {
    throw new Failure(`GATEHOUSE_REQUIRE_ALL=1, and these tests were skipped:\n  ${skipped.join('\n  ')}`)
  }
  await report?.({ floors: words.length === 0 })
  return 0
})

function counted() {
  return existsSync(COUNTS) ? JSON.parse(readFileSync(COUNTS, 'utf8')) : undefined
}

/** What two runs have counted together, kept for the summary. */
function joined(first, again) {
  const counts = { ...again.counts }
  for (const [name, number] of Object.entries(first.counts)) counts[name] = (counts[name] ?? 0) + number
  // The files that hung were counted as tests that were cancelled.
  counts.tests -= first.hung.length
  counts.cancelled -= first.hung.length
  const together = {
    counts,
    skipped: [...first.skipped, ...again.skipped],
    empty: [...first.empty, ...again.empty],
    hung: again.hung,
  }
  writeFileSync(COUNTS, JSON.stringify(together))
  return together
}
