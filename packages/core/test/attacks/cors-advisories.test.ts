import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { compileCors } from '../../src/checks/cors.ts'
import { mistakesOf } from '../support/compile.ts'
import { answered, byName, cors, from, preflight, refused, sent } from '../support/cors.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

const APP = 'https://app.example.com'
const EVIL = 'https://evil.example'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

function mistakes(setting: unknown): readonly string[] {
  return mistakesOf('cors', (where) => compileCors(where, setting, { exposed: [] }))
}

/** Whether a page of an origin may read. */
function reads(setting: Parameters<typeof cors>[0], origin: string): boolean {
  const policy = cors(setting)
  const allowed = sent(policy, from(origin))['Access-Control-Allow-Origin'] === origin
  const verdict = policy.decide(preflight(origin))
  assert.ok(!(verdict instanceof Promise))
  assert.equal(verdict.type === 'answer', allowed, 'the preflight and the response agree')
  return allowed
}

// Each is what a package for CORS once did wrong, tried on this one. The descriptions are in the advisories.
describe('attack: what was published about other packages, by the origin', () => {
  test('COR-14: GHSA-vhxv-fg4m-p2w8: two origins of one ending do not let in their parts joined (jub0bs/cors)', () => {
    const lists = [
      ['https://foo.com', 'https://bar.com'],
      ['https://bar.com', 'https://foo.com'],
      ['https://*.foo.com', 'https://bar.com'],
      ['https://foo.com', 'https://*.bar.com'],
      ['https://*.foo.com', 'https://*.bar.com', 'https://*.barfoo.example'],
    ]
    const joined = ['barfoo', 'foobar', 'foofoo', 'barbar', 'b.arfoo', 'bar.foobar', 'foo-bar', 'oo', 'ar']
    for (const origins of lists) {
      for (const name of joined) {
        for (const setting of [{ origins }, origins.map((origin) => ({ origins: [origin] }))]) {
          assert.equal(reads(setting, `https://${name}.com`), false, `${origins.join()} ${name}`)
        }
      }
    }
  })

  test('COR-14: GHSA-vhxv-fg4m-p2w8: names below a host are neither the host nor what merely ends like it', () => {
    const setting = { origins: ['https://*.example.com'] }
    for (const host of ['example.com', 'evilexample.com', 'a.example.com.evil.com', 'a.example.com.evil']) {
      assert.equal(reads(setting, `https://${host}`), false, host)
    }
    assert.equal(reads(setting, 'https://a.example.com'), true)
  })

  test('COR-14: GHSA-v84h-653v-4pq9: the same in ports and in three of one ending (jub0bs/fcors)', () => {
    const setting = { origins: ['https://foo.com:8443', 'https://bar.com', 'https://baz.com'] }
    for (const origin of [
      'https://barfoo.com:8443',
      'https://bazbar.com',
      'https://bar.com:8443',
      'https://foo.com',
    ]) {
      assert.equal(reads(setting, origin), false, origin)
    }
  })

  test('COR-13: CVE-2019-25211: a * at the end does not build, but for the port (gin-contrib/cors)', () => {
    for (const text of [
      'https://example.com*',
      'https://example.com/*',
      'http://localhost*',
      'https://example.*',
    ]) {
      assert.deepEqual(mistakes({ origins: [text] }), ['malformed_value cors.origins[0]'], text)
    }
    for (const origin of [
      'http://localhost.example.com',
      'http://localhost.example.com:80',
      'http://localhosts:1',
    ]) {
      assert.equal(reads({ origins: ['http://localhost:*'] }, origin), false, origin)
    }
  })

  test('COR-26: CVE-2022-1996: no text is taken for an expression, and none is unanchored (go-restful)', () => {
    for (const origin of [
      'https://appXexample.com',
      'https://app.example.com.evil.com',
      'https://evil/app.example.com',
    ]) {
      assert.equal(reads({ origins: [APP] }, origin), false, origin)
    }
    assert.deepEqual(mistakes({ origins: ['https://(a|b)\\.example\\.com'] }), [
      'malformed_value cors.origins[0]',
    ])
    assert.deepEqual(mistakes({ origins: [/https:\/\/app\.example\.com/] }), ['unsafe_value cors.origins[0]'])
  })
})

