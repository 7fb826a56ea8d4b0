// A reporter for node --test that writes what was counted as JSON: the runner's own closing numbers, the
// names of what was skipped, and the files in which no test was run (which Node 20 counts as a pass).
import { relative } from 'node:path'
import { root } from './setup.mjs'

const NUMBER = /^(tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$/

export default async function* count(source) {
  const counts = {}
  const skipped = []
  const testsOf = new Map()
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
      testsOf.set(data.file, (testsOf.get(data.file) ?? 0) + (isFile || isSuite ? 0 : 1))
    }
  }
  const empty = [...testsOf].filter(([, tests]) => tests === 0).map(([file]) => relative(root, file))
  yield JSON.stringify({ counts, skipped, empty })
}
