import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import type { SendOptions } from './http.ts'

/** What a server shows of its TLS. */
export interface TlsSeen {
  /** Why its certificate is not trusted; `undefined` when it is. */
  readonly untrusted: string | undefined
  readonly expires: Date | undefined
  readonly keyType: string | undefined
  readonly keyBits: number | undefined
  /** `TLSv1.3`. */
  readonly protocol: string | undefined
  /** The oldest version that it takes besides: `TLSv1` or `TLSv1.1`, where it does. */
  readonly outdated: string | undefined
}

interface Shaken {
  readonly protocol: string | undefined
  readonly error: Error | undefined
  readonly certificate: X509Certificate | undefined
}

/** Shakes hands as often as it takes to know what a server takes. */
export async function lookAtTls(
  url: URL,
  { ca, lookup, timeout }: Pick<SendOptions, 'ca' | 'lookup' | 'timeout'>,
): Promise<TlsSeen | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const base = {
    host,
    port: url.port === '' ? 443 : Number(url.port),
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    ...(lookup !== undefined && { lookup }),
    rejectUnauthorized: false,
    // OpenSSL takes nothing that is old or weak unless its own level of security is lowered; nothing is sent over it.
    ciphers: 'DEFAULT@SECLEVEL=0',
  }
  const shaken = await shake(base, timeout)
  if (shaken === undefined) return undefined
  const old = await shake({ ...base, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, timeout)
  const { certificate } = shaken
  const key = certificate?.publicKey
  return {
    untrusted: shaken.error === undefined ? undefined : shaken.error.message,
    expires: certificate === undefined ? undefined : new Date(certificate.validTo),
    keyType: key?.asymmetricKeyType,
    keyBits: key?.asymmetricKeyDetails?.modulusLength,
    protocol: shaken.protocol,
    outdated: old?.protocol,
  }
}

function shake(options: ConnectionOptions, timeout: number): Promise<Shaken | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...options, timeout }, () => {
      // Typed as an error, and null or a code when there is none.
      const error: unknown = socket.authorizationError
      resolve({
        protocol: socket.getProtocol() ?? undefined,
        error: socket.authorized ? undefined : error instanceof Error ? error : new Error(String(error)),
        certificate: socket.getPeerX509Certificate(),
      })
      socket.destroy()
    })
    socket.on('error', () => resolve(undefined))
    socket.on('timeout', () => {
      socket.destroy()
      resolve(undefined)
    })
  })
}
