import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Policy } from '../../src/chain/policy.ts'
import type { Principal } from '../../src/contract/principal.ts'
import { session } from '../../src/identity/session.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import type { Gate, Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { skip } from '../support/browser.ts'
import { read, startWeb, type Web } from '../support/web.ts'

/*
 * What a browser does with the headers, the cookies and the redirects of the gate. Beside each stands a server without
 * them, where the attack works: to see that the test can fail.
 */

let web: Web
const gates: { readonly close: () => Promise<void> }[] = []
before(async () => {
  if (skip === false) web = await startWeb()
})
afterEach(() => web?.leave())
after(async () => {
  await web?.close()
  for (const gate of gates) await gate.close()
})

/** Has a gate answer for a host, and gives the gate back. */
function guard<P extends Principal>(name: string, policy: Policy<P>, handle: Handler<P>): Gate<P> {
  const gate = gatehouse<P>({ hosts: [name], ...policy })
  gates.push(gate)
  web.host(name, gate.handler(handle))
  return gate
}

const OPEN: Policy = { public: 'a test', https: 'dangerouslyAllowHttp' }

/** Whether an element of a page loads what it names. */
async function loads(page: Page, element: 'img' | 'script', src: string): Promise<unknown> {
  return await page.evaluate(`new Promise((done) => {
    const one = document.createElement('${element}')
    one.onload = () => done(true)
    one.onerror = () => done(false)
    one.src = '${src}'
    document.body.append(one)
  })`)
}

const GIF = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAA=', 'base64')

/** A picture, a script, a script that is called text, and a document with a script in it. */
const files: RequestListener = (req, res) => {
  const [type, body] = {
    '/picture': ['image/gif', GIF] as const,
    '/script': ['text/javascript', 'globalThis.ran = true'] as const,
    '/text': ['text/plain', 'globalThis.ran = true'] as const,
  }[req.url ?? ''] ?? ['text/html', '<title>still</title><script>document.title = "ran"</script>']
  res.setHeader('Content-Type', type)
  res.end(body)
}

