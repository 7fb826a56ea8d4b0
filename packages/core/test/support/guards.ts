import assert from 'node:assert/strict'
import type { Fields, Refusal } from '../../src/contract/check.ts'
import type { Guard } from '../../src/contract/guard.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { RequestFacts } from '../../src/contract/request.ts'

/** What a guard that decides at once makes of a request: `pass`, or the kind of the refusal. */
export function verdictOf(guard: Guard, request: RequestFacts): string {
  return refusalOf(guard, request)?.kind ?? 'pass'
}

/** The refusal of a guard that decides at once; `undefined` when it lets the request through. */
export function refusalOf(guard: Guard, request: RequestFacts): Refusal | undefined {
  const verdict = guard.check?.decide(request)
  assert.ok(!(verdict instanceof Promise), 'decides at once')
  if (verdict === undefined || verdict.type === 'pass') return undefined
  assert.ok(verdict.type === 'refusal', 'passes or refuses')
  // A kind without a code is never a refusal.
  assert.ok(KINDS[verdict.kind].code !== undefined)
  return verdict
}

/** The one value of a field, by its name in any case. */
export function fieldOf(given: Fields | undefined, name: string): string | undefined {
  const fields = given ?? []
  const values: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]?.toLowerCase() === name.toLowerCase()) values.push(fields[i + 1] ?? '')
  }
  assert.ok(values.length < 2, `${name} is there more than once`)
  return values[0]
}
