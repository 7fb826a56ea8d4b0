// The last step of npm run release:version: what CHANGELOG.md has as unreleased gets the version that changesets has just written
// into the manifests, and today's date. The pages that changesets writes for each package have the sentences of its changesets;
// this one is written by hand, and is of all packages together.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main, root } from './setup.mjs'

const UNRELEASED = /^## \[[^\]]+\] - unreleased$/m

await main(() => {
  const { version } = JSON.parse(readFileSync(join(root, 'packages', 'core', 'package.json'), 'utf8'))
  const path = join(root, 'CHANGELOG.md')
  const text = readFileSync(path, 'utf8')
  if (!UNRELEASED.test(text)) throw new Failure('CHANGELOG.md has nothing that is unreleased')
  const today = new Date().toISOString().slice(0, 10)
  writeFileSync(path, text.replace(UNRELEASED, `## [${version}] - ${today}`))
  process.stdout.write(`release: CHANGELOG.md has ${version}\n`)
})
