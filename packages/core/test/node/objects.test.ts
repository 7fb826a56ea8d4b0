import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import type { Handler } from '../../src/node/gate.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

interface Order {
  readonly id: string
  readonly owner: string
  readonly secret: string
}
const SECRET = 'the price is 4711'
const ORDERS = new Map<string, Order>([
  ['1', { id: '1', owner: 'alice', secret: SECRET }],
  ['2', { id: '2', owner: 'bob', secret: SECRET }],
])

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

async function serve(policy: Policy<TestPrincipal>, handle: Handler<TestPrincipal>): Promise<Guarded> {
  const server = await guarded(policy, handle)
  open.push(server)
  return server
}

describe('an object that the gate loads', () => {
  const policy: Policy<TestPrincipal> = {
    routes: {
      'GET /orders/:id': {
        object: { load: ({ id = '' }) => ORDERS.get(id), owner: (order: Order) => order.owner },
      },
      'GET /late/:id': {
        object: {
          load: ({ id = '' }) => Promise.resolve(ORDERS.get(id)),
          owner: (order: Order) => order.owner,
        },
      },
      'GET /never/:id': { object: { load: () => new Promise(() => undefined), owner: () => 'alice' } },
    },
    deadline: '50ms',
  }
  const handle: Handler<TestPrincipal> = (_req, res, pass) => res.end((pass.object as Order).secret)

  for (const folder of ['orders', 'late']) {
    test(`AZ-07: /${folder}: the owner gets the object that was decided about, and the log says why`, async () => {
      const server = await serve(policy, handle)
      const received = await server.send({ path: `/${folder}/1`, fields: as('alice') })
      assert.equal(received.status, 200)
      assert.equal(received.body, SECRET)
      const [event] = await server.events()
      assert.equal(event?.outcome, 'allowed')
      assert.equal(event.reason, 'the caller owns the object')
      assert.equal(event.rule, `GET /${folder}/:id`)
      assert.equal(event.principal?.subject, 'alice')
      assert.equal(event.path, `/${folder}/1`)
    })

    test(`AZ-07, AZ-08: /${folder}: nobody else does, and the handler does not run`, async () => {
      const server = await serve(policy, () => assert.fail('the handler ran'))
      const received = await server.send({ path: `/${folder}/2`, fields: as('alice') })
      assert.equal(received.status, 404)
      const [event] = await server.events()
      assert.equal(event?.outcome, 'refused')
      assert.equal(event.kind, 'authorization.hidden')
      assert.equal(event.reason, 'the caller does not own the object')
    })
  }

  test('AZ-03: a load that does not end is refused at the deadline of the policy', async () => {
    const server = await serve(policy, () => assert.fail('the handler ran'))
    assert.equal((await server.send({ path: '/never/1', fields: as('alice') })).status, 503)
  })

  test('AZ-07: a handler whose rule loads nothing gets no object, but an error', async () => {
    const server = await serve({}, (_req, res, pass) => {
      assert.throws(() => pass.object, TypeError)
      res.end()
    })
    assert.equal((await server.send({ fields: as('alice') })).status, 200)
  })

  test('AZ-08: a rule that a route adds tells why it let the request go on', async () => {
    const server = await serve({}, () => undefined)
    const allow = server.gate.allow({ when: () => ({ allowed: true, policy: 'p1' }) }, 'mine')
    server.server.removeAllListeners('request')
    server.server.on(
      'request',
      server.gate.handler((req, res) => (allow(req, res) === undefined ? undefined : res.end())),
    )
    await server.send({ fields: as('alice') })
    const told = (await server.events()).filter(({ outcome }) => outcome === 'allowed')
    assert.deepEqual(
      told.map(({ rule, reason }) => [rule, reason]),
      [
        ['default', undefined],
        ['default, mine', 'the predicate of the rule said yes: [p1]'],
      ],
    )
  })
})

type Answer = Handler<TestPrincipal>

