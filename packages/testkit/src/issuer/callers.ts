/** The claims of a token; one that is `undefined` is left out. */
export interface TokenClaims {
  /** @default 'alice' */
  readonly sub?: string | undefined
  /** Scopes, as one text or as a list: a token has the text. */
  readonly scope?: string | readonly string[] | undefined
  /** As a list in the token, where a policy looks for them by default. */
  readonly roles?: readonly string[] | undefined
  readonly [claim: string]: unknown
}

/** How a token is made, besides its claims. */
export interface TokenOptions {
  /**
   * In how many seconds it ends; negative for one that has ended.
   *
   * @default 300
   */
  readonly expiresIn?: number
  /**
   * The `kid` of the key that signs: an older one, or `'unpublished'` for a key that nobody has heard of, under the name of the
   * current one.
   *
   * @default the current key
   */
  readonly key?: string
  /** Members of the header, over those that it has: `alg`, `kid`, and `typ: 'at+jwt'`. */
  readonly header?: Readonly<Record<string, unknown>>
  /**
   * `'opaque'` for a text that says nothing by itself: the issuer is asked what it means (RFC 7662).
   *
   * @default 'jwt'
   */
  readonly form?: 'jwt' | 'opaque'
}

/** Somebody who calls. */
export interface Caller {
  /** In words, for titles. */
  readonly is: string
  /** What the token says of them. */
  readonly claims: TokenClaims
  /** How the token is made, where that is what is wrong with it. */
  readonly options?: TokenOptions
  /** Whether an API must refuse the token with 401, whatever it is for. */
  readonly refused?: true
}

/** The names of {@link CALLERS}. */
export type CallerName =
  'alice' | 'bob' | 'machine' | 'expired' | 'early' | 'forged' | 'stranger' | 'elsewhere' | 'nobody'

const BOB: TokenClaims = { sub: 'bob', scope: 'data:read data:write', roles: ['admin'] }

/**
 * Callers that most tests need. Whoever is refused would be an administrator, were it not for what is wrong.
 *
 * @example
 * issuer.as('alice')
 * issuer.token({ ...CALLERS.alice.claims, tenant: 'acme' })
 */
export const CALLERS: Readonly<Record<CallerName, Caller>> = {
  alice: { is: 'somebody who may read', claims: { sub: 'alice', scope: 'data:read', roles: ['reader'] } },
  bob: { is: 'an administrator', claims: BOB },
  machine: {
    is: 'a machine that calls for itself',
    claims: { sub: 'orders-worker', client_id: 'orders-worker', scope: 'data:read data:write' },
  },
  // Beyond any skew of clocks that a policy may allow.
  expired: { is: 'an expired token', claims: BOB, options: { expiresIn: -3600 }, refused: true },
  early: { is: 'a token that is not valid yet', claims: BOB, options: { expiresIn: 7200 }, refused: true },
  forged: {
    is: 'a token of a forged signature',
    claims: BOB,
    options: { key: 'unpublished' },
    refused: true,
  },
  stranger: {
    is: 'a token of another issuer',
    claims: { ...BOB, iss: 'https://another-issuer.example' },
    options: { key: 'unpublished' },
    refused: true,
  },
  elsewhere: {
    is: 'a token for another API',
    claims: { ...BOB, aud: 'https://another-api.example' },
    refused: true,
  },
  nobody: { is: 'a token about nobody', claims: { ...BOB, sub: '' }, refused: true },
}
