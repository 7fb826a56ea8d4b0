import type { CredentialKind } from '../../contract/scheme.ts'

/** A token that is not accepted. */
export interface Rejection {
  readonly ok: false
  /** What happened, from the table of kinds. */
  readonly kind: CredentialKind
  /** Why, for the log: constant text, no part of the token (AUT-07). */
  readonly reason: string
}

/** Rejects a token; made once per reason, when the module is loaded. */
export function rejection(kind: CredentialKind, reason: string): Rejection {
  return Object.freeze({ ok: false, kind, reason })
}
