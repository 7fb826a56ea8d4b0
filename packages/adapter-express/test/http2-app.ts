import type express from 'express'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { gatehouse } from '@gatehouse/core'
import { fallback, guard } from '../src/index.ts'

// A process of its own, which http2.test.ts starts: an app behind a gate, served with node:http2, and one request to it.
const { default: make } = (await import(process.argv[2] ?? 'express')) as { readonly default: typeof express }
const gate = gatehouse({
  dangerouslyAnyHost: true,
  https: 'dangerouslyAllowHttp',
  public: 'a test',
  observe: [(event) => console.log(event.code)],
})
const app = make()
app.use((_req, _res, next) => {
  console.log('a middleware ran')
  next()
})
app.use(guard(gate))
app.get('/open', (_req, res) => res.send('the handler ran'))
app.use(fallback(gate))

const server = createServer(app as unknown as Parameters<typeof createServer>[1])
server.listen(0, '127.0.0.1', () => {
  console.log('serves')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = client.request({ ':path': '/open' })
  stream.on('response', ({ ':status': status }) => console.log(`answered with ${status}`))
  stream.setEncoding('utf8').on('data', (text: string) => console.log(text))
  stream.on('close', () => {
    client.destroy()
    server.close()
  })
})
