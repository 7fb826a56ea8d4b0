import { randomInt } from 'node:crypto'
import { decodeBase64url } from '../lib/base64url.ts'
import { zlibModule } from '../lib/builtins.ts'
import { hexValue, isAlphaCode, isDigitCode } from '../lib/chars.ts'
import { sha256 } from '../lib/digest.ts'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** 71 bits: enough that no two ids meet, and short enough to read out. */
const ID_LENGTH = 12

/** 190 bits from a CSPRNG, where 128 are asked for (KEY-01). */
const SECRET_LENGTH = 32

/** 62^6 is more than 2^32. */
const CHECK_LENGTH = 6

const MAX_PREFIX = 24

/** A key that {@link generateApiKey} made: show `key` to its owner once, and keep the rest. */
export interface GeneratedApiKey {
  /** The secret: the only thing that the owner needs, and the only thing that must not be stored. */
  readonly key: string
  /** Names the key in lists and logs; no secret. */
  readonly id: string
  /** SHA-256 of {@link GeneratedApiKey.key} in hexadecimal, for `ApiKeyRecord.hash`. */
  readonly hash: string
}

/** What a key says about itself. */
export interface ParsedApiKey {
  /** What `generateApiKey` was given. */
  readonly prefix: string
  /** {@link GeneratedApiKey.id}. */
  readonly id: string
}

/**
 * Makes an API key: `prefix_id_secret`, with a checksum at its end.
 *
 * The secret has 190 random bits, so a plain SHA-256 of the key is enough at rest. The prefix lets people and
 * secret scanners see whose key leaked; the checksum tells a key from a typing error without asking a database.
 *
 * @param prefix what the key is for, such as `acme_live`: 1 to 24 lower-case letters, digits and underscores,
 * beginning with a letter and ending in a letter or digit
 * @throws TypeError when the prefix is not of that form
 * @example
 * const { key, id, hash } = generateApiKey('acme_live')
 * // key: acme_live_4fZ0q8LmT2xA_..., shown once; { id, hash, subject: 'alice' } is what the policy or database keeps
 * @see OWASP ASVS 11.5.1, 13.2.1
 */
export function generateApiKey(prefix: string): GeneratedApiKey {
  if (!isApiKeyPrefix(prefix)) {
    throw new TypeError(
      "A prefix has 1 to 24 lower-case letters, digits and underscores, such as 'acme_live'",
    )
  }
  const id = randomText(ID_LENGTH)
  const body = `${prefix}_${id}_${randomText(SECRET_LENGTH)}`
  const key = body + checksum(body)
  return { key, id, hash: hashApiKey(key) }
}

/**
 * Reads a key of {@link generateApiKey}: its prefix and id, when its form and checksum are right.
 *
 * That says nothing about whether the key is good: anybody can compute the checksum. It spares a look-up for what
 * cannot be a key at all.
 *
 * @returns `undefined` for everything else; it throws for no text
 * @example
 * parseApiKey('acme_live_4fZ0q8LmT2xA_...')?.id // '4fZ0q8LmT2xA'
 */
export function parseApiKey(key: string): ParsedApiKey | undefined {
  // From the right, since a prefix may have underscores and nothing else does.
  const secretAt = key.length - SECRET_LENGTH - CHECK_LENGTH
  const idAt = secretAt - 1 - ID_LENGTH
  const prefixEnd = idAt - 1
  if (prefixEnd < 1 || prefixEnd > MAX_PREFIX) return undefined
  if (key.charAt(secretAt - 1) !== '_' || key.charAt(prefixEnd) !== '_') return undefined
  const prefix = key.slice(0, prefixEnd)
  const id = key.slice(idAt, secretAt - 1)
  if (!isApiKeyPrefix(prefix) || !isAlphanumeric(id) || !isAlphanumeric(key.slice(secretAt))) return undefined
  const body = key.slice(0, -CHECK_LENGTH)
  return key.slice(-CHECK_LENGTH) === checksum(body) ? { prefix, id } : undefined
}

/**
 * The digest under which a key is kept and looked up: SHA-256 in lower-case hexadecimal.
 *
 * Right for keys of {@link generateApiKey} and others with at least 128 random bits. A password, or anything else
 * that people choose, needs `hashPassword`.
 *
 * @example
 * const row = await db.keys.findOne({ hash: hashApiKey(presented) })
 * @see OWASP ASVS 11.5.1
 */
export function hashApiKey(key: string): string {
  return sha256(key).toString('hex')
}

/** Reads a SHA-256 digest in hexadecimal or base64url: lower-case hexadecimal, or `undefined`. */
export function readKeyHash(text: string): string | undefined {
  if (text.length === 64) {
    for (let i = 0; i < text.length; i++) if (hexValue(text.charCodeAt(i)) < 0) return undefined
    return text.toLowerCase()
  }
  return text.length === 43 ? decodeBase64url(text)?.toString('hex') : undefined
}

/** Whether the text can be the prefix of a key. */
export function isApiKeyPrefix(text: unknown): boolean {
  if (typeof text !== 'string' || text.length < 1 || text.length > MAX_PREFIX) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const isLower = code >= 0x61 && code <= 0x7a
    if (isLower || (isDigitCode(code) && i > 0)) continue
    if (code !== 0x5f || i === 0 || i === text.length - 1) return false
  }
  return true
}

function isAlphanumeric(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isAlphaCode(code) && !isDigitCode(code)) return false
  }
  return true
}

function randomText(length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += ALPHABET.charAt(randomInt(ALPHABET.length))
  return text
}

/** CRC-32 in base 62: it finds typing errors and cut-off ends, and is no defence. */
function checksum(body: string): string {
  let rest = zlibModule().crc32(body)
  let text = ''
  for (let i = 0; i < CHECK_LENGTH; i++) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text
    rest = Math.floor(rest / ALPHABET.length)
  }
  return text
}
