import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { CHECKS, type Io } from '../src/index.ts'
import { readAudit } from '../src/doctor/audit.ts'
import { readOutdated } from '../src/doctor/outdated.ts'
import { cli, codesOf, folderOf, NOW, type Ran, silencedOf } from './support/run.ts'

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
  /** What it prints when it is asked for newer versions. */
  readonly newer?: string
}

const NONE = `echo '{"vulnerabilities":{}}'`
const newer = (current: string, latest: string, type = 'dependencies'): string =>
  `echo '${JSON.stringify({ qs: { current, latest, type } })}'; exit 1`

const SEEDED: Readonly<Record<string, Seed>> = {
  'project.node-end': { world: { nodeVersion: 'v20.20.2' } },
  'project.engines-end': { files: manifest({ engines: { node: '>=18' } }) },
  'project.node-env': { files: manifest({ scripts: { start: 'NODE_ENV=development node main.js' } }) },
  'project.node-loose': { files: manifest({ scripts: { start: 'node --insecure-http-parser main.js' } }) },
  'project.as-root': { files: { Dockerfile: 'FROM node:24-slim\n# USER node\nCMD ["node", "main.js"]\n' } },
  'project.no-lock-file': { files: manifest({ dependencies: { express: '^5.1.0' } }) },
  'project.loose-dependency': {
    files: { ...LOCKED, ...manifest({ dependencies: { express: 'latest' } }) },
    npm: NONE,
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
    npm: NONE,
  },
  'project.audit-high': {
    files: LOCKED,
    npm: `echo '{"vulnerabilities":{"qs":{"severity":"high","via":[{"title":"Prototype poisoning"}]}}}'; exit 1`,
  },
  'project.audit-known': {
    files: LOCKED,
    npm: `echo '{"vulnerabilities":{"qs":{"severity":"moderate","via":["side-channel"]}}}'; exit 1`,
  },
  'project.outdated': { files: LOCKED, npm: NONE, newer: newer('6.11.0', '6.14.0') },
  'project.outdated-major': { files: LOCKED, npm: NONE, newer: newer('5.2.1', '6.14.0') },
  'project.no-outdated': {
    files: LOCKED,
    npm: NONE,
    newer: `echo '{"error":{"code":"ECONNREFUSED","summary":"FetchError: request failed"}}'; exit 1`,
  },
  'project.no-audit': { files: LOCKED, npm: `echo '{"error":{"code":"ENOTFOUND"}}'; exit 1` },
}

