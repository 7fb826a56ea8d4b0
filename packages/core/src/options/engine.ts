import type { Decision } from '../contract/decision.ts'
import { Mistakes } from '../contract/mistakes.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import { isPromiseLike } from '../lib/promise.ts'
import type { Predicate } from './access-rule.ts'
import { at, type Place, report } from './read.ts'

/** The thing that a request is about, as a policy engine sees it. */
export interface PolicyResource {
  /** What kind of thing it is, by the name that the policies use: `Article`. */
  readonly type: string
  /** Which one; left out for a question about the kind, such as whether one may be made. */
  readonly id?: string
  /** What the policies may ask about it: its owner, its state. */
  readonly attributes?: Readonly<Record<string, unknown>>
}

/** What a policy engine is asked: may this principal do this to that? */
export interface PolicyQuery<P extends Principal = Principal> {
  /** Who asks. */
  readonly principal: P
  /** What the caller is about to do, by the name that the policies use: `edit`. */
  readonly action: string
  /** What it is done to. */
  readonly resource: PolicyResource
  /** The request, for policies that look at the time, the address or the method; absent outside of a request. */
  readonly request?: RequestFacts
}

/**
 * Decides by policies that live outside of the gate: CASL, Casbin, Cedar, OPA, or code of your own.
 *
 * Whatever it gives that is neither a boolean nor a {@link Decision} denies, and so does one that throws or rejects
 * (AZ-03). A policy that cannot be evaluated must throw too, where the engine would skip it: it may be the one that
 * forbids.
 *
 * @typeParam P the principals that it understands
 * @example
 * const own: PolicyEngine = {
 *   name: 'own',
 *   decide: ({ principal, resource }) => resource.attributes?.['owner'] === principal.subject,
 * }
 */
export interface PolicyEngine<P extends Principal = Principal> {
  /** How the log calls it, when its decision names no policy. */
  readonly name: string
  /** Answers one query; one that cannot be answered throws or rejects. */
  readonly decide: (query: PolicyQuery<P>) => boolean | Decision | Promise<boolean | Decision>
}

/** What a rule asks a policy engine. */
export type PolicyQuestion = Pick<PolicyQuery, 'action' | 'resource'>

/**
 * A policy engine, or the question to it, failed. The message names the engine and nothing of the error, so that it is
 * fit for the log; what was thrown is the `cause`.
 *
 * @example
 * if (error instanceof EngineFailure) console.error(error.message, error.cause)
 */
export class EngineFailure extends Error {
  /** Tells it apart where `instanceof` cannot: when another copy of the package has made it. */
  override readonly name = 'EngineFailure'
}

/**
 * Makes the `when` of a rule that lets a policy engine decide.
 *
 * `question` says what the request is about, and may load it first. When it gives `undefined` or `null`, there is no such
 * thing: the engine is not asked, and the request is refused. Write `deniedAs: 404` beside it, and nobody learns which things
 * exist (RFC 9110 §15.5.4).
 *
 * Only `true` or a decision that allows lets through. A decision that names no policy names the engine. The
 * `deadline` of the policy refuses what takes too long and does not stop it: give what they wait for a shorter one.
 *
 * @param engine decides
 * @param question what the engine is asked about a request
 * @throws ConfigError when the engine has no name or cannot decide, or the question is no function
 * @throws EngineFailure, from the predicate, when engine or question throw, reject or give something else: a refusal
 * @example
 * routes: {
 *   'GET /articles/:id': {
 *     when: allowedBy(cedar, async ({ params }) => {
 *       const article = await articles.find(params['id'])
 *       return article && { action: 'read', resource: { type: 'Article', id: article.id, attributes: article } }
 *     }),
 *     deniedAs: 404,
 *   },
 * }
 * @see RFC 9110 §15.5.4
 */
