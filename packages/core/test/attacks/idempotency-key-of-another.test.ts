import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import type { Received } from '../support/http.ts'
import { as } from '../support/scheme.ts'

/*
 * The attacker knows the key of somebody else's payment, and the whole request: from a log, or since keys are easy to
 * guess. He wants the response, or wants the payment not to be made.
 */
describe('attack: the idempotency key of somebody else', () => {
  const open: Guarded[] = []
  after(async () => {
    for (const each of open) await each.close()
  })

  async function serve(): Promise<(who: string, roles?: string, path?: string) => Promise<Received>> {
    const server = await guarded(
      {
        hosts: ['127.0.0.1', 'other.example.com'],
        routes: {
          'POST /payments': { roles: ['payer'], idempotency: { required: true } },
          'POST /refunds': { roles: ['payer'], idempotency: { required: true } },
        },
      },
      (req, res, pass) => {
        req.resume()
        res.end(`${req.url}: the secret of ${pass.principal.subject}`)
      },
    )
    open.push(server)
    return (who, roles = 'payer', path = '/payments') =>
      server.send({
        method: 'POST',
        path,
        fields: [...as(who, '-', roles), 'Idempotency-Key', '"1"'],
        body: '{"price":7}',
      })
  }

  test('IDM-01: gives nothing of their response', async () => {
    const post = await serve()
    assert.match((await post('alice')).body, /secret of alice/)
    assert.match((await post('mallory')).body, /secret of mallory/)
    assert.equal((await post('mallory', 'guest')).status, 403)
    assert.match((await post('alice')).body, /secret of alice/)
  })

  test('IDM-01: used first, it stops nobody', async () => {
    const post = await serve()
    assert.equal((await post('mallory')).status, 200)
    const received = await post('alice')
    assert.match(received.body, /secret of alice/)
    assert.equal(received.headers['idempotency-replayed'], undefined)
  })

  test('IDM-01: refused by authorization, it is not used up either', async () => {
    const post = await serve()
    assert.equal((await post('alice', 'guest')).status, 403)
    assert.match((await post('alice')).body, /secret of alice/)
    // Nor does the one who lost the role still get what it came to.
    assert.equal((await post('alice', 'guest')).status, 403)
  })

  test('IDM-01: at another route it is another key', async () => {
    const post = await serve()
    await post('alice')
    assert.match((await post('alice', 'payer', '/refunds')).body, /^\/refunds: /)
  })
})
