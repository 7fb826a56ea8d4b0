// A reporter for node --test that writes what was counted as JSON: the runner's own closing numbers, the
// names of what was skipped, the files in which no test was run (which Node 20 counts as a pass), and those of them that
// ran out of time.
import { relative } from 'node:path'
import { root } from './setup.mjs'

const NUMBER = /^(tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$/

export default async function* count(source) {
  const counts = {}
  const skipped = []
  const testsOf = new Map()
  const late = new Set()
  for await (const { type, data } of source) {
    if (type === 'test:diagnostic') {
      const [, name, number] = NUMBER.exec(data.message) ?? []
      if (name !== undefined && data.nesting === 0) counts[name] = Number(number)
    } else if (type === 'test:pass' || type === 'test:fail') {
      if (data.skip !== undefined) skipped.push(data.name)
      if (data.file === undefined) continue
      // A file that held no test is reported as one test that bears the name of the file.
      const isFile = data.nesting === 0 && data.file.endsWith(data.name.replace(/^\.\//, ''))
      const isSuite = data.details?.type === 'suite'
      if (isFile && data.details?.error?.failureType === 'testTimeoutFailure') late.add(data.file)
      testsOf.set(data.file, (testsOf.get(data.file) ?? 0) + (isFile || isSuite ? 0 : 1))
    }
  }
  const none = [...testsOf].filter(([, tests]) => tests === 0).map(([file]) => file)
  const named = (files) => files.map((file) => relative(root, file))
  const hung = none.filter((file) => late.has(file))
  yield JSON.stringify({
    counts,
    skipped,
    empty: named(none.filter((file) => !late.has(file))),
    hung: named(hung),
  })
}
