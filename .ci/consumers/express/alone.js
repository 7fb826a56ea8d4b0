// Express without us: hardened.mjs tries whether it runs with a flag.
import { createServer } from 'node:http'
import express from 'express'

const app = express()
app.get('/', (_req, res) => res.send('ok'))
const server = createServer(app)
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const answer = await fetch(`http://127.0.0.1:${server.address().port}/`)
if ((await answer.text()) !== 'ok') throw new Error(`Express answered ${answer.status}`)
server.closeAllConnections()
server.close()
