import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopback, parseIp } from '../lib/ip.ts'
import type { Duration } from '../lib/duration.ts'
import { distinctList, duration, oneOf, scopeName, textThat } from '../options/readers.ts'
import { optional, type OptionReaders, required } from '../options/read.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import type { GrantType } from './token-endpoint/clients.ts'
import { GRANT_TYPES } from './token-endpoint/read-clients.ts'

/** How a client can authenticate (RFC 7591 §2): `none` is a public client, known by its id. */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post' | 'none'

/** Options of {@link authorizationServerMetadata}. */
export interface AuthorizationServerOptions {
  /** The `iss` of its tokens: an https URL without query and fragment. */
  readonly issuer: string
  /** The URL of the token endpoint. */
  readonly tokenEndpoint: string
  /** The grants that it offers. */
  readonly grants: readonly GrantType[]
  /**
   * How its clients authenticate.
   *
   * @default ['client_secret_basic', 'client_secret_post']
   */
  readonly clientAuthentication?: readonly ClientAuthentication[]
  /** The URL of the keys: where `jsonDocument(issuer.jwks())` is served. */
  readonly jwksUri?: string
  /** The URL of the revocation endpoint; its clients authenticate as at the token endpoint. */
  readonly revocationEndpoint?: string
  /** The scopes that clients should know of. */
  readonly scopes?: readonly string[]
  /** The URL of a page for people who write clients. */
  readonly documentation?: string
}

/** What an authorization server says about itself (RFC 8414 §2). */
export interface AuthorizationServerMetadata {
  /** The `iss` of its tokens; a client compares it with the one it asked for (RFC 8414 §3.3). */
  readonly issuer: string
  /** Where a client gets tokens, by any of the grants below. */
  readonly token_endpoint: string
  /** Where the keys are that verify its tokens; left out when they are published nowhere. */
  readonly jwks_uri?: string
  /** Where a client calls a token back (RFC 7009); left out when there is no such place. */
  readonly revocation_endpoint?: string
  /** A page for people who write clients. */
  readonly service_documentation?: string
  /** The scopes that clients should know of; there may be others. */
  readonly scopes_supported?: readonly string[]
  /** REQUIRED, and empty: there is no authorization endpoint. */
  readonly response_types_supported: readonly string[]
  /** The grants of the token endpoint; always said, since it would mean others left out (RFC 8414 §2). */
  readonly grant_types_supported: readonly GrantType[]
  /** How a client authenticates at the token endpoint: one of these. */
  readonly token_endpoint_auth_methods_supported: readonly ClientAuthentication[]
  /** The same as at the token endpoint; there when there is a revocation endpoint. */
  readonly revocation_endpoint_auth_methods_supported?: readonly ClientAuthentication[]
}

const url = textThat(isPublicUrl, 'an https URL', "one, such as 'https://api.example.com/token'")

const METHODS: readonly ClientAuthentication[] = ['client_secret_basic', 'client_secret_post', 'none']

const READERS = {
  issuer: required(
    textThat(isIssuer, 'an https URL without query and fragment', "one, such as 'https://api.example.com'"),
    'Write the "iss" of the tokens.',
  ),
  tokenEndpoint: required(url, "Write its URL, such as 'https://api.example.com/token'."),
  grants: required(
    distinctList(oneOf(...GRANT_TYPES), { min: 1, example: "a list, such as ['client_credentials']" }),
    'Write the grants that the token endpoint offers.',
  ),
  clientAuthentication: optional<readonly string[]>(
    distinctList(oneOf(...METHODS), { min: 1, example: "a list, such as ['client_secret_basic']" }),
    ['client_secret_basic', 'client_secret_post'],
  ),
  jwksUri: optional(url),
  revocationEndpoint: optional(url),
  scopes: optional(distinctList(scopeName(), { example: "a list of scopes, such as ['data:read']" })),
  documentation: optional(url),
} satisfies OptionReaders<AuthorizationServerOptions>

