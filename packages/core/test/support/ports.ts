import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of a test. */
export interface Listening {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Listens on a port of this machine; 0 is any free one. Rejects when it is taken. */
export function listening(listener: RequestListener, port = 0): Promise<Listening> {
  const server = createServer(listener)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => {
          server.closeAllConnections()
          return new Promise((done) => server.close(() => done()))
        },
      })
    })
  })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { port, close } = await listening((_req, res) => void res.end())
  await close()
  return port
}
