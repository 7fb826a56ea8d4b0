import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test, type TestContext } from 'node:test'
import pg from 'pg'
import { gatehouse, type Policy } from '@gatehouse/core'
import { postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

/** A server behind a gate: its address. */
async function serve(
  t: TestContext,
  policy: Pick<Policy, 'store' | 'rateLimit' | 'observe'>,
): Promise<string> {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    ...policy,
  })
  const http = createServer(gate.handler((_, res) => res.end('fine'))).listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.after(async () => {
    http.closeAllConnections()
    http.close()
    await gate.close()
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
}

describe('gates', { skip }, () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
    await postgresStore({ pool: server.pool() }).install()
  })
  after(() => server.stop())

  test('RL-05, RL-11, RL-24, RL-25: two gates share their limits, and both say when to come again', async (t) => {
    const urls = await Promise.all(
      [0, 1].map(async () =>
        serve(t, {
          store: postgresStore({ pool: server.pool() }),
          rateLimit: [
            { name: 'wide', limit: 100, window: '1h' },
            { name: 'narrow', limit: 3, window: '1h' },
          ],
        }),
      ),
    )
    const statuses: number[] = []
    let last: Response | undefined
    for (const url of [...urls, ...urls, ...urls]) {
      last = await fetch(url)
      await last.arrayBuffer()
      statuses.push(last.status)
    }
    assert.deepEqual(statuses, [200, 200, 200, 429, 429, 429])
    const retryAfter = Number(last?.headers.get('retry-after'))
    assert.ok(retryAfter > 1_100 && retryAfter <= 1_200, `${retryAfter}`)
    assert.match(last?.headers.get('ratelimit') ?? '', /^"wide";r=97;t=\d+, "narrow";r=0;t=\d+$/)
  })

  test('RL-08, RL-21: while the server is gone a limit is closed, open or counted here, as its policy says', async (t) => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 200 })
    pool.on('error', () => undefined)
    t.after(() => pool.end())
    const expected = { closed: [503, 503, 503], open: [200, 200, 200], local: [200, 200, 429] } as const
    for (const [whenStoreFails, statuses] of Object.entries(expected)) {
      const url = await serve(t, {
        store: postgresStore({ pool }),
        rateLimit: [{ limit: 2, window: '1h', whenStoreFails: whenStoreFails as keyof typeof expected }],
      })
      const told: number[] = []
      for (let i = 0; i < 3; i++) {
        const response = await fetch(url)
        assert.doesNotMatch(await response.text(), /ECONNREFUSED|postgres/i)
        told.push(response.status)
      }
      assert.deepEqual(told, statuses, whenStoreFails)
    }
  })
})
