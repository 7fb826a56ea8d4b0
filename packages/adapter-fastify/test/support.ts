import type { FastifyInstance, InjectOptions } from 'fastify'
import { basic, gatehouse, type Gate, type Policy, type Principal } from '@gatehouse/core'

/** A gate whose callers are `reader`, who may read data, and whoever else, with a role of the same name. */
export function gateFor(policy: Omit<Policy, 'authenticate'> = {}): Gate {
  return gatehouse<Principal>({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    authenticate: basic({
      verify: (user) => ({ subject: user, scopes: user === 'reader' ? ['data:read'] : [], roles: [user] }),
    }),
    ...policy,
  })
}

/** What a caller sends to say who it is. */
export function as(user: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:secret`).toString('base64')}` }
}

/** Status and code of the problem, or the content, of an injected request. */
export async function ask(app: FastifyInstance, options: InjectOptions): Promise<string> {
  const { statusCode, body } = await app.inject(options)
  return `${statusCode} ${/"code":"(\w+)"/.exec(body)?.[1] ?? body}`
}
