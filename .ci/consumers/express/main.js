import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import express from 'express'
import { gatehouse } from '@gatehouse/core'
import { fallback, guard, passOf } from '@gatehouse/adapter-express'

// The adapter and the core are one copy of the code: a gate made here is known there.
const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })
const app = express()
app.use(guard(gate))
app.get('/', (req, res) => res.send(passOf(gate, req).rule))
app.use(fallback(gate))

const server = createServer(app)
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${server.address().port}`
assert.equal(await (await fetch(`${base}/`)).text(), 'default')
assert.equal((await (await fetch(`${base}/missing`)).json()).code, 'not_found')
server.closeAllConnections()
server.close()
