import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { bytesOf, type Secret } from './secret.ts'

/** A secret, and the name under which what it sealed is found again. */
export interface SealingKey {
  /** Goes in clear with everything that it seals: letters, digits, `-` and `_`, at most 32 of them. */
  readonly id: string
  /** At least 32 random bytes. */
  readonly secret: Secret | Uint8Array
}

/** What was sealed, and whether an older key did it. */
export interface Opened {
  readonly text: string
  /** Whether another key seals by now: seal it again. */
  readonly stale: boolean
}

/** Texts that others carry and cannot read or change. */
export interface Seal {
  /** Seals a text under the first key. The result is of `cookie-octet`: an id, a dot, base64url. */
  readonly seal: (text: string) => string
  /** Opens what one of the keys sealed for this purpose; `undefined` for all else. Never throws. */
  readonly open: (sealed: string) => Opened | undefined
}

const NONCE = 12
const TAG = 16

/** What is longer was not sealed here: the bound keeps decoding cheap. */
const MAX_SEALED = 16_384

/** The fewest bytes of a secret. */
export const MIN_SECRET = 32

/** Whether a text can name a key. */
export function isKeyId(text: string): boolean {
  return /^[\w-]{1,32}$/.test(text)
}

/**
 * Seals with AES-256-GCM. The first key seals, each of them opens: to replace one, put the new one first.
 *
 * Each purpose has keys of its own, derived with HKDF-SHA-256, so that what was sealed for one never opens for another
 * even where they share a secret; the purpose and the id of the key are authenticated besides. Nonces are random, so
 * one key may seal up to 2^32 texts (NIST SP 800-38D §8.3).
 *
 * @param keys at least one, with different ids
 * @param purpose what the texts are for; it is no secret
 * @see RFC 5116 §5.2 (AEAD_AES_256_GCM), RFC 5869
 */
export function createSeal(keys: readonly [SealingKey, ...SealingKey[]], purpose: string): Seal {
  const derived = new Map(keys.map(({ id, secret }) => [id, derive(secret, purpose)]))
  const [{ id: current, secret }] = keys
  const sealing = derived.get(current) ?? derive(secret, purpose)
  return {
    seal(text) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce, { authTagLength: TAG })
      cipher.setAAD(boundTo(purpose, current))
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${current}.${encodeBase64url(sealed)}`
    },
    open(sealed) {
      if (sealed.length > MAX_SEALED) return undefined
      const dot = sealed.indexOf('.')
      const id = sealed.slice(0, Math.max(dot, 0))
      const key = derived.get(id)
      // Canonical base64url alone: one sealed text has one spelling.
      const bytes = key === undefined ? undefined : decodeBase64url(sealed.slice(dot + 1))
      if (key === undefined || bytes === undefined || bytes.length < NONCE + TAG) return undefined
      const text = decrypt(key, bytes, boundTo(purpose, id))
      return text === undefined ? undefined : { text, stale: id !== current }
    },
  }
}

function decrypt(key: Buffer, bytes: Buffer, bound: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    decipher.setAAD(bound)
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG))
    // Nothing is looked at before final() has verified the tag: it throws when it does not fit.
    const text = decipher.update(bytes.subarray(NONCE, bytes.length - TAG))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

function derive(secret: Secret | Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', bytesOf(secret), '', `gatehouse/seal/v1/${purpose}`, 32))
}

/** An id has no NUL, so no two pairs give the same bytes. */
function boundTo(purpose: string, id: string): Buffer {
  return Buffer.from(`${id}\0${purpose}`, 'utf8')
}

/** The bytes of a secret: base64url text, or bytes; `undefined` when the text is something else. */
export function secretBytes(secret: string | Uint8Array): Buffer | undefined {
  // A copy: what its owner does to the bytes later changes nothing here.
  return typeof secret === 'string' ? decodeBase64url(secret) : Buffer.from(secret)
}
