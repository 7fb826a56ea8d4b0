import {
  type Answer,
  type Check,
  type Fields,
  type Grant,
  PASS,
  type Passed,
  type Refusal,
  refuse,
  type Verdict,
  type Warning,
} from '../contract/check.ts'
import type { StartTimer } from '../lib/timer.ts'
import type { Facts } from '../request/facts.ts'

/** A check of a compiled chain. */
export interface Step {
  readonly check: Check
  /** Shadow mode: what it refuses is told and goes on (DEP-04). */
  readonly shadow: boolean
}

/** How long a check may wait, and the timer that says when it is over. */
export interface Deadline {
  readonly ms: number
  readonly startTimer: StartTimer
}

/** What a check that passed leaves for later. */
export type PassedOn = Pick<Passed, 'charged' | 'onEnd' | 'capture' | 'content' | 'bounds'>

/** One request on its way through chains: what it has gathered, and what it is told with. */
export interface Journey {
  readonly facts: Facts
  /** Fields that the response will carry; equal names become field lines of their own. */
  fields: Fields
  /** And those that checks gave as lines. */
  lines: string
  readonly deadline: Deadline
  /** Whether the request was answered on the way, since it took too long: what is left of the chain is not run. */
  readonly isOver: boolean
  /** Hears what a check in shadow mode would have refused. */
  readonly onShadow: (check: string, refusal: Refusal) => void
  /** Hears what a check found wrong with something that decides nothing. */
  readonly onWarning: (check: string, warning: Warning) => void
  /** Hears what a check decided on its way to letting the request go on. */
  readonly onGrant: (grant: Grant) => void
  /** Keeps what a check charged or read, and what it wants of the request and the response from here on. */
  readonly onPassed: (passed: PassedOn) => void
  /** Hears what a check threw: the verdict is a refusal already. */
  readonly onThrow: (check: string, error: unknown) => void
}

/** How a chain ended: `undefined` when every check passed. */
export type Stop = { readonly check: string; readonly verdict: Refusal | Answer } | undefined

/** Where a chain waits: for the verdict of a step. */
interface Wait {
  readonly at: number
  readonly step: Step
  readonly promise: Promise<Verdict>
}

/**
 * Runs a chain: in order, to the first refusal or answer. Synchronous until a check returns a promise, and again
 * after it.
 */
export function run(steps: readonly Step[], journey: Journey): Stop | Promise<Stop> {
  const reached = goOnFrom(0, steps, journey)
  return reached !== undefined && 'promise' in reached ? waitAndGoOn(reached, steps, journey) : reached
}

/** Runs a chain to its end, or to the first check that waits. */
function goOnFrom(from: number, steps: readonly Step[], journey: Journey): Stop | Wait {
  for (let at = from; at < steps.length; at++) {
    const step = steps[at]
    if (step === undefined) break
    let verdict: Verdict | Promise<Verdict>
    try {
      verdict = step.check.decide(journey.facts)
    } catch (error) {
      verdict = failed(step, journey, error)
    }
    // What most checks say of most requests.
    if (verdict === PASS) continue
    if (verdict instanceof Promise) return { at, step, promise: verdict }
    const stop = apply(step, journey, verdict)
    if (stop !== undefined) return stop
  }
  return undefined
}

async function waitAndGoOn(first: Wait, steps: readonly Step[], journey: Journey): Promise<Stop> {
  let wait = first
  for (;;) {
    const { at, step, promise } = wait
    let verdict: Verdict
    try {
      // oxlint-disable-next-line no-await-in-loop -- a check is asked after those before it let the request through
      verdict = await (step.check.hasDeadline === true ? promise : inTime(promise, step, journey))
    } catch (error) {
      verdict = failed(step, journey, error)
    }
    const stop = apply(step, journey, verdict)
    if (stop !== undefined || journey.isOver) return stop
    const reached = goOnFrom(at + 1, steps, journey)
    if (reached === undefined || !('promise' in reached)) return reached
    wait = reached
  }
}

/** A check that does not answer in time is a refusal, and so is all that it says later (AZ-03). */
function inTime(
  promise: Promise<Verdict>,
  step: Step,
  { deadline, facts }: Pick<Journey, 'deadline' | 'facts'>,
): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const cancel = deadline.startTimer(deadline.ms, () => {
      isLate = true
      // In shadow mode the request goes on, and others still work for it.
      if (!step.shadow) facts.abort(tooLate(`The ${step.check.name} check`))
      resolve(refuse('dependency.failed', `The ${step.check.name} check did not answer in time.`))
    })
    promise.then(
      (verdict) => {
        cancel()
        if (isLate) giveUp(verdict)
        else resolve(verdict)
      },
      (error: unknown) => {
        cancel()
        // oxlint-disable-next-line prefer-promise-reject-errors -- it is told as it came
        reject(error)
      },
    )
  })
}

/** Why work is aborted that took too long. */
export function tooLate(what: string): DOMException {
  return new DOMException(`${what} took too long`, 'TimeoutError')
}

/** What a check took for a request that was refused in the meantime is nobody's: no handler will see that request. */
function giveUp(verdict: Verdict): void {
  if (verdict.type !== 'pass') return
  // What it waited for is slow or gone, and was told of: what else fails with it changes nothing.
  void (async () => verdict.capture?.onRefused())().catch(() => undefined)
}

/** Nobody knows what a check that threw would have said: it is a refusal (ASVS 16.5.3). */
function failed(step: Step, journey: Journey, error: unknown): Refusal {
  journey.onThrow(step.check.name, error)
  return refuse('check.failed', `The ${step.check.name} check threw.`)
}

function apply(step: Step, journey: Journey, verdict: Verdict): Stop {
  const check = step.check.name
  if (verdict.type === 'pass') {
    if (verdict.principal !== undefined) {
      journey.facts.principal = verdict.principal
      journey.facts.caller = verdict.caller
    }
    if (verdict.warning !== undefined) journey.onWarning(check, verdict.warning)
    if (verdict.grant !== undefined) journey.onGrant(verdict.grant)
    if (leavesSomething(verdict)) journey.onPassed(verdict)
    // Shadow mode changes no field either (RL-15).
    if (verdict.lines !== undefined && !step.shadow) journey.lines += verdict.lines
    if (verdict.fields !== undefined && !step.shadow) {
      journey.fields = journey.fields.length === 0 ? verdict.fields : journey.fields.concat(verdict.fields)
    }
    return undefined
  }
  if (verdict.type === 'refusal' && verdict.warning !== undefined) journey.onWarning(check, verdict.warning)
  // Shadow mode changes nothing, so a preflight is not answered either; what would have been refused is told (DEP-04).
  if (step.shadow) {
    if (verdict.type === 'refusal') {
      journey.onShadow(check, verdict)
      if (verdict.charged !== undefined) journey.onPassed({ charged: verdict.charged })
    }
    return undefined
  }
  return { check, verdict }
}

function leavesSomething({ charged, onEnd, capture, content, bounds }: PassedOn): boolean {
  return (charged ?? onEnd ?? capture ?? content ?? bounds) !== undefined
}
