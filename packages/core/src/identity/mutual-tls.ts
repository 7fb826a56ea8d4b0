import type { SchemeDescription } from '../contract/description.ts'
import {
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { equalSecrets } from '../lib/digest.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { at, optional, type OptionReaders, readOptions } from '../options/read.ts'
import { bearerChallenge, bearerToken, QUERY_FIELDS } from './bearer.ts'
import { confirmationOf } from './dpop/confirmation.ts'
import {
  certificateOf,
  type CertificateSource,
  certificateThumbprint,
  readSource,
} from './mutual-tls/source.ts'
import { readTokenScheme, type TokenPrincipal, type TokenScheme, type TokenVerdict } from './tokens.ts'

export type { CertificateSource } from './mutual-tls/source.ts'

/** Options of {@link mutualTls}. */
export interface MutualTlsOptions {
  /**
   * Where the certificate of the client is found. `'client-cert-field'` is for a proxy that ends TLS, checks the
   * certificate, and sets or removes `Client-Cert` on every request; it counts only when the `proxy` setting of the
   * policy trusts the peer.
   *
   * @default 'connection'
   */
  readonly from?: CertificateSource
}

const READERS = {
  from: optional(readSource, 'connection'),
} satisfies OptionReaders<MutualTlsOptions>

const UNREADABLE = refusal('dependency.failed', 'the options of mutualTls cannot be used')
const NO_CERTIFICATE = refusal('token.unbound', 'the token came without a certificate that was verified')
const NOT_BOUND = refusal('token.unbound', 'the token is not bound to a certificate alone')
const OTHER_CERTIFICATE = refusal('token.unbound', 'the token is bound to another certificate')

function refusal(kind: BadCredentials['kind'], reason: string): BadCredentials {
  return Object.freeze(bad(kind, reason))
}

/**
 * Takes access tokens from those alone who hold the certificate that the token is bound to: a token that was stolen
 * opens nothing.
 *
 * The `cnf` of the token names the SHA-256 of a certificate, as `x5t#S256`. It must be that of the certificate which
 * the client proved to hold on this TLS connection, and which an authority of the server vouches for. A token that
 * names none is refused, and so is one that comes without a certificate; the client hears `invalid_token`.
 *
 * The server must ask for certificates (`requestCert: true`, with the authorities in `ca`).
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option of both at once
 * @example
 * authenticate: mutualTls(jwt({ issuer, audience }))
 * @example
 * proxy: { trustedRanges: ['10.0.0.0/8'] },
 * authenticate: mutualTls(jwt({ issuer, audience }), { from: 'client-cert-field' }),
 * @see RFC 8705 §3, RFC 9440
 */
export function mutualTls<P extends TokenPrincipal>(
  tokens: TokenScheme<P>,
  options: MutualTlsOptions = {},
): Scheme<P> {
  return { name: 'mutualTls', compile: (context) => compile(context, tokens, options) }
}

function compile<P extends TokenPrincipal>(
  context: SchemeContext,
  tokens: TokenScheme<P>,
  options: MutualTlsOptions,
): CompiledScheme<P> {
  const compiled = readTokenScheme(tokens, context) && tokens.compileTokens(context)
  const from = readOptions(at(context, 'mutualTls'), options, READERS)?.from
  const realm = compiled?.realm ?? 'api'
  return {
    name: 'mutualTls',
    fields: ['authorization'],
    ...(compiled?.queryToo === true && { queryFields: QUERY_FIELDS }),
    authSchemes: ['bearer'],
    identify(request) {
      if (compiled === undefined || from === undefined) return UNREADABLE
      const token = bearerToken(request, compiled.queryToo)
      if (typeof token !== 'string') return token
      const certificate = certificateOf(request, from)
      // Before the token costs a signature, or a question to its issuer.
      if (certificate === undefined) return NO_CERTIFICATE
      const verdict = compiled.verify(token, request)
      return isPromiseLike(verdict)
        ? verdict.then((late) => bind(late, certificate))
        : bind(verdict, certificate)
    },
    challenges: (params) => [bearerChallenge(realm, params)],
    describe: () => withCertificate(compiled?.describe()),
  }
}

/** RFC 8705 §3: the token is for the holder of one certificate. */
function bind<P extends TokenPrincipal>(verdict: TokenVerdict<P>, certificate: Buffer): TokenVerdict<P> {
  if (verdict.type !== 'authenticated') return verdict
  const bound = confirmationOf(verdict.principal, 'x5t#S256')
  if (bound === undefined) return NOT_BOUND
  return equalSecrets(bound, certificateThumbprint(certificate)) ? verdict : OTHER_CERTIFICATE
}

/** A token and a certificate: whatever satisfies the scheme of tokens, with the certificate besides. */
function withCertificate(tokens: SchemeDescription | undefined): SchemeDescription {
  return {
    securitySchemes: {
      ...tokens?.securitySchemes,
      mutualTls: { type: 'mutualTLS', description: 'The certificate that the token is bound to (RFC 8705).' },
    },
    alternatives: (tokens?.alternatives ?? [[]]).map((names) => names.concat('mutualTls')),
  }
}
