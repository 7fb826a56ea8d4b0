import { bad, type BadCredentials, type CredentialKind } from '../../contract/scheme.ts'

/** A token that is not accepted. */
export interface Rejection {
  readonly ok: false
  /** What happened, from the table of kinds. */
  readonly kind: CredentialKind
  /** Why, for the log: constant text, no part of the token (AUT-07). */
  readonly reason: string
  /** After how many seconds it is worth asking again, where that is known: for `Retry-After`. */
  readonly retryAfterSeconds?: number
}

/** Rejects a token; made once per reason, when the module is loaded. */
export function rejection(kind: CredentialKind, reason: string, retryAfterSeconds?: number): Rejection {
  return Object.freeze({
    ok: false,
    kind,
    reason,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}

/** A rejection as what a scheme makes of a request. */
export function badOf({ kind, reason, retryAfterSeconds }: Rejection): BadCredentials {
  return retryAfterSeconds === undefined
    ? bad(kind, reason)
    : { ...bad(kind, reason), fields: ['Retry-After', String(retryAfterSeconds)] }
}
