import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { decodeBase64 } from '../lib/base64url.ts'
import { isWellFormed } from '../lib/chars.ts'

/** What scrypt costs: 2 to the power of `ln`, the size of a block, and how often (RFC 7914 §2). */
interface Cost {
  readonly ln: number
  readonly r: number
  readonly p: number
}

interface StoredPassword {
  readonly cost: Cost
  readonly salt: Buffer
  readonly hash: Buffer
}

/**
 * One of the settings that the OWASP Password Storage Cheat Sheet holds equally strong. Its first one, 2^17 and 1,
 * takes 128 MiB for every login under way; this one takes 32 MiB and about as long.
 */
const COST: Cost = { ln: 15, r: 8, p: 3 }

const SALT_BYTES = 16
const HASH_BYTES = 32

/** Far beyond every pass phrase, and short enough that hashing it costs what hashing any other does. */
const MAX_PASSWORD_BYTES = 1024

/** What a stored hash may ask of this machine, so that one row of a database cannot stop it: 256 MiB, and some seconds. */
const MAX_MEMORY = 256 * 1024 * 1024
const MAX_WORK = 2 ** 22

/**
 * Hashes a password for storage, with a random salt: a text of about 90 characters, in the form that password hashes
 * are exchanged in: `$scrypt$ln=15,r=8,p=3$salt$hash`.
 *
 * Takes 32 MiB and some tenths of a second, off the event loop, by design: limit the rate of whatever calls it.
 * The password counts in its Unicode normal form NFKC, so that it is the same from every keyboard.
 *
 * @throws RangeError when the password is empty, longer than 1024 bytes or no Unicode text
 * @example
 * const stored = await hashPassword('correct horse battery staple')
 * @see RFC 7914; OWASP Password Storage Cheat Sheet; NIST SP 800-63B §3.1.1.2
 */
export async function hashPassword(password: string): Promise<string> {
  const bytes = passwordBytes(password)
  if (bytes === undefined) throw new RangeError('A password has 1 to 1024 bytes of Unicode text.')
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(bytes, salt, COST, HASH_BYTES)
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(hash)}`
}

/**
 * Whether a password is the one whose hash is stored.
 *
 * It does the same work when nothing is stored, so that the time of an answer does not tell whether a user exists
 * (AUT-08): call it with `undefined` for a user you do not know. A stored text that is no hash of
 * {@link hashPassword} fits no password; nor does a password that {@link hashPassword} would refuse.
 *
 * @example
 * const user = await db.users.find(username)
 * if (!(await verifyPassword(password, user?.passwordHash))) return undefined
 * @see RFC 7914; NIST SP 800-63B §3.1.1.2
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const bytes = passwordBytes(password)
  // Whoever sent such a password knows it: the shorter time tells nothing of the user.
  if (bytes === undefined) return false
  const known = stored === undefined ? undefined : parsePasswordHash(stored)
  const { cost, salt, hash } = known ?? nobody()
  const derived = await derive(bytes, salt, cost, hash.length)
  return timingSafeEqual(derived, hash) && known !== undefined
}

/** Whether a text is a hash that {@link verifyPassword} can use. */
export function isPasswordHash(stored: string): boolean {
  return parsePasswordHash(stored) !== undefined
}

/** What an unknown user is compared with: a random hash, at the present cost. */
function nobody(): StoredPassword {
  return { cost: COST, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }
}

function passwordBytes(password: unknown): Buffer | undefined {
  if (typeof password !== 'string' || password.length > MAX_PASSWORD_BYTES) return undefined
  // A lone surrogate is no text, and all of them have the same UTF-8: different passwords would be one.
  if (!isWellFormed(password)) return undefined
  const bytes = Buffer.from(password.normalize('NFKC'), 'utf8')
  return bytes.length > 0 && bytes.length <= MAX_PASSWORD_BYTES ? bytes : undefined
}

/** Reads the PHC string format, in the one spelling that {@link hashPassword} writes. */
function parsePasswordHash(stored: unknown): StoredPassword | undefined {
  if (typeof stored !== 'string' || stored.length > 256) return undefined
  const match =
    /^\$scrypt\$ln=([1-9][0-9]?),r=([1-9][0-9]?),p=([1-9][0-9]?)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
      stored,
    )
  if (match === null) return undefined
  const [, ln = '', r = '', p = '', saltText = '', hashText = ''] = match
  const cost: Cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  const salt = decodeUnpadded(saltText)
  const hash = decodeUnpadded(hashText)
  if (salt === undefined || salt.length < 8 || hash === undefined || hash.length < 16) return undefined
  return isBearable(cost) ? { cost, salt, hash } : undefined
}

function isBearable(cost: Cost): boolean {
  const { ln, r, p } = cost
  // RFC 7914 §2: N is less than 2^(128 * r / 8).
  return ln < 16 * r && memoryOf(cost) <= MAX_MEMORY && 2 ** ln * r * p <= MAX_WORK
}

/** RFC 7914 §2: 128 * r bytes for each of N blocks and of p lanes. */
function memoryOf({ ln, r, p }: Cost): number {
  return 128 * r * (2 ** ln + p)
}

function derive(password: Buffer, salt: Buffer, cost: Cost, length: number): Promise<Buffer> {
  // OpenSSL counts a little more than the blocks; the bound is checked before, here it must only not be in the way.
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 * memoryOf(cost) }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

/** The base64 of password hashes has no padding. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function decodeUnpadded(text: string): Buffer | undefined {
  return decodeBase64(text + '='.repeat((4 - (text.length % 4)) % 4))
}
