import { decodeBase64 } from '../lib/base64url.ts'

/** What a TLS socket knows of the certificate of its peer; a plain socket has none of it. */
export interface PeerCertificate {
  /** Whether an authority of the server vouches for the certificate. */
  readonly authorized?: boolean
  readonly getPeerCertificate?: () => { readonly raw?: Buffer }
}

/**
 * The certificate that the peer of a connection proved to hold, in DER.
 *
 * A server that takes certificates of anybody (`rejectUnauthorized: false`) still knows which of them nobody vouches
 * for: those are none. Of a resumed session there may be no certificate to be had, and then there is none (MTL-01).
 */
export function connectionCertificate(socket: PeerCertificate): Buffer | undefined {
  if (socket.authorized !== true) return undefined
  const raw = socket.getPeerCertificate?.().raw
  return raw !== undefined && raw.length > 0 ? raw : undefined
}

/**
 * Reads `Client-Cert`: one certificate, in DER, as a Byte Sequence without parameters.
 *
 * @see RFC 9440 §2.2, RFC 9651 §3.3.5
 */
export function fieldCertificate(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value.length < 3 || !value.startsWith(':') || !value.endsWith(':')) {
    return undefined
  }
  const bytes = decodeBase64(value.slice(1, -1))
  return bytes !== undefined && isOneSequence(bytes) ? bytes : undefined
}

/** Whether the bytes are one DER SEQUENCE (X.690 §8.9), from the first to the last: two certificates are no certificate. */
function isOneSequence(bytes: Buffer): boolean {
  const first = bytes[1] ?? 0
  if (bytes[0] !== 0x30 || first === 0x80 || first > 0x83) return false
  const size = first < 0x80 ? 0 : first - 0x80
  if (bytes.length < 2 + size) return false
  return bytes.length === 2 + size + (size === 0 ? first : bytes.readUIntBE(2, size))
}
