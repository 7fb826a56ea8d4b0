import { createServer } from 'node:http'
import { fallback, type GateEnv, guard } from '@gatehouse/adapter-hono'
import type { Gate, JwtPrincipal } from '@gatehouse/core'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { serve } from '../../stacks/serve.ts'
import { BODY, PATH } from '../../workload.ts'
import { readSide } from './side.ts'

const served = readSide()

if (served.side === 'gate') {
  const { gate } = served
  const app = new Hono<GateEnv<Gate<JwtPrincipal>>>()
  app.use(guard(gate))
  app.get(PATH, (c) => answer(c))
  fallback(gate, app)
  serve(gate.attach(createServer(gate.handler(getRequestListener(app.fetch)))), served.abilities)
} else {
  const app = new Hono()
  app.get(PATH, (c) => {
    for (const [name, values] of served.fields())
      // Fetch knows no second line of a name, and makes one of them.
      c.header(name, typeof values === 'string' ? values : values.join(', '))
    return answer(c)
  })
  const listener = getRequestListener(app.fetch)
  serve(
    createServer((req, res) => void listener(req, res)),
    served.abilities,
  )
}

function answer(c: Context): Response {
  return c.body(BODY, 200, { 'Content-Type': 'application/json' })
}