describe('attack: what was published about other packages, by credentials', () => {
  for (const [id, where] of [
    ['CVE-2018-20744', 'rs/cors'],
    ['CVE-2024-25124', 'gofiber/fiber'],
    ['CVE-2026-54290', 'hono'],
  ]) {
    test(`COR-09: ${id}: * with credentials does not build, and * reflects nobody (${where})`, () => {
      assert.deepEqual(mistakes({ origins: '*', credentials: true }), ['contradiction cors.origins'])
      assert.deepEqual(mistakes([{ origins: '*', credentials: true }]), ['contradiction cors[0].origins'])
      for (const setting of [
        { origins: '*' } as const,
        [{ origins: [APP], credentials: true }, { origins: '*' }] as const,
      ]) {
        const policy = cors(setting)
        assert.deepEqual(sent(policy, from(EVIL)), { 'Access-Control-Allow-Origin': '*' })
        const fields = byName(answered(policy.decide(preflight(EVIL))).fields)
        assert.equal(fields['Access-Control-Allow-Origin'], '*')
        assert.equal(fields['Access-Control-Allow-Credentials'], undefined)
      }
    })
  }

  test('COR-09: GHSA-qxrj-hx23-xp82: settings without origins do not build: nobody is reflected by default (@koa/cors)', () => {
    for (const setting of [{}, { credentials: true }, { origins: undefined }, [{ credentials: true }]]) {
      const [mistake] = mistakes(setting)
      assert.match(mistake ?? '', /^missing_option cors(?:\[0\])?\.origins$/)
    }
    assert.deepEqual(mistakes({ origins: true }), ['wrong_type cors.origins'])
  })

  test('COR-22: CVE-2024-6221: a private network is closed unless the policy opens it (flask-cors)', () => {
    const ask = from(
      APP,
      'OPTIONS',
      ['Access-Control-Request-Method', 'GET'],
      ['Access-Control-Request-Private-Network', 'true'],
    )
    const fields = byName(answered(cors({ origins: [APP] }).decide(ask)).fields)
    assert.equal(fields['Access-Control-Allow-Private-Network'], undefined)
  })
})

describe('attack: what was published about other packages, by what a client sends', () => {
  test('COR-16: GHSA-mh55-gqvf-xfwm: many commas in the list of fields are denied at once (rs/cors)', () => {
    const policy = cors({ origins: [APP], headers: ['x-a'] })
    const commas = ','.repeat(1024 * 1024)
    const begin = process.cpuUsage()
    for (let i = 0; i < 20; i++) refused(policy.decide(preflight(APP, 'GET', commas)))
    const { user, system } = process.cpuUsage(begin)
    assert.ok((user + system) / 1000 / 20 < 10)
  })

  test('COR-08: GHSA-q7jf-gf43-6x6p: a Vary of the request is no Vary of the response (hono)', async () => {
    const server = await guarded({
      cors: { origins: [APP, 'https://b.example'] },
      routes: { '/': { public: 'a test' } },
    })
    open.push(server)
    const fields = ['Origin', APP, 'Vary', '*, X-Evil']
    assert.equal((await server.send({ fields })).headers.vary, 'Origin')
    const preflighted = await server.send({
      method: 'OPTIONS',
      fields: [...fields, 'Access-Control-Request-Method', 'GET'],
    })
    assert.equal(
      preflighted.headers.vary,
      'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    )
  })

  test('COR-03: CVE-2024-1681: what a client chose begins no line of a log, nor of a response (flask-cors)', () => {
    const policy = cors({ origins: [APP], dangerouslyShowReasons: true }, { isLocal: true })
    const forged = 'x\r\n2026-01-01 INFO everything is fine\u2028\x1b[2K'
    for (const request of [preflight(forged), preflight(APP, forged), preflight(APP, 'GET', forged)]) {
      const { reason, fields } = refused(policy.decide(request))
      for (const text of [reason, ...(fields ?? [])]) assert.doesNotMatch(text, /[\r\n\u2028\u2029\x1b]/)
    }
  })
})

describe('attack: what was published about other packages, by the path', () => {
  const served = guarded({
    cors: { origins: '*' },
    routes: {
      '/*': { public: 'a test' },
      '/api/v1/secure/:id': { cors: { origins: [APP, 'https://b.example'] } },
      '/Admin/Keys': { cors: 'none' },
      '/a+b': { cors: 'none' },
      'GET /files/*': { public: 'a test', cors: { origins: '*' } },
      'GET /files/private/*': { cors: 'none' },
    },
  })
  after(async () => (await served).close())

  async function allowed(path: string): Promise<unknown> {
    const server = await served
    const { headers } = await server.send({ path, fields: ['Origin', EVIL, ...as('alice')] })
    const fields = ['Origin', EVIL, 'Access-Control-Request-Method', 'GET']
    const asked = await server.send({ method: 'OPTIONS', path, fields })
    assert.equal(asked.headers['access-control-allow-origin'], headers['access-control-allow-origin'], path)
    return headers['access-control-allow-origin']
  }

  test('COR-02: CVE-2024-6839: the most specific rule decides, however long the others are (flask-cors)', async () => {
    assert.equal(await allowed('/api/v1/secure/1'), undefined)
    assert.equal(await allowed('/api/v1/other'), '*')
    assert.equal(await allowed('/files/private/a'), undefined)
    assert.equal(await allowed('/files/a'), '*')
  })

  test('COR-02: CVE-2024-6866: another case of a path is no way around its rule (flask-cors)', async () => {
    for (const path of ['/Admin/Keys', '/admin/keys', '/ADMIN/KEYS', '/Admin/Keys/', '/%41dmin/Keys']) {
      assert.equal(await allowed(path), undefined, path)
    }
  })

  test('COR-02: CVE-2024-6844: a + in a path is a +, and no space (flask-cors)', async () => {
    assert.equal(await allowed('/a+b'), undefined)
    assert.equal(await allowed('/a%2Bb'), undefined)
    assert.equal(await allowed('/a%20b'), '*')
  })
})
