import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Observer, type PolicyEngine, tokenIssuer } from '@gatehouse/core'
import { api } from './api.ts'
import { Articles } from './articles.ts'
import { articlesGate } from './policy.ts'

/** Who can call, and what they are. */
export const CALLERS: Readonly<Record<CallerName, readonly string[]>> = {
  alice: [],
  bob: [],
  edith: ['editor'],
  root: ['admin'],
}

export type CallerName = 'alice' | 'bob' | 'edith' | 'root'

/** The server, while it runs. */
export interface Running {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** A token for each caller, good for 15 minutes. */
  readonly tokens: Readonly<Record<CallerName, string>>
  readonly close: () => Promise<void>
}

/** Serves the articles on this machine alone; port 0 takes any free one. */
export async function serve(engine: PolicyEngine, port: number, observe: Observer): Promise<Running> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  // The port comes first: the policy names the hosts that it answers for.
  const { port: listening } = server.address() as AddressInfo

  // A secret of this run. Yours come from whoever logs your users in.
  const issuer = {
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    key: { alg: 'HS256', key: randomBytes(32) },
  } as const
  const articles = new Articles()
  const gate = articlesGate({ port: listening, engine, articles, issuer, observe })
  gate.attach(server).on('request', gate.handler(api(gate, articles)))

  const { issue } = tokenIssuer(issuer)
  const tokenOf = (subject: CallerName): string => issue({ subject, roles: CALLERS[subject] }).token
  return {
    url: `http://127.0.0.1:${listening}`,
    tokens: { alice: tokenOf('alice'), bob: tokenOf('bob'), edith: tokenOf('edith'), root: tokenOf('root') },
    async close() {
      server.close()
      server.closeAllConnections()
      await gate.close()
    },
  }
}
