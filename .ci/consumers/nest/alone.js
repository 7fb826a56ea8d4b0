// Nest on Express and Fastify without us, and without decorators, which this file cannot have: hardened.mjs tries whether it
// runs with a flag.
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'

for (const adapter of [new ExpressAdapter(), new FastifyAdapter()]) {
  class App {
    isAlone = true
  }
  Module({})(App)
  const app = await NestFactory.create(App, adapter, { logger: ['error'] })
  app.use('/', (_req, res) => res.end('ok'))
  await app.listen(0, '127.0.0.1')
  const answer = await fetch(await app.getUrl())
  if ((await answer.text()) !== 'ok') throw new Error(`Nest answered ${answer.status}`)
  await app.close()
}
