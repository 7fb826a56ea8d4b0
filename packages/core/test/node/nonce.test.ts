import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { directivesOf } from '../support/headers.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

const headers = { preset: 'page', contentSecurityPolicy: { 'script-src': ["'nonce'"] } } as const

async function serve(
  handle: Handler<TestPrincipal>,
  policy: Parameters<typeof guarded>[0] = {},
): Promise<Guarded> {
  const made = await guarded({ headers, routes: { '/*': { public: 'a test' } }, ...policy }, handle)
  open.push(made)
  return made
}

const scripts = (policy: unknown): string | undefined => directivesOf(String(policy))['script-src']

describe('the nonce of a response', () => {
  const ways: readonly (readonly [name: string, handle: Handler<TestPrincipal>])[] = [
    ['end', (_req, res, pass) => res.end(pass.nonce)],
    ['writeHead', (_req, res, pass) => res.writeHead(200, { 'X-A': pass.nonce }).end(pass.nonce)],
    ['setHeader', (_req, res, pass) => res.setHeader('X-A', pass.nonce).end(pass.nonce)],
  ]
  for (const [name, handle] of ways) {
    test(`HDR-06: is fresh, of 144 bits, and the one that the policy names: by ${name}`, async () => {
      const server = await serve(handle)
      const seen = new Set<string>()
      for (let i = 0; i < 5; i++) {
        const { body, headers: sent } = await server.send({})
        assert.match(body, /^[\w-]{24}$/)
        assert.equal(scripts(sent['content-security-policy']), `'nonce-${body}'`)
        assert.equal(sent['cache-control'], 'no-store')
        seen.add(body)
      }
      assert.equal(seen.size, 5)
    })
  }

  test('HDR-06: is the same each time a handler asks', async () => {
    const server = await serve((_req, res, pass) => res.end(String(pass.nonce === pass.nonce)))
    assert.equal((await server.send({})).body, 'true')
  })

  test('HDR-06: nobody who does not ask has one, and the response may be stored', async () => {
    const server = await serve((_req, res) => res.setHeader('Cache-Control', 'public').end())
    const { headers: sent } = await server.send({})
    assert.equal(scripts(sent['content-security-policy']), "'none'")
    assert.equal(sent['cache-control'], 'public')
  })

  for (const given of ['public, max-age=60', 'private', 'no-cache']) {
    test(`HDR-06: a response with one is not stored, though its handler says ${given}`, async () => {
      const server = await serve((_req, res, pass) => res.setHeader('Cache-Control', given).end(pass.nonce), {
        headers: { ...headers, authenticatedCache: 'handler' },
      })
      assert.equal((await server.send({})).headers['cache-control'], 'no-store')
      assert.ok((await server.events()).some(({ kind }) => kind === 'headers.conflict'))
    })
  }

  test('HDR-06: a 304 names none: the page that is stored has another', async () => {
    const server = await serve((_req, res, pass) => (assert.ok(pass.nonce), res.writeHead(304).end()))
    assert.equal(scripts((await server.send({})).headers['content-security-policy']), "'none'")
  })

  test('HDR-06: a handler that fails after it has asked is answered with a problem that is not stored', async () => {
    const server = await serve((_req, _res, pass) => assert.fail(pass.nonce))
    const { status, headers: sent, body } = await server.send({})
    assert.deepEqual([status, sent['cache-control']], [500, 'no-store'])
    const nonce = /'nonce-([\w-]+)'/.exec(String(sent['content-security-policy']))?.[1] ?? ''
    assert.ok(!body.includes(nonce) || nonce === '')
  })

  test('HDR-06: a policy of its own that a handler writes stays, and is not stored either', async () => {
    const own = "default-src 'none'"
    const server = await serve((_req, res, pass) =>
      res.writeHead(200, { 'Content-Security-Policy': own, 'X-A': pass.nonce }).end(),
    )
    const { headers: sent } = await server.send({})
    assert.deepEqual([sent['content-security-policy'], sent['cache-control']], [own, 'no-store'])
  })

  test('HDR-06: a policy without room for one says so, and so does a response on its way', async () => {
    const ask: Handler<TestPrincipal> = (req, res, pass) => {
      if (req.url === '/late') res.writeHead(200)
      assert.throws(() => pass.nonce, req.url === '/late' ? /on its way/ : /has no nonce/)
      res.end('done')
    }
    assert.equal((await (await serve(ask, { headers: 'page' })).send({})).body, 'done')
    assert.equal((await (await serve(ask)).send({ path: '/late' })).body, 'done')
  })

  test("HDR-06: the rule of a framework's own route may bring room for one", async () => {
    const gate = gatehouse(testPolicy())
    const allow = gate.allow({ headers })
    const server = await start((req, res) => {
      void gate.admit(req, res)
      void allow(req, res)
      res.end(gate.passOf(req).nonce)
    })
    const { body, headers: sent } = await server.send({ fields: ['Host', '127.0.0.1', ...as('alice')] })
    assert.equal(scripts(sent['content-security-policy']), `'nonce-${body}'`)
    await server.close()
  })
})
