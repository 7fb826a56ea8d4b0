import { once } from 'node:events'
import { createServer } from 'node:http'
import { type Handler, session, type SessionPrincipal, verifyPassword } from '@gatehouse/core'
import { redisStore } from '@gatehouse/store-redis'
import { Redis } from 'ioredis'
import { fleetGate } from './policy.ts'

/** What a process of the fleet is told by the one that started it. */
export interface Told {
  readonly port: number
  /** Where Redis is: a URL, or the path of a socket. */
  readonly redis: string
  /** Seals the cookies: what one process has sealed, each of them opens. */
  readonly secret: string
  readonly passwordHash: string
  /** How long a request waits for Redis, in milliseconds. */
  readonly deadlineMs: number
}

/** One process of the fleet. It knows nothing of the others but what is in Redis. */
export async function work({ port, redis, secret, passwordHash, deadlineMs }: Told): Promise<void> {
  const client = new Redis(redis, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: deadlineMs / 2,
  })
  client.on('error', (error: Error) => console.error(error.message))
  const store = redisStore({ client, prefix: 'fleet' })
  const sessions = session({ keys: [{ id: 'fleet', secret }], store, dangerouslyAllowHttp: true })
  const gate = fleetGate({ port, store, sessions, deadlineMs })

  const routes: Readonly<Record<string, Handler<SessionPrincipal>>> = {
    'GET /hello': (_req, res) => res.end(JSON.stringify({ hello: 'world', process: process.pid })),
    async 'POST /login'(req, res, pass) {
      const { user, password } = pass.content as { readonly user?: unknown; readonly password?: unknown }
      const isRight = await verifyPassword(typeof password === 'string' ? password : '', passwordHash)
      if (user !== 'alice' || !isRight) {
        pass.tell('refused', 'credentials.wrong', 'a login with a wrong name or password')
        return res.writeHead(403).end()
      }
      await sessions.start(req, res, { subject: user })
      return res.end(JSON.stringify({ welcome: user, process: process.pid }))
    },
    'GET /me': (_req, res, { principal }) =>
      res.end(JSON.stringify({ user: principal.subject, process: process.pid })),
    async 'POST /logout'(req, res) {
      await sessions.end(req, res)
      return res.writeHead(204).end()
    },
  }
  const handler = gate.handler((req, res, pass) => {
    const handle = routes[`${pass.method} ${pass.path}`]
    if (handle === undefined) return gate.notFound(req, res)
    res.setHeader('Content-Type', 'application/json')
    return handle(req, res, pass)
  })
  const server = gate.attach(createServer(handler))
  await once(client, 'ready') // until then every request is one whose store fails
  server.listen(port, '127.0.0.1')

  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await gate.close()
    client.disconnect()
    process.exit()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}