/** Asks doctor about a folder, with a package manager that says what it is told to. */
function look(
  t: TestContext,
  { files = {}, world, npm, newer: outdated = `echo '{}'` }: Seed,
  ...flags: readonly string[]
): Promise<Ran> {
  const cwd = folderOf(t, { 'package.json': MANIFEST, ...files })
  const bin = folderOf(t, {
    npm: `#!/bin/sh\nif [ "$1" = outdated ]; then ${outdated}; exit; fi\n${npm ?? 'exit 9'}\n`,
  })
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
      npm: NONE,
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
      assert.deepEqual([codesOf(silenced), silencedOf(silenced), silenced.code], [[], [code], 0])
    })
  }

  test('DEP-01: no package manager is started with --no-audit', async (t) => {
    const mark = join(folderOf(t), 'asked')
    const seed = { files: LOCKED, npm: `echo asked >> '${mark}'; ${NONE}` }
    assert.deepEqual(codesOf(await look(t, seed, '--no-audit')), [])
    assert.ok(!existsSync(mark))
    assert.deepEqual(codesOf(await look(t, seed)), [])
    assert.ok(existsSync(mark))
  })

  test('DEP-01: a package manager that cannot say anything is a finding, and says why', async (t) => {
    for (const [npm, word] of [
      [
        `echo '{"message":"request to http://u:s3cr3t@127.0.0.1:1/ failed"}'; exit 1`,
        'request to http://...@127',
      ],
      ['exit 1', 'gave no answer'],
      ['echo "npm error network"; exit 1', 'gave no answer'],
      ['exit 0', 'gave no answer'],
    ] as const) {
      const ran = await look(t, { files: LOCKED, npm, newer: 'exit 1' })
      assert.deepEqual([codesOf(ran), ran.code], [['project.no-audit', 'project.no-outdated'], 1], npm)
      assert.ok(ran.out.includes(word), ran.out)
      const { counts } = JSON.parse(ran.out) as { readonly counts: Readonly<Record<string, number>> }
      assert.deepEqual([counts['warning'], counts['info']], [1, 1], 'nobody has audited: that is no footnote')
      assert.ok(!ran.out.includes('s3cr3t'))
    }
  })

  test('DEP-01: where there is no package manager, that is a finding', async (t) => {
    const ran = await look(t, { files: LOCKED, world: { env: { PATH: '/nowhere' } } })
    assert.deepEqual(codesOf(ran), ['project.no-audit', 'project.no-outdated'])
    assert.match(ran.out, /npm could not be started/)
  })

  test('DEP-01: what pnpm and yarn write is read, too', () => {
    const pnpm = { advisories: { 1: { module_name: 'qs', severity: 'high', title: 'Prototype poisoning' } } }
    const yarn = { value: 'qs', children: { Issue: 'Prototype poisoning', Severity: 'high' } }
    const yarn1 = { type: 'auditAdvisory', data: { advisory: pnpm.advisories[1] } }
    for (const text of [
      JSON.stringify(pnpm),
      `${JSON.stringify(yarn)}\n`,
      JSON.stringify(pnpm, undefined, 2),
      `${JSON.stringify(yarn1)}\r\n${JSON.stringify({ type: 'auditSummary', data: {} })}\r\n`,
    ])
      assert.deepEqual(readAudit(text), [{ name: 'qs', severity: 'high', title: 'Prototype poisoning' }])
    for (const text of ['', 'no such host', '{}', '[]', 'null', '{"vulnerabilities":[]}'])
      assert.equal(readAudit(text), undefined, text)
    assert.deepEqual(readAudit('{"type":"auditSummary","data":{}}'), [])
  })

  test('DEP-01: newer versions are read of npm, pnpm and yarn 1', () => {
    const qs = { current: '6.11.0', wanted: '6.14.0', latest: '6.14.0' }
    const table = {
      type: 'table',
      data: {
        head: ['Package', 'Current', 'Wanted', 'Latest', 'Package Type', 'URL'],
        body: [
          ['qs', '6.11.0', '6.14.0', '6.14.0', 'dependencies', ''],
          ['c8', '9.0.0', '9.0.0', '10.0.0', 'devDependencies', ''],
        ],
      },
    }
    for (const text of [
      JSON.stringify({ qs, c8: { ...qs, type: 'devDependencies' } }),
      JSON.stringify({ qs: [qs, qs] }),
      JSON.stringify({ qs: { ...qs, dependencyType: 'dependencies' } }, undefined, 2),
      `{"type":"info","data":"Color legend"}\n${JSON.stringify(table)}\n`,
    ])
      assert.deepEqual(readOutdated(text), [{ name: 'qs', current: '6.11.0', latest: '6.14.0' }], text)
    // Not installed; newer than the latest; no version at all.
    for (const one of [
      { latest: '1.0.0' },
      { current: '2.0.0-beta.1', latest: '1.9.0' },
      { current: '1.0.0', latest: 'linked' },
    ])
      assert.deepEqual(readOutdated(JSON.stringify({ qs: one })), [])
    for (const text of ['', 'x', '{"error":{}}', '{"qs":1}', '{"type":"error","data":"no network"}'])
      assert.equal(readOutdated(text), undefined, text)
    assert.deepEqual(readOutdated('{}'), [])
  })

  test('DEP-01: yarn 1 is asked in its own words, and the yarn after it is not asked for what it has not', async (t) => {
    const asked = async (lock: string): Promise<readonly [string, Ran]> => {
      const cwd = folderOf(t, {
        'package.json': JSON.stringify({ dependencies: { qs: '^6.0.0' } }),
        'yarn.lock': lock,
      })
      const bin = folderOf(t, {
        yarn: `#!/bin/sh\necho "$*" >> asked.txt\n[ "$1" = audit ] && echo '{"type":"auditSummary","data":{}}'\nexit 0\n`,
      })
      chmodSync(join(bin, 'yarn'), 0o755)
      const ran = await cli(['doctor', '--no-policy', '--json'], {
        cwd,
        now: () => NOW,
        env: { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
      })
      return [readFileSync(join(cwd, 'asked.txt'), 'utf8'), ran]
    }
    const [classic, ran1] = await asked('# yarn lockfile v1\r\n')
    assert.match(classic, /^audit --json --groups dependencies$/m)
    assert.match(classic, /^outdated --json$/m)
    assert.deepEqual(codesOf(ran1), [])
    const [berry, ran2] = await asked('__metadata:\n  version: 8\n')
    assert.equal(berry, 'npm audit --json --recursive --environment production\n')
    assert.deepEqual(codesOf(ran2), ['project.no-outdated'])
  })

  test('DEP-01: a lock file of bun is one, and that nobody has asked bun is told', async (t) => {
    for (const name of ['bun.lock', 'bun.lockb']) {
      const files = { ...manifest({ dependencies: { express: '^5.1.0' } }), [name]: '' }
      const ran = await look(t, { files })
      assert.deepEqual(codesOf(ran), ['project.no-audit', 'project.no-outdated'], name)
      assert.match(ran.out, /bun audit/)
      assert.deepEqual(codesOf(await look(t, { files }, '--no-audit')), [], name)
    }
  })

  test('DEP-01: of the lines of .gitignore the last that fits decides, and the nearest file', async (t) => {
    const rows: readonly (readonly [ignore: string, ofFolder: string, isFound: boolean])[] = [
      ['.env\n', '', false],
      ['.env\n!.env\n', '', true],
      ['!.env\n.env\n', '', false],
      ['.env*\n!.env\n', '', true],
      ['!.env.example\n.env*\n', '', false],
      ['# .env\n', '', true],
      ['.env\n', '!.env\n', true],
      ['!.env\n', '/.env\n', false],
    ]
    for (const [ignore, ofFolder, isFound] of rows) {
      const root = folderOf(t, {
        '.git/HEAD': '',
        '.gitignore': ignore,
        'api/.gitignore': ofFolder,
        'api/.env': 'KEY=1\n',
      })
      const ran = await look(t, { world: { cwd: join(root, 'api') } })
      assert.deepEqual(
        codesOf(ran),
        isFound ? ['project.secret-in-git'] : [],
        JSON.stringify([ignore, ofFolder]),
      )
    }
  })

  test('DEP-01: --config takes a file of anywhere', async (t) => {
    const cwd = folderOf(t)
    const there = join(
      folderOf(t, { 'own.json': '{ "doctor": { "silence": { "project.node-end": "why" } } }' }),
      'own.json',
    )
    const world = { cwd, nodeVersion: 'v20.20.2' }
    for (const file of [there, relative(cwd, there)])
      assert.deepEqual(codesOf(await look(t, { world }, '--config', file)), [], file)
  })

  test('DEP-01: files of Windows are read: line ends, and a mark at the beginning', async (t) => {
    const ran = await look(t, {
      files: {
        'package.json': '\uFEFF{\r\n  "name": "api"\r\n}\r\n',
        'gatehouse.json': '\uFEFF{ "doctor": { "failOn": "info" } }\r\n',
        Dockerfile: 'FROM node:24-slim\r\nUSER node\r\nCMD ["node", "main.js"]\r\n',
        '.git/HEAD': '',
        '.gitignore': '.env\r\n',
        '.env': 'KEY=1\r\n',
      },
    })
    assert.deepEqual([codesOf(ran), ran.code], [[], 0])
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
