import type { AddressInfo, Server } from 'node:net'
import { Mistake } from './settings.ts'

/**
 * Listens on this machine alone; gives the port, which is another than the one asked for when that was 0.
 *
 * @throws Mistake when the port cannot be had
 */
export function listen(server: Server, port: number, variable: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = REASONS[error.code ?? ''] ?? `cannot be had (${error.code ?? error.message})`
      reject(new Mistake(`Port ${port} ${reason}. Set ${variable} to another one, or to 0 for any free one.`))
    })
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'needs more rights than you have here',
}
