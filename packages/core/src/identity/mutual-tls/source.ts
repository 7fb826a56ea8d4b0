import type { RequestFacts } from '../../contract/request.ts'
import { sha256 } from '../../lib/digest.ts'
import { oneOf } from '../../options/readers.ts'
import type { Reader } from '../../options/read.ts'

/**
 * Whose word is taken for the certificate of a client: the TLS connection's, or that of a trusted proxy in `Client-Cert`.
 *
 * @see RFC 9440
 */
export type CertificateSource = 'connection' | 'client-cert-field'

/** Reads a {@link CertificateSource}. */
export const readSource: Reader<CertificateSource> = oneOf('connection', 'client-cert-field')

/**
 * The certificate of the client, in DER, from the one place that the policy names. There is no falling back from one
 * to the other: behind a proxy the certificate of the connection is the proxy's.
 */
export function certificateOf(request: RequestFacts, from: CertificateSource): Buffer | undefined {
  return from === 'connection' ? request.clientCertificate : request.forwardedCertificate
}

/** The `x5t#S256` of a certificate: the SHA-256 of its DER, as base64url (RFC 8705 §3.1). */
export function certificateThumbprint(der: Uint8Array): string {
  return sha256(der).toString('base64url')
}
