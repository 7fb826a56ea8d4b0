import type { Warning } from '../contract/check.ts'
import type { Principal } from '../contract/principal.ts'
import type { Authenticated } from '../contract/scheme.ts'
import type { Clock } from '../lib/clock.ts'
import { isPromiseLike } from '../lib/promise.ts'

/** A key that was used. */
export interface UsedApiKey {
  /** `ApiKeyRecord.id`. */
  readonly id: string
  /** Whose key it is. */
  readonly subject: string
}

/** Notes that a key was used; what it gives is not looked at, and nobody waits for it. */
export type OnApiKeyUse = (key: UsedApiKey, at: Date) => unknown

/** A key is told of once in that time: enough to see that nobody uses it any more, and few writes. */
const EVERY_MS = 60_000

/** Keys whose last use is remembered, so as not to tell of it again; the one told of first makes room. */
const MAX_KEYS = 10_000

const FAILED: Warning = Object.freeze({
  kind: 'dependency.failed',
  reason: 'onUse of the keys threw or rejected',
})

type Keyed = Principal & { readonly keyId: string }

/**
 * Tells a callback of every key that is used, once a minute and key at most (KEY-02).
 *
 * It is called when the request has been seen to, and whatever it does, no request is the worse for it: that it failed is
 * a warning of the next one.
 */
export function teller<P extends Keyed>(
  onUse: OnApiKeyUse,
  clock: Clock,
): (found: Authenticated<P>) => Authenticated<P> {
  const told = new Map<string, number>()
  let failed = false
  const fail = (): void => {
    failed = true
  }

  function tell({ keyId, subject }: P, at: Date): void {
    try {
      const answer = onUse({ id: keyId, subject }, at)
      if (isPromiseLike(answer)) answer.then(undefined, fail)
    } catch {
      fail()
    }
  }

  return (found) => {
    const { keyId } = found.principal
    const now = clock.monotonic()
    const last = told.get(keyId)
    if (last === undefined || now - last >= EVERY_MS) {
      // The oldest stand first.
      told.delete(keyId)
      for (const oldest of told.keys()) {
        if (told.size < MAX_KEYS) break
        told.delete(oldest)
      }
      told.set(keyId, now)
      setImmediate(tell, found.principal, new Date(clock.now()))
    }
    if (!failed) return found
    failed = false
    return { ...found, warning: FAILED }
  }
}
