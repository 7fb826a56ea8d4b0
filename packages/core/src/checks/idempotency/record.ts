import type { CapturedResponse, Fields } from '../../contract/check.ts'
import { decodeBase64, encodeBase64 } from '../../lib/base64url.ts'
import { isFieldValue, isToken } from '../../lib/chars.ts'
import { parseJson } from '../../lib/json.ts'

/** What a key stands for while its first request is under way. */
export const UNDER_WAY = 'under-way'

/** What it stands for afterwards, when there is nothing that could be sent again. */
export const NOT_KEPT = 'not-kept'

/** A response that was kept, and the request that it answers. */
export interface Kept {
  readonly fingerprint: string
  readonly status: number
  readonly fields: readonly string[]
  readonly body: Buffer
}

/** A response as it is remembered; `undefined` when its content is not there, or its status is none of HTTP. */
export function writeRecord(
  fingerprint: string,
  { status, fields, body }: CapturedResponse,
): string | undefined {
  return body === undefined || !isStatus(status)
    ? undefined
    : JSON.stringify({ fingerprint, status, fields, body: encodeBase64(body) })
}

/** Reads what {@link writeRecord} wrote; `undefined` for anything else. */
export function readRecord(text: string): Kept | undefined {
  const parsed = parseJson(text)
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined
  const { fingerprint, status, fields, body } = parsed.value as Readonly<Record<string, unknown>>
  if (typeof fingerprint !== 'string' || typeof body !== 'string') return undefined
  if (!isStatus(status) || !isFields(fields)) return undefined
  const bytes = decodeBase64(body)
  return bytes && { fingerprint, status, fields, body: bytes }
}

/** Whether it is the status of a final response (RFC 9110 §15). */
function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599
}

/** Whether they can be sent: node:http throws at others, and whoever can write to the store is not to choose when. */
function isFields(value: unknown): value is Fields {
  if (!Array.isArray(value) || value.length % 2 !== 0) return false
  return (value as readonly unknown[]).every(
    (each, index) => typeof each === 'string' && (index % 2 === 0 ? isToken(each) : isFieldValue(each)),
  )
}
