// Fastify without us: hardened.mjs tries whether it runs with a flag.
import fastify from 'fastify'

const app = fastify()
app.get('/', () => 'ok')
const base = await app.listen({ port: 0, host: '127.0.0.1' })
const answer = await fetch(base)
if ((await answer.text()) !== 'ok') throw new Error(`Fastify answered ${answer.status}`)
await app.close()
