import { generate } from 'selfsigned'
import type { TlsSettings } from '../../../testkit/src/adapter/transport.ts'

/** Makes a certificate for this machine, good for a day, that nobody has reason to trust but you. */
export async function makeCertificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const dayLater = new Date(Date.now() + 24 * 60 * 60 * 1000)
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: dayLater,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key: made.private, cert: made.cert }
}

/** What the suite of adapters serves and asks with: one certificate for both sides, which the server asks of its clients. */
export async function tlsSettings(): Promise<TlsSettings> {
  const made = await makeCertificate()
  return { ...made, ca: made.cert, requestCert: true, rejectUnauthorized: false }
}
