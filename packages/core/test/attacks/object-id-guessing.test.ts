import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'
import type { Received } from '../support/http.ts'

/*
 * OWASP API1, broken object level authorization: a caller with good credentials walks through ids, and takes what
 * belongs to others, or learns from the answers which ids exist.
 */

interface Order {
  readonly owner: string
}
const ORDERS = new Map<string, Order>(
  Array.from({ length: 40 }, (_, id) => [String(id * 2), { owner: id % 4 === 0 ? 'mallory' : 'alice' }]),
)

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

async function serve(late: boolean): Promise<Guarded> {
  const find = (id: string): Order | undefined => {
    if (id === '78') throw new Error('row 78 is corrupt')
    return ORDERS.get(id)
  }
  const server = await guarded(
    {
      routes: {
        '/orders/:id': {
          object: {
            load: ({ id = '' }) => (late ? Promise.resolve().then(() => find(id)) : find(id)),
            owner: (order: Order) => order.owner,
            may: (caller) => {
              if (caller.roles.includes('broken')) throw new Error('the policy engine is down')
              return caller.roles.includes('support')
            },
          },
        },
      },
    },
    (_req, res, pass) => res.end((pass.object as Order).owner),
  )
  open.push(server)
  return server
}

/** All that a client can see of a response, but what is different for each request anyway. */
function seen({ status, raw, body }: Received): string {
  const problem = body.replace(/"requestId":"[^"]*"/, '"requestId":""')
  // The request id is a counter, and grows by a digit now and then.
  const fields = raw.map((text, index) => {
    if (raw[index - 1] === 'Content-Length') return Number(text) - Buffer.byteLength(body)
    return raw[index - 1] === 'Date' ? '' : text
  })
  return JSON.stringify([status, fields, problem])
}

for (const late of [false, true]) {
  const how = late ? 'a database that takes its time' : 'a database at hand'

  test(`AZ-07: with ${how}, walking through ids finds the caller's own objects and nothing else`, async () => {
    const server = await serve(late)
    const others = new Set<string>()
    for (let id = 0; id < 78; id++) {
      const received = await server.send({ path: `/orders/${id}`, fields: as('mallory') })
      if (ORDERS.get(String(id))?.owner === 'mallory') assert.equal(received.body, 'mallory')
      else others.add(seen(received))
    }
    assert.deepEqual([...others].slice(1), [], 'what exists and what does not look the same')
    assert.match([...others].join(), /^\[404,/)
  })

  test(`AZ-07, AZ-03: with ${how}, a policy that fails for what exists does not tell that it does`, async () => {
    const server = await serve(late)
    const [exists, missing] = [
      await server.send({ path: '/orders/2', fields: as('mallory', '-', 'broken') }),
      await server.send({ path: '/orders/3', fields: as('mallory', '-', 'broken') }),
    ]
    assert.equal(seen(exists), seen(missing))
  })

  test(`AZ-03: with ${how}, a load that fails lets nobody in`, async () => {
    const server = await serve(late)
    const received = await server.send({ path: '/orders/78', fields: as('alice', '-', 'support') })
    assert.equal(received.status, 403)
    assert.equal(JSON.stringify(received).includes('corrupt'), false)
  })
}

test('AZ-07: other spellings, methods and places of an id get no further', async () => {
  const server = await serve(false)
  const attempts: readonly (readonly [method: string, path: string])[] = [
    ['GET', '/orders/%32'],
    ['GET', '/ORDERS/2'],
    ['GET', '/orders/2/'],
    ['GET', '/orders/2?id=0'],
    ['GET', '/orders/0/../2'],
    ['GET', '/orders//2'],
    ['HEAD', '/orders/2'],
    ['POST', '/orders/2'],
    ['DELETE', '/orders/2'],
    ['GET', '/orders/0,2'],
    ['GET', '/orders/0%002'],
    ['GET', '/orders/__proto__'],
    ['GET', '/orders/constructor'],
  ]
  for (const [method, path] of attempts) {
    const { status } = await server.send({ method, path, fields: as('mallory') })
    assert.ok(status === 404 || status === 400, `${method} ${path}: ${status}`)
  }
})

test('AZ-08: the log tells a guess from a miss', async () => {
  const server = await serve(false)
  for (const id of ['2', '3']) await server.send({ path: `/orders/${id}`, fields: as('mallory') })
  assert.deepEqual(
    (await server.events()).map(({ kind, path, reason, principal }) => [
      kind,
      path,
      reason,
      principal?.subject,
    ]),
    [
      ['authorization.hidden', '/orders/2', 'the predicate of the object said no', 'mallory'],
      ['authorization.object-missing', '/orders/3', 'the object does not exist', 'mallory'],
    ],
  )
})
