import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gatehouse, metrics } from '@gatehouse/core'
import { openTelemetry } from '@gatehouse/otel'

// Without an SDK the API does nothing: what is shipped still measures, and breaks nothing.
const meter = metrics()
const gate = gatehouse({
  hosts: ['localhost'],
  https: 'dangerouslyAllowHttp',
  public: 'a test',
  metrics: [meter, openTelemetry()],
})
const server = createServer(gate.handler((_req, res) => res.end('ok')))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  get({ port, host: '127.0.0.1', headers: { host: 'localhost' }, agent: false }, (res) => {
    res.resume().once('end', () => {
      server.close()
      const [event] = meter.snapshot().events
      if (res.statusCode !== 200 || event?.count !== 1) throw new Error('nothing was measured')
      meter.close()
    })
  })
})
