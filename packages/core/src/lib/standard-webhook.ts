import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { decodeBase64, encodeBase64 } from './base64url.ts'
import { isVisibleAscii } from './chars.ts'

/** The prefix of a symmetric secret as text. */
const PREFIX = 'whsec_'

/** How long a secret is: Standard Webhooks 1.0.0, "Signature scheme". */
const SECRET_BYTES = { min: 24, max: 64 } as const

const LONGEST_ID = 256

/** The fields of a webhook, in lower case. */
export const WEBHOOK_FIELDS = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const

/**
 * Makes a secret for signing webhooks: `whsec_` and 32 random bytes in Base64. Give it to the sender and to the receiver, and to
 * nobody else.
 *
 * @example
 * console.log(generateWebhookSecret())
 */
export function generateWebhookSecret(): string {
  return PREFIX + encodeBase64(randomBytes(32))
}

/** The bytes of a secret; nothing for what is none. */
export function readWebhookSecret(text: string): Buffer | undefined {
  if (!text.startsWith(PREFIX)) return undefined
  const bytes = decodeBase64(text.slice(PREFIX.length))
  if (bytes === undefined || bytes.length < SECRET_BYTES.min || bytes.length > SECRET_BYTES.max)
    return undefined
  return bytes
}

/**
 * Whether a text may name a message. A full stop may not be in it: it parts id, time and content of what is signed, so that
 * one signature would fit two messages.
 */
export function isWebhookId(text: string): boolean {
  return text.length <= LONGEST_ID && isVisibleAscii(text) && !text.includes('.')
}

/** The signature of a message: `v1,` and HMAC-SHA256 in Base64. */
export function signWebhook(
  secret: Uint8Array,
  {
    id,
    timestamp,
    body,
  }: { readonly id: string; readonly timestamp: number; readonly body: string | Uint8Array },
): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
}

/** The fields of a message that is sent: its id, its time in seconds, and a signature for each secret. */
export function webhookFields(
  secrets: readonly Uint8Array[],
  message: { readonly id: string; readonly timestamp: number; readonly body: string | Uint8Array },
): Readonly<Record<string, string>> {
  const signatures = secrets.map((secret) => signWebhook(secret, message))
  return {
    [WEBHOOK_FIELDS.id]: message.id,
    [WEBHOOK_FIELDS.timestamp]: String(message.timestamp),
    ...(signatures.length > 0 && { [WEBHOOK_FIELDS.signature]: signatures.join(' ') }),
  }
}

/**
 * Whether one of the signatures of a field fits. They stand apart by spaces, one for each secret while secrets are replaced;
 * those of other versions are passed over. The time it takes tells nothing of how much of a signature is right.
 */
export function hasWebhookSignature(field: string, expected: readonly string[]): boolean {
  const wanted = expected.map((text) => Buffer.from(text))
  let fits = false
  for (const text of field.split(' ', MAX_SIGNATURES)) {
    const given = Buffer.from(text)
    for (const one of wanted) if (given.length === one.length && timingSafeEqual(given, one)) fits = true
  }
  return fits
}

/** Far more than a sender has secrets. */
const MAX_SIGNATURES = 16
