import { type Secret, secret, unwrapped } from '../lib/secret.ts'
import { readWebhookSecret } from '../lib/standard-webhook.ts'
import { type Reader, report } from './read.ts'
import { list } from './readers.ts'

/** What signs or verifies webhooks, wrapped or not; several while one is replaced by another. */
export type WebhookSecrets = string | Secret | readonly (string | Secret)[]

const readOne: Reader<Secret> = (given, place) => {
  const value = unwrapped(given)
  const bytes = typeof value === 'string' ? readWebhookSecret(value) : undefined
  if (bytes !== undefined) return secret(bytes)
  const message = 'is not "whsec_" and 24 to 64 bytes in Base64.'
  return report(
    place,
    'malformed_value',
    message,
    'Write it as generateWebhookSecret(), or the sender, gave it.',
  )
}

const readSeveral = list(readOne, { min: 1, example: 'at least one secret' })

/** Reads {@link WebhookSecrets}. No message shows any of them. */
export const readWebhookSecrets: Reader<readonly Secret[]> = (value, place) => {
  if (Array.isArray(value)) return readSeveral(value, place)
  const one = readOne(value, place)
  return one === undefined ? undefined : [one]
}
