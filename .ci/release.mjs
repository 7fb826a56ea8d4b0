// npm run release:publish: builds and packs all packages, looks at each tarball as CI does, and publishes those whose version the
// registry does not have, with provenance. `-- --dry-run` publishes nothing. Only the release workflow runs it without.
// Both need the GITHUB_SERVER_URL and GITHUB_REPOSITORY of a workflow, which become the `repository` of each manifest.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main, run, root } from './setup.mjs'
import { packAll } from './pack.mjs'
import { whileNamed } from './repository.mjs'

await main(() => {
  const isDry = process.argv.includes('--dry-run')
  if (!isDry && process.env.ACTIONS_ID_TOKEN_REQUEST_URL === undefined) {
    throw new Failure(
      'Only the release workflow publishes: provenance needs its identity. See docs/releasing.md.',
    )
  }
  return whileNamed(process.env, () => release(isDry))
})

async function release(isDry) {
  await run(process.execPath, [join(root, '.ci', 'packaging.mjs')])
  // Core first: whoever installs another in between finds what it asks for.
  const packed = (await packAll()).sort(
    (a, b) => Number(b.name === '@gatehouse/core') - Number(a.name === '@gatehouse/core'),
  )
  for (const { name, manifest, tarball } of packed) {
    const what = `${name}@${manifest.version}`
    // npm refuses a provenance that names another repository than the manifest, or a manifest that names none.
    if (manifest.repository === undefined) throw new Failure(`${what} does not say where its sources are`)
    const isBefore = manifest.version.includes('-')
    if (!isDry && isBefore)
      throw new Failure(`${what} comes before a release: its changesets are not used up`)
    if (!isDry && (await isPublished(what))) {
      process.stdout.write(`release: ${what} is in the registry\n`)
      continue
    }
    const flags = [
      '--provenance',
      '--access',
      'public',
      ...(isDry ? ['--dry-run', '--provenance=false'] : []),
      // npm wants another tag than `latest` for it, though it does nothing.
      ...(isBefore ? ['--tag', 'before'] : []),
    ]
    await run('npm', ['publish', tarball, ...flags], { shell: process.platform === 'win32' })
    const { url, directory } = manifest.repository
    // The action reads these lines, tags, and makes a release of each.
    process.stdout.write(
      isDry ? `release: ${what} would be published, of ${url} ${directory}\n` : `New tag: ${what}\n`,
    )
  }
  if (!isDry) await run(process.execPath, [bin(), 'tag'])
}

async function isPublished(what) {
  return run('npm', ['view', what, 'version']).then(
    (text) => text.trim() !== '',
    (error) => {
      if (/E404/.test(error.message)) return false
      throw error
    },
  )
}

function bin() {
  const folder = join(root, 'node_modules', '@changesets', 'cli')
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bins === 'string' ? bins : bins.changeset)
}
