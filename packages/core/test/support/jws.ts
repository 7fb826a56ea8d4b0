import assert from 'node:assert/strict'
import type { Members } from '../../src/identity/jwt/json-part.ts'
import { compileSignatureCheck, type JwsRules, parseJws } from '../../src/identity/jwt/jws.ts'
import type { Rejection } from '../../src/identity/jwt/rejection.ts'

/** A JWS whose signature fits. */
export interface VerifiedJws {
  readonly ok: true
  readonly header: Members
  readonly payload: Buffer
}

/** The check of a JWS, as far as its payload is nobody's business: with local keys, so at once. */
export function compileJws(
  rules: JwsRules & { readonly maxTokenLength: number },
): (token: string) => VerifiedJws | Rejection {
  const check = compileSignatureCheck(rules)
  return (token) => {
    const jws = parseJws(token, rules.maxTokenLength)
    if (!jws.ok) return jws
    const wrong = check(jws)
    assert.ok(!(wrong instanceof Promise), 'is checked at once')
    return wrong ?? { ok: true, header: jws.header, payload: jws.payload }
  }
}
