import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/ports.ts'

const root = new URL('../../../../', import.meta.url)
const at = (path: string): URL => new URL(path, root)
/** What is not to be started: the apps before and after that docs/migrating shows, which run in tests. */
const NOT_STARTED: ReadonlySet<string> = new Set(['migration'])
const examples = readdirSync(at('examples')).filter(
  (name) => existsSync(at(`examples/${name}/package.json`)) && !NOT_STARTED.has(name),
)

describe('the examples', () => {
  for (const name of examples) {
    const folder = `examples/${name}`
    // The demo is what runs without a name.
    const command = name === 'node-http' ? 'npm start' : `npm start -- ${name}`
    test(`${name} starts by one command, which its README says, and has a test`, () => {
      assert.ok(existsSync(at(`${folder}/src/main.ts`)))
      assert.match(readFileSync(at(`${folder}/README.md`), 'utf8'), new RegExp(`^${command}( |$)`, 'm'))
      assert.ok(readdirSync(at(`${folder}/test`)).some((file) => file.endsWith('.test.ts')))
    })
  }

  test('the documents name each of them', () => {
    const index = readFileSync(at('docs/README.md'), 'utf8')
    for (const name of examples) assert.ok(index.includes(`(../examples/${name}/README.md)`), name)
  })

  // Its set-up builds what has changed: only after that of `npm test` there is nothing to do.
  const isSetUp = ['test', 'coverage'].includes(process.env['npm_lifecycle_event'] ?? '')
  const skip = isSetUp ? false : 'npm test runs it'
  test('npm start -- NAME starts it on the built packages, until it is told to stop', { skip }, async () => {
    const port = String(await freePort())
    const child = spawn('npm', ['start', '--', 'express'], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', PORT: port },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 90_000,
      killSignal: 'SIGKILL',
    })
    const ended = once(child.stdout, 'end')
    let output = ''
    for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += String(text)
      if (output.includes('Ctrl+C')) break
    }
    try {
      assert.match(output, /nothing to do/)
      assert.match(output, /^Express, guarded/m)
      const answer = await fetch(`http://127.0.0.1:${port}/secure-data`)
      assert.deepEqual([answer.status, answer.headers.get('x-content-type-options')], [401, 'nosniff'])
    } finally {
      child.kill('SIGTERM')
    }
    // The end of what the example and all before it write: none of them is left.
    child.stdout.resume()
    await ended
  })

  test('a port that is taken, or none, is told in a line', async () => {
    const start = fileURLToPath(at('.ci/start.mjs'))
    const taken = createServer()
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    const { port } = taken.address() as AddressInfo
    for (const [said, words] of [
      [String(port), `Port ${port} is in use. Set PORT to another one`],
      ['70000', 'PORT is "70000", which is no port'],
      ['abc', 'PORT is "abc", which is no port'],
    ] as const) {
      const env = { ...process.env, PORT: said }
      const { status, stdout, stderr } = spawnSync(process.execPath, [start, 'koa'], {
        encoding: 'utf8',
        env,
      })
      assert.deepEqual([status, stdout], [1, ''], said)
      assert.ok(stderr.startsWith(`\n${words}`), stderr)
    }
    taken.close()
  })

  test('one that is not there is answered with all of them, at once', () => {
    const start = fileURLToPath(at('.ci/start.mjs'))
    for (const name of ['nothing', '../bench', 'express/src', '']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [start, name], { encoding: 'utf8' })
      assert.deepEqual([status, stdout], [1, ''], name)
      const listed = [...stderr.matchAll(/^ {2}npm start -- (\S+)$/gm)].map((match) => match[1])
      assert.deepEqual(listed, examples.toSorted())
    }
  })
})
