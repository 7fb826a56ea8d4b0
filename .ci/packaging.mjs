// npm run packaging: a build from nothing, then the tarballs under publint, attw and rules of our own.
import { statSync } from 'node:fs'
import { Failure, main, run, setUp, tool } from './setup.mjs'
import { packAll, twoAtATime } from './pack.mjs'
import { holdPacked, holdSizes } from './size.mjs'

// Whoever adds to this list says in the review why users need it.
const SHIPPED =
  /^(dist\/.+\.(js|js\.map|d\.ts)|public\/[a-z]+\.(html|css|svg)|package\.json|LICENSE|README\.md)$/

await main(async () => {
  await setUp({ force: true })
  await twoAtATime(await packAll(), look)
  await holdSizes()
})

/** Throws when a tarball is not as it should be. */
async function look(packed) {
  const mistakes = [...mistakesOfFiles(packed), ...mistakesOfManifest(packed)]
  if (mistakes.length > 0) throw new Failure(`${packed.name}:\n  ${mistakes.join('\n  ')}`)
  await run(process.execPath, [tool('publint'), 'run', packed.tarball, '--strict'])
  // ES modules only, on purpose: a second build would be a second copy of every counter. The profile leaves out resolution of
  // Node 10, and require() as Node 16 had it; consumers/commonjs does it as every Node that is served does. See docs/releasing.md.
  await run(process.execPath, [
    tool('@arethetypeswrong/cli', 'attw'),
    packed.tarball,
    '--profile',
    'esm-only',
  ])
  const { size } = statSync(packed.tarball)
  holdPacked(packed.name, size)
  process.stdout.write(
    `packaging: ${packed.name} ships ${packed.files.length} files in ${Math.ceil(size / 1000)} kB, publint and attw agree\n`,
  )
}

function mistakesOfFiles({ files, manifest }) {
  const surplus = files.filter((path) => !SHIPPED.test(path)).map((path) => `ships ${path}`)
  const named = targets(manifest.exports).map((path) => path.replace('./', ''))
  const wanted = ['LICENSE', 'README.md', ...named]
  return [...surplus, ...wanted.filter((path) => !files.includes(path)).map((path) => `lacks ${path}`)]
}

function mistakesOfManifest({ name, manifest }) {
  const mistakes = []
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {}, scripts = {} } = manifest
  const needs = { ...dependencies, ...peerDependencies, ...optionalDependencies }
  if (name === '@gatehouse/core' && Object.keys(needs).length > 0) {
    mistakes.push(`core has no dependency, but its tarball names ${Object.keys(needs).join(', ')}`)
  }
  for (const [dependency, range] of Object.entries(needs)) {
    if (range.includes(':')) mistakes.push(`${dependency}: ${range} means nothing outside of the workspace`)
  }
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    if (script in scripts) mistakes.push(`runs a ${script} script on the machine of its user`)
  }
  if (JSON.stringify(manifest.exports).includes('@gatehouse/source')) {
    mistakes.push('exports sources that it does not ship: see publishConfig')
  }
  return mistakes
}

function targets(exports) {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap((value) => targets(value))
}
