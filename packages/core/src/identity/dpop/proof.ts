import { bad, type BadCredentials } from '../../contract/scheme.ts'
import { decodeBase64url } from '../../lib/base64url.ts'
import { jwkThumbprint } from '../jwk-thumbprint.ts'
import type { JwtAlgorithm } from '../jwt/algorithms.ts'
import { isMembers, member, type Members, readJsonPart } from '../jwt/json-part.ts'
import { hasSecretMember } from '../jwt/jwk.ts'
import { prepareKey } from '../jwt/keys.ts'
import { fitsSignature } from '../jwt/signature.ts'
import { normalType } from '../jwt/token-type.ts'

/** A DPoP proof that has the right form; its signature has not been looked at. */
export interface DpopProof {
  readonly alg: JwtAlgorithm
  /** The public key that the proof brings. */
  readonly jwk: Members
  /** The {@link jwkThumbprint} of that key. */
  readonly thumbprint: string
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: number
  readonly ath: string
  readonly nonce: string | undefined
  /** What is signed, and the signature. */
  readonly signed: string
  readonly signature: Buffer
}

/** Room for a key of 2048 bits and a path of 2000 characters; most proofs have a tenth of it. */
const MAX_PROOF = 4096
const MAX_JTI_BYTES = 256

const NOT_JWT = malformed('the DPoP proof is not one JWT of up to 4096 characters')
const NOT_BASE64URL = malformed('a part of the DPoP proof is not canonical base64url')
const BAD_HEADER = malformed('the header of the DPoP proof is not a JSON object with distinct names')
const WRONG_TYPE = malformed('the "typ" of the DPoP proof is not dpop+jwt')
const WRONG_ALGORITHM = malformed('the policy does not allow the "alg" of the DPoP proof')
const CRITICAL = malformed('the header of the DPoP proof asks for an extension that is not supported')
const OTHER_KEY = malformed('the header of the DPoP proof names its key by something else than "jwk"')
const NO_KEY = malformed('the DPoP proof has no "jwk" that is a public key')
const PRIVATE_KEY = malformed('the "jwk" of the DPoP proof is a secret, or has a private part')
const WEAK_KEY = malformed('the "jwk" of the DPoP proof is not good for its "alg"')
const BAD_CLAIMS = malformed('the claims of the DPoP proof are not a JSON object with distinct names')
const LACKING = malformed(
  'the DPoP proof lacks "jti", "htm", "htu", "iat" or "ath", or one has the wrong form',
)
const LONG_ID = malformed('the "jti" of the DPoP proof is empty or longer than 256 bytes')
const BAD_NONCE = malformed('the "nonce" of the DPoP proof is not a text')
const BAD_SIGNATURE: BadCredentials = Object.freeze(
  bad('proof.bad-signature', 'the signature does not fit the DPoP proof'),
)

function malformed(reason: string): BadCredentials {
  return Object.freeze(bad('proof.malformed', reason))
}

/** A proof has one way to name its key, and nothing is fetched for it. */
const OTHER_KEYS = ['jku', 'x5u', 'x5c'] as const

/**
 * Reads a DPoP proof: checks 2 to 5 and 7 of RFC 9449 §4.3, which need no cryptography, in the canonical forms that
 * access tokens have to have. Linear in the bounded length, and it never throws.
 */
export function readProof(text: string, algorithms: ReadonlySet<unknown>): DpopProof | BadCredentials {
  if (text.length > MAX_PROOF) return NOT_JWT
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first < 0 || second < 0 || text.includes('.', second + 1)) return NOT_JWT
  const headerBytes = decodeBase64url(text.slice(0, first))
  const payload = decodeBase64url(text.slice(first + 1, second))
  const signature = decodeBase64url(text.slice(second + 1))
  if (headerBytes === undefined || payload === undefined || signature === undefined) return NOT_BASE64URL

  const header = readJsonPart(headerBytes)
  if (header === undefined) return BAD_HEADER
  const typ = member(header, 'typ')
  if (typeof typ !== 'string' || normalType(typ) !== 'dpop+jwt') return WRONG_TYPE
  const alg = member(header, 'alg')
  if (!algorithms.has(alg)) return WRONG_ALGORITHM
  // RFC 7515 §4.1.11, RFC 7797 §6: no extension is supported.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return CRITICAL
  for (const name of OTHER_KEYS) if (Object.hasOwn(header, name)) return OTHER_KEY
  const jwk = member(header, 'jwk')
  if (!isMembers(jwk)) return NO_KEY
  if (hasSecretMember(jwk)) return PRIVATE_KEY
  const thumbprint = jwkThumbprint(jwk)
  if (thumbprint === undefined) return NO_KEY

  const claims = readJsonPart(payload)
  if (claims === undefined) return BAD_CLAIMS
  const jti = member(claims, 'jti')
  const htm = member(claims, 'htm')
  const htu = member(claims, 'htu')
  const iat = member(claims, 'iat')
  // RFC 9449 §4.2: REQUIRED with an access token, and there is always one here.
  const ath = member(claims, 'ath')
  const nonce = member(claims, 'nonce')
  if (typeof jti !== 'string' || typeof htm !== 'string' || typeof htu !== 'string') return LACKING
  if (typeof ath !== 'string' || typeof iat !== 'number' || !Number.isFinite(iat)) return LACKING
  if (jti === '' || Buffer.byteLength(jti) > MAX_JTI_BYTES) return LONG_ID
  if (nonce !== undefined && typeof nonce !== 'string') return BAD_NONCE
  // The set holds names of algorithms alone.
  const known = alg as JwtAlgorithm
  return {
    alg: known,
    jwk,
    thumbprint,
    jti,
    htm,
    htu,
    iat,
    ath,
    nonce,
    signed: text.slice(0, second),
    signature,
  }
}

/** Check 6 of RFC 9449 §4.3: whether the proof was signed with the key that it brings. Never throws. */
export function findSignatureProblem(proof: DpopProof): BadCredentials | undefined {
  const key = prepareKey(proof.alg, proof.jwk, 'verify')
  if ('code' in key) return WEAK_KEY
  return fitsSignature(key, proof.signed, proof.signature) ? undefined : BAD_SIGNATURE
}
