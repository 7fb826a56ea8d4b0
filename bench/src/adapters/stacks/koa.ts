import { createServer, type Server } from 'node:http'
import { guard } from '@gatehouse/adapter-koa'
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { serve } from '../../stacks/serve.ts'
import { BODY, PATH } from '../../workload.ts'
import { readSide } from './side.ts'

const served = readSide()
const app = new Koa()
const router = new Router()

if (served.side === 'gate') {
  app.use(guard(served.gate))
  router.get(PATH, answer)
  app.use(router.routes())
  serve(served.gate.attach(serverOf(app)), served.abilities)
} else {
  router.get(PATH, (ctx) => {
    for (const [name, values] of served.fields()) ctx.set(name, values)
    answer(ctx)
  })
  app.use(router.routes())
  serve(serverOf(app), served.abilities)
}

function serverOf(koa: Koa): Server {
  const listener = koa.callback()
  return createServer((req, res) => void listener(req, res))
}

function answer(ctx: Pick<Context, 'type' | 'body'>): void {
  ctx.type = 'application/json'
  ctx.body = BODY
}
