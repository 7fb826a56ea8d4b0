import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import type { Gate, Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { skip } from '../support/browser.ts'
import { as, testScheme, type TestPrincipal } from '../support/scheme.ts'
import { type Arrival, fetching, read, startWeb, type Read, type Web } from '../support/web.ts'

/*
 * What a browser does with the answers of the gate. The page is on app.test, which the policies allow, or on evil.test; the
 * APIs are on other sites. All of it over http, and all of it over https.
 */

const UNREAD = /^TypeError: Failed to fetch/
const HELLO: Handler<TestPrincipal> = (_req, res) => {
  res.setHeader('Content-Type', 'application/json')
  res.end('{"hello":"page"}')
}

let web: Web
const gates: Gate<TestPrincipal>[] = []
before(async () => {
  if (skip === false) web = await startWeb()
})
afterEach(() => web?.leave())
after(async () => {
  await web?.close()
  for (const gate of gates) await gate.close()
})

for (const scheme of ['http', 'https'] as const) {
  describe(`pages of other origins and the gate, over ${scheme}`, () => {
    const app = `${scheme}://app.test`
    const evil = `${scheme}://evil.test`

    const hostOf = (name: string): string => `${name}.${scheme}.test`
    /** An API of its own: where it is, and what its handler saw. */
    function api(
      name: string,
      policy: Policy<TestPrincipal>,
      handle: Handler<TestPrincipal> = HELLO,
    ): { readonly url: string; readonly ran: readonly string[] } {
      const ran: string[] = []
      const gate = gatehouse<TestPrincipal>({
        hosts: [hostOf(name)],
        https: 'dangerouslyAllowHttp',
        authenticate: testScheme(),
        routes: { '/*': { public: 'a test' } },
        ...policy,
      })
      gates.push(gate)
      web.host(
        hostOf(name),
        gate.handler((req, res, pass) => {
          ran.push(`${req.method} ${req.url}`)
          return handle(req, res, pass)
        }),
      )
      return { url: `${scheme}://${hostOf(name)}`, ran }
    }
    const arrived = (name: string): readonly Arrival[] => web.arrived(hostOf(name))
    const methods = (name: string): readonly string[] => arrived(name).map(({ method }) => method)

    test(
      'COR-02, COR-04: a page of the list reads an answer, and one of another origin does not',
      { skip },
      async () => {
        const { url, ran } = api('simple', { cors: { origins: [app] } })
        const good = await read(await web.visit(app), `${url}/data`)
        assert.deepEqual([good.type, good.status, good.body], ['cors', 200, '{"hello":"page"}'])
        const bad = await read(await web.visit(evil), `${url}/data`)
        assert.match(bad.failed ?? '', UNREAD)
        // What is simple is sent without asking: the browser keeps the answer, and not the request, from the page.
        assert.deepEqual(ran, ['GET /data', 'GET /data'])
        assert.deepEqual(methods('simple'), ['GET', 'GET'])
      },
    )

    test('COR-04: with block the handler does not run for a page of another origin', { skip }, async () => {
      const { url, ran } = api('block', { cors: { origins: [app], block: true } })
      const bad = await read(await web.visit(evil), `${url}/data`, { method: 'POST', body: 'a=b' })
      assert.match(bad.failed ?? '', UNREAD)
      assert.deepEqual(methods('block'), ['POST'])
      assert.deepEqual(ran, [])
      assert.equal((await read(await web.visit(app), `${url}/data`)).status, 200)
    })

    const WRITE = {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', Authorization: 'Test alice' },
      body: '{}',
    }

    test(
      'COR-01, COR-02, COR-23: what is not simple is sent after an allowed preflight',
      { skip },
      async () => {
        const { url, ran } = api('put', {
          cors: { origins: [app], methods: ['PUT'] },
          routes: {},
        })
        const page = await web.visit(app)
        const written = await read(page, `${url}/data`, WRITE)
        assert.deepEqual([written.failed, written.status], [undefined, 200])
        const [asked, sent] = arrived('put')
        assert.equal(asked?.method, 'OPTIONS')
        assert.equal(asked.headers['access-control-request-method'], 'PUT')
        assert.equal(asked.headers['access-control-request-headers'], 'authorization,content-type')
        assert.equal(asked.headers.authorization, undefined, 'it carries no credentials')
        assert.deepEqual([sent?.method, sent?.headers.authorization], ['PUT', 'Test alice'])
        assert.deepEqual(ran, ['PUT /data'])
      },
    )

    test('COR-03, COR-15: what is not allowed is asked for, and not sent', { skip }, async () => {
      const { url, ran } = api('denied', { cors: { origins: [app], methods: ['PUT', 'PATCH'] } })
      const page = await web.visit(app)
      const rows = [
        ['another origin', await web.visit(evil), WRITE],
        ['another method', page, { method: 'DELETE' }],
        // Fetch makes capitals of get, head, post, put, delete and options, and of no other method.
        ['a method in lower case', page, { method: 'patch' }],
        ['another header', page, { headers: { 'X-Secret': 'a' } }],
      ] as const
      for (const [name, from, init] of rows) {
        assert.match((await read(from, `${url}/data`, init)).failed ?? '', UNREAD, name)
        assert.deepEqual(methods('denied'), ['OPTIONS'], name)
      }
      assert.deepEqual(ran, [])
      assert.equal(
        (await read(page, `${url}/data`, { method: 'PATCH' })).status,
        200,
        'and in capitals it is',
      )
    })

    test(
      'COR-11: a page reads what came with credentials where the policy says so, and nowhere else',
      { skip },
      async () => {
        const cookie: Handler<TestPrincipal> = (req, res) => {
          res.setHeader('Set-Cookie', 'visit=1; SameSite=None; Secure; HttpOnly; Partitioned')
          res.end(req.headers.cookie ?? 'no cookie')
        }
        const { url } = api('cookies', { cors: { origins: [app], credentials: true } }, cookie)
        const page = await web.visit(app)
        const first = await read(page, `${url}/`, { credentials: 'include' })
        assert.deepEqual([first.failed, first.body], [undefined, 'no cookie'])
        const second = await read(page, `${url}/`, { credentials: 'include' })
        // Over http a browser stores no cookie that is Secure.
        assert.equal(second.body, scheme === 'https' ? 'visit=1' : 'no cookie')
        assert.equal((await read(page, `${url}/`, { credentials: 'omit' })).body, 'no cookie')
        assert.match(
          (await read(await web.visit(evil), `${url}/`, { credentials: 'include' })).failed ?? '',
          UNREAD,
        )

        const { url: without } = api('no-cookies', { cors: { origins: [app] } }, cookie)
        assert.match((await read(page, `${without}/`, { credentials: 'include' })).failed ?? '', UNREAD)
        assert.equal((await read(page, `${without}/`)).status, 200)
      },
    )

    test('COR-06, COR-09: the wildcard is for every page, and for no credentials', { skip }, async () => {
      const { url } = api('open', { cors: { origins: '*' } })
      for (const origin of [app, evil]) {
        const page = await web.visit(origin)
        assert.equal((await read(page, `${url}/`)).body, '{"hello":"page"}')
        assert.match((await read(page, `${url}/`, { credentials: 'include' })).failed ?? '', UNREAD)
      }
    })

    test(
      'COR-12: a sandboxed frame and a data: URL have the origin null, and are denied',
      { skip },
      async () => {
        const strict = api('strict', { cors: { origins: [app] } })
        const lax = api('lax', { cors: { origins: [app], dangerouslyAllowNullOrigin: true } })
        const page = await web.visit(app)
        const frames = [
          (script: string) => `f.sandbox = 'allow-scripts'; f.srcdoc = ${JSON.stringify(script)}`,
          (script: string) => `f.src = 'data:text/html,' + encodeURIComponent(${JSON.stringify(script)})`,
        ]
        /** What a script in a frame reads. */
        const inFrame = async (set: (script: string) => string, url: string): Promise<Read> => {
          const script = `<script>${fetching(url)}.then((read) => parent.postMessage(read, '*'))</script>`
          return await page.evaluate<Read>(`new Promise((done) => {
          addEventListener('message', (event) => done(event.data), { once: true })
          const f = document.createElement('iframe')
          ${set(script)}
          document.body.append(f)
        })`)
        }
        for (const set of frames) {
          assert.match((await inFrame(set, `${strict.url}/`)).failed ?? '', UNREAD)
          assert.equal(arrived('strict').at(-1)?.headers.origin, 'null')
          assert.equal((await inFrame(set, `${lax.url}/`)).status, 200)
        }
      },
    )

    test('COR-17: a browser remembers a preflight for as long as it is told', { skip }, async () => {
      const kept = api('kept', { cors: { origins: [app], methods: ['PUT'] } })
      const page = await web.visit(app)
      for (let i = 0; i < 3; i++) await read(page, `${kept.url}/`, WRITE)
      assert.deepEqual(methods('kept'), ['OPTIONS', 'PUT', 'PUT', 'PUT'])

      const forgotten = api('forgotten', { cors: { origins: [app], methods: ['PUT'], maxAge: 0 } })
      for (let i = 0; i < 2; i++) await read(page, `${forgotten.url}/`, WRITE)
      assert.deepEqual(methods('forgotten'), ['OPTIONS', 'PUT', 'OPTIONS', 'PUT'])
    })

    test(
      'COR-05: an answer in the cache of a browser is for the origin that it was for',
      { skip },
      async () => {
        // Two origins of one site share a cache.
        const [one, other] = [`${scheme}://one.site.test`, `${scheme}://other.site.test`]
        const cached: Handler<TestPrincipal> = (req, res) => {
          res.setHeader('Cache-Control', 'max-age=600')
          res.end(`for ${req.headers.origin}`)
        }
        const { url } = api('cached', { cors: { origins: [one, other] } }, cached)
        const visitor = await web.visitor()
        const pages = [await web.visit(one, visitor), await web.visit(other, visitor)] as const
        assert.equal((await read(pages[0], `${url}/`)).body, `for ${one}`)
        assert.equal((await read(pages[0], `${url}/`)).body, `for ${one}`)
        assert.equal(methods('cached').length, 1, 'the second comes from the cache')
        assert.equal((await read(pages[1], `${url}/`)).body, `for ${other}`)
        assert.equal(methods('cached').length, 1)

        // The same without Vary, to see that this test can fail.
        web.host('naive.test', (req, res) => {
          res.setHeader('Cache-Control', 'max-age=600')
          res.setHeader('Access-Control-Allow-Origin', req.headers.origin ?? '*')
          res.end()
        })
        assert.equal((await read(pages[0], `${scheme}://naive.test/`)).status, 200)
        assert.match((await read(pages[1], `${scheme}://naive.test/`)).failed ?? '', UNREAD)
      },
    )

    test(
      'COR-19, COR-20: a page reads what went wrong, with the fields that it needs and no others',
      { skip },
      async () => {
        const { url } = api(
          'errors',
          {
            cors: { origins: [app], expose: ['X-Total'] },
            routes: {
              '/*': { public: 'a test' },
              '/own': {},
              '/admin': { roles: ['admin'] },
              'POST /token': { public: 'a test', rateLimit: { limit: 1, window: '1m' } },
            },
          },
          (req, res) => {
            res.setHeader('X-Total', '3')
            res.setHeader('X-Internal', 'a')
            if (req.url === '/fails') throw new Error('secret detail')
            if (req.url === '/missing') res.statusCode = 404
            if (req.url === '/large')
              throw Object.assign(new Error('too large'), { status: 413, expose: true })
            res.end('{}')
          },
        )
        const page = await web.visit(app)
        const authorization = as('alice')[1] ?? ''
        const post = { method: 'POST' }
        const rows = [
          ['/own', 401, 'www-authenticate', {}],
          ['/admin', 403, undefined, { headers: { Authorization: authorization } }],
          ['/missing', 404, 'x-total', {}],
          ['/large', 413, undefined, {}],
          ['/token', 200, 'ratelimit', post],
          ['/token', 429, 'retry-after', post],
          ['/fails', 500, undefined, {}],
          ['/a%2fb', 400, undefined, {}],
        ] as const
        for (const [path, status, field, init] of rows) {
          const answer = await read(page, url + path, init)
          assert.equal(answer.failed, undefined, path)
          assert.equal(answer.status, status, path)
          if (field !== undefined) assert.ok(answer.headers[field], `${path}: ${field}`)
          assert.equal(answer.headers['x-internal'], undefined)
          assert.doesNotMatch(answer.body, /secret detail/)
          if (status >= 400 && path !== '/missing')
            assert.equal((JSON.parse(answer.body) as { readonly status: number }).status, status, path)
        }
      },
    )

    test(
      'COR-04: forms and links of other pages arrive, and their answers stay unread',
      { skip },
      async () => {
        // What CORS alone does: without these words the form would be refused (CSR-01).
        const { url, ran } = api('forms', { cors: { origins: [app] }, dangerouslyCrossSite: 'a test' })
        const page = await web.visit(evil)
        const seen = await page.evaluate(`new Promise((done) => {
        const form = Object.assign(document.createElement('form'), {
          method: 'post', enctype: 'text/plain', action: '${url}/form', target: 'answer',
        })
        const frame = Object.assign(document.createElement('iframe'), { name: 'answer' })
        document.body.append(frame, form)
        frame.addEventListener('load', () => {
          let text = 'hidden'
          try { text = frame.contentDocument?.body.textContent ?? text } catch {}
          if (text !== '') done(text)
        })
        form.submit()
      })`)
        assert.equal(seen, 'hidden')
        await page.goto(`${url}/link`)
        assert.deepEqual(ran, ['POST /form', 'GET /link'])
        const [form] = arrived('forms')
        assert.equal(form?.headers.origin, evil)
      },
    )

    test(
      'COR-04: a request that asks for no CORS is opaque where the API may be embedded',
      { skip },
      async () => {
        const { url } = api('opaque', {
          cors: { origins: [app] },
          headers: { set: { 'Cross-Origin-Resource-Policy': 'cross-origin' } },
        })
        const answer = await read(await web.visit(app), `${url}/`, { mode: 'no-cors' })
        assert.deepEqual([answer.type, answer.status, answer.body], ['opaque', 0, ''])
      },
    )
  })
}
