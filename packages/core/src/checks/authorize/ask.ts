import { PASS, passGranting, type Refusal, type Verdict, withError } from '../../contract/check.ts'
import type { Kind } from '../../contract/kinds.ts'
import { escapeForLog } from '../../lib/chars.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import { EngineFailure } from '../../options/engine.ts'
import type { Deny } from './part.ts'

/** How much of the name and the words of somebody's policy a log line gets. */
const MAX_POLICY = 128
const MAX_REASON = 512

/**
 * Makes a function of the policy safe to ask: whatever it does, there is a verdict (AZ-03).
 *
 * @param judge makes a verdict of what it gave; a throw of its own is a failure, too
 * @param failed the verdict when it throws or rejects
 */
export function asking<A extends readonly unknown[]>(
  ask: (...args: A) => unknown,
  judge: (said: unknown, ...args: A) => Verdict | Promise<Verdict>,
  failed: Refusal,
): (...args: A) => Verdict | Promise<Verdict> {
  async function settle(pending: PromiseLike<unknown>, args: A): Promise<Verdict> {
    try {
      return await judge(await pending, ...args)
    } catch (error) {
      return failureOf(failed, error)
    }
  }
  return (...args) => {
    try {
      const said = ask(...args)
      return isPromiseLike(said) ? settle(said, args) : judge(said, ...args)
    } catch (error) {
      return failureOf(failed, error)
    }
  }
}

/** Of all that a function may throw, what names a policy engine alone may be told: its words are ours (AZ-08). */
function failureOf(failed: Refusal, error: unknown): Refusal {
  const refusal = withError(failed, error)
  return error instanceof EngineFailure
    ? { ...refusal, reason: escapeForLog(error.message, MAX_REASON) }
    : refusal
}

/**
 * Judges what a predicate said: a boolean, or a decision with words for the log.
 *
 * @param who how the log calls the predicate
 * @param kind what its no is
 */
export function judging(who: string, kind: Kind, deny: Deny): (said: unknown) => Verdict {
  const denied = deny(kind, `${who} said no`)
  const unclear = deny('authorization.failed', `${who} gave no boolean`)
  return (said) => {
    if (said === true) return PASS
    if (said === false) return denied
    if (typeof said !== 'object' || said === null) return unclear
    const { allowed } = said as { readonly allowed?: unknown }
    if (typeof allowed !== 'boolean') return unclear
    const words = wordsOf(said)
    if (words === undefined) return allowed ? PASS : denied
    return allowed
      ? passGranting({ reason: `${who} said yes: ${words}`, object: undefined })
      : deny(kind, `${who} said no: ${words}`)
  }
}

/** What a decision says of itself, bounded and harmless in a log; `undefined` when it says nothing. */
export function wordsOf(decision: object): string | undefined {
  const { policy, reason } = decision as { readonly policy?: unknown; readonly reason?: unknown }
  const words = [
    typeof policy === 'string' && policy !== '' ? `[${escapeForLog(policy, MAX_POLICY)}]` : undefined,
    typeof reason === 'string' && reason !== '' ? escapeForLog(reason, MAX_REASON) : undefined,
  ].filter((word) => word !== undefined)
  return words.length === 0 ? undefined : words.join(' ')
}

/** Takes care that nobody's rejection ends the process: of a promise where an answer was due. */
export function dropPromise(value: unknown): void {
  if (isPromiseLike(value)) void value.then(undefined, () => undefined)
}
