import { generateKeyPairSync } from 'node:crypto'
import type { RequestListener } from 'node:http'
import Provider from 'oidc-provider'

/** A private key by which tokens are signed, as the provider takes it. */
export function signingKey(kid: string): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
}

/** Access tokens for each API that is asked for: opaque ones where its name ends so, JWTs elsewhere. */
export const RESOURCES: object = {
  enabled: true,
  getResourceServerInfo: (_ctx: unknown, resource: string) => ({
    scope: 'data:read',
    audience: resource,
    accessTokenFormat: resource.endsWith('/opaque') ? 'opaque' : 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  }),
}

/** An authorization server that no one here wrote, and what it answers. */
export function providerListener(issuer: string, configuration: object): RequestListener {
  // It tells on the console that it is set up for tests.
  const { warn, info } = console
  Object.assign(console, { warn: () => undefined, info: () => undefined })
  try {
    const answer = new Provider(issuer, configuration).callback()
    return (req, res) => void answer(req, res)
  } finally {
    Object.assign(console, { warn, info })
  }
}
