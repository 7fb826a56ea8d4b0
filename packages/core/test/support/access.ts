import assert from 'node:assert/strict'
import { type AccessContext, type AccessGuard, compileAuthorize } from '../../src/checks/authorize.ts'
import { CODES } from '../../src/contract/codes.ts'
import type { Refusal, Verdict } from '../../src/contract/check.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { Principal } from '../../src/contract/principal.ts'
import { NO_CREDENTIALS } from '../../src/contract/scheme.ts'
import { ACCESS_READERS, type AccessRule } from '../../src/options/access-rule.ts'
import { type Place, readOptions } from '../../src/options/read.ts'
import { compileRoles } from '../../src/options/roles.ts'
import { movableClock } from './clock.ts'
import { mistakesAt, mistakesOf, place } from './compile.ts'
import { facts, type FactsInit } from './facts.ts'
import { decide, stubScheme } from './schemes.ts'

/** What the rules of a plain policy share, with changes. */
export function accessContext(given: Partial<AccessContext> = {}): AccessContext {
  return {
    roles: compileRoles(place('roles'), undefined),
    scheme: stubScheme(() => NO_CREDENTIALS),
    clock: movableClock(),
    deny: [],
    tenant: undefined,
    params: [],
    ...given,
  }
}

function compile(where: Place, rule: unknown, given: Partial<AccessContext>): AccessGuard | undefined {
  const read = readOptions(where, rule, ACCESS_READERS)
  return read === undefined ? undefined : compileAuthorize(where, read, accessContext(given))
}

/** Compiles the access parts of a rule that has no mistake. */
export function accessGuard(rule: AccessRule, given: Partial<AccessContext> = {}): AccessGuard {
  const where = place('rule')
  const guard = compile(where, rule, given)
  assert.deepEqual(mistakesAt(where), [])
  assert.ok(guard !== undefined)
  return guard
}

/** What the access parts of a rule report, as `code path`. */
export function accessMistakes(rule: unknown, given: Partial<AccessContext> = {}): readonly string[] {
  return mistakesOf('rule', (where) => compile(where, rule, given))
}

/** What a rule says of a caller. */
export function judged(
  rule: AccessRule,
  principal: Principal | undefined,
  given: Partial<AccessContext> = {},
  request: FactsInit = {},
): Verdict | Promise<Verdict> {
  return decide(accessGuard(rule, given), facts({ ...request, principal }))
}

/** A verdict as `pass`, or the kind of its refusal. */
export function kindOf(verdict: Verdict): string {
  return verdict.type === 'refusal' ? verdict.kind : verdict.type
}

/** The status that a client sees. */
export function statusOf({ kind }: Refusal): number | undefined {
  const { code } = KINDS[kind]
  return code === undefined ? undefined : CODES[code].status
}
