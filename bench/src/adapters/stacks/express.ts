import { createServer, type Server } from 'node:http'
import { fallback, guard, serverOptions } from '@gatehouse/adapter-express'
import express, { type Response } from 'express'
import { serve } from '../../stacks/serve.ts'
import { BODY, PATH } from '../../workload.ts'
import { readSide } from './side.ts'

const served = readSide()
// As Express is served where nothing is said: it swaps the prototypes of each request and response.
const isPlain = process.argv[4] === 'plain'
const app = express()
app.disable('etag')
app.disable('x-powered-by')

if (served.side === 'gate') {
  app.use(guard(served.gate))
  app.get(PATH, (_req, res) => answer(res))
  app.use(fallback(served.gate))
  serve(served.gate.attach(server()), served.abilities)
} else {
  app.get(PATH, (_req, res) => {
    for (const [name, values] of served.fields()) res.set(name, values)
    answer(res)
  })
  serve(server(), served.abilities)
}

function server(): Server {
  return isPlain ? createServer(app) : createServer(serverOptions(app), app)
}

function answer(res: Response): void {
  res.type('application/json').send(BODY)
}
