import { createHmac } from 'node:crypto'
import type { Fields } from '../../contract/check.ts'
import { bad, type BadCredentials } from '../../contract/scheme.ts'
import type { Clock } from '../../lib/clock.ts'
import { equalSecrets } from '../../lib/digest.ts'
import { bytesOf, type Secret } from '../../lib/secret.ts'

/** The nonce of a proof is good; `fields` give the client another when it is in the second half of its life. */
export interface GoodNonce {
  readonly type: 'good'
  readonly fields: Fields | undefined
}

/** Gives nonces to clients, and knows them again. */
export interface Nonces {
  /** Check 10 of RFC 9449 §4.3: whether a nonce is one of ours and still good; a refusal gives one that is. */
  readonly judge: (nonce: string | undefined) => GoodNonce | BadCredentials
}

/** The number of a period, which every nonce is made from: nothing else can be what this key signs. */
const LABEL = 'gatehouse dpop nonce '
const BYTES = 18

const NEEDED = 'the DPoP proof has no nonce of this server, or one that is no longer good'
const FRESH: GoodNonce = Object.freeze({ type: 'good', fields: undefined })

/**
 * Compiles nonces that need no memory: the keyed hash of the number of a period, half a lifetime long. Every instance
 * with the secret and the time makes the same, and nobody without the secret can tell one in advance (RFC 9449 §9,
 * §11.3).
 *
 * The nonce of the next period is good too: an instance whose clock is a little ahead has given it out.
 *
 * @param secrets the first one makes nonces; those of the others are still taken, while secrets are changed
 */
export function compileNonces(
  secrets: readonly (Secret | Uint8Array)[],
  lifetimeMs: number,
  clock: Clock,
): Nonces {
  const periodMs = lifetimeMs / 2
  let period = NaN
  let fresh: readonly string[] = []
  let stale: readonly string[] = []
  let renew: GoodNonce = FRESH
  let needed: BadCredentials = bad('proof.nonce-needed', NEEDED)

  /** Made once per period, not once per request. */
  function turn(): void {
    const now = Math.floor(clock.now() / periodMs)
    if (now === period) return
    period = now
    fresh = secrets.flatMap((secret) => [nonceOf(secret, now), nonceOf(secret, now + 1)])
    stale = secrets.map((secret) => nonceOf(secret, now - 1))
    const fields: Fields = Object.freeze(['DPoP-Nonce', fresh[0] ?? ''])
    renew = Object.freeze({ type: 'good', fields })
    needed = Object.freeze({ ...bad('proof.nonce-needed', NEEDED), fields })
  }

  return {
    judge(nonce) {
      turn()
      if (nonce === undefined) return needed
      if (fresh.some((one) => equalSecrets(one, nonce))) return FRESH
      return stale.some((one) => equalSecrets(one, nonce)) ? renew : needed
    },
  }
}

function nonceOf(secret: Secret | Uint8Array, period: number): string {
  return createHmac('sha256', bytesOf(secret))
    .update(`${LABEL}${period}`)
    .digest()
    .subarray(0, BYTES)
    .toString('base64url')
}
