import assert from 'node:assert/strict'
import fastify from 'fastify'
import { gatehouse } from '@gatehouse/core'
import { fallback, guard, passOf } from '@gatehouse/adapter-fastify'

// The adapter and the core are one copy of the code: a gate made here is known there.
const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })
const app = fastify({ frameworkErrors: fallback(gate) })
await app.register(guard(gate))
app.get('/', (request) => passOf(gate, request).rule)

const base = await app.listen({ port: 0, host: '127.0.0.1' })
assert.equal(await (await fetch(`${base}/`)).text(), 'default')
assert.equal((await (await fetch(`${base}/missing`)).json()).code, 'not_found')
await app.close()
