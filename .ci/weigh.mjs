// npm run weigh: what it costs to install the core, and the packages that are used in its place: how many packages come, and how
// many bytes. Fetches from the registry; not part of CI. Prints rows for the table of README.md.
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main, run, setUp } from './setup.mjs'
import { packAll } from './pack.mjs'

/** What is installed together to do a part of what a gate does. */
const SETS = [
  [
    'helmet, cors, express-rate-limit, jsonwebtoken',
    ['helmet', 'cors', 'express-rate-limit', 'jsonwebtoken'],
  ],
  [
    'helmet, cors, express-rate-limit, express-oauth2-jwt-bearer',
    ['helmet', 'cors', 'express-rate-limit', 'express-oauth2-jwt-bearer'],
  ],
  ['helmet, cors, rate-limiter-flexible, jose', ['helmet', 'cors', 'rate-limiter-flexible', 'jose']],
  ['koa-helmet, @koa/cors, koa-ratelimit, koa-jwt', ['koa-helmet', '@koa/cors', 'koa-ratelimit', 'koa-jwt']],
  [
    '@fastify/helmet, cors, rate-limit, jwt',
    ['@fastify/helmet', '@fastify/cors', '@fastify/rate-limit', '@fastify/jwt'],
  ],
]

await main(async () => {
  await setUp()
  const core = (await packAll()).find(({ name }) => name === '@gatehouse/core')
  const rows = [await weigh('`@gatehouse/core`', [core.tarball])]
  for (const [name, packages] of SETS) rows.push(await weigh(name, packages))
  process.stdout.write(
    `\nOn ${new Date().toISOString().slice(0, 10)}, newest versions, without their peers:\n\n`,
  )
  process.stdout.write(
    `| Installed | Packages | Files | kB on disk |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  )
})

async function weigh(name, packages) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-weigh-')))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    // A peer is the framework, which is there already.
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps']
    await run('npm', ['install', ...flags, ...packages], { cwd: folder, shell: process.platform === 'win32' })
    const all = readdirSync(join(folder, 'node_modules'), { recursive: true, encoding: 'utf8' })
    const files = all
      .filter((path) => path !== '.package-lock.json')
      .map((path) => statSync(join(folder, 'node_modules', path)))
      .filter((stats) => stats.isFile())
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    const lock = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8'))
    const count = Object.keys(lock.packages).length
    return `| ${name} | ${count} | ${files.length} | ${Math.round(bytes / 1_000).toLocaleString('en-US')} |`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
