import express5 from 'express'
import express4 from 'express4'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { allow, fallback, guard } from '../src/index.ts'

/** What a repeated POST comes to, with a parser of bodies before the rule or after it. */
async function twice(
  express: typeof express5,
  rule: 'policy' | 'route',
  bodies: readonly string[],
): Promise<unknown> {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    routes: rule === 'policy' ? { 'POST /pay': { public: 'a test', idempotency: true } } : {},
  })
  let calls = 0
  const app = express()
  app.use(guard(gate))
  app.use(express.json())
  const pay: express5.RequestHandler = (req, res) => {
    calls++
    res.status(201).json({ paid: (req.body as { readonly price: number }).price })
  }
  if (rule === 'route') app.post('/pay', allow(gate, { idempotency: true }), pay)
  else app.post('/pay', pay)
  app.use(fallback(gate))
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const answers: string[] = []
    for (const body of bodies) {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': '"one"' }
      const response = await fetch(`http://127.0.0.1:${port}/pay`, { method: 'POST', headers, body })
      const text = await response.text()
      answers.push(`${response.status} ${response.status === 201 ? text : ''}`.trim())
    }
    return { answers, calls }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('IDM-01: Express', () => {
  for (const [name, express] of [
    ['Express 5', express5],
    ['Express 4', express4 as unknown as typeof express5],
  ] as const) {
    for (const rule of ['policy', 'route'] as const) {
      test(`IDM-01: ${name}: a parsed body is carried out once, under a rule of the ${rule}`, async () => {
        const bodies = ['{"price":7}', '{"price":7}', '{"price":8}']
        const expected = { answers: ['201 {"paid":7}', '201 {"paid":7}', '422'], calls: 1 }
        assert.deepEqual(await twice(express, rule, bodies), expected)
      })
    }

    test(`IDM-01: ${name}: a body that the parser refuses is refused again`, async () => {
      assert.deepEqual(await twice(express, 'policy', ['{', '{', '{"price":7}']), {
        answers: ['400', '400', '422'],
        calls: 0,
      })
    })
  }
})
