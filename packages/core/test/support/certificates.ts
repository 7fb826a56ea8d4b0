import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { Policy } from '../../src/chain/policy.ts'
import type { Principal } from '../../src/contract/principal.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'

/** A certificate with its key. */
export interface Certified {
  readonly cert: string
  readonly key: string
  readonly der: Buffer
  /** The `x5t#S256`. */
  readonly thumbprint: string
  /** The field `Client-Cert` of a proxy that saw it (RFC 9440 §2.2). */
  readonly field: string
}

/** Certificates of one test file: an authority, what it has issued, and what it has not. */
export interface Certificates {
  readonly authority: Certified
  readonly server: Certified
  readonly alice: Certified
  readonly bob: Certified
  /** With the names of alice, and vouched for by itself. */
  readonly forged: Certified
}

/** Makes them, with keys of their own and for a day. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'))
  const issue = (name: string, subject: string, issuer?: string): Certified => {
    const file = (ending: string, of: string = name): string => join(folder, `${of}.${ending}`)
    const signed = issuer === undefined ? [] : ['-CA', file('crt', issuer), '-CAkey', file('key', issuer)]
    const ca = name === 'authority' ? 'critical,CA:TRUE' : 'critical,CA:FALSE'
    const made = [
      '-keyout',
      file('key'),
      '-out',
      file('crt'),
      '-nodes',
      '-days',
      '1',
      '-subj',
      `/CN=${subject}`,
    ]
    const how = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-addext',
      `basicConstraints=${ca}`,
    ]
    execFileSync('openssl', ['req', '-x509', ...how, ...made, ...signed], { stdio: 'pipe', timeout: 10_000 })
    const cert = readFileSync(file('crt'), 'utf8')
    const { raw, fingerprint256 } = new X509Certificate(cert)
    return {
      cert,
      key: readFileSync(file('key'), 'utf8'),
      der: raw,
      thumbprint: Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
      field: `:${raw.toString('base64')}:`,
    }
  }
  try {
    return {
      authority: issue('authority', 'authority'),
      server: issue('server', 'localhost', 'authority'),
      alice: issue('alice', 'alice', 'authority'),
      bob: issue('bob', 'bob', 'authority'),
      forged: issue('forged', 'alice'),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A TLS connection of a client: what it presents, and the session that it takes up again. */
export interface Presenting {
  readonly as?: Certified | undefined
  readonly session?: Buffer | undefined
  readonly fields?: readonly string[]
}

/** What came back: the status, the code of a problem, and the session of the connection. */
export interface Answered {
  readonly status: number
  readonly code: string | undefined
  readonly challenge: string | undefined
  readonly body: string
  readonly session: Buffer | undefined
  readonly reused: boolean
}

/** A gate over TLS on loopback, which asks for certificates and also lets in clients without a good one. */
export interface TlsApi {
  readonly send: (sent?: Presenting) => Promise<Answered>
  readonly close: () => Promise<void>
}

/** Serves a policy over TLS; the body of a good response is the subject of the caller. */
export async function tlsApi<P extends Principal>(made: Certificates, policy: Policy<P>): Promise<TlsApi> {
  const gate = gatehouse<P>({ hosts: ['localhost'], ...policy })
  const { authority, server } = made
  const options = { cert: server.cert, key: server.key, ca: authority.cert, maxVersion: 'TLSv1.2' as const }
  const listening = createServer(
    { ...options, requestCert: true, rejectUnauthorized: false },
    gate.handler((_req, res, pass) => res.end(pass.principal?.subject)),
  )
  gate.attach(listening)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  return {
    send: (sent = {}) => send(port, authority, sent),
    async close() {
      listening.closeAllConnections()
      await new Promise<void>((resolve) => listening.close(() => resolve()))
      await gate.close()
    },
  }
}

function send(port: number, authority: Certified, sent: Presenting): Promise<Answered> {
  const { as, session, fields = [] } = sent
  return new Promise((resolve, reject) => {
    const req = request(
      {
        host: '127.0.0.1',
        port,
        servername: 'localhost',
        ca: authority.cert,
        agent: false,
        headers: ['Host', 'localhost', ...fields],
        ...(as !== undefined && { cert: as.cert, key: as.key }),
        ...(session !== undefined && { session }),
      },
      (res) => {
        const socket = res.socket as TLSSocket
        const reused = socket.isSessionReused()
        const kept = socket.getSession()
        let body = ''
        res.setEncoding('utf8').on('data', (text: string) => (body += text))
        res.on('error', reject)
        res.on('end', () => {
          const status = res.statusCode ?? 0
          const code = status < 400 ? undefined : (JSON.parse(body) as { code: string }).code
          resolve({ status, code, challenge: res.headers['www-authenticate'], body, session: kept, reused })
        })
      },
    )
    req.on('error', reject)
    req.end()
  })
}
