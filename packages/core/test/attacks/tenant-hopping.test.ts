import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

/*
 * A caller of one tenant writes another into the path, in whatever spelling some part of the way might read otherwise,
 * or names it where an application might look for it besides.
 */

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

/** Serves what a handler would serve: the tenant that the router reads from the path. */
async function serve(tenantOf: (subject: string) => unknown): Promise<Guarded> {
  const server = await guarded(
    {
      tenant: ({ subject }) => tenantOf(subject) as string | undefined,
      routes: { '/t/:tenant/orders': { tenant: 'tenant' }, '/t/*': { when: () => false } },
    },
    (_req, res, pass) => res.end(pass.params['tenant']),
  )
  open.push(server)
  return server
}

const FOREIGN = [
  '/t/umbrella/orders',
  '/t/ACME/orders',
  '/t/Acme/orders',
  '/t/%55mbrella/orders',
  '/T/umbrella/ORDERS',
  '/t/umbrella/orders/',
  '/t/umbrella/orders?tenant=acme',
  '/t/acme%2Fumbrella/orders',
  '/t/acme%252f..%252fumbrella/orders',
  '/t/acme/../umbrella/orders',
  '/t/acme/%2e%2e/umbrella/orders',
  '/t/umbrella;acme/orders',
  '/t/acme;umbrella/orders',
  '/t/acme%00/orders',
  '/t/acme%20/orders',
  '/t/%20acme/orders',
  '/t/acm%C3%A9/orders',
  '/t/acme,umbrella/orders',
  '/t/*/orders',
  '/t//orders',
  '/t/undefined/orders',
  '/t/null/orders',
  '/t/%FF/orders',
]

for (const path of FOREIGN) {
  test(`AZ-09: a caller of acme is refused at ${path}, before the handler`, async () => {
    const server = await serve(() => 'acme')
    const received = await server.send({ path, fields: as('mallory') })
    assert.ok(received.status === 403 || received.status === 400, String(received.status))
    assert.equal(
      (await server.events()).some(({ outcome }) => outcome === 'allowed'),
      false,
    )
  })
}

test('AZ-09: the own tenant is let in, in every spelling that decodes to it', async () => {
  const server = await serve(() => 'acme')
  for (const path of ['/t/acme/orders', '/t/%61cme/orders', '/T/acme/orders/']) {
    const received = await server.send({ path, fields: as('alice') })
    assert.deepEqual([received.status, received.body], [200, 'acme'], path)
  }
})

test('AZ-09: a tenant that is named elsewhere in the request changes nothing', async () => {
  const server = await serve(() => 'acme')
  const fields = [...as('mallory'), 'X-Tenant', 'acme', 'X-Tenant-Id', 'acme', 'Cookie', 'tenant=acme']
  assert.equal((await server.send({ path: '/t/umbrella/orders', fields })).status, 403)
})

for (const [name, tenant] of [
  ['none', undefined],
  ['an empty one', ''],
  ['null', null],
  ['all of them', ['acme', 'umbrella']],
  ['a wildcard', '*'],
  ['one that says yes to everything', { toString: () => 'acme', equals: () => true }],
  ['a promise', Promise.resolve('acme')],
] as const) {
  test(`AZ-09: a caller whose tenant is ${name} gets into none`, async () => {
    const server = await serve(() => tenant)
    for (const path of [
      '/t/acme/orders',
      '/t/undefined/orders',
      '/t/null/orders',
      '/t/%5Bobject%20Object%5D/orders',
    ]) {
      assert.equal((await server.send({ path, fields: as('mallory') })).status, 403, path)
    }
  })
}

test('AZ-09, AZ-08: the log says which tenants they are, the response does not', async () => {
  const server = await serve(() => 'acme')
  const { body } = await server.send({ path: '/t/umbrella/orders', fields: as('mallory') })
  assert.doesNotMatch(body, /acme|umbrella/)
  const [event] = await server.events()
  assert.equal(event?.kind, 'authorization.tenant-mismatch')
  assert.equal(event.status, 403)
  assert.equal(event.reason, 'the caller belongs to "acme", the request names "umbrella"')
})
