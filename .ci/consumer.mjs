// npm run consumer: the projects of consumers/ install the tarballs with npm, as a user does, in a folder
// outside of this repository; then each main.js is run, and each main.ts compiled and run. After that they are run again with the
// strictest flags of Node, on this line of it and on the others (hardened.mjs).
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure, main, root, run, setUp, tool } from './setup.mjs'
import { binaries, harden } from './hardened.mjs'
import { packAll, twoAtATime } from './pack.mjs'

const PROJECTS = join(root, '.ci', 'consumers')
// From the workspace, so that no consumer has to fetch anything: name -> where it is installed.
const LENT = {
  // Nest 11: the tests of the adapter have the newest.
  '@nestjs/common': '.ci/lent/nest-11/node_modules/@nestjs/common',
  '@nestjs/core': '.ci/lent/nest-11/node_modules/@nestjs/core',
  '@nestjs/platform-express': '.ci/lent/nest-11/node_modules/@nestjs/platform-express',
  '@nestjs/platform-fastify': '.ci/lent/nest-11/node_modules/@nestjs/platform-fastify',
  '@opentelemetry/api': 'packages/otel/node_modules/@opentelemetry/api',
  '@types/node': 'node_modules/@types/node',
  express: 'packages/adapter-express/node_modules/express',
  '@hono/node-server': 'packages/adapter-hono/node_modules/@hono/node-server',
  hono: 'packages/adapter-hono/node_modules/hono',
  fastify: 'packages/adapter-fastify/node_modules/fastify',
  ioredis: 'packages/store-redis/node_modules/ioredis',
  iovalkey: 'packages/store-redis/node_modules/iovalkey',
  koa: 'packages/adapter-koa/node_modules/koa',
  pg: 'packages/store-postgres/node_modules/pg',
  '@types/pg': 'packages/store-postgres/node_modules/@types/pg',
  redis: 'packages/store-redis/node_modules/redis',
  'reflect-metadata': 'packages/adapter-nest/node_modules/reflect-metadata',
  rxjs: 'packages/adapter-nest/node_modules/rxjs',
}
// What a project installs besides the core.
const BESIDE_CORE = {
  // All that bring nothing.
  commonjs: [
    '@gatehouse/adapter-express',
    '@gatehouse/adapter-fastify',
    '@gatehouse/adapter-hono',
    '@gatehouse/adapter-koa',
    '@gatehouse/otel',
    '@gatehouse/store-postgres',
    '@gatehouse/store-redis',
    '@gatehouse/testkit',
  ],
  express: ['@gatehouse/adapter-express'],
  fastify: ['@gatehouse/adapter-fastify'],
  hono: ['@gatehouse/adapter-hono'],
  koa: ['@gatehouse/adapter-koa'],
  nest: ['@gatehouse/adapter-nest'],
  cli: ['@gatehouse/cli'],
  dashboard: ['@gatehouse/dashboard'],
  otel: ['@gatehouse/otel'],
  postgres: ['@gatehouse/store-postgres'],
  redis: ['@gatehouse/store-redis'],
  testkit: ['@gatehouse/testkit'],
}
// What it may bring besides itself.
const BROUGHT = { dashboard: ['uplot'] }

await main(async () => {
  await setUp()
  const packed = await packAll()
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-consumer-')))
  try {
    const names = readdirSync(PROJECTS).sort()
    if (names.length === 0) throw new Failure('there is no project in .ci/consumers')
    const used = new Set(['@gatehouse/core', ...names.flatMap((name) => BESIDE_CORE[name] ?? [])])
    const unused = packed.filter(({ name }) => !used.has(name))
    if (unused.length > 0) throw new Failure(`no project uses ${unused.map(({ name }) => name).join(', ')}`)
    const lines = await binaries()
    await twoAtATime(names, async (name) => {
      const folder = join(temporary, name)
      const entry = await consume(name, folder, packed)
      await harden(name, folder, entry, lines)
    })
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
})

async function consume(name, folder, packed) {
  cpSync(join(PROJECTS, name), folder, { recursive: true })
  const wanted = BESIDE_CORE[name] ?? []
  const tarballs = packed.filter((each) => each.name === '@gatehouse/core' || wanted.includes(each.name))
  // Without --legacy-peer-deps npm would fetch the frameworks that are lent below.
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--prefer-offline']
  const options = { cwd: folder, shell: process.platform === 'win32' }
  await run('npm', ['install', ...flags, ...tarballs.map((each) => each.tarball)], options)
  const installed = readdirSync(join(folder, 'node_modules')).filter((entry) => !entry.startsWith('.'))
  // The command line is for developers: it stands on packages that do one thing well.
  const others = installed.filter((entry) => entry !== '@gatehouse' && !(BROUGHT[name] ?? []).includes(entry))
  if (others.length > 0 && name !== 'cli') {
    throw new Failure(`${name}: installing Gatehouse brought ${others.join(', ')}`)
  }
  for (const [lent, path] of Object.entries(LENT)) lend(join(folder, 'node_modules', lent), join(root, path))

  if (existsSync(join(folder, 'main.ts'))) {
    await run(process.execPath, [tool('typescript', 'tsc'), '-p', folder], { cwd: folder })
    // The types of the newest Node are not those of the oldest and some more: each takes names away.
    if (name === 'ts-nodenext') {
      lend(join(folder, 'newest', 'node'), join(root, 'node_modules', 'types-node-26'))
      const newest = ['--typeRoots', join(folder, 'newest'), '--noEmit']
      await run(process.execPath, [tool('typescript', 'tsc'), '-p', folder, ...newest], { cwd: folder })
    }
  }
  const entry = existsSync(join(folder, 'main.ts')) ? join(folder, 'out', 'main.js') : join(folder, 'main.js')
  await run(process.execPath, [entry], { cwd: folder })
  process.stdout.write(`consumer: ${name} works with the tarball\n`)
  return entry
}

function lend(link, target) {
  if (!existsSync(target)) throw new Failure(`${target} is not installed`)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(realpathSync(target), link, 'junction')
}
