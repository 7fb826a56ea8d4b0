import { withError } from '../../contract/check.ts'
import { bad, type BadCredentials } from '../../contract/scheme.ts'
import type { Records, StoreCall } from '../../contract/store.ts'
import { sha256 } from '../../lib/digest.ts'
import { judged } from '../../lib/promise.ts'

const REPLAYED: BadCredentials = Object.freeze(bad('proof.replayed', 'the DPoP proof has been used before'))
const FAILED: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the store of used DPoP proofs failed, or has no room'),
)

/** Uses a proof up: `undefined` for its first use, otherwise why it is refused. Never throws. */
export type UseProof = (
  jti: string,
  uri: string,
  thumbprint: string,
  ttlMs: number,
  call: StoreCall,
) => BadCredentials | undefined | Promise<BadCredentials | undefined>

/**
 * Remembers proofs for as long as they would be accepted (RFC 9449 §11.1), by digest: a client chose the text
 * (DPP-15). The key of the proof is part of it, so that nobody can use up the names of another's proofs.
 *
 * A store that cannot remember refuses: what nobody remembers could be used again.
 */
export function compileReplay(store: Pick<Records, 'add'>): UseProof {
  const judge = (added: unknown): BadCredentials | undefined => {
    if (added === true) return undefined
    return added === false ? REPLAYED : FAILED
  }
  return (jti, uri, thumbprint, ttlMs, call) => {
    // The thumbprint has one length, and the URI no line break: no two proofs make one text.
    const key = `dpop:${sha256(`${thumbprint}${uri}\n${jti}`).toString('base64url')}`
    return judged<BadCredentials | undefined>(
      () => store.add(key, '1', ttlMs, call),
      judge,
      (error) => withError(FAILED, error),
    )
  }
}
