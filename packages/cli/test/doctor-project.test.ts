import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { CHECKS, type Io } from '../src/index.ts'
import { readAudit } from '../src/doctor/audit.ts'
import { cli, codesOf, folderOf, NOW, type Ran } from './support/run.ts'

const MANIFEST = JSON.stringify({
  name: 'api',
  engines: { node: '>=24' },
  scripts: { start: 'node main.js' },
})
const LOCKED = {
  'package.json': JSON.stringify({ name: 'api', dependencies: { express: '^5.1.0' } }),
  'package-lock.json': '{}',
}
const manifest = (members: object): Readonly<Record<string, string>> => ({
  'package.json': JSON.stringify({ name: 'api', ...members }),
})

interface Seed {
  readonly files?: Readonly<Record<string, string>>
  readonly world?: Partial<Io>
  /** What the package manager prints, in place of which a script of ours is found. */
  readonly npm?: string
}

const SEEDED: Readonly<Record<string, Seed>> = {
  'project.node-end': { world: { nodeVersion: 'v20.20.2' } },
  'project.engines-end': { files: manifest({ engines: { node: '>=18' } }) },
  'project.node-env': { files: manifest({ scripts: { start: 'NODE_ENV=development node main.js' } }) },
  'project.node-loose': { files: manifest({ scripts: { start: 'node --insecure-http-parser main.js' } }) },
  'project.as-root': { files: { Dockerfile: 'FROM node:24-slim\n# USER node\nCMD ["node", "main.js"]\n' } },
  'project.no-lock-file': { files: manifest({ dependencies: { express: '^5.1.0' } }) },
  'project.loose-dependency': {
    files: { ...LOCKED, ...manifest({ dependencies: { express: 'latest' } }) },
    npm: `echo '{"vulnerabilities":{}}'`,
  },
  'project.secret-in-git': { files: { '.git/HEAD': '', '.gitignore': 'dist\n', '.env': 'KEY=s3cr3t\n' } },
  'project.several-cores': {
    files: {
      'node_modules/@gatehouse/core/package.json': '{"version":"0.2.0"}',
      'node_modules/@gatehouse/store-redis/node_modules/@gatehouse/core/package.json': '{"version":"0.1.0"}',
    },
  },
  'project.beside-the-gate': {
    files: { ...LOCKED, ...manifest({ dependencies: { helmet: '^8.0.0' } }) },
    npm: `echo '{"vulnerabilities":{}}'`,
  },
  'project.audit-high': {
    files: LOCKED,
    npm: `echo '{"vulnerabilities":{"qs":{"severity":"high","via":[{"title":"Prototype poisoning"}]}}}'; exit 1`,
  },
  'project.audit-known': {
    files: LOCKED,
    npm: `echo '{"vulnerabilities":{"qs":{"severity":"moderate","via":["side-channel"]}}}'; exit 1`,
  },
  'project.no-audit': { files: LOCKED, npm: `echo '{"error":{"code":"ENOTFOUND"}}'; exit 1` },
}

/** Asks doctor about a folder, with a package manager that says what it is told to. */
function look(t: TestContext, { files = {}, world, npm }: Seed, ...flags: readonly string[]): Promise<Ran> {
  const cwd = folderOf(t, { 'package.json': MANIFEST, ...files })
  const bin = folderOf(t, { npm: `#!/bin/sh\n${npm ?? 'exit 9'}\n` })
  chmodSync(join(bin, 'npm'), 0o755)
  return cli(['doctor', '--no-policy', '--json', '--fail-on', 'info', ...flags], {
    cwd,
    now: () => NOW,
    env: { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
    ...world,
  })
}

describe('doctor and a project', () => {
  test('DEP-01: every check of a project has a seeded mistake', () => {
    assert.deepEqual(CHECKS.project.map(({ code }) => code).sort(), Object.keys(SEEDED).sort())
  })

  test('DEP-01: nothing is found where there is nothing', async (t) => {
    const ran = await look(t, {
      files: {
        ...LOCKED,
        '.git/HEAD': '',
        '.gitignore': '.env*\n',
        '.env': 'KEY=s3cr3t\n',
        Dockerfile: 'FROM node:24-slim\nENV NODE_ENV=production\nUSER node\nCMD ["node", "main.js"]\n',
      },
      npm: `echo '{"vulnerabilities":{}}'`,
    })
    assert.deepEqual([codesOf(ran), ran.code], [[], 0])
  })

  for (const [code, seed] of Object.entries(SEEDED)) {
    test(`DEP-01: ${code} is found, and silenced by its code`, async (t) => {
      const found = await look(t, seed)
      assert.deepEqual(codesOf(found), [code])
      assert.equal(found.code, 1)
      assert.ok(!found.out.includes('s3cr3t'))
      const silenced = await look(t, seed, '--silence', code)
      assert.deepEqual([codesOf(silenced), silenced.code], [[], 0])
    })
  }

  test('DEP-01: no package manager is started with --no-audit', async (t) => {
    const ran = await look(t, { files: LOCKED, npm: 'exit 1' }, '--no-audit')
    assert.deepEqual(codesOf(ran), [])
  })

  test('DEP-01: what pnpm and yarn write is read, too', () => {
    const pnpm = { advisories: { 1: { module_name: 'qs', severity: 'high', title: 'Prototype poisoning' } } }
    const yarn = { value: 'qs', children: { Issue: 'Prototype poisoning', Severity: 'high' } }
    for (const text of [
      JSON.stringify(pnpm),
      `${JSON.stringify(yarn)}\n`,
      JSON.stringify(pnpm, undefined, 2),
    ])
      assert.deepEqual(readAudit(text), [{ name: 'qs', severity: 'high', title: 'Prototype poisoning' }])
    assert.deepEqual([readAudit(''), readAudit('no such host'), readAudit('{}')], [[], undefined, undefined])
  })

  test('DEP-01: lines of Node.js end when they end', async (t) => {
    const versions = {
      'v19.0.0': 1,
      'v22.1.0': 0,
      'v23.0.0': 1,
      'v24.0.0': 0,
      'v25.0.0': 1,
      'v26.0.0': 0,
      'v16.0.0': 1,
    }
    for (const [nodeVersion, code] of Object.entries(versions))
      assert.equal((await look(t, { world: { nodeVersion } })).code, code, nodeVersion)
  })
})
