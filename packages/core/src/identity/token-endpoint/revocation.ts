import { optional, type OptionReaders, required } from '../../options/read.ts'
import { having, integer } from '../../options/readers.ts'
import { findFormProblem, parameter } from '../oauth2-form.ts'
import { readOrThrow } from '../../options/read-or-throw.ts'
import type { RefreshTokens } from '../refresh-tokens.ts'
import { authenticateClient, type FindClient, type OAuthClient } from './clients.ts'
import { type Answered, type EndpointHandler, formEndpoint, type Received, refused } from './handler.ts'
import { readClients } from './read-clients.ts'
import { refusal, REVOKED, WRONG_REFRESH_TOKEN } from './reply.ts'

/** Options of {@link revocationEndpoint}. */
export interface RevocationEndpointOptions {
  /** What `refreshTokens` made: the same as the token endpoint's. */
  readonly refresh: RefreshTokens
  /** The clients, where the token endpoint has them: a token is called back by its own client alone. */
  readonly clients?: readonly OAuthClient[] | FindClient
  /**
   * The most bytes of a form.
   *
   * @default 16384
   */
  readonly maxBodyBytes?: number
}

const READERS = {
  refresh: required(
    having<RefreshTokens>('what refreshTokens made', 'refreshTokens({ ... })', 'find', 'revoke'),
    'Write what the token endpoint has: refreshTokens({ ... }).',
  ),
  clients: optional(readClients),
  maxBodyBytes: optional(integer(1024, 1_048_576), 16_384),
} satisfies OptionReaders<RevocationEndpointOptions>

const NO_TOKEN = refusal(400, 'invalid_request', 'The parameter token is missing.')
const UNSUPPORTED = refusal(400, 'unsupported_token_type', 'Only refresh tokens can be revoked here.')

/**
 * Makes the handler of a revocation endpoint: a client gives its refresh token back at a logout, and the login ends.
 *
 * A text that is no token, or no longer, is answered as if it had been one: it is good for nothing now. An access token
 * is `unsupported_token_type`: it is good to its end.
 *
 * The route must be public: whoever has the token may give it back.
 *
 * @throws ConfigError with every unusable option at once; the handler itself never rejects
 * @example
 * const revoke = revocationEndpoint({ refresh, clients })
 * if (req.url === '/revoke') return revoke(req, res, pass)
 * @see RFC 7009 §2
 */
export function revocationEndpoint(options: RevocationEndpointOptions): EndpointHandler {
  const { refresh, clients, maxBodyBytes } = readOrThrow('revocationEndpoint', options, READERS, ['refresh'])

  return formEndpoint(
    'revocation endpoint',
    maxBodyBytes,
    async ({ form, req }: Received): Promise<Answered> => {
      const problem = findFormProblem(form)
      if (problem !== undefined) return { reply: refusal(400, problem.error, problem.description) }
      const token = parameter(form, 'token')
      if (token === undefined) return { reply: NO_TOKEN }
      const presented = {
        clientId: parameter(form, 'client_id'),
        clientSecret: parameter(form, 'client_secret'),
      }
      const found = clients === undefined ? undefined : await authenticateClient(clients, presented, req)
      if (found?.type === 'refused') {
        const reason = `a client of the revocation endpoint was refused: ${found.reason}`
        return refused(found.reply, 'credentials.wrong', reason)
      }
      // A refresh token has no dots, and a JWT has two. RFC 7009 §2.2.1: whoever sent it must not think it is gone.
      if (token.includes('.')) return { reply: UNSUPPORTED }
      const state = await refresh.find(token)
      const owner = state.type === 'current' ? state.grant.clientId : undefined
      if (owner !== undefined && found !== undefined && owner !== found.client.id) {
        // RFC 7009 §2.1: the request is refused, and the client is informed.
        const reason = 'a client tried to revoke the refresh token of another'
        return refused(WRONG_REFRESH_TOKEN, 'credentials.wrong', reason)
      }
      await refresh.revoke(token)
      return { reply: REVOKED }
    },
  )
}
