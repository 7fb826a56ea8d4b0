import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import Koa from 'koa'
import { gatehouse } from '@gatehouse/core'
import { guard, passOf } from '@gatehouse/adapter-koa'

// The adapter and the core are one copy of the code: a gate made here is known there.
const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })
const app = new Koa()
app.use(guard(gate))
app.use((ctx) => {
  if (ctx.path === '/') ctx.body = passOf(gate, ctx).rule
})

const server = createServer(app.callback())
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${server.address().port}`
assert.equal(await (await fetch(`${base}/`)).text(), 'default')
assert.equal((await (await fetch(`${base}/missing`)).json()).code, 'not_found')
server.closeAllConnections()
server.close()
