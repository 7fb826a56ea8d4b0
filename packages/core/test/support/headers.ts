import assert from 'node:assert/strict'
import {
  type CompiledSecurityHeaders,
  compileSecurityHeaders,
  type SecurityHeadersSetting,
} from '../../src/checks/security-headers.ts'
import { mistakesAt, place } from './compile.ts'
import { byName } from './cors.ts'
import { facts } from './facts.ts'

/** Compiles a setting that has no mistake, as a policy says it or as a rule under a policy. */
export function headers(
  setting?: SecurityHeadersSetting,
  policy?: CompiledSecurityHeaders,
): CompiledSecurityHeaders {
  const where = place('headers')
  const compiled = compileSecurityHeaders(where, setting, policy)
  assert.deepEqual(mistakesAt(where), [])
  return compiled
}

/** What the finisher puts on a response of its own: of one that a nonce was asked for, with it. */
export function sentBy(compiled: CompiledSecurityHeaders, nonce?: string): Readonly<Record<string, string>> {
  return byName(
    compiled.responses.flatMap((each) =>
      nonce === undefined || each.withNonce === undefined ? each.fields(facts()) : each.withNonce(nonce),
    ),
  )
}

/** {@link sentBy} of a setting. */
export function sent(setting?: SecurityHeadersSetting): Readonly<Record<string, string>> {
  return sentBy(headers(setting))
}

/** A Content-Security-Policy as browsers read it: directives by name. */
export function directivesOf(policy: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (policy ?? '').split('; ').map((part) => {
      const [name = '', ...words] = part.split(' ')
      return [name, words.join(' ')]
    }),
  )
}

/** The mistakes of a setting, as `code path`. */
export function mistakesOfHeaders(setting: unknown, policy?: CompiledSecurityHeaders): readonly string[] {
  const where = place('headers')
  compileSecurityHeaders(where, setting, policy)
  return mistakesAt(where).map(({ code, path }) => `${code} ${path}`)
}

/** What is proposed instead of each mistake of a setting. */
export function insteadOf(setting: unknown): readonly string[] {
  const where = place('headers')
  compileSecurityHeaders(where, setting)
  return mistakesAt(where).map(({ instead }) => instead)
}
