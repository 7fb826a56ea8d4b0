import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { askManager } from '../src/doctor/manager.ts'
import { tsxFrom } from '../src/load.ts'
import { cli, codesOf, folderOf, type Ran } from './support/run.ts'
import { serve } from './support/server.ts'

const CORE = JSON.stringify(import.meta.resolve('@gatehouse/core'))
const GATE = `import { apiKey, gatehouse } from ${CORE}
export const gate = gatehouse({ hosts: ['api.example.com'], authenticate: apiKey({ keys: () => undefined }), routes: { 'GET /a': { scopes: ['a'] } } })
`
const PARTS = ['--no-policy', '--no-project', '--json', '--fail-on', 'info'] as const

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts the bin as a user does. */
function bin(
  cwd: string,
  args: readonly string[],
  touch: (child: ReturnType<typeof spawn>) => void = () => undefined,
): Promise<Ended> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
      cwd,
      stdio: 'pipe',
      timeout: 60_000,
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    child.on('close', (code) => resolve({ code, out, err }))
    touch(child)
  })
}

describe('a module that does what it should not', () => {
  test('DEP-01: what it prints is no part of the report, and what it throws aside does not end the command', async (t) => {
    const cwd = folderOf(t, {
      'prints.mjs': `console.log('listening'); process.stdout.write('noise')
        setTimeout(() => { throw new Error('late') }); Promise.reject(new Error('stray'))
        await new Promise((resolve) => setTimeout(resolve, 20))\n${GATE}`,
    })
    const { code, out, err } = await bin(cwd, ['routes', 'prints.mjs', '--json'])
    assert.equal(code, 0, err)
    assert.equal((JSON.parse(out) as { readonly version: unknown }).version, 1)
    for (const word of ['listening', 'noise', 'thrown aside: late', 'thrown aside: stray'])
      assert.ok(err.includes(word), err)
  })

  test('DEP-01: one that ends the process does not pass for one in which nothing was found', async (t) => {
    const cwd = folderOf(t, { 'exits.mjs': 'process.exit(0)\n' })
    const { code, out, err } = await bin(cwd, ['doctor', 'exits.mjs', '--no-project', '--json'])
    assert.deepEqual([code, out], [3, ''])
    assert.match(err, /was ended before the command was done/)
  })

  test('DEP-01: one that waits for ever is given up', async (t) => {
    const cwd = folderOf(t, { 'waits.mjs': 'await new Promise(() => {})\nexport const gate = 1\n' })
    for (const args of [
      ['routes', 'waits.mjs'],
      ['doctor', 'waits.mjs', '--no-project'],
      ['explain', 'GET', '/', '--policy', 'waits.mjs'],
    ]) {
      const { code, err } = await cli(args, { cwd, loadTimeout: 20 })
      assert.equal(code, 3)
      assert.match(err, /did not load within 0\.02 seconds/)
    }
  })

  test('LOG-02: of what it throws no password of a URL is printed, and nothing that moves the cursor', async (t) => {
    const cwd = folderOf(t, {
      'throws.mjs': `throw new Error('no answer of postgres://api:hunter2@db.internal/api \\u001b[2J\\u202e')\n`,
      'null.mjs': 'throw null\n',
      'syntax.mjs': 'export const gate = 5 +\n',
    })
    const thrown = await cli(['routes', 'throws.mjs'], { cwd })
    assert.equal(thrown.code, 3)
    assert.match(thrown.err, /postgres:\/\/\.\.\.@db\.internal\/api/)
    assert.doesNotMatch(thrown.err, /hunter2|\p{Cf}|[\u0000-\u0009\u000b-\u001f]/u)
    for (const file of ['null.mjs', 'syntax.mjs']) {
      const { code, err } = await cli(['routes', file], { cwd })
      assert.equal(code, 3)
      assert.match(err, /could not be loaded: /)
      assert.doesNotMatch(err, /destructure/)
    }
  })

  test('DEP-01: TypeScript that node cannot strip by itself is loaded by tsx', async (t) => {
    const cwd = folderOf(t, { 'gate.ts': 'enum Kind { A }\nexport const kind: number = Kind.A\n' })
    const loader = tsxFrom([dirname(fileURLToPath(import.meta.url))])
    assert.ok(loader !== undefined)
    // In a node of its own: here tsx is there already.
    const script = `const { tsImport } = await import(${JSON.stringify(loader)})
      console.log((await tsImport(${JSON.stringify(`file://${join(cwd, 'gate.ts')}`)}, import.meta.url)).kind)`
    const out = await new Promise<string>((resolve) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        timeout: 60_000,
        // tsx hands such a module to node as a URL of data, which the report of coverage cannot read.
        env: { ...process.env, NODE_V8_COVERAGE: undefined },
      })
      let text = ''
      child.stdout.on('data', (chunk) => (text += String(chunk)))
      child.stderr.on('data', (chunk) => (text += String(chunk)))
      child.on('close', () => resolve(text))
    })
    assert.equal(out.trim(), '0')
    assert.equal(
      tsxFrom([cwd])?.includes('/tsx/'),
      true,
      'that of the command itself, where the project has none',
    )
  })

  test('DEP-01: whoever stops reading makes no error', async (t) => {
    const cwd = folderOf(t, { 'gate.mjs': GATE })
    const { code, err } = await bin(cwd, ['doctor', '--list'], (child) => child.stdout?.destroy())
    assert.deepEqual([code, err], [0, ''])
  })

  test('DEP-01: thousands of routes are listed', async (t) => {
    const cwd = folderOf(t, {
      'gate.mjs': GATE.replace(
        `{ 'GET /a': { scopes: ['a'] } }`,
        `Object.fromEntries([...Array(2000).keys()].map((n) => ['GET /r' + n, { scopes: ['a'] }]))`,
      ),
    })
    const { code, out } = await cli(['routes'], { cwd })
    assert.equal(code, 0)
    assert.match(out, /^2001 routes, each of them guarded/m)
  })
})

