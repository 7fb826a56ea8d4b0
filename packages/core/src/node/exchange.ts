import type { ServerResponse } from 'node:http'
import type { Events } from '../chain/events.ts'
import type { CompiledRouteRule, CompiledRule } from '../chain/compiled-rule.ts'
import type { Metering } from '../chain/meters.ts'
import { type Deadline, type Journey, type PassedOn, type Stop, tooLate } from '../chain/runner.ts'
import { type Fields, type Grant, type OnEnd, type Refusal, refuse, type Warning } from '../contract/check.ts'
import type { ResponseFields } from '../contract/guard.ts'
import type { Principal } from '../contract/principal.ts'
import type { Clock } from '../lib/clock.ts'
import { rememberedOfFrozen } from '../lib/remembered.ts'
import { isGone, isWhole } from '../lib/response-end.ts'
import type { Facts } from '../request/facts.ts'
import type { Finishable, FinishPlan } from '../respond/finisher.ts'
import { muteResponse } from '../respond/mute.ts'
import { problem, sendProblem } from '../respond/problem.ts'
import { sourceOf, withSource } from '../respond/replace-source.ts'
import { blockSuccess, reportSuccess } from '../respond/undecided.ts'
import { boundContent } from './bounded.ts'
import { Captures } from './captures.ts'
import { closeAfter, leavesMuch } from './closing.ts'
import { cutOff, cutWhenDestroyed } from './cut-off.ts'
import { type PassContext, RequestPass } from './pass.ts'
import { type Refused, tellRefusal } from './tell-refusal.ts'
import { isAbort, nameOf } from './thrown.ts'
import { closeWithConnection } from './waiting.ts'

/** What exchanges of one gate share. */
export interface ExchangeContext extends PassContext {
  readonly deadline: Deadline
  /** Who measures; `undefined` where nobody does. */
  readonly meter: Metering | undefined
}

const NO_FIELDS: Fields = Object.freeze([])

/** The fields of a refusal, and RFC 9111 §5.2.2.5: it is about one request, and no cache may keep it for another. */
const notStored = rememberedOfFrozen((fields: Fields): Fields => {
  const made = [...fields, 'Cache-Control', 'no-store']
  return Object.isFrozen(fields) ? Object.freeze(made) : made
})

/** What most requests have to hear at their end. */
const NOBODY: OnEnd[] = []

const TIMED_OUT: Refusal = Object.freeze(
  refuse('handler.timeout', 'The request was not answered within the "timeout" of its rule.'),
)

/** Everything about one request and its response: made once, with every field. */
export class Exchange<P extends Principal> implements Journey, Finishable {
  readonly facts: Facts
  readonly deadline: Deadline
  readonly pass: RequestPass<P>
  /** What the gate adds to this response; a framework's own route may bring another. */
  plan: FinishPlan
  fields: Fields = NO_FIELDS
  lines = ''
  /** Whether the policy let the request through. */
  admitted = false
  /** Whether it took too long, and was answered for that. */
  isOver = false
  #rule: string
  /** The check that refused, or answered in the handler's place. */
  #decidedBy: string | undefined = undefined
  /** What becomes of a success without a decision of the handler; `undefined` where it need not decide. */
  #undecided: CompiledRule['undecided']
  /** Why the checks so far let the request go on, where one said it; told with the next `request.allowed`. */
  #granted: string | undefined = undefined
  #ends: OnEnd[] = NOBODY
  /** Who wants the response; most requests have nobody who does. */
  #captures: Captures | undefined = undefined
  /** Stops the timer of the rule; `undefined` where there is none. */
  #stopTimer: (() => void) | undefined = undefined
  readonly #res: ServerResponse
  readonly #events: Events

  constructor(facts: Facts, rule: CompiledRule, res: ServerResponse, context: ExchangeContext) {
    this.facts = facts
    this.deadline = context.deadline
    this.plan = rule.plan
    this.#rule = rule.name
    this.#undecided = rule.undecided
    this.#res = res
    this.#events = context.events
    facts.response = res
    this.pass = new RequestPass(facts, rule.name, context)
    this.pass.nonced = rule.plan.nonced
    closeWithConnection(res)
    cutWhenDestroyed(res)
    if (context.meter !== undefined) this.#measure(context.meter, context.clock)
  }

