import { KnownKeys } from '../lib/known-keys.ts'
import type { SecurityEvent } from './event.ts'
import type { Principal } from './principal.ts'

/**
 * What was found out about a caller, once and not with each request: whoever remembers the caller keeps it, and whoever finds
 * something out puts it here. It is about one principal that never changes, and ends with it.
 */
export class KnownCaller {
  readonly principal: Principal
  /** Whether somebody looked at the principal, and it is well-formed. */
  isSound = false
  /** How events name the caller, once one has. */
  named: SecurityEvent['principal'] = undefined
  /** What limits count the caller under. */
  readonly keys: KnownKeys = new KnownKeys()

  /** @param principal of which nothing can be changed any more */
  constructor(principal: Principal) {
    this.principal = principal
  }
}

/** What a scheme found, with what will be known of its caller beside it: whoever looks at what was found sees nothing of that. */
export function withCaller<F extends { readonly principal: Principal }>(found: F): F {
  return Object.freeze(
    Object.defineProperty({ ...found }, 'caller', { value: new KnownCaller(found.principal) }),
  )
}

/** What is known of a caller whom a scheme gives; one of somebody's own may call anything else so. */
export function callerOf(found: { readonly principal: Principal }): KnownCaller | undefined {
  const { caller } = found as { readonly caller?: unknown }
  return caller instanceof KnownCaller && caller.principal === found.principal ? caller : undefined
}
