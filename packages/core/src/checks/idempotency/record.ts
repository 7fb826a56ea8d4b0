import type { CapturedResponse } from '../../contract/check.ts'
import { decodeBase64, encodeBase64 } from '../../lib/base64url.ts'
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

/** A response as it is remembered; `undefined` when its content is not there. */
export function writeRecord(
  fingerprint: string,
  { status, fields, body }: CapturedResponse,
): string | undefined {
  return body === undefined
    ? undefined
    : JSON.stringify({ fingerprint, status, fields, body: encodeBase64(body) })
}

/** Reads what {@link writeRecord} wrote; `undefined` for anything else. */
export function readRecord(text: string): Kept | undefined {
  const parsed = parseJson(text)
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined
  const { fingerprint, status, fields, body } = parsed.value as Readonly<Record<string, unknown>>
  if (typeof fingerprint !== 'string' || typeof body !== 'string') return undefined
  if (!Number.isInteger(status) || Number(status) < 200 || Number(status) > 599) return undefined
  if (!isTexts(fields) || fields.length % 2 !== 0) return undefined
  const bytes = decodeBase64(body)
  return bytes && { fingerprint, status: Number(status), fields, body: bytes }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
