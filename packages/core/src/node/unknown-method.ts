import { METHODS } from '../lib/http.ts'

/** Longer request-lines are cut: all that is wanted of one is its form. */
const MAX_LINE = 16 * 1024

/**
 * Whether bytes that node:http could not parse are a request whose method it does not know, and not something else than
 * HTTP, of which it says the same.
 *
 * @see RFC 9110 §9.1; RFC 9112 §3
 */
export function isUnknownMethod(packet: Uint8Array | undefined): boolean {
  if (packet === undefined) return false
  const text = Buffer.from(packet.subarray(0, MAX_LINE)).toString('latin1')
  const [line = ''] = text.split('\r\n', 1)
  const [method = '', target, version, ...rest] = line.split(' ')
  // Of pipelined requests the first stands here, whichever it was that could not be parsed.
  if (target === undefined || rest.length > 0 || METHODS.includes(method)) return false
  return /^[\w!#$%&'*+.^`|~-]+$/.test(method) && /^HTTP\/1\.[01]$/.test(version ?? '')
}
