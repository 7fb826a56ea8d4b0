// Where the sources of a package are, which npm compares with the provenance of its tarball. The manifests do not say it, since
// whoever forks this publishes from elsewhere: the release writes it into them from what the workflow runs in.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages, root } from './setup.mjs'

/**
 * The text of a manifest with its `repository`.
 *
 * @param env the environment of a workflow on GitHub: GITHUB_SERVER_URL and GITHUB_REPOSITORY, which is `owner/name`
 * @param directory the folder of the package in the repository
 */
export function withRepository(text, env, directory) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = env
  if (!/^https:\/\/[^/?#]+$/.test(server ?? '') || !/^[\w.-]+\/[\w.-]+$/.test(name ?? ''))
    throw new TypeError(`GITHUB_SERVER_URL and GITHUB_REPOSITORY name no repository: ${server}, ${name}`)
  const repository = { type: 'git', url: `git+${server}/${name}.git`, directory }
  return `${JSON.stringify({ ...JSON.parse(text), repository }, null, 2)}\n`
}

/** Does something while the manifest of each package names its repository; then they are as they were. */
export async function whileNamed(env, body) {
  const manifests = packages().map((folder) => {
    const path = join(root, folder, 'package.json')
    const text = readFileSync(path, 'utf8')
    return { path, text, named: withRepository(text, env, folder) }
  })
  try {
    for (const { path, named } of manifests) writeFileSync(path, named)
    return await body()
  } finally {
    for (const { path, text } of manifests) writeFileSync(path, text)
  }
}
