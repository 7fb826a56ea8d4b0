// The tarballs of the packages, made as for publishing; packaging.mjs and consumer.mjs look at them.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, cache, packages, pnpm, run } from './setup.mjs'

const FOLDER = join(cache, 'tarballs')

/** Packs every built package and tells what each tarball holds. */
export async function packAll() {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  await pnpm(['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', FOLDER])
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.tgz'))
  if (names.length !== packages().length) {
    throw new Failure(`${packages().length} packages made ${names.length} tarballs: ${names.join(', ')}`)
  }
  return Promise.all(
    names.sort().map(async (name) => {
      const tarball = join(FOLDER, name)
      const list = await run('tar', ['-tzf', name], { cwd: FOLDER })
      const manifest = JSON.parse(await run('tar', ['-xOzf', name, 'package/package.json'], { cwd: FOLDER }))
      const files = list.split(/\r?\n/).filter((path) => path !== '' && !path.endsWith('/'))
      return {
        name: manifest.name,
        tarball,
        manifest,
        files: files.map((path) => path.replace('package/', '')).sort(),
      }
    }),
  )
}

/** Does something with each of them, two at a time and in their order. After a failure none is begun, and what runs ends first. */
export async function twoAtATime(items, work) {
  const rest = [...items]
  const worker = async () => {
    try {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
    } finally {
      rest.length = 0
    }
  }
  const failed = (await Promise.allSettled([worker(), worker()])).find(({ status }) => status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
