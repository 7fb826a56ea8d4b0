import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { parseJson } from '../../lib/json.ts'

/**
 * Whether what is meant to be an HMAC secret is a key or certificate in some spelling (JWT-19).
 *
 * A public key is known to everybody: whoever has it could sign. A private key or a JWK text is a file that was read
 * where its parsed form was meant. Looked for anywhere in the text, since white space or a comment before the
 * armour has fooled such tests before; and once more in what the text encodes, since variables of the environment are
 * often filled with the Base64 or the hexadecimal digits of a file.
 */
export function isKeyText(secret: Uint8Array): boolean {
  const text = latin1(secret)
  return (
    isKey(secret) ||
    // Also the body of a PEM without its armour, on one line or several.
    isKey(Buffer.from(text, 'base64')) ||
    (/^[\da-f\s:]+$/i.test(text) && isKey(Buffer.from(text.replace(/[\s:]/g, ''), 'hex'))) ||
    // UTF-16, in either order.
    (text.includes('\0') && isKey(Buffer.from(text.replaceAll('\0', ''), 'latin1')))
  )
}

function isKey(bytes: Uint8Array): boolean {
  const text = latin1(bytes)
  return (
    text.includes('-----BEGIN ') ||
    text.includes('---- BEGIN ') || // RFC 4716 §3.2
    isSshKey(text) ||
    isJwkText(text) ||
    isDerKey(bytes)
  )
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function isSshKey(text: string): boolean {
  const start = text.trimStart()
  return start.startsWith('ssh-') || start.startsWith('ecdsa-sha2-') || start.startsWith('sk-ssh-')
}

function isJwkText(text: string): boolean {
  // The byte order mark as latin1 reads it is no white space to trim.
  const json = parseJson(text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text)
  if (!json.ok || typeof json.value !== 'object' || json.value === null) return false
  return Object.hasOwn(json.value, 'kty') || Object.hasOwn(json.value, 'keys')
}

/** Every DER key and certificate is a SEQUENCE: the first byte spares random secrets the parsers. */
function isDerKey(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false
  const der = Buffer.from(bytes)
  return (
    parses(() => createPublicKey({ key: der, format: 'der', type: 'spki' })) ||
    parses(() => createPublicKey({ key: der, format: 'der', type: 'pkcs1' })) ||
    parses(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })) ||
    parses(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs1' })) ||
    parses(() => createPrivateKey({ key: der, format: 'der', type: 'sec1' })) ||
    parses(() => new X509Certificate(der))
  )
}

function parses(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch {
    return false
  }
}
