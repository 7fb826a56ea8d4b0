import type { RequestFacts } from '../../src/contract/request.ts'
import { parseAuthority } from '../../src/lib/authority.ts'
import { addressKey, parseIp } from '../../src/lib/ip.ts'

/** What a test says about its request; the rest is a plain, honest GET. */
export interface FactsInit extends Partial<Omit<RequestFacts, 'headers' | 'rawHeaders' | 'count'>> {
  /** Field lines, as name and value, in order; names in any case. */
  readonly fields?: readonly (readonly [name: string, value: string])[]
}

/** Facts of a request that never was, for tests of pure checks. */
export function facts(init: FactsInit = {}): RequestFacts {
  const { fields = [['Host', 'api.example.com']], ...given } = init
  const headers: Record<string, string> = {}
  for (const [name, value] of fields) headers[name.toLowerCase()] ??= value
  const client = 'client' in init ? init.client : parseIp('203.0.113.7')
  return {
    id: 'test-1',
    method: 'GET',
    target: '/',
    path: '/',
    query: '',
    httpVersion: '1.1',
    peer: parseIp('203.0.113.7'),
    clientKey: client === undefined ? undefined : addressKey(client),
    scheme: 'https',
    clientCertificate: undefined,
    forwardedCertificate: undefined,
    authority: headers['host'] === undefined ? undefined : parseAuthority(headers['host']),
    principal: undefined,
    params: {},
    signal: new AbortController().signal,
    ...given,
    client,
    headers,
    rawHeaders: fields.flat(),
    count: (name) => fields.filter(([other]) => other.toLowerCase() === name).length,
  }
}
