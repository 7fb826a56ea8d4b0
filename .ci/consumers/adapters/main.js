import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { gatehouse } from '@gatehouse/core'
import * as onExpress from '@gatehouse/adapter-express'
import * as onHono from '@gatehouse/adapter-hono'
import fastify from 'fastify'
import * as onFastify from '@gatehouse/adapter-fastify'
import * as onKoa from '@gatehouse/adapter-koa'

// The adapters and the core are one copy of the code: a gate made here is known there.
const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })

const expressApp = express()
expressApp.use(onExpress.guard(gate))
expressApp.get('/', (req, res) => res.send(onExpress.passOf(gate, req).rule))
expressApp.use(onExpress.fallback(gate))

const honoApp = new Hono()
honoApp.use(onHono.guard(gate))
honoApp.get('/', (c) => c.text(onHono.passOf(gate, c).rule))
onHono.fallback(gate, honoApp)

const koaApp = new Koa()
koaApp.use(onKoa.guard(gate))
koaApp.use((ctx) => {
  if (ctx.path === '/') ctx.body = onKoa.passOf(gate, ctx).rule
})

const fastifyApp = fastify({ frameworkErrors: onFastify.fallback(gate) })
await fastifyApp.register(onFastify.guard(gate))
fastifyApp.get('/', (request) => onFastify.passOf(gate, request).rule)
await fastifyApp.ready()

for (const listener of [
  expressApp,
  getRequestListener(honoApp.fetch),
  koaApp.callback(),
  fastifyApp.routing,
]) {
  const server = createServer(listener)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${server.address().port}`
  assert.equal(await (await fetch(`${base}/`)).text(), 'default')
  assert.equal((await (await fetch(`${base}/missing`)).json()).code, 'not_found')
  server.closeAllConnections()
  server.close()
}
