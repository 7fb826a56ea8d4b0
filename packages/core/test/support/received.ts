import { Facts } from '../../src/request/facts.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { type Line, trust } from './forwarding.ts'

/** A request as node:http would hand it on; what is not said is that of a plain `GET / HTTP/1.1`. */
export interface Received {
  readonly method?: string
  /** The request-target. */
  readonly url?: string
  readonly version?: string
  /** Field lines; `Host: api.example.com` unless said. */
  readonly lines?: readonly Line[]
  /** Whether it came over TLS. */
  readonly tls?: boolean
  readonly peer?: string
  readonly proxy?: ProxySetting
  /** Whether the parser of the server was told to be lenient. */
  readonly lenient?: boolean
}

/** The real facts of a request that never was: from the target and the field lines on. */
export function received(init: Received = {}): Facts {
  const lines = init.lines ?? [['Host', 'api.example.com']]
  const headers: Record<string, string> = {}
  // Of a field that may occur once, node:http keeps the first line.
  for (const [name, value] of lines) headers[name.toLowerCase()] ??= value
  const source = {
    method: init.method ?? 'GET',
    url: init.url ?? '/',
    httpVersion: init.version ?? '1.1',
    headers,
    rawHeaders: lines.flat(),
    socket: {
      remoteAddress: init.peer ?? '203.0.113.7',
      encrypted: init.tls ?? false,
      server: { insecureHTTPParser: init.lenient },
    },
  }
  return new Facts(source, 'test-1', trust(init.proxy))
}
