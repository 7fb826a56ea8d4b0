import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { decodeBase64url, encodeBase64url } from '../../lib/base64url.ts'
import type { Clock } from '../../lib/clock.ts'
import { equalSecrets } from '../../lib/digest.ts'
import { bytesOf, type Secret } from '../../lib/secret.ts'

const TIME = 6
const RANDOM = 12
const MAC = 16
const LENGTH = TIME + RANDOM + MAC
/** The characters of so many bytes in base64url. */
const TEXT_LENGTH = Math.ceil((LENGTH * 4) / 3)

/** Nonces that the server need not remember: they say when they were made, and that this server made them. */
export interface Nonces {
  readonly make: () => string
  /** For how many whole milliseconds a nonce is good; `undefined` for one that is too old, or that nobody here made. */
  readonly remaining: (nonce: string) => number | undefined
}

/**
 * Makes nonces of a time, 96 random bits, and a keyed hash over both (RFC 7616 §3.3).
 *
 * @param lifetime in milliseconds
 */
export function createNonces(
  secret: Secret | Uint8Array,
  realm: string,
  lifetime: number,
  clock: Clock,
): Nonces {
  const key = Buffer.from(hkdfSync('sha256', bytesOf(secret), '', `gatehouse/digest/nonce/${realm}`, 32))
  const mac = (bytes: Uint8Array): Buffer => createHmac('sha256', key).update(bytes).digest().subarray(0, MAC)
  return {
    make() {
      const bytes = Buffer.alloc(TIME + RANDOM)
      bytes.writeUIntBE(clock.now(), 0, TIME)
      randomBytes(RANDOM).copy(bytes, TIME)
      return encodeBase64url(Buffer.concat([bytes, mac(bytes)]))
    },
    remaining(nonce) {
      const bytes = nonce.length === TEXT_LENGTH ? decodeBase64url(nonce) : undefined
      if (bytes?.length !== LENGTH) return undefined
      const made = bytes.subarray(0, TIME + RANDOM)
      if (!equalSecrets(bytes.subarray(TIME + RANDOM), mac(made))) return undefined
      const age = clock.now() - made.readUIntBE(0, TIME)
      // Another machine's clock may be ahead of this one's, and by no more than that.
      return age >= -lifetime && age < lifetime ? Math.ceil(lifetime - age) : undefined
    },
  }
}
