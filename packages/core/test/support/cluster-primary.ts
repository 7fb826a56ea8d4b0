/*
 * A cluster: the primary serves the store, and its one worker serves a gate on a port that it opens itself, so that it
 * answers while the primary is stopped.
 */
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clusterStore, serveClusterStore } from '../../src/limiting/cluster-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'

function startPrimary(): void {
  serveClusterStore()
  const worker = cluster.fork()
  worker.on('message', (message: { readonly port?: number }) => {
    if (message.port !== undefined) process.send?.({ port: message.port })
  })
  process.once('message', () => {
    worker.process.kill('SIGTERM')
    process.disconnect()
  })
  process.once('SIGTERM', () => {
    worker.process.kill('SIGKILL')
    process.exit()
  })
  // The test is gone.
  process.once('disconnect', () => worker.process.kill('SIGKILL'))
}

function startWorker(): void {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    rateLimit: { limit: 10, window: '1h' },
    store: clusterStore(),
    storeDeadline: '200ms',
  })
  const server = createServer(gate.handler((_req, res) => res.end('ok')))
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
    process.send?.({ port: (server.address() as AddressInfo).port })
  })
}

if (cluster.isPrimary) startPrimary()
else startWorker()
