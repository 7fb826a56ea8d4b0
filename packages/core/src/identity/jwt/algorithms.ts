import { constants } from 'node:crypto'

/**
 * A signature algorithm, by its registered name (RFC 7518 §3.1, RFC 9864).
 *
 * There is no `none`, and nothing derives a name from another: a name that is not in this list does not exist here.
 */
export type JwtAlgorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'Ed25519'
  | 'EdDSA'

/** What a key must be, and how it signs. One object per algorithm: two names of one algorithm share it. */
export interface Algorithm {
  /** The `kty` of a JWK (RFC 7518 §6.1, RFC 8037 §2). */
  readonly kty: 'oct' | 'RSA' | 'EC' | 'OKP'
  /** The hash as node:crypto names it; `undefined` when the algorithm has its own. */
  readonly hash: string | undefined
  /** The curve: as a JWK names it, as node:crypto does, and the bytes of one coordinate. */
  readonly curve: { readonly crv: string; readonly named: string; readonly bytes: number } | undefined
  /** The fewest bits of an HMAC secret or an RSA modulus; 0 where the curve decides. */
  readonly minBits: number
  /** The bytes of every signature; `undefined` for RSA, where the modulus decides. */
  readonly signatureBytes: number | undefined
  /** The padding of RSA; `undefined` elsewhere. */
  readonly padding: number | undefined
}

/** Every algorithm that exists here; names are compared exactly (JWT-03). */
export const ALGORITHMS: Readonly<Record<JwtAlgorithm, Algorithm>> = table()

function table(): Record<JwtAlgorithm, Algorithm> {
  const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants
  const ed25519: Algorithm = {
    kty: 'OKP',
    hash: undefined,
    curve: { crv: 'Ed25519', named: 'ed25519', bytes: 32 },
    minBits: 0,
    signatureBytes: 64,
    padding: undefined,
  }
  return {
    HS256: hmac(256),
    HS384: hmac(384),
    HS512: hmac(512),
    RS256: rsa(256, RSA_PKCS1_PADDING),
    RS384: rsa(384, RSA_PKCS1_PADDING),
    RS512: rsa(512, RSA_PKCS1_PADDING),
    PS256: rsa(256, RSA_PKCS1_PSS_PADDING),
    PS384: rsa(384, RSA_PKCS1_PSS_PADDING),
    PS512: rsa(512, RSA_PKCS1_PSS_PADDING),
    ES256: ecdsa(256, { crv: 'P-256', named: 'prime256v1', bytes: 32 }),
    ES384: ecdsa(384, { crv: 'P-384', named: 'secp384r1', bytes: 48 }),
    ES512: ecdsa(512, { crv: 'P-521', named: 'secp521r1', bytes: 66 }),
    Ed25519: ed25519,
    // RFC 9864 §4.1 deprecates this name since it leaves the curve open. It means Ed25519 alone here, and a token may
    // use it only where a key is configured for it by this name (JWT-17).
    EdDSA: ed25519,
  }
}

/** RFC 7518 §3.2: the secret has at least as many bits as the hash. */
function hmac(bits: number): Algorithm {
  return {
    kty: 'oct',
    hash: `sha${bits}`,
    curve: undefined,
    minBits: bits,
    signatureBytes: bits / 8,
    padding: undefined,
  }
}

/** RFC 7518 §3.3, §3.5: the modulus has at least 2048 bits. */
function rsa(bits: number, padding: number): Algorithm {
  return {
    kty: 'RSA',
    hash: `sha${bits}`,
    curve: undefined,
    minBits: 2048,
    signatureBytes: undefined,
    padding,
  }
}

/** RFC 7518 §3.4: one hash, one curve; the signature is both numbers, each as long as a coordinate. */
function ecdsa(bits: number, curve: NonNullable<Algorithm['curve']>): Algorithm {
  return {
    kty: 'EC',
    hash: `sha${bits}`,
    curve,
    minBits: 0,
    signatureBytes: 2 * curve.bytes,
    padding: undefined,
  }
}
