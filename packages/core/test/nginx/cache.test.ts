import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { send } from '../support/http.ts'
import type { Received } from '../support/http.ts'
import { HANDING_ON, type Nginx, skip, startNginx } from '../support/nginx.ts'
import { freePort } from '../support/ports.ts'
import { as } from '../support/scheme.ts'

/*
 * A cache that stands before the gate and keeps all that it may: also what came for a request with credentials, and every
 * status. What it must not hand to another is for the fields of the response to say.
 */

const A = 'https://a.example.com'
const B = 'https://b.example.com'
const STRANGER = 'https://evil.example'

describe('behind an nginx that caches', { skip }, () => {
  let server: Guarded
  let nginx: Nginx
  let port: number
  let handled = 0
  let count = 0

  before(async () => {
    port = await freePort()
    server = await guarded(
      {
        hosts: ['api.example.com'],
        proxy: { trustedRanges: ['loopback'] },
        cors: { origins: [A, B], credentials: true },
        routes: {
          '/public/*': { public: 'a test' },
          '/limited/*': { public: 'a test', rateLimit: { limit: 1, window: '1h' } },
        },
      },
      (req, res, pass) => {
        handled++
        // A handler that lets its answers be kept; for a caller it says nothing.
        if (!pass.authenticated) res.setHeader('Cache-Control', 'public, max-age=600')
        res.setHeader('Content-Type', 'text/plain')
        res.end(`${req.url} ${pass.authenticated ? pass.principal.subject : 'everybody'} ${handled}`)
      },
    )
    nginx = await startNginx(
      () => `server {
        listen 127.0.0.1:${port};
        location / {
          ${HANDING_ON}
          proxy_pass http://127.0.0.1:${server.port};
          proxy_cache pages;
          proxy_cache_key $scheme$http_host$request_uri;
          proxy_cache_valid any 10m;
          add_header X-Cache $upstream_cache_status always;
        }
      }`,
      () => port,
    )
  })
  after(async () => {
    await nginx?.stop()
    await server?.close()
  })
  // A path of its own for every test.
  beforeEach(() => void count++)

  const get = (folder: string, ...fields: readonly string[]): Promise<Received> =>
    send(port, { path: `/${folder}/${count}`, fields: ['Host', 'api.example.com', ...fields] })
  const allowed = ({ headers }: Received): string | undefined => headers['access-control-allow-origin']
  const cache = ({ headers }: Received): unknown => headers['x-cache']

  test('COR-05: it keeps what it may, so that the tests below can fail', async () => {
    const first = await get('public', 'Origin', A)
    const again = await get('public', 'Origin', A)
    assert.deepEqual([cache(first), cache(again)], ['MISS', 'HIT'])
    assert.equal(again.body, first.body)
    assert.equal(allowed(again), A)
  })

  test('COR-05: what was kept for one origin is not handed to another', async () => {
    await get('public', 'Origin', A)
    const other = await get('public', 'Origin', B)
    assert.deepEqual([cache(other), allowed(other)], ['MISS', B])
    assert.equal(allowed(await get('public', 'Origin', A)), A)
  })

  test('COR-05: what was kept for a request without an origin does not shut out a page', async () => {
    assert.equal(allowed(await get('public')), undefined)
    assert.equal(allowed(await get('public', 'Origin', A)), A)
  })

  test('COR-05: what was kept for a stranger does not shut out a page, and the other way round', async () => {
    assert.equal(allowed(await get('public', 'Origin', STRANGER)), undefined)
    assert.equal(allowed(await get('public', 'Origin', A)), A)
    assert.equal(allowed(await get('public', 'Origin', STRANGER)), undefined)
    assert.equal(allowed(await get('public')), undefined)
  })

  test('HDR-03: what a caller got is kept for nobody', async () => {
    const alice = await get('mine', ...as('alice'))
    assert.match(alice.body, /alice/)
    const bob = await get('mine', ...as('bob'))
    assert.match(bob.body, /bob/)
    assert.deepEqual([cache(alice), cache(bob)], ['MISS', 'MISS'])
    assert.equal((await get('mine')).status, 401)
  })

  test('HDR-03: a refusal is kept for nobody: who has credentials gets through', async () => {
    assert.equal((await get('mine')).status, 401)
    assert.equal((await get('mine', ...as('alice'))).status, 200)
    assert.equal((await get('mine', ...as('bad'))).status, 401)
    assert.equal((await get('mine', ...as('alice'))).status, 200)
  })

  test('HDR-03: so it is with a limit that was exceeded', async () => {
    assert.equal((await get('limited')).status, 200)
    // The same page is kept, and asks nothing of the limit; another one is refused, until the hour is over.
    count++
    assert.equal((await get('limited')).status, 429)
    server.clock.advance(3_600_000)
    assert.equal((await get('limited')).status, 200)
  })
})
