import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatIp, parseIp } from '../../src/lib/ip.ts'
import { compileProxy, type ProxySetting, type ProxyTrust, type RawRequest } from '../../src/request/proxy.ts'
import { mistakesAt, place } from './compile.ts'

/** A field line: name and value. */
export type Line = readonly [name: string, value: string]

/** A proxy of ours, in every setting of the tests that trusts `10.0.0.0/8`. */
export const PROXY = '10.0.0.1'

/** What comes from `peer`, in clear, with these field lines; `headers` is as node:http joins them. */
export function rawRequest(peer: string | undefined, ...lines: readonly Line[]): RawRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of lines) {
    const lower = name.toLowerCase()
    headers[lower] = headers[lower] === undefined ? value : `${headers[lower]}, ${value}`
  }
  return {
    peer: peer === undefined ? undefined : parseIp(peer),
    encrypted: false,
    headers,
    rawHeaders: lines.flat(),
  }
}

/** A compiled setting, at `proxy`; fails when it has mistakes. */
export function trust(setting: ProxySetting | undefined): ProxyTrust {
  const where = place('proxy')
  const compiled = compileProxy(where, setting)
  assert.deepEqual(mistakesAt(where), [])
  return compiled
}

/** Client, scheme, host and the kind of the problem, as texts. */
export interface Seen {
  readonly client: string | undefined
  readonly scheme: 'http' | 'https'
  readonly host: string | undefined
  readonly problem: string | undefined
}

/** What a setting makes of a request. */
export function see(setting: ProxySetting, raw: RawRequest): Seen {
  const { client, scheme, host, problem } = trust(setting).resolve(raw)
  return { client: client && formatIp(client), scheme, host, problem: problem?.kind }
}

/** A line of `X-Forwarded-For`. */
export const xff = (value: string): Line => ['X-Forwarded-For', value]

/** A line of `X-Forwarded-Proto`. */
export const proto = (value: string): Line => ['X-Forwarded-Proto', value]

/** A line of `X-Forwarded-Host`. */
export const host = (value: string): Line => ['X-Forwarded-Host', value]

/** A line of `Forwarded`. */
export const forwarded = (value: string): Line => ['Forwarded', value]

/** A line of a header that holds one address. */
export const cdn = (value: string): Line => ['CF-Connecting-IP', value]

/** A test: what a setting sees in a request that comes in clear from a peer with some lines. */
export type Row = readonly [
  name: string,
  setting: ProxySetting,
  peer: string | undefined,
  lines: readonly Line[],
  seen: Partial<Seen>,
]

/** One test per row; what a row does not say is `undefined`, and the scheme is http. */
export function testRows(rows: readonly Row[]): void {
  for (const [name, setting, peer, lines, expected] of rows) {
    test(name, () => {
      const plain: Seen = { client: undefined, scheme: 'http', host: undefined, problem: undefined }
      assert.deepEqual(see(setting, rawRequest(peer, ...lines)), { ...plain, ...expected })
    })
  }
}
