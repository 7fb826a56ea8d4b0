import { connect, type Socket } from 'node:net'

/** A connection of a client on loopback that keeps what comes, and hears nothing of errors. */
export interface Dialed {
  readonly socket: Socket
  /** What came so far. */
  readonly text: () => string
  /** All that came, once the connection has ended. */
  readonly ended: Promise<string>
}

/** Connects to a port of 127.0.0.1, and writes. */
export function dial(port: number, bytes = '', from?: string): Dialed {
  const socket = connect({ port, host: '127.0.0.1', ...(from !== undefined && { localAddress: from }) })
  let received = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => (received += chunk))
  // A server that cuts a connection resets it.
  socket.on('error', () => undefined)
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(received)))
  if (bytes !== '') socket.write(bytes, 'latin1')
  return { socket, text: () => received, ended }
}
