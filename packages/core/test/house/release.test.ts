import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly engines: { readonly node: string }
  readonly sideEffects?: boolean
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly publishConfig?: { readonly access: string; readonly provenance: boolean }
}
const manifestsIn = (folder: string): readonly Manifest[] =>
  readdirSync(new URL(folder, root)).map(
    (name) => JSON.parse(read(`${folder}/${name}/package.json`)) as Manifest,
  )
const published = manifestsIn('packages')
const bench = JSON.parse(read('bench/package.json')) as Manifest
const others = [...manifestsIn('examples'), bench]

describe('a release', () => {
  const config = JSON.parse(read('.changeset/config.json')) as {
    readonly fixed: readonly (readonly [string, ...(readonly string[])])[]
    readonly privatePackages: { readonly version: boolean }
  }

  test('is of all packages together, and of nothing else', () => {
    const [[wanted, ...not] = ['']] = config.fixed
    const fits = (name: string, pattern: string): boolean =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
    const isReleased = (name: string): boolean =>
      fits(name, wanted) && !not.some((pattern) => fits(name, pattern.slice(1)))
    for (const { name } of published) assert.ok(isReleased(name), name)
    for (const manifest of others) {
      assert.ok(!isReleased(manifest.name), manifest.name)
      assert.equal(manifest.private, true, manifest.name)
    }
    assert.equal(config.privatePackages.version, false)
  })

  const core = published.find(({ name }) => name === '@gatehouse/core')
  for (const manifest of published) {
    test(`of ${manifest.name} is of the same version, for the same Node, with provenance`, () => {
      assert.equal(manifest.version, core?.version)
      assert.deepEqual(manifest.engines, core?.engines)
      assert.equal(manifest.sideEffects, false)
      assert.deepEqual(
        { access: manifest.publishConfig?.access, provenance: manifest.publishConfig?.provenance },
        { access: 'public', provenance: true },
      )
      if (manifest !== core) assert.equal(manifest.peerDependencies?.['@gatehouse/core'], 'workspace:^')
    })
  }

  test('is made by one job alone, on its own identity', () => {
    const workflow = read('.github/workflows/release.yml')
    assert.match(workflow, /^permissions: \{\}$/m)
    assert.equal(workflow.match(/^\s+id-token: write$/gm)?.length, 1)
    assert.doesNotMatch(workflow, /NPM_TOKEN|NODE_AUTH_TOKEN/)
    for (const [, version] of workflow.matchAll(/uses: \S+@(\S+)/g))
      assert.match(version ?? '', /^[0-9a-f]{40}$/)
  })

  test('says in each manifest where its sources are, as npm compares it with the provenance', async () => {
    const { withRepository } = (await import(new URL('.ci/repository.mjs', root).href)) as {
      readonly withRepository: (text: string, env: object, directory: string) => string
    }
    const env = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'somebody/gatehouse' }
    for (const folder of readdirSync(new URL('packages', root))) {
      const text = read(`packages/${folder}/package.json`)
      const { repository, ...rest } = JSON.parse(withRepository(text, env, `packages/${folder}`)) as {
        readonly repository: unknown
      }
      assert.deepEqual(repository, {
        type: 'git',
        url: 'git+https://github.com/somebody/gatehouse.git',
        directory: `packages/${folder}`,
      })
      assert.deepEqual(rest, JSON.parse(text))
    }
    for (const wrong of [{}, { ...env, GITHUB_REPOSITORY: 'gatehouse' }, { ...env, GITHUB_SERVER_URL: '' }])
      assert.throws(() => withRepository('{}', wrong, 'packages/core'), TypeError)
  })

  test('has a changeset while the version of the manifests is none to publish', () => {
    const texts = readdirSync(new URL('.changeset', root))
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .map((name) => read(`.changeset/${name}`))
    // The workflow makes nothing of a changeset that names no package.
    for (const text of texts) assert.match(text, /^---\n'@gatehouse\/[a-z-]+': (?:patch|minor|major)\n/)
    const [, ahead] = /^\d+\.\d+\.\d+(-0)?$/.exec(core?.version ?? '') ?? assert.fail(core?.version)
    if (ahead === undefined) return
    // The first release: all of them, to what the manifests have before the `-0`.
    const named = texts.flatMap((text) => [...text.matchAll(/^'(@gatehouse\/[a-z-]+)': minor$/gm)])
    assert.deepEqual(named.map(([, name]) => name).sort(), published.map(({ name }) => name).sort())
  })

  test('has one change log of all packages, which says what is not released yet', () => {
    const [, version, when] = /^## \[([^\]]+)\] - (.+)$/m.exec(read('CHANGELOG.md')) ?? []
    if (when !== 'unreleased') assert.equal(version, core?.version)
    assert.match(
      read('package.json'),
      /"release:version": "changeset version && node \.ci\/changelog\.mjs && /,
    )
  })

  test('DEP-03: is tried with the strictest flags of Node, every package as it is published', () => {
    assert.match(read('.ci/run'), /^npm run --silent consumer$/m)
    const projects = read('.ci/consumer.mjs')
    assert.match(projects, /await harden\(name, /)
    for (const { name } of published)
      if (name !== '@gatehouse/core') assert.ok(projects.includes(`'${name}'`), name)
    const flags = read('.ci/hardened.mjs')
    for (const flag of ['--permission', '--frozen-intrinsics', '--disallow-code-generation-from-strings'])
      assert.ok(flags.includes(`  '${flag}': (`), flag)
    // Whatever cannot be tried is shown to be of others.
    const [, foreign = ''] = /^const FOREIGN = \{$([^]*?)^\}$/m.exec(flags) ?? []
    const names = [...foreign.matchAll(/^ {2}(\w+): \{$/gm)].map(([, name]) => name)
    assert.deepEqual(names, ['express', 'fastify', 'koa', 'nest'])
    for (const name of names)
      assert.doesNotMatch(read(`.ci/consumers/${name}/alone.js`), /@gatehouse\//, name)
  })

  test('is tried on the lines of Node that .ci/nodes.json has, each by its exact version', () => {
    const lines = JSON.parse(read('.ci/nodes.json')) as Readonly<Record<string, string>>
    assert.deepEqual(Object.keys(lines), ['20', '22', '24', '26'])
    // CI itself is on the oldest, and tries the others.
    assert.match(read('.ci/run'), /^npm run --silent nodes$/m)
    assert.ok(read('.github/workflows/release.yml').includes(`node-version: ${lines['20']}\n`))
    for (const [line, version] of Object.entries(lines))
      assert.match(version, new RegExp(`^${line}\\.\\d+\\.\\d+$`))
  })
})
