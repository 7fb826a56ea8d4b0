import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import nodeTls, { connect, type ConnectionOptions } from 'node:tls'
import { bare, type SendOptions } from './http.ts'

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
  /** Whether it speaks HTTP/2, when it is asked to. */
  readonly isHttp2: boolean
}

interface Shaken {
  readonly protocol: string | undefined
  readonly error: Error | undefined
  readonly certificate: X509Certificate | undefined
  readonly application: string | undefined
}

/** How hands are shaken. */
export interface HowShaken extends Pick<SendOptions, 'lookup' | 'timeout'> {
  /** Certificates that are trusted besides those of node, PEM. */
  readonly ca: string | undefined
}

/** Node has this function from 22.15 on: with the authorities of the system, where it was told to use them. */
const tls: typeof nodeTls & { readonly getCACertificates?: (type: 'default') => readonly string[] } = nodeTls

/** Certificates of one's own, and those that node trusts: by themselves they would take the place of those. */
export function trustedBesides(ca: string): string[] {
  return [...(tls.getCACertificates?.('default') ?? tls.rootCertificates), ca]
}

/** Shakes hands as often as it takes to know what a server takes. */
export async function lookAtTls(url: URL, { ca, lookup, timeout }: HowShaken): Promise<TlsSeen | undefined> {
  const host = bare(url.hostname)
  const base = {
    host,
    port: url.port === '' ? 443 : Number(url.port),
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca: trustedBesides(ca) }),
    ...(lookup !== undefined && { lookup }),
    rejectUnauthorized: false,
    // OpenSSL takes nothing that is old or weak unless its own level of security is lowered; nothing is sent over it.
    ciphers: 'DEFAULT@SECLEVEL=0',
  }
  const shaken = await shake({ ...base, ALPNProtocols: ['h2', 'http/1.1'] }, timeout)
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
    isHttp2: shaken.application === 'h2',
  }
}

function shake(options: ConnectionOptions, timeout: number): Promise<Shaken | undefined> {
  return new Promise((resolve) => {
    const end = (shaken?: Shaken): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(shaken)
    }
    // Not the timeout of the socket: each byte would put it off.
    const timer = setTimeout(end, timeout)
    const socket = connect(options, () => {
      // Typed as an error, and null or a code when there is none.
      const error: unknown = socket.authorizationError
      end({
        protocol: socket.getProtocol() ?? undefined,
        error: socket.authorized ? undefined : error instanceof Error ? error : new Error(String(error)),
        certificate: socket.getPeerX509Certificate(),
        application: socket.alpnProtocol === false ? undefined : (socket.alpnProtocol ?? undefined),
      })
    })
    socket.on('error', () => end())
  })
}
