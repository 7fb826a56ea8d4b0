import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto'
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseApiKey, webhook } from '@gatehouse/core'
import { changesAgainst } from '../src/commands/against.ts'
import { cli, codesOf, folderOf, type Ran } from './support/run.ts'

const HARDENED = fileURLToPath(new URL('samples/hardened.ts', import.meta.url))
const CORE = JSON.stringify(import.meta.resolve('@gatehouse/core'))
const gateOf = (policy: string): string =>
  `import { apiKey, gatehouse } from ${CORE}\nexport const gate = gatehouse({ hosts: ['api.example.com'], authenticate: apiKey({ keys: () => undefined }), ${policy} })\n`

describe('gatehouse routes', () => {
  test('AZ-12: every route is listed with its authentication, scopes, limits, CORS and cross-site state', async () => {
    const { code, out } = await cli(['routes', HARDENED])
    assert.equal(code, 0)
    assert.match(out, /^GET \/orders {2,}jwt {2,}scopes: orders:read$/m)
    assert.match(out, /^POST \/token +public: "issues +limits: burst, hourly, POST \/token$/m)
    assert.match(out, /^ {2}cors: https:\/\/app\.example\.com$/m)
    assert.match(out, /^ {2}other sites: may change nothing$/m)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
  })

  test('AZ-12: an unguarded route fails, and one that is open for a reason does not', async (t) => {
    const cwd = folderOf(t, {
      'good.mjs': gateOf(`routes: { 'GET /a': { public: 'open data' } }`),
      'bad.mjs': gateOf(`routes: { 'GET /a': { scopes: ['a'] } }, shadow: ['authenticate']`),
    })
    assert.equal((await cli(['routes', 'good.mjs'], { cwd })).code, 0)
    const bad = await cli(['routes', 'bad.mjs', '--json'], { cwd })
    assert.equal(bad.code, 1)
    const { unguarded } = JSON.parse(bad.out) as { readonly unguarded: readonly string[] }
    assert.deepEqual(unguarded, ['GET /a', 'default'])
    assert.match((await cli(['routes', 'bad.mjs'], { cwd })).out, /Unguarded: GET \/a, default\./)
  })
})

describe('gatehouse routes, and what an author wrote', () => {
  test('LOG-02: a text cannot turn, break or colour the lines around it', async (t) => {
    const reason = 'open \u202e\u2066 data\u2028\u2029 for \u001b[31m \u009b2J all'
    const cwd = folderOf(t, {
      'gate.mjs': gateOf(`routes: { 'GET /a': { public: ${JSON.stringify(reason)} } }`),
    })
    const { code, out } = await cli(['routes', 'gate.mjs'], { cwd, columns: 160 })
    assert.equal(code, 0)
    assert.match(out, /^GET \/a +public: "open/m)
    const json = (await cli(['routes', 'gate.mjs', '--json'], { cwd })).out
    for (const text of [out, json]) assert.doesNotMatch(text, /[\p{Cf}\p{Zl}\p{Zp}]|[^\P{Cc}\n]/u)
    const { routes } = JSON.parse(json) as { readonly routes: readonly { readonly reason?: string }[] }
    assert.equal(routes[0]?.reason, reason)
  })
})

describe('gatehouse routes, and the app of a framework', () => {
  const APP = `
import express from ${JSON.stringify(import.meta.resolve('express'))}
import { allow, fallback, guard } from ${JSON.stringify(import.meta.resolve('@gatehouse/adapter-express'))}
${gateOf(`roles: { clerk: [] }, routes: { 'GET /health': { public: 'load balancers ask it' } }`)}
const app = express()
app.use(guard(gate))
app.get('/data', allow(gate, { scopes: ['data:read'], rateLimit: { limit: 5, window: '1m' } }, 'GET /data'), () => {})
app.delete('/data', allow(gate, { roles: ['clerk'] }), () => {})
app.use(fallback(gate))
`

  test('AZ-12: the rules that it adds with allow() are listed with what they ask', async (t) => {
    const cwd = folderOf(t, { 'app.mjs': APP })
    const { code, out } = await cli(['routes', 'app.mjs'], { cwd })
    assert.match(out, /^\+ GET \/data +apiKey +scopes: data:read$/m)
    assert.match(out, /^ +limits: GET \/data$/m)
    assert.match(out, /^\+ .+ +apiKey +roles: clerk$/m)
    assert.equal(code, 0)
    const { routes } = JSON.parse((await cli(['routes', 'app.mjs', '--json'], { cwd })).out) as {
      readonly routes: readonly { readonly source: string; readonly roles: readonly string[] }[]
    }
    assert.deepEqual(
      routes.map(({ source, roles }) => [source, ...roles]),
      [['routes'], ['default'], ['allow'], ['allow', 'clerk']],
    )
  })

  test('DEP-05: what an app takes out of such a rule is named, and fails', async (t) => {
    const cwd = folderOf(t, { 'app.mjs': APP, 'after.mjs': APP.replace("['data:read']", "['data:list']") })
    writeFileSync(join(cwd, 'routes.json'), (await cli(['routes', 'app.mjs', '--json'], { cwd })).out)
    const same = await cli(['routes', 'app.mjs', '--against', 'routes.json'], { cwd })
    assert.equal(same.code, 0, same.out)
    const other = await cli(['routes', 'after.mjs', '--against', 'routes.json'], { cwd })
    assert.equal(other.code, 1)
    assert.match(other.out, /^Changed: GET \/data, scopes\.names: \["data:read"\] -> \["data:list"\]$/m)
  })
})

describe('gatehouse routes --against', () => {
  const OPEN = `'GET /a': { public: 'open data' }`

  test('DEP-05: what an upgrade or a change took from a policy is named, and fails', async (t) => {
    const before = gateOf(
      `rateLimit: { limit: 100, window: '1m' }, routes: { ${OPEN}, 'GET /b': { scopes: ['b', 'c'] }, 'GET /c': { roles: ['x'] } }, roles: { x: [] }`,
    )
    const after = gateOf(
      `rateLimit: { limit: 200, window: '1m' }, routes: { ${OPEN}, 'GET /b': { scopes: ['b'] }, 'GET /d': { public: 'new' } }, roles: { x: [] }`,
    )
    const cwd = folderOf(t, { 'before.mjs': before, 'after.mjs': after })
    const { out } = await cli(['routes', 'before.mjs', '--json'], { cwd })
    writeFileSync(join(cwd, 'routes.json'), `\uFEFF${out.replaceAll('\n', '\r\n')}`)
    const same = await cli(['routes', 'before.mjs', '--against', 'routes.json'], { cwd })
    assert.deepEqual([same.code, same.out.includes('As it is in routes.json.')], [0, true])
    const other = await cli(['routes', 'after.mjs', '--against', 'routes.json'], { cwd })
    assert.equal(other.code, 1)
    for (const line of [
      'Changed: policy, options.rateLimit.limit: 100 -> 200',
      'Changed: GET /b, scopes.names: ["b","c"] -> ["b"]',
      'Changed: GET /c, route: there -> nothing',
      'Changed: GET /d, route: nothing -> added',
    ])
      assert.ok(other.out.includes(`${line}\n`), other.out)
    const json = await cli(['routes', 'after.mjs', '--against', 'routes.json', '--json'], { cwd })
    const { changes } = JSON.parse(json.out) as { readonly changes: readonly { readonly where: string }[] }
    assert.deepEqual(
      [json.code, changes.map(({ where }) => where)],
      [1, ['policy', 'GET /b', 'GET /c', 'GET /d']],
    )
  })

  test('DEP-05: a default that an upgrade changes is a change of every route that has it', () => {
    const policy = { hosts: ['a'], options: {}, roles: {}, store: 'memory' }
    const route = { name: 'GET /a', content: { maxBytes: 102_400 }, fields: { 'X-Frame-Options': 'DENY' } }
    const changes = changesAgainst(
      { ...policy, routes: [route as never] },
      { ...policy, routes: [{ ...route, content: { maxBytes: 204_800 }, fields: {} } as never] },
    )
    assert.deepEqual(
      changes.map(({ member, before, after }) => [member, before, after]),
      [
        ['content.maxBytes', '102400', '204800'],
        ['fields.X-Frame-Options', '"DENY"', undefined],
      ],
    )
  })

  test('DEP-05: what is no record is not taken for one', async (t) => {
    const texts = ['', '{}', 'null', '[]', '{"routes":[null]}', '{"version":1,"routes":[]}']
    const cwd = folderOf(t, { 'gate.mjs': gateOf('routes: {}') })
    for (const text of texts) {
      writeFileSync(join(cwd, 'routes.json'), text)
      assert.equal((await cli(['routes', '--against', 'routes.json'], { cwd })).code, 3, text)
    }
    assert.equal((await cli(['routes', '--against', 'nowhere.json'], { cwd })).code, 3)
  })
})

describe('gatehouse explain', () => {
  const ask = (...args: readonly string[]): ReturnType<typeof cli> =>
    cli(['explain', ...args, '--policy', HARDENED])

  test('AZ-12: it says which rule binds a request, and what each part of it says', async () => {
    const refused = await ask(
      'DELETE',
      'https://api.example.com/orders/7?x=1#y',
      '--as',
      'alice',
      '--role',
      'support',
    )
    assert.equal(refused.code, 1)
    assert.match(refused.out, /^DELETE \/orders\/7\?x=1 as alice\nrule +DELETE \/orders\/:id\n/)
    assert.match(refused.out, /permissions +no +lacks the permission orders:delete/)
    const allowed = await ask('DELETE', '/orders/7', '--as', 'alice', '--role', 'admin', '--json')
    assert.deepEqual([allowed.code, (JSON.parse(allowed.out) as { allowed: unknown }).allowed], [0, true])
    assert.equal((await ask('GET', '/orders')).code, 1)
    assert.equal((await ask('GET', '/orders', '--as', 'bob', '--scope', 'orders:read')).code, 0)
  })

  test('AZ-12: the path is taken as it was written', async () => {
    const { out } = await ask('GET', 'https://api.example.com/admin/../orders')
    assert.match(out, /^GET \/admin\/\.\.\/orders by nobody$/m)
  })

  test('AZ-12: what the checks before the rules would say is noted, as far as a URL tells it', async () => {
    const notes = async (method: string, url: string): Promise<readonly string[]> => {
      const { out } = await ask(method, url, '--json')
      return (JSON.parse(out) as { readonly notes: readonly string[] }).notes
    }
    for (const url of ['/orders', 'https://api.example.com/orders', 'HTTPS://API.example.com:443'])
      assert.deepEqual(await notes('GET', url), [], url)
    assert.match(
      String(await notes('GET', 'https://evil.example/orders')),
      /^evil\.example is none of the hosts/,
    )
    assert.match(String(await notes('get', '/orders')), /GET is another one/)
    assert.match(String(await notes('GET', '/%zz')), /check request refuses it/)
    assert.match(String(await notes('GET', '/a b')), /must be percent-encoded/)
    assert.match(String(await notes('GET', '/\u001b[2J')), /must be percent-encoded/)
    const { out } = await ask('GET', 'https://evil.example/orders')
    assert.match(out, /^note {5}evil\.example is none/m)
    // A path of any length, and nothing of a name or a password in a URL.
    assert.equal((await ask('GET', `/${'a'.repeat(100_000)}`)).code, 1)
    assert.doesNotMatch((await ask('GET', 'https://alice:s3cr3t@api.example.com/orders')).out, /s3cr3t/)
  })

  test('DEP-01: what is no request is a usage error', async () => {
    for (const args of [
      ['G T', '/'],
      ['GET', 'orders'],
      ['GET', 'mailto:a@example.com'],
      ['GET', 'file:///etc/passwd'],
      ['GET', '\\\\orders'],
      ['OPTIONS', '*'],
      ['CONNECT', 'api.example.com:443'],
      ['GET', '/', '--role', 'admin'],
      ['GET', '/', '--as', 'a', '--claim', 'x'],
    ]) {
      const { code, out, err } = await ask(...args)
      assert.deepEqual([code, out], [2, ''], args.join(' '))
      assert.match(err, /^gatehouse: .+/, args.join(' '))
    }
  })
})

describe('gatehouse keys', () => {
  for (const [kind, alg] of [
    ['ed25519', 'Ed25519'],
    ['es256', 'ES256'],
    ['rs256', 'RS256'],
  ] as const) {
    test(`KEY-01: ${kind} makes a pair, of which the secret half is nobody else's to read`, async (t) => {
      const cwd = folderOf(t)
      const { code, out } = await cli(['keys', kind, '--out', 'keys/a.json'], { cwd })
      assert.deepEqual([code, out], [0, ''])
      const secretFile = join(cwd, 'keys/a.json')
      assert.equal(statSync(secretFile).mode & 0o077, 0)
      const secret = JSON.parse(readFileSync(secretFile, 'utf8')) as JsonWebKey
      const known = JSON.parse(readFileSync(`${secretFile}.pub`, 'utf8')) as JsonWebKey
      assert.deepEqual([known['alg'], known['kid'], known.d], [alg, secret['kid'], undefined])
      const digest = kind === 'ed25519' ? null : 'sha256'
      const data = Buffer.from('data')
      const signature = sign(digest, data, createPrivateKey({ key: secret, format: 'jwk' }))
      assert.ok(verify(digest, data, createPublicKey({ key: known, format: 'jwk' }), signature))
    })
  }

  test('KEY-01: PEM, secrets and API keys', async (t) => {
    const cwd = folderOf(t)
    await cli(['keys', 'es256', '--format', 'pem', '--out', 'a.pem'], { cwd })
    assert.match(readFileSync(join(cwd, 'a.pem'), 'utf8'), /^-----BEGIN PRIVATE KEY-----/)
    assert.match(readFileSync(join(cwd, 'a.pem.pub'), 'utf8'), /^-----BEGIN PUBLIC KEY-----/)
    const hmac = await cli(['keys', 'hmac', '--stdout'])
    assert.equal(Buffer.from(hmac.out.trim(), 'base64url').length, 64)
    const hook = await cli(['keys', 'webhook', '--out', 'hook.secret'], { cwd })
    const secret = readFileSync(join(cwd, 'hook.secret'), 'utf8').trim()
    assert.equal(statSync(join(cwd, 'hook.secret')).mode & 0o077, 0)
    assert.doesNotThrow(() => webhook({ url: 'https://hooks.example.com/', secret }).close())
    assert.ok(!hook.out.includes(secret) && !hook.err.includes(secret))
    const api = await cli(['keys', 'api-key', '--prefix', 'acme_live', '--out', 'alice.key'], { cwd })
    const key = readFileSync(join(cwd, 'alice.key'), 'utf8').trim()
    const { id, hash } = JSON.parse(api.out) as { readonly id: string; readonly hash: string }
    assert.deepEqual([parseApiKey(key)?.id, hash.length], [id, 64])
    assert.ok(!api.out.includes(key) && !api.err.includes(key))
  })

  test('LOG-02: a secret is printed only to who says so', async () => {
    assert.equal((await cli(['keys', 'hmac'])).code, 2)
    assert.equal((await cli(['keys', 'hmac', '--out', 'x', '--stdout'])).code, 2)
  })

  test('KEY-01: a key is not overwritten, and with --force no link is followed', async (t) => {
    const cwd = folderOf(t, { 'other.txt': 'mine', 'a.key': 'old' })
    assert.equal((await cli(['keys', 'hmac', '--out', 'a.key'], { cwd })).code, 3)
    symlinkSync(join(cwd, 'other.txt'), join(cwd, 'link.key'))
    assert.equal((await cli(['keys', 'hmac', '--out', 'link.key', '--force'], { cwd })).code, 0)
    assert.equal(readFileSync(join(cwd, 'other.txt'), 'utf8'), 'mine')
    assert.equal(statSync(join(cwd, 'link.key')).mode & 0o077, 0)
  })

  test('KEY-01: of a pair neither half is overwritten, and none is written where one is there', async (t) => {
    const cwd = folderOf(t, { 'a.json.pub': 'mine', 'other.txt': 'mine' })
    const { code, err } = await cli(['keys', 'ed25519', '--out', 'a.json'], { cwd })
    assert.equal(code, 3)
    assert.match(err, /a\.json\.pub is there already/)
    assert.equal(readFileSync(join(cwd, 'a.json.pub'), 'utf8'), 'mine')
    assert.ok(!existsSync(join(cwd, 'a.json')))
    symlinkSync(join(cwd, 'other.txt'), join(cwd, 'b.json.pub'))
    assert.equal((await cli(['keys', 'ed25519', '--out', 'b.json', '--force'], { cwd })).code, 0)
    assert.equal(readFileSync(join(cwd, 'other.txt'), 'utf8'), 'mine')
    // A link to nowhere is no way around it.
    symlinkSync(join(cwd, 'nowhere'), join(cwd, 'c.key'))
    assert.equal((await cli(['keys', 'hmac', '--out', 'c.key'], { cwd })).code, 3)
    assert.ok(!existsSync(join(cwd, 'nowhere')))
  })

  test('DEP-01: what cannot be made is a usage error', async () => {
    for (const args of [
      ['none'],
      ['hmac', '--stdout', '--bytes', '8'],
      ['api-key', '--stdout', '--prefix', 'No!'],
    ])
      assert.equal((await cli(['keys', ...args])).code, 2, args.join(' '))
  })

  test('DEP-01: an option that the kind has no use for is no option of it', async () => {
    const uses: Readonly<Record<string, readonly string[]>> = {
      ed25519: ['--format jwk', '--kid a'],
      es256: ['--format jwk', '--kid a'],
      rs256: ['--format jwk', '--kid a', '--bits 2048'],
      hmac: ['--bytes 32'],
      webhook: [],
      'api-key': ['--prefix acme'],
    }
    const all = new Set(Object.values(uses).flat())
    for (const [kind, own] of Object.entries(uses))
      for (const option of all) {
        const { code, out, err } = await cli(['keys', kind, '--stdout', ...option.split(' ')])
        const isOwn = own.includes(option)
        assert.deepEqual([code, out === ''], isOwn ? [0, false] : [2, true], `${kind} ${option}`)
        if (!isOwn) assert.match(err, new RegExp(`${option.split(' ')[0]} is for .*, and not for ${kind}\\.`))
      }
    const pem = await cli(['keys', 'es256', '--stdout', '--format', 'pem', '--kid', 'a'])
    assert.deepEqual([pem.code, pem.out], [2, ''])
  })

  test('KEY-01: where the public half cannot be written there is no secret half either', async (t) => {
    const cwd = folderOf(t, { 'a.json.pub/file': '' })
    const { code, err } = await cli(['keys', 'ed25519', '--out', 'a.json', '--force'], { cwd })
    assert.equal(code, 3)
    assert.match(err, /a\.json\.pub cannot be written/)
    assert.ok(!existsSync(join(cwd, 'a.json')))
  })
})

describe('gatehouse init', () => {
  const FLAGS: Readonly<Record<string, readonly string[]>> = {
    jwt: ['--auth', 'jwt', '--issuer', 'https://id.example.com', '--proxy', 'cloudflare', '--login'],
    'api-key': ['--auth', 'api-key', '--origin', 'https://app.example.com', '--proxy', 'private'],
    basic: ['--auth', 'basic', '--proxy', 'loopback'],
    none: ['--auth', 'none'],
    nothing: [],
  }
  for (const [name, flags] of Object.entries(FLAGS)) {
    test(`DEP-01: the policy that ${name} writes builds, and doctor finds no error and no warning in it`, async (t) => {
      // Beside the tests, where its import is found.
      const cwd = folderOf(t)
      const { code, out } = await cli(['init', '--yes', '--out', 'gate.mjs', ...flags], { cwd })
      assert.equal(code, 0)
      assert.match(out, /npx gatehouse doctor gate\.mjs/)
      const yours =
        /put yours for api\.example\.com( and https:\/\/id\.example\.com)?: nobody said them/.exec(out)
      assert.deepEqual([yours !== null, yours?.[1] !== undefined], [true, name === 'nothing'])
      const text = readFileSync(join(cwd, 'gate.mjs'), 'utf8')
      const there = folderOf(t, { 'gate.mjs': text.replace(`'@gatehouse/core'`, CORE) })
      const ran = await cli(['doctor', 'gate.mjs', '--no-project', '--json', '--fail-on', 'warning'], {
        cwd: there,
      })
      const { counts } = JSON.parse(ran.out) as { readonly counts: Readonly<Record<string, number>> }
      // Whoever says that callers are not known is told what that means.
      const isOpen = name === 'none'
      assert.deepEqual(
        [counts['error'], counts['warning'], ran.code],
        isOpen ? [0, 1, 1] : [0, 0, 0],
        ran.out,
      )
      assert.equal(codesOf(ran).includes('policy.all-public'), isOpen)
    })
  }

  test('DEP-01: a policy is not overwritten, and nonsense is not written', async (t) => {
    const cwd = folderOf(t, { 'gate.ts': '' })
    assert.equal((await cli(['init', '--yes'], { cwd })).code, 3)
    for (const flags of [
      ['--host', 'https://x/'],
      ['--origin', 'x'],
      ['--issuer', 'http://x'],
      ['--auth', 'magic'],
    ])
      assert.equal(
        (await cli(['init', '--yes', '--out', 'b.ts', ...flags], { cwd })).code,
        2,
        flags.join(' '),
      )
    assert.ok(!existsSync(join(cwd, 'b.ts')))
  })

  /** Answers the questions one after the other, each once it is asked. */
  async function answered(
    cwd: string,
    args: readonly string[],
    answers: readonly (readonly [question: string, keys: string])[],
  ): Promise<Ran> {
    const stdin = new PassThrough()
    const left = [...answers]
    let out = ''
    const stdout = new PassThrough().setEncoding('utf8')
    stdout.on('data', (text: string) => {
      out += text
      const [question, keys] = left[0] ?? []
      if (question === undefined || !out.includes(question)) return
      left.shift()
      out = ''
      // It is drawn before it listens.
      setImmediate(() => {
        for (const key of keys?.match(/\u001b\[[A-Z]|[^]/g) ?? []) stdin.write(key)
      })
    })
    const ran = await cli(['init', ...args], { cwd, stdin, stdout, canAsk: true })
    assert.deepEqual(left, [], 'every question was asked')
    return { ...ran, out }
  }
  const DOWN = '\u001b[B'

  test('DEP-01: it asks, and writes what was answered', async (t) => {
    const cwd = folderOf(t)
    const { code, out } = await answered(
      cwd,
      [],
      [
        ['Which host', 'api.acme.example\r'],
        ['How are callers known', '\r'],
        ['Who issues', 'https://id.acme.example\r'],
        ['Which web pages', 'https://app.acme.example, https://acme.example\r'],
        ['What stands before', `${DOWN}\r`],
        ['users log in', 'y'],
      ],
    )
    assert.equal(code, 0)
    assert.match(out, /npx gatehouse doctor gate\.ts/)
    const text = readFileSync(join(cwd, 'gate.ts'), 'utf8')
    for (const line of [
      `hosts: ['api.acme.example'],`,
      `issuer: 'https://id.acme.example',`,
      `audience: 'https://api.acme.example',`,
      `origins: ['https://app.acme.example', 'https://acme.example']`,
      `proxy: { preset: 'cloudflare' },`,
      `'POST /login'`,
    ])
      assert.ok(text.includes(line), `${line} is not in\n${text}`)
  })

  test('DEP-01: what a flag says is not asked, and what is wrong is asked again', async (t) => {
    const cwd = folderOf(t)
    const { code } = await answered(
      cwd,
      ['--auth', 'none', '--proxy', 'none', '--login', '--out', 'p.ts'],
      [
        ['Which host', 'https://x/\r'],
        ['Write a host in lower case', `${'\u007f'.repeat(10)}x.example\r`],
        ['Which web pages', '\r'],
      ],
    )
    assert.equal(code, 0)
    const text = readFileSync(join(cwd, 'p.ts'), 'utf8')
    assert.ok(text.includes(`hosts: ['x.example'],`) && !text.includes('cors:'), text)
    assert.equal((await answered(cwd, ['--host', 'https://x/', '--out', 'q.ts'], [])).code, 2)
  })

  test('DEP-01: Ctrl-C at any question writes nothing', async (t) => {
    const questions = ['Which host', 'How are callers', 'Which web pages', 'What stands', 'users log in']
    for (const [count] of questions.entries()) {
      const cwd = folderOf(t)
      const keys = ['x.example\r', `${DOWN}\r`, '\r', '\r']
      const answers = questions
        .slice(0, count + 1)
        .map((question, at) => [question, at === count ? '\u0003' : (keys[at] ?? '')] as const)
      const { code, out } = await answered(cwd, [], answers)
      assert.equal(code, 3, questions[count])
      assert.match(out, /Nothing was written/)
      assert.ok(!existsSync(join(cwd, 'gate.ts')))
    }
  })

  test('DEP-01: a policy that is there is overwritten after a yes alone', async (t) => {
    const cwd = folderOf(t, { 'gate.ts': 'mine' })
    const flags = [
      '--host',
      'x.example',
      '--auth',
      'none',
      '--origin',
      'https://x.example',
      '--proxy',
      'none',
      '--login',
    ]
    const text = (): string => readFileSync(join(cwd, 'gate.ts'), 'utf8')
    for (const no of ['\r', 'n', '\u0003']) {
      assert.equal((await answered(cwd, flags, [['Overwrite it?', no]])).code, 3)
      assert.equal(text(), 'mine')
    }
    assert.equal((await answered(cwd, flags, [['Overwrite it?', 'y']])).code, 0)
    assert.match(text(), /^import \{ gatehouse/)
  })

  test('DEP-01: where nobody can answer nothing is made up', async (t) => {
    const cwd = folderOf(t)
    const { code, err } = await cli(['init'], { cwd })
    assert.equal(code, 2)
    assert.match(err, /Write --yes/)
    assert.ok(!existsSync(join(cwd, 'gate.ts')))
  })

  test('DEP-01: a text of a flag cannot end the source around it', async (t) => {
    const cwd = folderOf(t)
    await cli(['init', '--yes', '--auth', 'jwt', '--audience', `a', x: process.exit(), y: '\\`], { cwd })
    const text = readFileSync(join(cwd, 'gate.ts'), 'utf8')
    assert.ok(text.includes(String.raw`audience: 'a\', x: process.exit(), y: \'\\',`), text)
  })
})