for (const scheme of ['http', 'https'] as const) {
  describe(`pages that embed, over ${scheme}`, () => {
    const app = `${scheme}://app.test`
    const naive = `${scheme}://naive.test`
    before(() => {
      if (skip !== false) return
      web.host('naive.test', files)
      guard('api.test', OPEN, files)
      guard(
        'embedded.test',
        { ...OPEN, headers: { set: { 'Cross-Origin-Resource-Policy': 'cross-origin' } } },
        files,
      )
    })

    test(
      'HDR-02: no page of another origin embeds a response, or has it without reading it',
      { skip },
      async () => {
        const page = await web.visit(app)
        for (const [element, path] of [
          ['img', '/picture'],
          ['script', '/script'],
        ] as const) {
          assert.equal(await loads(page, element, `${scheme}://api.test${path}`), false, element)
          assert.equal(await loads(page, element, naive + path), true, element)
        }
        const blind = { mode: 'no-cors' } as const
        assert.match((await read(page, `${scheme}://api.test/picture`, blind)).failed ?? '', /^TypeError/)
        assert.equal((await read(page, `${naive}/picture`, blind)).type, 'opaque')
        // A host beside it is another origin, too.
        const sibling = await web.visit(`${scheme}://www.api.test`)
        assert.equal(await loads(sibling, 'img', `${scheme}://api.test/picture`), false)
      },
    )

    test('HDR-01: text is no script, even where the API may be embedded', { skip }, async () => {
      const page = await web.visit(app)
      assert.equal(await loads(page, 'script', `${scheme}://embedded.test/script`), true)
      await page.evaluate('delete globalThis.ran')
      assert.equal(await loads(page, 'script', `${scheme}://embedded.test/text`), false)
      assert.equal(await page.evaluate('globalThis.ran'), undefined)
      assert.equal(await loads(page, 'script', `${naive}/text`), true)
      assert.equal(await page.evaluate('globalThis.ran'), true)
    })

    test('HDR-02: no page frames a response', { skip }, async () => {
      const page = await web.visit(app)
      for (const [host, shown] of [
        ['api.test', false],
        ['naive.test', true],
      ] as const) {
        await page.evaluate(`new Promise((done) => {
          const frame = document.createElement('iframe')
          frame.onload = done
          frame.src = '${scheme}://${host}/'
          document.body.replaceChildren(frame)
        })`)
        // In its place stands a page of the browser's own.
        assert.equal(page.frames().at(-1)?.url() === `${scheme}://${host}/`, shown, host)
      }
    })

    test(
      'HDR-02, ERR-02: opened in a browser, a response runs nothing, and neither does a problem',
      { skip },
      async () => {
        const page = await web.visit(`${naive}/`)
        assert.equal(await page.title(), 'ran')
        await page.goto(`${scheme}://api.test/`)
        assert.equal(await page.title(), 'still')
        const problem = await page.goto(`${scheme}://api.test/a%2f?<script>document.title="ran"</script>`)
        assert.equal(problem?.status(), 400)
        assert.notEqual(await page.title(), 'ran')
        assert.match(String(await page.evaluate('document.body.textContent')), /"code":"/)
      },
    )

    test('CSR-12: a form of a page that the gate guards tells its origin', { skip }, async () => {
      guard('page.test', { ...OPEN, headers: 'page' }, (_req, res) => {
        res.setHeader('Content-Type', 'text/html')
        res.end('<form method="post" action="/form"><button>Send</button></form>')
      })
      const page = await web.visit(`${scheme}://page.test/`)
      await page.getByRole('button').click()
      await page.waitForURL('**/form')
      const form = web.arrived('page.test').find(({ method }) => method === 'POST')
      assert.equal(form?.headers.origin, `${scheme}://page.test`)
    })

    test(
      'WS-01: a page of the list opens a WebSocket, and one of another origin does not',
      { skip },
      async () => {
        const gate = guard('ws.test', { ...OPEN, cors: { origins: [app] } }, (_req, res) => res.end())
        const opened: unknown[] = []
        const upgrade = gate.upgrade((req, socket) => {
          opened.push(req.headers.origin)
          const accept = createHash('sha1')
            .update(`${String(req.headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
            .digest('base64')
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
          )
          // A text of two letters (RFC 6455 §5.2), and a close.
          socket.end(Buffer.from([0x81, 0x02, 0x68, 0x69, 0x88, 0x00]))
        })
        web.host('ws.test', (_req, res) => res.end(), upgrade)
        const heard = async (origin: string): Promise<unknown> => {
          const page = await web.visit(origin)
          return await page.evaluate(`new Promise((done) => {
          const socket = new WebSocket('${scheme === 'https' ? 'wss' : 'ws'}://ws.test/')
          socket.onmessage = ({ data }) => done(data)
          socket.onerror = () => done('error')
        })`)
        }
        assert.equal(await heard(app), 'hi')
        assert.equal(await heard(`${scheme}://evil.test`), 'error')
        assert.deepEqual(opened, [app])
        assert.equal(web.arrived('ws.test').length, 2)
      },
    )
  })
}

describe('a browser and https', () => {
  const PUBLIC: Policy = { public: 'a test' }
  const schemes = (name: string): readonly string[] => web.arrived(name).map((one) => one.scheme)

  test('TLS-02: a form that is sent over http comes over https, with its body', { skip }, async () => {
    const bodies: string[] = []
    guard('redirect.test', { ...PUBLIC, dangerouslyCrossSite: 'a test' }, (req, res) => {
      let body = ''
      req.setEncoding('utf8').on('data', (text: string) => (body += text))
      req.on('end', () => {
        bodies.push(`${req.method} ${req.url} ${body}`)
        res.end()
      })
    })
    web.document(
      'http://app.test/form',
      '<form method="post" action="http://redirect.test/a;b?c=%20"><input name="n" value="a b"><button>Send</button></form>',
    )
    const page = await web.visit('http://app.test/form')
    await page.getByRole('button').click()
    await page.waitForURL('https://redirect.test/**')
    assert.deepEqual(schemes('redirect.test'), ['http', 'https'])
    assert.deepEqual(bodies, ['POST /a;b?c=%20 n=a+b'])
  })

  test('TLS-04: a browser that was there over https comes back over https', { skip }, async () => {
    guard('hsts.test', PUBLIC, (_req, res) => res.end('hello'))
    const page = await web.visit('http://hsts.test/first')
    assert.deepEqual(schemes('hsts.test'), ['http', 'https'], 'the first time it has to be told')
    await page.goto('http://hsts.test/second')
    assert.equal(page.url(), 'https://hsts.test/second')
    assert.deepEqual(schemes('hsts.test'), ['https'], 'nothing was sent in clear')
    // TLS-05: what is below is not meant unless the policy says so.
    await page.goto('http://below.hsts.test/')
    assert.deepEqual(schemes('below.hsts.test'), ['http'])
  })

  test('TLS-06: a max-age of 0 makes a browser forget', { skip }, async () => {
    guard('off.test', PUBLIC, (_req, res) => res.end())
    const page = await web.visit('https://off.test/')
    guard('off.test', { ...PUBLIC, https: { mode: 'refuse', hsts: { maxAge: 0 } } }, (_req, res) => res.end())
    await page.goto('http://off.test/')
    assert.deepEqual(schemes('off.test'), ['https', 'https'])
    await page.goto('http://off.test/')
    assert.deepEqual(schemes('off.test'), ['http'])
  })

  test(
    'CKE-01: a session cookie is kept and sent, and no script, no other site and no other host has it',
    { skip },
    async () => {
      const key = { id: 'a', secret: randomBytes(32).toString('base64url') }
      const sessions = session({ keys: [key], store: memoryStore() })
      guard(
        'session.test',
        {
          authenticate: sessions,
          headers: 'page',
          routes: { '/': { public: 'a page' }, 'POST /login': { public: 'users log in here' } },
        },
        async (req, res, pass) => {
          if (req.url === '/login') await sessions.start(req, res, { subject: 'alice' })
          if (req.url === '/') res.setHeader('Content-Type', 'text/html')
          res.end(pass.authenticated ? pass.principal.subject : 'nobody')
        },
      )
      const url = 'https://session.test'
      const visitor = await web.visitor()
      const page = await web.visit(`${url}/`, visitor)
      assert.equal((await read(page, `${url}/me`)).status, 401)
      assert.equal((await read(page, `${url}/login`, { method: 'POST' })).status, 200)
      assert.equal((await read(page, `${url}/me`)).body, 'alice')
      assert.equal(await page.evaluate('document.cookie'), '', 'no script reads it')
      const [cookie, ...others] = await visitor.cookies()
      assert.deepEqual(others, [])
      const { name, domain, path, httpOnly, secure, sameSite } = cookie ?? {}
      assert.deepEqual(
        { name, domain, path, httpOnly, secure, sameSite },
        {
          name: '__Host-session',
          domain: 'session.test',
          path: '/',
          httpOnly: true,
          secure: true,
          sameSite: 'Lax',
        },
      )
      web.arrived('session.test')
      const evil = await web.visit('https://evil.test', visitor)
      await read(evil, `${url}/me`, { credentials: 'include' })
      const [foreign] = web.arrived('session.test')
      assert.equal(foreign?.headers.cookie, undefined, 'it does not come along from another site')

      // A host below it cannot put one in its place.
      web.host('below.session.test', (_req, res) => {
        res.setHeader('Set-Cookie', [
          '__Host-session=evil; Domain=session.test; Path=/; Secure',
          '__hOST-session=evil; Domain=session.test; Path=/; Secure',
        ])
        res.end()
      })
      await web.visit('https://below.session.test/', visitor)
      assert.equal((await read(page, `${url}/me`)).body, 'alice')
      assert.equal((await visitor.cookies()).length, 1)
    },
  )
})
