/** A token that an API must refuse, and what is wrong with it, in words. */
export interface BadToken {
  /** In words, for titles: `an expired token`. */
  readonly name: string
  /** As a caller would send it, without the name of a scheme. */
  readonly token: string
}

/** Whose tokens an API is asked with: a fake issuer, or what makes credentials of another kind. */
export interface TokenSource {
  /** A credential of a caller who has exactly these scopes and roles. */
  readonly token: (claims: Granted) => string
  /** Credentials that must be refused with 401, whatever they are for. */
  readonly refused: () => readonly BadToken[]
}

/** What a caller has; `permissions`, `acr` and `auth_time` are there where a rule asks for them. */
export interface Granted {
  /** Exactly these, and no other: checks leave one out, and see that the API refuses. */
  readonly scope: readonly string[]
  /** Exactly these, and no other. */
  readonly roles: readonly string[]
  readonly [claim: string]: unknown
}