/** Ways in which a handler answers with the object. */
const WAYS: readonly (readonly [name: string, answer: Answer])[] = [
  ['end', (_req, res) => res.end(SECRET)],
  ['end with an encoding', (_req, res) => res.end(SECRET, 'utf8')],
  ['writeHead and end', (_req, res) => res.writeHead(200, { 'X-Secret': SECRET }).end(SECRET)],
  ['writeHead with a phrase', (_req, res) => res.writeHead(200, SECRET).end(SECRET)],
  ['setHeader and end', (_req, res) => res.setHeader('X-Secret', SECRET).end(SECRET)],
  ['a status of 201', (_req, res) => ((res.statusCode = 201), res.end(SECRET))],
  ['a status of 206 that is a text', (_req, res) => res.writeHead('206' as unknown as number).end(SECRET)],
  ['a status of 204', (_req, res) => res.writeHead(204, { 'X-Secret': SECRET }).end()],
  ['write and end', (_req, res) => (res.write(SECRET), res.end(SECRET))],
  ['writes with callbacks', (_req, res) => res.write(SECRET, () => res.end(SECRET))],
  ['flushHeaders', (_req, res) => (res.setHeader('X-Secret', SECRET), res.flushHeaders(), res.end(SECRET))],
  ['a stream', (_req, res) => Readable.from([SECRET, SECRET]).pipe(res)],
  ['a pipeline', (_req, res) => pipeline(Readable.from([SECRET, SECRET]), res)],
  ['late', async (_req, res) => (await Promise.resolve(), res.end(SECRET))],
  [
    'after it was told to go away',
    async (_req, res) => (res.end(SECRET), await once(res, 'close'), res.write(SECRET)),
  ],
]

