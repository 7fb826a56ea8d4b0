// npm run weigh: what it costs to install the core, alone and with each of the other packages, and the packages that are used in
// their place: how many packages come, and how many bytes. Fetches from the registry; not part of CI. Prints the table of
// README.md; `npm run weigh -- --write` puts it there.
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
import { Failure, main, root, run, setUp, tool } from './setup.mjs'
import { packAll } from './pack.mjs'

/** What is installed together to do a part of what a gate does, and what that is done on. */
const PEERS = [
  ['helmet', 'cors', 'express-rate-limit', 'express-jwt'],
  ['helmet', 'cors', 'express-rate-limit', 'express-oauth2-jwt-bearer'],
  ['helmet', 'cors', 'express-rate-limit', 'keycloak-connect'],
  ['helmet', 'cors', 'rate-limiter-flexible', 'jose'],
  ['koa-helmet', '@koa/cors', 'koa-ratelimit', 'koa-jwt'],
  ['@fastify/helmet', '@fastify/cors', '@fastify/rate-limit', '@fastify/jwt'],
  ['helmet', '@nestjs/throttler', '@nestjs/passport', 'passport', 'passport-jwt'],
]

// From this sentence to the next heading README.md is what this script has measured.
const SENTENCE = 'What an installation brings,'

await main(async () => {
  await setUp()
  const packed = await packAll()
  const core = packed.find(({ name }) => name === '@gatehouse/core')
  const rows = [await weigh('`@gatehouse/core`', [core.tarball])]
  for (const { name, tarball } of packed)
    if (name !== core.name) rows.push(await weigh(`core and \`${name}\``, [core.tarball, tarball]))
  for (const names of PEERS) rows.push(await weigh(names.join(', '), names))
  const today = new Date().toISOString().slice(0, 10)
  const text = [
    `${SENTENCE} without frameworks and database clients, measured on ${today} with the newest versions`,
    '(`npm run weigh`). The core is one package, and an adapter or a store is one more; it is not the smallest on disk:',
    '',
    '| Installed | Packages | Files | kB on disk |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
  process.stdout.write(`\n${text}`)
  if (!process.argv.includes('--write')) return
  const path = join(root, 'README.md')
  const readme = readFileSync(path, 'utf8')
  const from = readme.indexOf(SENTENCE)
  const to = readme.indexOf('\n## ', from)
  if (from === -1 || to === -1) throw new Failure(`README.md has no part that begins with "${SENTENCE}"`)
  writeFileSync(path, `${readme.slice(0, from)}${text}${readme.slice(to)}`)
  await run(process.execPath, [tool('prettier'), '--write', path])
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
