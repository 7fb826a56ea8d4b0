// Koa without us: hardened.mjs tries whether it runs with a flag.
import { createServer } from 'node:http'
import Koa from 'koa'

const app = new Koa()
app.use((ctx) => {
  ctx.body = 'ok'
})
const server = createServer(app.callback())
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const answer = await fetch(`http://127.0.0.1:${server.address().port}/`)
if ((await answer.text()) !== 'ok') throw new Error(`Koa answered ${answer.status}`)
server.closeAllConnections()
server.close()
