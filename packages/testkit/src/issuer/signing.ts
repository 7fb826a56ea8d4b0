import { constants, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'

/** The algorithms by which a fake issuer can sign: those of key pairs (RFC 7518 §3.1, RFC 9864). */
export type FakeAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'ES512' | 'Ed25519' | 'EdDSA'

/** A key pair with the name that goes into the header of its tokens. */
export interface SigningKey {
  /** By this the header of a token names it, and the JWK Set lists it. */
  readonly kid: string
  /** The one algorithm that it signs with. */
  readonly alg: FakeAlgorithm
  /** Signs tokens; it is in this process alone. */
  readonly privateKey: KeyObject
  /** What the issuer publishes as a JWK. */
  readonly publicKey: KeyObject
}

type Pair = Pick<SigningKey, 'privateKey' | 'publicKey'>

const rsa = (): Pair => generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = (namedCurve: string) => (): Pair => generateKeyPairSync('ec', { namedCurve })
const ed25519 = (): Pair => generateKeyPairSync('ed25519')

/** How each algorithm makes a pair, and a signature. Shares nothing with core, so that no mistake is made twice. */
const ALGORITHMS: Readonly<
  Record<FakeAlgorithm, { readonly pair: () => Pair; readonly hash: string | null; readonly pss?: true }>
> = {
  RS256: { pair: rsa, hash: 'sha256' },
  PS256: { pair: rsa, hash: 'sha256', pss: true },
  ES256: { pair: ec('P-256'), hash: 'sha256' },
  ES384: { pair: ec('P-384'), hash: 'sha384' },
  ES512: { pair: ec('P-521'), hash: 'sha512' },
  Ed25519: { pair: ed25519, hash: null },
  EdDSA: { pair: ed25519, hash: null },
}

/** Makes a key pair for an algorithm. */
export function signingKey(alg: FakeAlgorithm, kid: string): SigningKey {
  return { kid, alg, ...ALGORITHMS[alg].pair() }
}

/** The public half, as a JWK Set has it. */
export function publicJwk({ kid, alg, publicKey }: SigningKey): JsonWebKey {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }
}

/** JSON, or a text as it is, as a part of a token. */
export function tokenPart(value: object | string): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** Signs a header and a payload as they are, however odd: the signature fits (RFC 7515 §3.1). */
export function signParts(header: object | string, payload: object | string, key: SigningKey): string {
  const { hash, pss } = ALGORITHMS[key.alg]
  const signed = `${tokenPart(header)}.${tokenPart(payload)}`
  const signature = sign(hash, Buffer.from(signed), {
    key: key.privateKey,
    // RFC 7518 §3.4 wants the two numbers side by side, and no DER.
    dsaEncoding: 'ieee-p1363',
    ...(pss && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  })
  return `${signed}.${signature.toString('base64url')}`
}
