import type { RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { makeCertificate } from './certificate.ts'
import { createFetcher, type Fetcher, type FetchRules } from '../../src/identity/remote/fetch-json.ts'
import { listening } from './ports.ts'

/** A server that the code under test asks. */
export interface Endpoint {
  readonly url: string
  readonly port: number
  /** The targets that have been asked for, in order. */
  readonly asked: readonly string[]
}

/** Listens until the tests of the file are over. */
export async function endpoint(listener: RequestListener): Promise<Endpoint> {
  const asked: string[] = []
  const { port, close } = await listening(counting(listener, asked))
  after(close)
  return { url: `http://127.0.0.1:${port}`, port, asked }
}

/** {@link endpoint} over TLS, with a certificate that `ca` makes trusted, for 127.0.0.1 and localhost. */
export async function tlsEndpoint(
  listener: RequestListener,
): Promise<Endpoint & { readonly ca: string; readonly key: string }> {
  const asked: string[] = []
  const { key, cert } = await makeCertificate()
  const server = createServer({ key, cert }, counting(listener, asked))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}`, port, asked, ca: cert, key }
}

function counting(listener: RequestListener, asked: string[]): RequestListener {
  return (req, res) => {
    asked.push(req.url ?? '')
    listener(req, res)
  }
}

/** A promise, and what resolves it. */
export function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

/** Answers with JSON. */
export function json(
  res: ServerResponse,
  value: unknown,
  fields: Readonly<Record<string, string>> = {},
): void {
  res.writeHead(200, { 'Content-Type': 'application/json', ...fields })
  res.end(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A fetcher for servers of this machine, which waits for half a second and takes 4 KiB. */
export function localFetcher(rules: Partial<FetchRules> = {}): Fetcher {
  const fetcher = createFetcher({
    timeout: 500,
    maxBytes: 4096,
    allowPrivateAddresses: true,
    dangerouslyAllowHttp: true,
    ...rules,
  })
  after(() => fetcher.close())
  return fetcher
}