describe('a server that does what it should not', () => {
  /** Answers every connection with what a function does to it. */
  async function raw(t: TestContext, answer: (socket: Socket) => void, host = '127.0.0.1'): Promise<string> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => answer(socket))
    })
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => sockets.add(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, host, resolve)
    })
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const { port } = server.address() as { readonly port: number }
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`
  }
  const probe = (url: string, ...flags: readonly string[]): Promise<Ran> =>
    cli(['doctor', '--url', url, ...PARTS, '--safe', ...flags])

  const ANSWERS: Readonly<Record<string, readonly [why: RegExp, answer: (socket: Socket) => void]>> = {
    'malformed HTTP': [/Parse Error/, (socket) => socket.end('HTTP/9.9 hello\r\n\r\n')],
    'megabytes of header lines': [
      /HPE_HEADER_OVERFLOW/,
      (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(1_000_000)}`),
    ],
    'an upgrade that nobody asked for': [
      /closed|hang up/,
      (socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
    'nothing, and the end': [/hang up|ECONNRESET/, (socket) => socket.end()],
    'informational responses alone': [
      /nothing came within/,
      (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'),
    ],
  }
  for (const [name, [why, answer]] of Object.entries(ANSWERS))
    test(`DEP-01: ${name}: it does not answer, and the report says why`, async (t) => {
      const ran = await probe(
        await raw(t, answer),
        '--timeout',
        name === 'informational responses alone' ? '500' : '20000',
      )
      assert.deepEqual([ran.code, codesOf(ran)], [1, ['site.unreachable']])
      assert.match(ran.out, why)
    })

  test('DEP-01: TLS that never begins is given up', async (t) => {
    const url = await raw(t, () => undefined)
    const ran = await probe(url.replace('http:', 'https:'), '--timeout', '300')
    assert.deepEqual(codesOf(ran), ['site.unreachable'])
  })

  test('DEP-01: a redirect is followed nowhere', async (t) => {
    let count = 0
    const url = await serve(t, (req, res) => {
      count++
      res.writeHead(302, { location: req.url ?? '/' }).end()
    })
    assert.equal((await probe(url)).code, 1)
    assert.ok(count < 40, String(count))
  })

  test('DEP-01: an address of IPv6 is probed like any other', async (t) => {
    let url: string
    try {
      url = await raw(
        t,
        (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}'),
        '::1',
      )
    } catch {
      return t.skip('there is no IPv6 here')
    }
    const codes = codesOf(await probe(url, '--http', url))
    assert.ok(codes.includes('site.no-csp') && !codes.includes('site.unreachable'), codes.join())
    assert.ok(!codes.includes('site.in-clear'), 'it is this machine')
  })

  test('LOG-02: what may be secret in a URL is in no report', async (t) => {
    const url = `${await serve(t, (_req, res) => res.writeHead(200, { server: 'x/1.0' }).end('{}'))}a?token=s3cr3t#s3cr3t`
    for (const flags of [['--json'], ['--sarif'], []]) {
      const ran = await cli(['doctor', '--url', url, '--no-policy', '--no-project', ...flags])
      assert.match(ran.out, /127\.0\.0\.1/)
      assert.ok(!`${ran.out}${ran.err}`.includes('s3cr3t'))
    }
    for (const bad of ['ftp://alice:s3cr3t@x/', 'http://alice:s3cr3t@x/', 'http://s3cr3t@', 's3cr3t'])
      for (const flag of ['--url', '--http', '--issuer']) {
        const { code, out, err } = await probe(url, flag, bad)
        assert.equal(code, 2, `${flag} ${bad}`)
        assert.ok(!`${out}${err}`.includes('s3cr3t'), err)
      }
    const gone = await probe('http://127.0.0.1:1/?token=s3cr3t')
    assert.ok(codesOf(gone).includes('site.unreachable') && !gone.out.includes('s3cr3t'))
  })

  test('LOG-03: JSON and SARIF hold no character that a terminal obeys, and mean what they meant', async (t) => {
    const server = 'evil\u009b2J/1.0'
    const url = await serve(t, (_req, res) => res.writeHead(200, { server }).end('{}'))
    for (const flag of ['--json', '--sarif']) {
      const { out } = await cli(['doctor', '--url', url, '--no-policy', '--no-project', flag])
      assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      assert.ok(JSON.stringify(JSON.parse(out)).includes(server), out)
    }
  })

  test('DEP-01: an issuer that publishes junk is a finding, and no failure of doctor', async (t) => {
    const url = await serve(t, (_req, res) => res.end('{}'))
    for (const [uri, keys] of [
      ['ftp://x/keys', undefined],
      ['file:///etc/passwd', undefined],
      ['http:', undefined],
      ['/keys', '[]'],
      [undefined, '{"keys":[null,1,"x",[],{"kty":"RSA","n":"AA","e":"AQAB"},{"kty":{"a":1},"kid":5}]}'],
      [undefined, 'null'],
    ] as const) {
      const issuer = await serve(t, (req, res) =>
        res.end(
          req.url === '/keys'
            ? keys
            : JSON.stringify({ issuer: 1, jwks_uri: uri ?? `http://${req.headers.host}/keys` }),
        ),
      )
      const ran = await probe(url, '--issuer', issuer)
      assert.equal(ran.code, 1)
      assert.ok(codesOf(ran).includes('site.issuer-differs'), codesOf(ran).join())
    }
  })
})

describe('a package manager that does what it should not', () => {
  test('DEP-01: one that does not end is ended', async (t) => {
    const folder = folderOf(t)
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/npm'), '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 })
    const how = {
      env: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
      timeout: 200,
      signal: undefined,
    }
    assert.deepEqual(await askManager('npm', ['audit'], folder, how), {
      done: false,
      why: 'npm audit took longer than 0.2 seconds',
    })
  })
})