  #measure(meter: Metering, clock: Clock): void {
    const startedAt = clock.monotonic()
    meter.onRequest()
    this.#atEnd(({ status }) =>
      meter.onResponse(this.#rule, status, clock.monotonic() - startedAt, this.#decidedBy),
    )
  }

  get nonce(): string | undefined {
    return this.pass.madeNonce
  }

  /** Goes on under the rule of a framework's own route. */
  enter(rule: CompiledRouteRule): void {
    if (rule.plan !== undefined) {
      // Which pages may read the response was decided by the rule of the policy.
      this.plan = withSource(rule.plan, 'cors', sourceOf(this.plan, 'cors'))
      this.pass.nonced = rule.plan.nonced
    }
    this.#rule = `${this.pass.rule}, ${rule.name}`
    this.#undecided = rule.undecided
    if (rule.read.timeout !== undefined) this.limitTime(rule.timeoutMs)
  }

  /** Lets the request take so long from now on, and no longer (REQ-14). */
  limitTime(ms: number | undefined): void {
    const isFirst = this.#stopTimer === undefined
    this.#stopTimer?.()
    if (ms === undefined) return
    this.#stopTimer = this.deadline.startTimer(ms, () => this.overrule(TIMED_OUT))
    if (isFirst) this.#atEnd(() => this.#stopTimer?.())
  }

  /** Refuses in the place of whoever is at work for the request: that is told to stop, and what it goes on to write is dropped. */
  overrule(refusal: Refusal, how: Refused = {}): void {
    const res = this.#res
    // What is left is for the client to take.
    if (this.isOver || res.writableEnded || isGone(res)) return
    this.isOver = true
    // A handler that is late may have done its work, or be about to: its key stays taken, as that of a client who went away.
    // One that never had all of its content is to be asked again.
    if (this.admitted && refusal.kind === 'handler.timeout') this.#captures?.stop()
    else this.release()
    const hasBegun = res.headersSent
    // Whoever reads its content goes on, or stops where they are: what comes after it on the connection would wait for that.
    if (!res.req.complete) closeAfter(res, this.deadline.startTimer)
    this.#refuseNow(refusal, how)
    if (!hasBegun) muteResponse(res)
    this.facts.abort(tooLate('The request'))
  }

  /** Watches over what the handler answers, where the rule leaves the decision about the object to it (AZ-07). */
  watch(): void {
    const mode = this.#undecided
    if (mode === undefined) return
    this.#undecided = undefined
    const isDue = (): boolean => this.pass.decision !== true
    const reason =
      mode === 'block'
        ? 'The handler answered with success and had not decided for it; it was stopped.'
        : 'The handler answered with success and had not decided for it.'
    const kind = 'authorization.undecided'
    if (mode === 'block') blockSuccess(this.#res, isDue, () => this.refuse(refuse(kind, reason)))
    else
      reportSuccess(this.#res, isDue, () =>
        this.#events.warn(this.facts, { kind, rule: this.#rule, reason }, kind),
      )
  }

  onGrant({ reason, object }: Grant): void {
    if (reason !== undefined)
      this.#granted = this.#granted === undefined ? reason : `${this.#granted}; ${reason}`
    if (object !== undefined) this.pass.grant(object)
  }

  onShadow(check: string, refusal: Refusal): void {
    const { kind, reason, account } = refusal
    this.#events.tell(this.facts, { outcome: 'would-refuse', kind, rule: this.#rule, check, reason, account })
  }

  onThrow(check: string, error: unknown): void {
    const reason = `The ${check} check threw ${nameOf(error)}.`
    this.#events.warn(this.facts, { kind: 'check.failed', rule: this.#rule, check, reason, error }, check)
  }

  onWarning(check: string, { kind, reason, every }: Warning): void {
    const told = { kind, rule: this.#rule, check, reason }
    if (every === true) this.#events.tell(this.facts, { ...told, outcome: 'warning' })
    else this.#events.warn(this.facts, told, check)
  }

  onPassed({ charged, onEnd, capture, content, bounds }: PassedOn): void {
    if (charged !== undefined) this.pass.charge(charged)
    if (content !== undefined) this.pass.content = content.value
    if (bounds !== undefined) {
      boundContent(this.#res, bounds, this.deadline.startTimer, (refusal) =>
        this.overrule(refusal, { check: 'content' }),
      )
    }
    if (onEnd !== undefined) this.#atEnd(onEnd)
    if (capture === undefined) return
    this.#captures ??= new Captures((error) => this.#warnOfCapture(error))
    this.#captures.add(this.#res, capture)
  }

  #warnOfCapture(error: unknown): void {
    const reason = `What became of an idempotency key could not be kept: ${nameOf(error)}.`
    const told = { rule: this.#rule, check: 'idempotency', reason, error }
    this.#events.warn(this.facts, { kind: 'dependency.failed', ...told }, 'capture')
  }

  /** No handler will see the request: what it would have answered is nobody's to keep. */
  release(): void {
    this.#captures?.release()
  }

  /** Calls once, when the response is over: it was sent, the client went away, or the connection broke. */
  #atEnd(hear: OnEnd): void {
    const res = this.#res
    const heard = (): void => {
      const status = res.headersSent ? res.statusCode : 0
      const complete = isWhole(res) && !isCutOff(res)
      const end = { status, complete, handled: this.admitted }
      for (const each of this.#ends.splice(0)) each(end)
    }
    // One listener, however many hear it: more than ten would be taken for a leak.
    if (this.#ends === NOBODY) this.#ends = []
    if (this.#ends.push(hear) > 1) return
    if (isGone(res)) heard()
    else res.once('close', heard)
  }

  onConflict(name: string, by: string, wins: ResponseFields['wins']): void {
    const kept = wins === 'gate' ? 'the value of the gate was sent' : 'its own value was sent'
    const reason = `The handler set "${name}", which the ${by} settings set otherwise; ${kept}.`
    this.#events.warn(this.facts, { kind: 'headers.conflict', rule: this.#rule, reason }, name)
  }

  /** Tells what is wrong with the proxies in front, or with the setting for them. */
  warnOfProxy(): void {
    const { problem: wrong } = this.facts.forwarding
    if (wrong !== undefined) this.#events.warn(this.facts, { ...wrong, rule: this.#rule }, 'proxy')
  }

  /** Tells that the request goes on, and why, where a decision says it (AZ-08). */
  tellAllowed(): void {
    const reason = this.#granted
    this.#granted = undefined
    this.#events.tell(this.facts, { outcome: 'allowed', kind: 'request.allowed', rule: this.#rule, reason })
  }

  /** Tells why an added rule let the request go on: that the policy did was told already. */
  tellGranted(): void {
    if (this.#granted !== undefined) this.tellAllowed()
  }

  /** Tells what a check decided, and answers with it. */
  answer({ check, verdict }: NonNullable<Stop>): void {
    if (verdict.type === 'refusal') {
      this.refuse(verdict, { check, error: verdict.error })
      return
    }
    const { status, kind, body, given = [] } = verdict
    this.#decidedBy = check
    // A list that is one check's alone stays the one that is known.
    this.fields = this.fields.length === 0 ? verdict.fields : this.fields.concat(verdict.fields)
    // In place of what somebody set before the gate was asked, as the handler did: two types of one content could be taken
    // for either.
    for (let i = 0; i + 1 < given.length; i += 2) this.#res.removeHeader(given[i] ?? '')
    for (let i = 0; i + 1 < given.length; i += 2) this.#res.appendHeader(given[i] ?? '', given[i + 1] ?? '')
    this.#events.tell(this.facts, {
      outcome: 'answered',
      kind,
      rule: this.#rule,
      check,
      status,
    })
    if (body !== undefined) this.#res.setHeader('Content-Length', Buffer.byteLength(body))
    this.#res.writeHead(status)
    // RFC 9110 §9.3.2: HEAD has the fields of GET and no content; node:http sees to that.
    this.#res.end(body)
  }

  /** Refuses: tells why, and answers with the problem of the kind. */
  refuse(refusal: Refusal, how: Refused = {}): void {
    // A whole response cannot be taken back: what went wrong after it is told, and changes nothing.
    if (this.#res.writableEnded || this.isOver) {
      const { kind, reason } = refusal
      this.#events.tell(this.facts, { outcome: 'warning', kind, rule: this.#rule, reason, error: how.error })
      return
    }
    // A handler that stops since its client went away does as it should: were it told as a failure, clients could make as
    // many of them as they like. What broke off by itself looks the same to whoever sends it on, so it is not kept quiet.
    if (how.check === undefined && isGone(this.#res) && isAbort(how.error)) {
      const { kind } = refusal
      const reason = `The handler stopped with ${nameOf(how.error)} after its client had gone away.`
      this.#events.warn(this.facts, { kind, rule: this.#rule, reason, error: how.error }, kind)
      return
    }
    if (how.check !== undefined || refusal.kind === 'handler.not-found') this.release()
    this.#refuseNow(refusal, how)
  }

  #refuseNow(refusal: Refusal, how: Refused): void {
    this.#decidedBy = how.check
    const code = tellRefusal(this.#events, this.facts, this.#rule, refusal, how)
    if (refusal.closes === true || leavesMuch(this.#res)) closeAfter(this.#res, this.deadline.startTimer)
    if (refusal.lines !== undefined) this.lines += refusal.lines
    const fields = notStored(refusal.fields ?? NO_FIELDS)
    this.fields = this.fields.length === 0 ? fields : [...this.fields, ...fields]
    try {
      // Half a response is cut off, so that nobody takes it for a whole one.
      if (this.#res.headersSent) cutOff(this.#res)
      else sendProblem(this.#res, problem(code, this.facts.id, refusal.members, how.status))
    } catch (error) {
      // Whatever somebody did to the response: no answer is better than the end of the process.
      this.#res.destroy()
      const reason = `The refusal could not be written: ${nameOf(error)}.`
      this.#events.warn(this.facts, { kind: 'check.failed', rule: this.#rule, reason, error }, 'respond')
    }
  }

  /** The status for an error of a handler: a 401 where nobody can be authenticated cannot challenge, so it is a 403 (AUT-01). */
  statusFor(status: number | undefined): number | undefined {
    return status === 401 && this.plan.challenge.length === 0 ? 403 : status
  }
}

/**
 * Whether the connection broke before all of a response had left. What is still to be written then counts as written for
 * node:http, which closes no connection itself before it has told of the end.
 */
function isCutOff({ req }: ServerResponse): boolean {
  // Over HTTP/2 it is the stream that ends, and each does with its response.
  return req.httpVersionMajor < 2 && req.socket.destroyed
}
