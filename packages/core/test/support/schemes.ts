import assert from 'node:assert/strict'
import type { Refusal, Verdict } from '../../src/contract/check.ts'
import type { Guard } from '../../src/contract/guard.ts'
import type { Principal } from '../../src/contract/principal.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import {
  authenticated,
  bad,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
} from '../../src/contract/scheme.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { movableClock } from './clock.ts'
import { mistakesAt, mistakesOf, place, schemeContext } from './compile.ts'

/** A caller, as some scheme found it. */
export function caller(given: Partial<Principal> = {}): Principal {
  return { scheme: 'stub', subject: 'alice', issuer: undefined, scopes: [], roles: [], ...given }
}

/** Compiles a scheme that has no mistake. */
export function compiled<P extends Principal>(
  scheme: Scheme<P>,
  clock: Clock = movableClock(),
): CompiledScheme<P> {
  const where = place('authenticate')
  const one = scheme.compile(schemeContext(where, clock))
  assert.deepEqual(mistakesAt(where), [])
  return one
}

/** What compiling a scheme reports, as `code path`. */
export function schemeMistakes(scheme: Scheme): readonly string[] {
  return mistakesOf('authenticate', (where) => scheme.compile(schemeContext(where)))
}

/** A scheme that says what it is told to; its challenge is `Stub` with the parameters it gets. */
export function stubScheme(
  identify: (request: RequestFacts) => unknown,
  given: Partial<CompiledScheme> = {},
): CompiledScheme {
  return {
    name: 'stub',
    fields: ['authorization'],
    identify: identify as CompiledScheme['identify'],
    challenges: (params) => [
      ['Stub', params.map(([name, value]) => `${name}="${value}"`).join(', ')].join(' ').trim(),
    ],
    ...given,
  }
}

/** A scheme of a header of its own, where `good` is alice, and all else is wrong. */
export function headerScheme(name: string, header: string): Scheme {
  const stub = stubScheme(
    (request) => {
      const value = request.headers[header]
      if (value === undefined) return NO_CREDENTIALS
      return value === 'good'
        ? authenticated(caller({ scheme: name }))
        : bad('credentials.wrong', `${name} is wrong`)
    },
    { name, fields: [header], challenges: () => [name] },
  )
  return { name, compile: () => stub }
}

/** What a guard decides. */
export function decide(guard: Guard, request: RequestFacts): Verdict | Promise<Verdict> {
  assert.ok(guard.check !== undefined, 'there is a check')
  return guard.check.decide(request)
}

/** A refusal that is there at once. */
export function refusal(verdict: Verdict | Promise<Verdict>): Refusal {
  assert.ok(!(verdict instanceof Promise), 'is decided at once')
  assert.equal(verdict.type, 'refusal')
  return verdict
}

/** An identification that is there at once, as its kind or the subject. */
export function outcome(found: Identification<Principal> | Promise<Identification<Principal>>): string {
  assert.ok(!(found instanceof Promise), 'is found out at once')
  return outcomeOf(found)
}

/** An identification as its kind, or the subject. */
export function outcomeOf(found: Identification<Principal>): string {
  if (found.type === 'bad') return found.kind
  return found.type === 'authenticated' ? found.principal.subject : 'none'
}
