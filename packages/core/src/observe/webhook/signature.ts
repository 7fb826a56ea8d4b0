import { createHmac } from 'node:crypto'
import { bytesOf, type Secret } from '../../lib/secret.ts'

/**
 * The fields that prove who sent a content, and when: those of Standard Webhooks 1.0, whose libraries verify them.
 *
 * @param id names the message: the same for every attempt
 * @param seconds since 1970, of this attempt: a receiver refuses what is old
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureFields(
  key: Secret | Uint8Array | undefined,
  id: string,
  seconds: number,
  content: string,
): Readonly<Record<string, string>> {
  const fields = { 'webhook-id': id, 'webhook-timestamp': String(seconds) }
  if (key === undefined) return fields
  const mac = createHmac('sha256', bytesOf(key))
    .update(`${id}.${seconds}.${content}`, 'utf8')
    .digest('base64')
  return { ...fields, 'webhook-signature': `v1,${mac}` }
}
