import cluster from 'node:cluster'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readSetup } from '../stacks/setup.ts'
import { gateWith } from '../stacks/whole-gate.ts'
import { BODY } from '../workload.ts'

/* A gate, or a bare server that answers with the same body, in one process or in several that share a port. */

/** What the bench asks: the processor time of all processes so far. */
export interface ServerAsked {
  readonly type: 'usage'
}
export type ServerTold =
  { readonly type: 'listening'; readonly port: number } | { readonly type: 'usage'; readonly micros: number }

const FIELD = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(BODY) }

process.setSourceMapsEnabled(false)
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())

const [side, workers = '1'] = process.argv.slice(2)
if (cluster.isPrimary && Number(workers) > 1) lead(Number(workers))
else serve()

function serve(): void {
  const server = side === 'gate' ? gated() : createServer((_req, res) => res.writeHead(200, FIELD).end(BODY))
  process.on('message', ({ type }: ServerAsked) => {
    if (type !== 'usage') return
    const { user, system } = process.cpuUsage()
    process.send?.({ type: 'usage', micros: user + system } satisfies ServerTold)
  })
  // A thousand connections come at once.
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
    const { port } = server.address() as AddressInfo
    process.send?.({ type: 'listening', port } satisfies ServerTold)
  })
}

function gated(): ReturnType<typeof createServer> {
  const gate = gateWith([() => undefined], { setup: readSetup('') })
  const server = createServer(gate.handler((_req, res) => res.writeHead(200, FIELD).end(BODY)))
  return gate.attach(server, { maxConnections: 20_000, maxConnectionsPerClient: 20_000 })
}

/** Leads workers: all listen on the port of the first, and what they use is told together. */
function lead(count: number): void {
  const all = Array.from({ length: count }, () => cluster.fork())
  let listening = 0
  cluster.on('listening', (_worker, { port }) => {
    listening += 1
    if (listening === count) process.send?.({ type: 'listening', port } satisfies ServerTold)
  })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const usages = all.map(
      (worker) =>
        new Promise<number>((resolve) => {
          const hear = (told: ServerTold): void => {
            if (told.type !== 'usage') return
            worker.off('message', hear)
            resolve(told.micros)
          }
          worker.on('message', hear)
          worker.send({ type: 'usage' } satisfies ServerAsked)
        }),
    )
    void Promise.all(usages).then((micros) => {
      const total = micros.reduce((sum, each) => sum + each, user + system)
      process.send?.({ type: 'usage', micros: total } satisfies ServerTold)
    })
  })
}
