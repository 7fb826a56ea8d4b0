import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { parseJson } from '../../lib/json.ts'
import { FAILED, type FetchFailure } from './failures.ts'

/** Far more than a key set or a metadata document has. */
const JSON_LIMITS = { maxDepth: 16, maxKeys: 4096 } as const

/** Why the body of an answer need not be read, as its head tells. */
export function findHeadProblem(
  { statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
  maxBytes: number,
): FetchFailure | undefined {
  // A redirect would lead from the address that was configured to one that nobody has looked at.
  if (statusCode >= 300 && statusCode < 400) return FAILED.redirect
  if (statusCode !== 200) return FAILED.status
  const coding = headers['content-encoding']
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') return FAILED.encoding
  if (!isJsonType(headers['content-type'] ?? '')) return FAILED.contentType
  // A lie about the length ends with the connection, and what comes without is counted.
  return Number(headers['content-length'] ?? 0) > maxBytes ? FAILED.size : undefined
}

/** Whether a media type is JSON: `application/json`, or a subtype with the suffix `+json` (RFC 6839 §3.1). */
export function isJsonType(contentType: string): boolean {
  const semicolon = contentType.indexOf(';')
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
  return type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'))
}

/** Reads a body as JSON. */
export function readJsonBody(body: Buffer): { readonly ok: true; readonly value: unknown } | FetchFailure {
  // RFC 8259 §8.1. Decoding would replace what is no UTF-8, and so make two texts read alike.
  if (!isUtf8(body)) return FAILED.json
  const json = parseJson(body.toString('utf8'), JSON_LIMITS)
  return json.ok ? json : FAILED.json
}
