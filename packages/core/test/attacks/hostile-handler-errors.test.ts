import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Handler } from '../../src/node/gate.ts'
import { guarded } from '../support/gate.ts'
import type { TestPrincipal } from '../support/scheme.ts'

/*
 * What a client sends can end up in what a handler throws or sets. None of it may end the process, reach another
 * client, or forge a line of the log.
 */

const rows: readonly (readonly [name: string, handle: Handler<TestPrincipal>])[] = [
  [
    'a reason phrase that no header section can hold',
    (_req, res) => {
      res.statusMessage = 'No note named \u20ac'
      res.end()
    },
  ],
  [
    'the same in an async handler',
    async (_req, res) => {
      await Promise.resolve()
      res.statusMessage = 'No note named \u20ac'
      res.end()
    },
  ],
  [
    'a reason phrase before a throw',
    (_req, res) => {
      res.statusMessage = 'secret detail'
      throw new Error('secret detail')
    },
  ],
  [
    'an error whose status throws',
    () => {
      throw Object.defineProperty(new Error(), 'status', {
        get() {
          throw new Error('secret detail')
        },
      })
    },
  ],
  [
    'an error whose name is a symbol',
    () => {
      throw Object.assign(new Error(), { name: Symbol('secret detail') })
    },
  ],
  [
    'an error whose name has lines',
    () => {
      throw Object.assign(new Error(), { name: 'Evil\r\n12:00 allowed \x1b[31m secret detail' })
    },
  ],
  [
    'a rejection with nothing',
    () => {
      // oxlint-disable-next-line prefer-promise-reject-errors
      return Promise.reject(undefined)
    },
  ],
]

describe('errors of a handler', () => {
  for (const [name, handle] of rows) {
    test(`ERR-04, LOG-03: ${name} is a 500 problem, and the process goes on`, async () => {
      const server = await guarded({ routes: { '/*': { public: 'a test' } } }, handle)
      const text = await server.raw('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
      assert.match(text, /^HTTP\/1\.1 500 Internal Server Error\r\n/)
      assert.match(text, /"code":"internal_error"/)
      const events = JSON.stringify(await server.events())
      assert.doesNotMatch(text + events, /secret detail|\\u001b|Evil/)
      await server.close()
    })
  }

  test('AUT-01: a 401 of a handler challenges, and in a policy that authenticates nobody it is a 403', async () => {
    const server = await guarded({ routes: { '/*': { public: 'a test' } } }, (_req, res) =>
      res.writeHead(401).end(),
    )
    assert.match(String((await server.send({})).headers['www-authenticate']), /^Test realm=/)
    await server.close()
    const open = await guarded({ authenticate: undefined as never, public: 'open data' }, () => {
      throw Object.assign(new Error(), { status: 401 })
    })
    assert.equal((await open.send({})).status, 403)
    await open.close()
  })

  test('LOG-04: an observer cannot change what the next one hears', async () => {
    const heard: string[] = []
    const server = await guarded({
      observe: [
        (event) => {
          ;(event as { kind: string }).kind = 'request.allowed'
        },
        (event) => heard.push(event.kind),
      ],
    })
    await server.send({})
    await server.events()
    assert.deepEqual(heard, ['credentials.missing'])
    await server.close()
  })

  test('LOG-02: a query is in no event, also when the target is none', async () => {
    const server = await guarded()
    for (const target of ['/x?access_token=secret#f', 'ftp://h/x?access_token=secret']) {
      await server.raw(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    }
    const events = await server.events()
    assert.ok(events.length >= 2)
    assert.doesNotMatch(JSON.stringify(events), /secret/)
    await server.close()
  })

  test('HDR-03: a refusal is stored by no cache, whatever the policy says of other responses', async () => {
    const server = await guarded({
      headers: { set: { 'Cache-Control': 'public, max-age=3600' } },
      rateLimit: { limit: 1, window: '1m' },
      routes: { '/*': { public: 'a test' } },
    })
    assert.equal((await server.send({})).headers['cache-control'], 'public, max-age=3600')
    const refused = await server.send({})
    assert.deepEqual([refused.status, refused.headers['cache-control']], [429, 'no-store'])
    assert.match(await server.raw('hello\r\n\r\n'), /Cache-Control: no-store\r\n/)
    await server.close()
  })
})
