import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Observer } from '../../src/contract/event.ts'
import { jsonLines } from '../../src/observe/json-lines.ts'
import { metrics } from '../../src/observe/metrics.ts'
import { type Guarded, guarded } from '../support/gate.ts'

// A label that a client can choose is memory that a client can fill, in this process and in whatever collects from it. And
// what a client sends to be let in must be in no label, no line and no event.
const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ'
const METHODS = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PROPFIND',
  'MKCOL',
  'PURGE',
  'QUERY',
]

test('LOG-01, LOG-02: no client makes a new label, or writes what it sent as a credential', async () => {
  const meter = metrics()
  // The gauge of the event loop begins when somebody looks, and is not looked at.
  meter.close()
  const written: string[] = []
  const lines: Observer = jsonLines({ write: (text: string) => written.push(text) > 0 })
  const server = await guarded({
    metrics: meter,
    observe: lines,
    cors: { origins: ['https://app.example.com'] },
    rateLimit: { limit: 1_000_000, window: '1m' },
    routes: { 'GET /items/*': { public: 'a test' }, 'POST /items/:id': { scopes: ['items:write'] } },
  })
  open.push(server)
  const series = (): number => meter.prometheus().split('\n').length
  const wave = async (name: string): Promise<void> => {
    for (const method of METHODS) {
      for (let i = 0; i < 8; i++) {
        const id = `${name}-${i}-${method}`
        const fields = [
          ...(i === 1 ? ['Host', `${id}.example`] : []),
          ...(i === 2 ? ['Origin', `https://${id}.example`, 'Access-Control-Request-Method', id] : []),
          ...['Authorization', i % 2 === 0 ? `Test ${id} ${SECRET}` : `Bearer ${SECRET}`],
          ...['Cookie', `session=${SECRET}`, 'X-API-Key', SECRET, 'User-Agent', `${id} ${SECRET}`],
          ...['X-Forwarded-For', `192.0.2.${i}`, 'X-Request-Id', `${id} ${SECRET}`],
        ]
        const path = [`/${id}`, `/items/${id}`, `/items/${id}/%2e%2e/x`, `/items/${id};v=1`][i % 4]
        await server.send({ method, path: `${path}?api_key=${SECRET}&${id}=${SECRET}`, fields })
      }
    }
    await server.events()
  }
  await wave('first')
  const before = series()
  for (const name of ['second', 'third', 'fourth']) await wave(name)
  assert.equal(series(), before)
  const page = meter.prometheus()
  assert.doesNotMatch(page, /first-|fourth-|192\.0\.2\.|\.example/)
  assert.ok(written.length > 4 * METHODS.length)
  for (const text of [page, ...written]) assert.equal(text.includes(SECRET), false, text)
})
