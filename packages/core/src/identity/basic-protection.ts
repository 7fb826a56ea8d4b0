import { withError } from '../contract/check.ts'
import { randomBytes } from 'node:crypto'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import { bad, type BadCredentials, type Identification } from '../contract/scheme.ts'
import { keyedHash } from '../lib/digest.ts'
import { secondsToWait } from '../lib/duration.ts'
import { type LoginAttempt, type LoginProtection, type RefusedLogin, whyRefused } from './login-protection.ts'

const FAILED: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the login protection, or the verification of the password, threw or rejected'),
)

/** Requests with the same credentials from the same network that are under way. */
interface Group {
  readonly attempt: Promise<LoginAttempt>
  size: number
}

/** Looks at one name and password, when it may. */
export type Guarded<P extends Principal> = (
  username: string,
  password: string,
  request: RequestFacts,
  login: () => Identification<P> | Promise<Identification<P>>,
) => Promise<Identification<P>>

/**
 * Lets a protection count every name and password that is tried (AUT-16).
 *
 * With Basic each request is a login, and a client sends many at once. Those of one name, password and network that are
 * under way together are one attempt: they guess no more than one of them does, and a page that loads ten things is no
 * ten failures.
 */
export function guardLogins<P extends Principal>(protection: LoginProtection): Guarded<P> {
  const underWay = new Map<string, Group>()
  // No password is kept, nor what tells it to anybody who reads the memory of this process.
  const key = randomBytes(32)

  return async (username, password, request, login) => {
    const client = request.clientKey
    const id = keyedHash(key, JSON.stringify([client, username, password]), 32)
    const group = underWay.get(id) ?? { attempt: attempt(username, client), size: 0 }
    underWay.set(id, group)
    group.size += 1
    try {
      const tried = await group.attempt
      if (!tried.allowed) return { ...limited(tried), account: username }
      const found = await login()
      if (found.type === 'authenticated') await protection.succeeded(username, client)
      return found
    } catch (error) {
      return withError(FAILED, error)
    } finally {
      group.size -= 1
      if (group.size === 0) underWay.delete(id)
    }
  }

  /** One of somebody's own may throw at once. */
  async function attempt(username: string, client: string | undefined): Promise<LoginAttempt> {
    return protection.attempt(username, client)
  }
}

function limited(refused: RefusedLogin): BadCredentials {
  return {
    ...bad('login.limited', whyRefused(refused)),
    fields: ['Retry-After', String(secondsToWait(refused.retryAfterMs))],
  }
}
