import assert from 'node:assert/strict'
import { compileHosts } from '../../src/checks/hosts.ts'
import { compileHttps, type HttpsContext, type HttpsSetting } from '../../src/checks/https.ts'
import type { Guard } from '../../src/contract/guard.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { mistakesAt, place } from './compile.ts'
import { fieldOf } from './guards.ts'

/** What the check is told of a policy that lists these hosts, or lets in any. */
export function context(
  hosts: readonly string[] | 'any',
  credentialFields: readonly string[] = [],
): HttpsContext {
  const any = hosts === 'any'
  const where = place('')
  const compiled = any ? compileHosts(where, undefined, true) : compileHosts(where, hosts, undefined)
  assert.deepEqual(mistakesAt(where), [])
  return { hosts: compiled.hosts, anyHost: any, credentialFields }
}

/** Compiles a setting that has no mistake. */
export function https(
  setting: HttpsSetting | undefined,
  hosts: HttpsContext = context(['api.example.com']),
): Guard {
  const where = place('https')
  const guard = compileHttps(where, setting, hosts)
  assert.deepEqual(mistakesAt(where), [])
  return guard
}

/** The `Strict-Transport-Security` that the finisher would put on the response, if any. */
export function stsOf(guard: Guard, request: RequestFacts): string | undefined {
  return fieldOf(guard.response?.fields(request), 'strict-transport-security')
}