export function allowedBy<P extends Principal = Principal>(
  engine: PolicyEngine<P>,
  question: (
    request: RequestFacts,
    principal: P,
  ) => PolicyQuestion | null | undefined | Promise<PolicyQuestion | null | undefined>,
): Predicate<P> {
  const policy = readName(engine, question)
  const yes: Decision = Object.freeze({ allowed: true, policy })
  const no: Decision = Object.freeze({ allowed: false, policy })
  const nothing: Decision = Object.freeze({
    allowed: false,
    policy,
    reason: 'what is asked about does not exist',
  })

  const judge = (said: unknown): Decision => {
    if (typeof said === 'boolean') return said ? yes : no
    return named(said, policy) ?? fail(`the policy engine ${policy} gave no decision`)
  }
  return (principal, request) => {
    const decide = (asked: unknown): Decision | Promise<Decision> => {
      if (asked === undefined || asked === null) return nothing
      if (!isQuestion(asked)) return fail(`the question to the policy engine ${policy} is incomplete`)
      const { action, resource } = asked
      return settle(
        () => engine.decide({ principal, action, resource, request }),
        judge,
        `the policy engine ${policy} threw or rejected`,
      )
    }
    return settle(
      () => question(request, principal),
      decide,
      `the question to the policy engine ${policy} threw or rejected`,
    )
  }
}

/** Runs something, waits if it has to, and goes on with what it gave; says `message` when it fails. */
function settle<T>(
  run: () => unknown,
  next: (value: unknown) => T | Promise<T>,
  message: string,
): T | Promise<T> {
  let given: unknown
  try {
    given = run()
    // A thenable that never was a promise may throw when it is waited for.
    if (isPromiseLike(given)) given = Promise.resolve(given)
  } catch (cause) {
    return fail(message, cause)
  }
  return given instanceof Promise ? given.then(next, (cause: unknown) => fail(message, cause)) : next(given)
}

function fail(message: string, cause?: unknown): never {
  throw new EngineFailure(message, { cause })
}

/** A decision as a plain object, with the name of the engine where it names no policy; nothing when it is none. */
function named(said: unknown, engine: string): Decision | undefined {
  if (typeof said !== 'object' || said === null) return undefined
  const { allowed, policy, reason } = said as { readonly [K in keyof Decision]?: unknown }
  if (typeof allowed !== 'boolean') return undefined
  return {
    allowed,
    policy: typeof policy === 'string' && policy !== '' ? policy : engine,
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}

/** An engine that is asked nothing in particular may well say yes. */
function isQuestion(asked: unknown): asked is PolicyQuestion {
  if (typeof asked !== 'object' || asked === null) return false
  const { action, resource } = asked as { readonly [K in keyof PolicyQuestion]?: unknown }
  if (typeof action !== 'string' || action === '' || typeof resource !== 'object' || resource === null)
    return false
  const { type } = resource as { readonly type?: unknown }
  return typeof type === 'string' && type !== ''
}

/** The name of an engine that can be asked. */
function readName(engine: unknown, question: unknown): string {
  const place: Place = { mistakes: new Mistakes(), path: 'allowedBy' }
  const { name, decide } = (engine ?? {}) as { readonly name?: unknown; readonly decide?: unknown }
  const known = typeof name === 'string' && name.trim() !== '' ? name : undefined
  if (known === undefined) {
    report(
      at(at(place, 'engine'), 'name'),
      'wrong_type',
      'is not a name.',
      "Write one for the log, such as 'cedar'.",
    )
  }
  if (typeof decide !== 'function') {
    report(
      at(at(place, 'engine'), 'decide'),
      'wrong_type',
      'is not a function.',
      'Write (query) => true or false.',
    )
  }
  if (typeof question !== 'function') {
    const instead = "Write (request) => ({ action: 'read', resource: { type: 'Article' } })."
    report(at(place, 'question'), 'wrong_type', 'is not a function.', instead)
  }
  place.mistakes.throwIfAny('allowedBy')
  return known ?? ''
}
