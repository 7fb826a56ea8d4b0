/** What documents import from `./users.js`. */
import type { IncomingMessage } from 'node:http'

/** Nobody is known here: no block that is run logs in. */
export function findUser(username: string): Promise<
  | {
      readonly id: string
      readonly passwordHash: string
      readonly roles: readonly string[]
      readonly scopes: readonly string[]
    }
  | undefined
> {
  return Promise.reject(new Error(`nobody looks for ${username}`))
}

/** Reads what nobody sends. */
export function readForm(
  req: IncomingMessage,
): Promise<{ readonly username: string; readonly password: string }> {
  return Promise.reject(new Error(`nobody sends a form to ${req.url}`))
}
