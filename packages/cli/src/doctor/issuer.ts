import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { shownUrl } from '../clean.ts'
import type { Answer, Send } from './http.ts'

/** What an issuer publishes. */
export interface IssuerSeen {
  readonly issuer: string
  /** Whether its metadata could be read, and where. */
  readonly metadata:
    { readonly url: string; readonly issuer: unknown; readonly jwksUri: string | undefined } | undefined
  /** Its keys, `undefined` where they could not be read. */
  readonly keys: readonly KeySeen[] | undefined
}

/** What a published key is. */
export interface KeySeen {
  readonly kid: string | undefined
  readonly kty: unknown
  /** Of an RSA key; `undefined` for another, or one that cannot be read. */
  readonly bits: number | undefined
  /** Whether it holds what nobody but the issuer may know. */
  readonly isSecret: boolean
}

/** Reads the metadata and the keys of an issuer, as OpenID Connect Discovery and RFC 8414 place them. */
export async function lookAtIssuer(issuer: string, send: Send): Promise<IssuerSeen | undefined> {
  const base = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (base === undefined || !/^https?:$/.test(base.protocol)) return undefined
  const path = base.pathname.replace(/\/$/, '')
  const places = [
    at(base, `${path}/.well-known/openid-configuration`),
    at(base, `/.well-known/oauth-authorization-server${path}`),
  ]
  for (const url of places) {
    // oxlint-disable-next-line no-await-in-loop -- the second is asked only when the first has nothing
    const found = jsonOf(await send(url))
    if (found === undefined) continue
    const uri = found['jwks_uri']
    const jwksUri = typeof uri === 'string' && isHttp(uri) ? uri : undefined
    // oxlint-disable-next-line no-await-in-loop
    const set = jwksUri === undefined ? undefined : jsonOf(await send(new URL(jwksUri)))
    const keys = set?.['keys']
    return {
      issuer,
      metadata: {
        url: shownUrl(url),
        issuer: found['issuer'],
        jwksUri: jwksUri === undefined ? undefined : shownUrl(jwksUri),
      },
      keys: Array.isArray(keys) ? keys.filter(isObject).map((key) => keySeen(key as JsonWebKey)) : undefined,
    }
  }
  return { issuer, metadata: undefined, keys: undefined }
}

/** Another path of the same server: a path that begins with two slashes is no other host. */
function at(base: URL, path: string): URL {
  const url = new URL(base.origin)
  url.pathname = path
  return url
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function jsonOf(answer: Answer | undefined): Readonly<Record<string, unknown>> | undefined {
  if (answer?.status !== 200) return undefined
  try {
    const value: unknown = JSON.parse(answer.body)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function keySeen(jwk: JsonWebKey): KeySeen {
  const { kty, d, k, n, e } = jwk
  let bits: number | undefined
  try {
    if (kty === 'RSA' && n !== undefined && e !== undefined)
      bits = createPublicKey({ key: { kty, n, e }, format: 'jwk' }).asymmetricKeyDetails?.modulusLength
  } catch {
    // No key that node reads: its length stays unknown.
  }
  return {
    kid: typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined,
    kty,
    bits,
    isSecret: d !== undefined || k !== undefined || kty === 'oct',
  }
}
