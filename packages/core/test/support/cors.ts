import assert from 'node:assert/strict'
import type { Answer, Fields, Refusal, Verdict } from '../../src/contract/check.ts'
import type { ResponseFields } from '../../src/contract/guard.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { compileCors, type CorsContext, type CorsSetting } from '../../src/checks/cors.ts'
import { mistakesAt, place } from './compile.ts'
import { facts } from './facts.ts'

/** A compiled policy, with both of its halves. */
export interface Cors {
  readonly decide: (request: RequestFacts) => Verdict | Promise<Verdict>
  readonly response: ResponseFields
}

/** Compiles options that have no mistake. */
export function cors(setting: CorsSetting, context: Partial<CorsContext> = {}): Cors {
  const where = place('cors')
  const { check, response } = compileCors(where, setting, { exposed: [], ...context })
  assert.deepEqual(mistakesAt(where), [])
  assert.ok(check !== undefined && response !== undefined)
  return { decide: check.decide, response }
}

/** A request, from a page of `origin` when there is one. */
export function from(
  origin: string | undefined,
  method = 'GET',
  ...fields: readonly (readonly [string, string])[]
): RequestFacts {
  const host = ['Host', 'api.example.com'] as const
  return facts({
    method,
    fields: [host, ...(origin === undefined ? [] : [['Origin', origin] as const]), ...fields],
  })
}

/** A preflight for `method` and, when there are any, `headers`. */
export function preflight(origin: string, method = 'GET', headers?: string): RequestFacts {
  return from(
    origin,
    'OPTIONS',
    ['Access-Control-Request-Method', method],
    ...(headers === undefined ? [] : [['Access-Control-Request-Headers', headers] as const]),
  )
}

/** Fields by name; a name that occurs twice is a mistake of the check. */
export function byName(fields: Fields): Readonly<Record<string, string>> {
  const named: Record<string, string> = {}
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? ''
    assert.ok(!(name in named), `${name} is there twice`)
    named[name] = fields[i + 1] ?? ''
  }
  return named
}

/** The fields that the finisher would put on a response to the request. */
export function sent(policy: Cors, request: RequestFacts): Readonly<Record<string, string>> {
  return byName(policy.response.fields(request))
}

/** A verdict that is there at once, of the type that it must have. */
export function answered(verdict: Verdict | Promise<Verdict>): Answer {
  assert.ok(!(verdict instanceof Promise) && verdict.type === 'answer', 'is answered at once')
  return verdict
}

/** A refusal that is there at once. */
export function refused(verdict: Verdict | Promise<Verdict>): Refusal {
  assert.ok(!(verdict instanceof Promise) && verdict.type === 'refusal', 'is refused at once')
  return verdict
}