describe('an object that the handler decides about', () => {
  const policy = (undecided?: 'report' | 'block'): Policy<TestPrincipal> => ({
    routes: { '/orders/:id': { object: 'handler' }, '/plain': { authenticated: true } },
    ...(undecided === undefined ? {} : { undecided }),
  })
  const path = '/orders/1'

  for (const [name, answer] of WAYS) {
    for (const [decided, before] of [
      ['without a decision', undefined],
      ['after a no', false],
    ] as const) {
      const handle: Answer = (req, res, pass) => {
        if (before !== undefined) pass.decide(before)
        return answer(req, res, pass)
      }
      test(`AZ-07: in block mode a success by ${name}, ${decided}, is a 500 and no byte of it leaves`, async () => {
        const server = await serve(policy('block'), handle)
        const bytes = await server.raw(
          `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Test alice - -\r\nConnection: close\r\n\r\n`,
        )
        assert.match(bytes, /^HTTP\/1\.1 500 Internal Server Error\r\n/)
        assert.equal(bytes.includes(SECRET), false)
        assert.equal(bytes.split('HTTP/1.1').length, 2, 'one response')
        const [head = '', body = ''] = bytes.split('\r\n\r\n')
        assert.equal((JSON.parse(body) as { code: string }).code, 'internal_error')
        assert.match(head, /X-Content-Type-Options: nosniff/)
        const event = (await server.events()).find(({ kind }) => kind === 'authorization.undecided')
        assert.equal(event?.outcome, 'refused')
        assert.equal(event.rule, '/orders/:id')
      })
    }

    test(`AZ-07: in report mode a success by ${name} leaves as it is, and is told`, async () => {
      const server = await serve(policy(), answer)
      const received = await server.send({ path, fields: as('alice') }).catch(() => undefined)
      // A phrase with spaces is fine, and content after the end is not; all that matters is that nothing was stopped.
      assert.ok(
        received !== undefined && received.status >= 200 && received.status <= 299,
        String(received?.status),
      )
      const event = (await server.events()).find(({ kind }) => kind === 'authorization.undecided')
      assert.equal(event?.outcome, 'warning')
    })

    test(`AZ-07: after a yes a success by ${name} leaves in block mode, and nothing is told`, async () => {
      const server = await serve(policy('block'), (req, res, pass) => {
        assert.equal(pass.owns('alice'), true)
        return answer(req, res, pass)
      })
      const received = await server.send({ path, fields: as('alice') })
      assert.ok(received.status >= 200 && received.status <= 299)
      assert.equal(
        (await server.events()).some(({ kind }) => kind === 'authorization.undecided'),
        false,
      )
    })
  }

  const others: readonly (readonly [name: string, status: number])[] = [
    ['not found', 404],
    ['not modified', 304],
    ['a redirect', 303],
    ['a failure', 500],
  ]
  for (const [name, status] of others) {
    test(`AZ-07: ${name} needs no decision`, async () => {
      const server = await serve(policy('block'), (_req, res) => res.writeHead(status).end())
      assert.equal((await server.send({ path, fields: as('alice') })).status, status)
      assert.equal(
        (await server.events()).some(({ kind }) => kind === 'authorization.undecided'),
        false,
      )
    })
  }

  test('AZ-07: other routes need no decision, and neither do refusals', async () => {
    const server = await serve(policy('block'), (_req, res) => res.end('ok'))
    assert.equal((await server.send({ path: '/plain', fields: as('alice') })).status, 200)
    assert.equal((await server.send({ path })).status, 401)
  })

  test('AZ-07: a connection that goes on serves the next request as ever', async () => {
    const server = await serve(policy('block'), (_req, res) => res.end(SECRET))
    const fields = 'Host: 127.0.0.1\r\nAuthorization: Test alice - -\r\n'
    const bytes = await server.raw(
      `GET ${path} HTTP/1.1\r\n${fields}\r\nGET /plain HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`,
    )
    const statuses = [...bytes.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    assert.deepEqual(statuses, ['500', '200'])
    assert.equal(bytes.split(SECRET).length, 2, 'that of /plain alone')
  })

  test('AZ-07: what a handler goes on to do with a stopped response is dropped, and whoever waits goes on', async () => {
    const heard: string[] = []
    const server = await serve(policy('block'), (_req, res) => {
      res.write(SECRET, () => heard.push('write'))
      res.writeHead(200, { 'X-Secret': SECRET })
      assert.equal(res.write(SECRET), true)
      res.end(SECRET, () => heard.push('end'))
    })
    assert.equal((await server.send({ path, fields: as('alice') })).status, 500)
    assert.deepEqual(heard, ['write', 'end'])
    assert.equal((await server.events()).filter(({ outcome }) => outcome === 'refused').length, 1)
  })

  test('AZ-07: a no is final, whatever is said after it', async () => {
    const server = await serve(policy('block'), (_req, res, pass) => {
      assert.deepEqual([pass.decide(true), pass.decide(false), pass.decide(true)], [true, false, true])
      res.end(SECRET)
    })
    assert.equal((await server.send({ path, fields: as('alice') })).status, 500)
  })

  const said: readonly (readonly [name: string, said: () => unknown, yes: boolean])[] = [
    ['true', () => true, true],
    ['a decision that allows', () => ({ allowed: true, policy: 'p1', reason: 'a\nb' }), true],
    ['false', () => false, false],
    ['a decision that denies', () => ({ allowed: false, policy: 'p1', reason: 'closed' }), false],
    ['1', () => 1, false],
    ['"true"', () => 'true', false],
    ['null', () => null, false],
    ['nothing', () => undefined, false],
    ['a promise of true', () => Promise.resolve(true), false],
    ['a promise that rejects', () => Promise.reject(new Error('late')), false],
    ['an object without a word', () => ({}), false],
  ]
  for (const [name, value, yes] of said) {
    test(`AZ-07, AZ-03: pass.decide takes ${name} for ${yes ? 'yes' : 'no'}`, async () => {
      const server = await serve(policy('block'), (_req, res, pass) => {
        assert.equal(pass.decide(value() as boolean), yes)
        res.end(SECRET)
      })
      assert.equal((await server.send({ path, fields: as('alice') })).status, yes ? 200 : 500)
      const denied = (await server.events()).filter(({ kind }) => kind === 'authorization.object-denied')
      assert.equal(denied.length, yes ? 0 : 1)
    })
  }

  test('AZ-08: what the handler decided is in the log, its words on one line', async () => {
    const server = await serve(policy('block'), (req, res, pass) => {
      const allowed = req.headers['x-allowed'] === 'yes'
      pass.decide({ allowed, policy: 'p1', reason: 'a\nb' })
      res.writeHead(allowed ? 200 : 404).end()
    })
    await server.send({ path, fields: [...as('alice'), 'X-Allowed', 'yes'] })
    await server.send({ path, fields: as('alice') })
    assert.deepEqual(
      (await server.events()).map(({ outcome, kind, reason }) => [outcome, kind, reason]),
      [
        ['allowed', 'request.allowed', undefined],
        ['allowed', 'request.allowed', 'the handler said yes: [p1] a\\u000ab'],
        ['allowed', 'request.allowed', undefined],
        ['refused', 'authorization.object-denied', 'the handler said no: [p1] a\\u000ab'],
      ],
    )
  })

  test('AZ-07: a promise is nobody who owns an object, and its rejection ends no process', async () => {
    const unheard: unknown[] = []
    const hear = (error: unknown): void => void unheard.push(error)
    process.on('unhandledRejection', hear)
    const server = await serve({ routes: { '/o': { object: 'handler' } } }, (_req, res, pass) => {
      const owns = pass.owns(Promise.reject(new Error('the look-up failed')) as never)
      res.statusCode = owns ? 200 : 404
      res.end()
    })
    assert.equal((await server.send({ path: '/o', fields: as('alice') })).status, 404)
    await server.events()
    process.off('unhandledRejection', hear)
    assert.deepEqual(unheard, [])
  })

  test('AZ-07: pass.owns compares exactly, with one subject or several', async () => {
    const server = await serve(policy(), (_req, res, pass) => {
      const asked = ['alice', ['bob', 'alice'], 'Alice', 'alice2', ['bob'], [], undefined]
      assert.deepEqual(
        asked.map((each) => pass.owns(each)),
        [true, true, false, false, false, false, false],
      )
      res.end()
    })
    assert.equal((await server.send({ path, fields: as('alice') })).status, 200)
  })

  test('DEP-04: shadow mode of authorize stops nothing, and tells', async () => {
    const server = await serve({ ...policy('block'), shadow: ['authorize'] }, (_req, res) => res.end('ok'))
    assert.equal((await server.send({ path, fields: as('alice') })).status, 200)
    assert.ok((await server.events()).some(({ kind }) => kind === 'authorization.undecided'))
  })

  test('AZ-07: a rule that a route adds can leave the decision to the handler, too', async () => {
    const server = await serve({ undecided: 'block' }, () => undefined)
    const allow = server.gate.allow({ object: 'handler' }, 'mine')
    server.server.removeAllListeners('request')
    server.server.on(
      'request',
      server.gate.handler((req, res) => (allow(req, res) === undefined ? undefined : res.end(SECRET))),
    )
    const received = await server.send({ fields: as('alice') })
    assert.equal(received.status, 500)
    assert.equal(received.body.includes(SECRET), false)
  })

  test('AZ-07: a wrapper that a middleware puts around the response later does not let it out', async () => {
    const server = await serve(policy('block'), (_req, res) => {
      // As compression does: it writes the header section itself, and holds the content back.
      const end = res.end.bind(res)
      const wrapped = res as { end: (content: string) => unknown }
      wrapped.end = (content) => {
        res.writeHead(res.statusCode)
        return end(content, 'utf8')
      }
      res.end(SECRET)
    })
    const received = await server.send({ path, fields: as('alice') })
    assert.equal(received.status, 500)
    assert.equal(received.body.includes(SECRET), false)
  })
})