/**
 * Makes the metadata of an authorization server, from which clients learn where its endpoints are. Serve it with
 * {@link jsonDocument} at `/.well-known/oauth-authorization-server`, followed by the path of the issuer if it has one.
 *
 * URLs are https, or http on this machine.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const metadata = jsonDocument(
 *   authorizationServerMetadata({
 *     issuer: 'https://api.example.com',
 *     tokenEndpoint: 'https://api.example.com/token',
 *     jwksUri: 'https://api.example.com/jwks',
 *     grants: ['client_credentials'],
 *   }),
 * )
 * @see RFC 8414 §2, §3
 */
export function authorizationServerMetadata(
  options: AuthorizationServerOptions,
): AuthorizationServerMetadata {
  const read = readOrThrow('authorizationServerMetadata', options, READERS, [
    'issuer',
    'tokenEndpoint',
    'grants',
  ])
  const { jwksUri, revocationEndpoint, scopes, documentation } = read
  const grants = GRANT_TYPES.filter((grant) => read.grants.includes(grant))
  const methods = METHODS.filter((method) => read.clientAuthentication.includes(method))
  return Object.freeze({
    issuer: read.issuer,
    token_endpoint: read.tokenEndpoint,
    ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
    ...(revocationEndpoint === undefined ? {} : { revocation_endpoint: revocationEndpoint }),
    ...(documentation === undefined ? {} : { service_documentation: documentation }),
    ...(scopes === undefined ? {} : { scopes_supported: Object.freeze(scopes) }),
    response_types_supported: Object.freeze([]),
    grant_types_supported: Object.freeze(grants),
    token_endpoint_auth_methods_supported: Object.freeze(methods),
    // RFC 8414 §2: left out it would mean client_secret_basic alone.
    ...(revocationEndpoint === undefined
      ? {}
      : { revocation_endpoint_auth_methods_supported: Object.freeze(methods) }),
  })
}

/** RFC 8414 §2: https, without query and fragment. A text that the parser would write otherwise is compared nowhere. */
function isIssuer(text: string): boolean {
  return isPublicUrl(text) && !text.includes('?') && !text.includes('#')
}

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, hash } = new URL(text)
  if (username !== '' || password !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname))
}

function isThisMachine(hostname: string): boolean {
  const ip = parseIp(hostname.replace(/^\[|\]$/g, ''))
  return ip === undefined ? hostname === 'localhost' : isLoopback(ip)
}

/** Options of {@link jsonDocument}. */
export interface JsonDocumentOptions {
  /**
   * For how long anybody may keep it, in whole seconds: 0 to a day. A key that is to sign must have been published for
   * longer than that.
   *
   * @default '5m'
   */
  readonly maxAge?: Duration
}

const DOCUMENT_READERS = {
  maxAge: optional(duration(0, '1d'), 5 * 60_000),
} satisfies OptionReaders<JsonDocumentOptions>

/**
 * Makes the handler of a JSON document that anybody may read and keep: a JWK Set, the metadata of a server. It is
 * written once, when this is called. The route must be public.
 *
 * @throws ConfigError when an option is unusable, TypeError when JSON cannot say the document
 * @example
 * const keys = jsonDocument(issuer.jwks())
 * if (req.url === '/jwks') return keys(req, res)
 * @see RFC 8414 §3.2; RFC 9111 §5.2.2
 */
export function jsonDocument(
  document: object,
  options: JsonDocumentOptions = {},
): (req: IncomingMessage, res: ServerResponse) => void {
  const { maxAge } = readOrThrow('jsonDocument', options, DOCUMENT_READERS, [])
  const body = Buffer.from(JSON.stringify(document), 'utf8')
  const cacheControl = `public, max-age=${Math.floor(maxAge / 1000)}`
  return (req, res) => {
    if (res.headersSent || res.destroyed) return
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
      return
    }
    res.statusCode = 200
    res.setHeader('Content-Type', 'application/json')
    res.setHeader('Content-Length', body.length)
    res.setHeader('Cache-Control', cacheControl)
    res.end(req.method === 'HEAD' ? undefined : body)
  }
}
