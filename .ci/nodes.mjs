// npm run nodes: a chosen part of the tests on every other line of Node that is served, one after the other (node-binary.mjs).
// `npm run nodes -- 24` runs one line, and `npm run nodes -- --all` every test on it.
import { delimiter, dirname } from 'node:path'
import { VERSIONS, binaryOf } from './node-binary.mjs'
import { FLAGS, testFiles } from './runner.mjs'
import { Failure, main, pass, say, seconds, setUp } from './setup.mjs'
import { stripAll } from './strip-all.mjs'

/**
 * What differs between lines: the binding to node:http and node:http2, node:crypto, and what is shipped; of each adapter every case of
 * the suite, of each other package what touches the most of Node, and an example of each kind. The rest is plain JavaScript, and slow
 * to try. `npm run consumer` runs what is published of every package on every line, too.
 */
const CHOSEN = [
  'packages/core/test/conformance/',
  'packages/core/test/identity/jwt/',
  'packages/core/test/node/attach',
  'packages/core/test/node/closing',
  'packages/core/test/node/http2',
  'packages/core/test/node/upgrade',
  'packages/core/test/node/waiting',
  'packages/core/test/package/hardened',
  'packages/core/test/package/loading',
  'packages/core/test/package/strings',
  'packages/adapter-express/test/conformance',
  'packages/adapter-fastify/test/conformance',
  'packages/adapter-hono/test/conformance',
  'packages/adapter-koa/test/conformance',
  'packages/adapter-nest/test/conformance',
  'packages/cli/test/built',
  'packages/dashboard/test/handler',
  'packages/otel/test/otel',
  'packages/store-postgres/test/gate',
  'packages/store-redis/test/gate',
  'packages/testkit/test/fake-issuer',
  'examples/express/test/smoke',
  'examples/fastify/test/smoke',
  'examples/nest/test/smoke',
]

await main(async () => {
  const args = process.argv.slice(2)
  const everything = args.includes('--all')
  const lines = args.filter((arg) => !arg.startsWith('-'))
  const unknown = lines.find((line) => !(line in VERSIONS))
  if (unknown !== undefined)
    throw new Failure(`There is no other line ${unknown}: write one of ${Object.keys(VERSIONS).join(', ')}`)

  await setUp()
  await stripAll()
  const all = testFiles()
  const files = everything ? all : all.filter((path) => CHOSEN.some((start) => path.startsWith(start)))
  const lacking = CHOSEN.filter((start) => !all.some((path) => path.startsWith(start)))
  if (lacking.length > 0)
    throw new Failure(`no test file has a path that begins with ${lacking.join(' or ')}`)
  for (const line of lines.length === 0 ? Object.keys(VERSIONS) : lines) {
    const code = await tryOn(line, files)
    if (code !== 0) return code
  }
  return 0
})

async function tryOn(line, files) {
  const start = performance.now()
  const node = await binaryOf(VERSIONS[line])
  // Dots for what passes: the run on the first line of Node has told the names.
  const code = await pass(node, [...FLAGS, '--test-reporter=./.ci/brief.mjs', ...files], {
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  })
  say(`Node ${VERSIONS[line]}`, `${files.length} files ${seconds(start)}`)
  return code
}
