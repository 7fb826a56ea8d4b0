import { FAILED, failure, type FetchFailure } from './failures.ts'
import type { Fetcher } from './fetch-json.ts'
import { isRemoteUrl } from './options.ts'

/** What the metadata of an issuer say: each URL only when it may be asked. */
export interface IssuerMetadata {
  readonly issuer: string
  readonly jwksUri: string | undefined
  readonly introspectionEndpoint: string | undefined
}

/** The metadata of an issuer, or why there are none. */
export type Discovery = { readonly ok: true; readonly metadata: IssuerMetadata } | FetchFailure

const NOT_METADATA = failure('the metadata of the issuer are not a JSON object')
const OTHER_ISSUER = failure('the metadata are those of another issuer')

/** How a server says that it has no such document: an error, the page of its application, or one to log in. */
const NOT_THERE: ReadonlySet<FetchFailure> = new Set([FAILED.status, FAILED.contentType, FAILED.redirect])

/**
 * Asks an issuer for its metadata: as an OpenID provider and, when it is none, as an authorization server.
 *
 * The `issuer` of the metadata must be the one that was asked for, character by character; without that test, one
 * issuer of a host could speak for another (RFC 8414 §3.3, OpenID Connect Discovery §4.3). Never rejects.
 *
 * @param issuer an absolute URL without query and fragment
 */
export async function discover(
  issuer: string,
  fetcher: Pick<Fetcher, 'getJson'>,
  dangerouslyAllowHttp: boolean,
): Promise<Discovery> {
  if (!URL.canParse(issuer)) return FAILED.url
  const [openid, oauth] = metadataUrls(issuer)
  let answer = await fetcher.getJson(openid)
  if (!answer.ok && NOT_THERE.has(answer)) answer = await fetcher.getJson(oauth)
  if (!answer.ok) return answer
  const { value } = answer
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NOT_METADATA
  if (read(value, 'issuer') !== issuer) return OTHER_ISSUER
  const url = (name: string): string | undefined => {
    const found = read(value, name)
    return isRemoteUrl(found, dangerouslyAllowHttp) ? found : undefined
  }
  return {
    ok: true,
    metadata: {
      issuer,
      jwksUri: url('jwks_uri'),
      introspectionEndpoint: url('introspection_endpoint'),
    },
  }
}

/** Where the metadata of an issuer are: OpenID Connect Discovery §4.1 appends, RFC 8414 §3.1 inserts. */
export function metadataUrls(issuer: string): readonly [openid: string, oauth: string] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

function read(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
