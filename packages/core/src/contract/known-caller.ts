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

/** What is known of a caller, beside the principal of a scheme that remembers them. */
export interface Known {
  readonly caller: KnownCaller
}

/** What is known of a caller whom a scheme gives; one of somebody's own may call anything else so. */
export function callerOf(found: { readonly principal: Principal }): KnownCaller | undefined {
  const { caller } = found as { readonly caller?: unknown }
  return caller instanceof KnownCaller && caller.principal === found.principal ? caller : undefined
}
