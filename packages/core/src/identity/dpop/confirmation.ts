import { confirmation, type TokenPrincipal } from '../tokens.ts'

/** How a token may name the key that it is bound to: RFC 9449 §6.1, RFC 8705 §3.1. */
const METHODS = ['jkt', 'x5t#S256'] as const

/**
 * The key that a token is bound to, by one method; `undefined` when it is not, or by the other method besides.
 *
 * RFC 7800 §3.1 lets a `cnf` have members that nobody knows. One that we know and that is not checked here would be a
 * protection that the issuer counts on and nobody gives.
 */
export function confirmationOf(
  principal: TokenPrincipal,
  method: (typeof METHODS)[number],
): string | undefined {
  const cnf = confirmation(principal)
  if (typeof cnf !== 'object' || cnf === null || !Object.hasOwn(cnf, method)) return undefined
  if (METHODS.some((other) => other !== method && Object.hasOwn(cnf, other))) return undefined
  const value: unknown = Reflect.get(cnf, method)
  return typeof value === 'string' ? value : undefined
}
