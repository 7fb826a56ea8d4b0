import { PASS, refuse, type Verdict } from '../../contract/check.ts'
import type { Principal } from '../../contract/principal.ts'
import type { ChallengeParams, CompiledScheme } from '../../contract/scheme.ts'
import { escapeForLog } from '../../lib/chars.ts'
import type { Clock } from '../../lib/clock.ts'
import type { StepUpRead } from '../../options/access-rule.ts'
import { challenger } from '../authenticate.ts'
import type { Part } from './part.ts'

/** How far ahead the clock of an issuer may be, in milliseconds: what lies further in the future would never age. */
const MAX_AHEAD_MS = 60_000

/**
 * A stronger, or more recent, authentication: who lacks it is told by a 401 what to come back with (STP-01, RFC 9470
 * §3). A caller whose scheme says nothing of it lacks it.
 */
export function stepUpPart({ acr, maxAge }: StepUpRead, scheme: CompiledScheme, clock: Clock): Part {
  const params: ChallengeParams = [
    ['error', 'insufficient_user_authentication'],
    ...(acr === undefined ? [] : [['acr_values', acr.join(' ')] as const]),
    ...(maxAge === undefined ? [] : [['max_age', String(maxAge / 1000)] as const]),
  ]
  const challenge = challenger(scheme, params)
  const insufficient = (reason: string): Verdict => refuse('authorization.step-up', reason, challenge())

  return {
    name: 'stepUp',
    asks: [
      ...(acr === undefined ? [] : [`an authentication by ${acr.join(' or ')}`]),
      ...(maxAge === undefined ? [] : [`an authentication within ${maxAge / 1000} s`]),
    ].join(', '),
    calls: false,
    decide(principal: Principal) {
      if (acr !== undefined) {
        const has: unknown = principal.acr
        if (typeof has !== 'string') return insufficient('nothing is known of how the user was authenticated')
        if (!acr.includes(has)) return insufficient(`was authenticated by "${escapeForLog(has, 64)}"`)
      }
      if (maxAge === undefined) return PASS
      const since: unknown = principal.authTime
      if (typeof since !== 'number' || !Number.isFinite(since)) {
        return insufficient('nothing is known of when the user was authenticated')
      }
      const age = clock.now() - since * 1000
      if (age <= maxAge && age >= -MAX_AHEAD_MS) return PASS
      return insufficient(`was authenticated ${Math.round(age / 1000)} s ago`)
    },
  }
}
