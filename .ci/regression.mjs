// The in-process part of the bench, of this tree and of the commit before it, or of GATEHOUSE_BASE: fails when this tree is slower beyond
// doubt. Both cores are built in the same way, and measured in one run. `bash .ci/run` ends with it.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { Failure, main, pass, root, run } from './setup.mjs'

const CORE = 'packages/core'
/** Beside the packages that the bench imports. */
const BUILT = join(root, 'bench', 'node_modules', '.gatehouse')

await main(async () => {
  const base = process.env.GATEHOUSE_BASE ?? 'HEAD^'
  const commit = await commitOf(base)
  if (commit === undefined) {
    process.stdout.write(`bench: skipped, since this clone has no commit ${base} to compare with\n`)
    return 0
  }
  if (await isSame(commit)) {
    process.stdout.write(`bench: nothing to compare, since the core is that of ${base}\n`)
    return 0
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-base-')))
  try {
    await checkOut(commit, folder)
    const cores = [
      [join(folder, CORE), 'base.mjs'],
      [join(root, CORE), 'head.mjs'],
    ]
    for (const [core, name] of cores) await bundle(join(core, 'src', 'index.ts'), join(folder, name))
    mkdirSync(BUILT, { recursive: true })
    for (const name of ['against-main', 'subject'])
      await bundle(join(root, 'bench', 'src', 'micro', `${name}.ts`), join(BUILT, `${name}.mjs`))
    process.stdout.write(`bench: this tree against ${base} (${commit.slice(0, 10)})\n`)
    const files = [join(folder, 'base.mjs'), join(folder, 'head.mjs'), join(BUILT, 'subject.mjs')]
    return await pass(process.execPath, [join(BUILT, 'against-main.mjs'), ...files])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** The name of a commit; `undefined` when this clone does not have it: a shallow one has no parents. */
async function commitOf(name) {
  try {
    return (await run('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])).trim()
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** Whether nothing of what is measured differs, in what is committed and what is not. */
async function isSame(commit) {
  const changed = await run('git', ['diff', '--name-only', commit, '--', `${CORE}/src`])
  const added = await run('git', ['ls-files', '--others', '--exclude-standard', '--', `${CORE}/src`])
  return `${changed}${added}`.trim() === ''
}

/** The sources of the core as they were: an archive, which leaves no trace in the repository when the run is ended. */
async function checkOut(commit, folder) {
  const archive = join(folder, 'base.tar')
  await run('git', ['archive', '--format=tar', `--output=${archive}`, commit, '--', CORE])
  await run('tar', ['-xf', archive, '-C', folder])
}

async function bundle(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
}
